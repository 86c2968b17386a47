/* SPDX-License-Identifier: Apache-2.0 */
#include "event/eve.h"

#include <jansson.h>
#include <string.h>

#include "test.h"

enum { LINE_MAX_SIZE = 4 << 20 };

struct fixture {
    struct arena arena;
    struct event_list list;
    struct writer out;
};

static int make(void **state)
{
    static struct fixture fixture;

    arena_init(&fixture.arena);
    event_list_init(&fixture.list, &fixture.arena);
    writer_init(&fixture.out, LINE_MAX_SIZE);
    *state = &fixture;
    return 0;
}

static int clear(void **state)
{
    struct fixture *f = *state;

    writer_clear(&f->out);
    arena_clear(&f->arena);
    return 0;
}

static const char *line_of(struct fixture *f, const struct event *event)
{
    writer_reset(&f->out);
    eve_write(&f->out, event);
    return writer_as_text(&f->out);
}

static struct event_context context_of_flow(void)
{
    return (struct event_context){
        .time_ns = INT64_C(1769903999123456789),
        .packet_number = 12,
        .flow_number = 7,
        .source = ip_of_v4(0xc0a80105),
        .destination = ip_of_v4(0x08080808),
        .source_port = 40000,
        .destination_port = 53,
        .has_ip = true,
        .has_ports = true,
        .source_local = true,
        .protocol = 17,
        .source_device = UINT32_MAX,
        .destination_device = UINT32_MAX,
    };
}

static void common_fields_are_suricatas(void **state)
{
    struct fixture *f = *state;
    struct event *event = event_new(&f->list, EVENT_ANOMALY);

    event->context = context_of_flow();
    event->context.has_mac = true;
    event->context.source_mac =
        mac_of((const uint8_t[]){ 2, 0, 0, 0, 0, 0xa1 });
    event->context.destination_mac =
        mac_of((const uint8_t[]){ 2, 0, 0, 0, 0, 0xb2 });
    event->context.vlan_count = 2;
    event->context.vlan[0] = 10;
    event->context.vlan[1] = 20;
    event->context.app_protocol = "dns";
    assert_string_equal(
        line_of(f, event),
        "{\"timestamp\":\"2026-01-31T23:59:59.123456+0000\",\"flow_id\":7,"
        "\"pcap_cnt\":12,\"event_type\":\"anomaly\",\"vlan\":[10,20],"
        "\"src_ip\":\"192.168.1.5\",\"src_port\":40000,"
        "\"dest_ip\":\"8.8.8.8\",\"dest_port\":53,\"proto\":\"UDP\","
        "\"ether\":{\"src_mac\":\"02:00:00:00:00:a1\","
        "\"dest_mac\":\"02:00:00:00:00:b2\"},"
        "\"community_id\":\"1:0eShCURKpm5PDLz9TMiH4LK5I4E=\","
        "\"app_proto\":\"dns\",\"tenet\":{\"direction\":\"outbound\","
        "\"src_local\":true,\"dest_local\":false}}\n");
}

static void what_an_event_has_not_is_not_written(void **state)
{
    struct fixture *f = *state;
    struct event *event = event_new(&f->list, EVENT_LLDP);

    assert_string_equal(line_of(f, event),
                        "{\"timestamp\":\"1970-01-01T00:00:00.000000+0000\","
                        "\"event_type\":\"lldp\"}\n");
}

/* The line without the common fields of an event that has no context. */
static const char *fields_of(struct fixture *f, const struct event *event)
{
    const char *comma = line_of(f, event);

    for (int i = 0; i < 2; i++)
        comma = strchr(comma + 1, ',');
    return comma;
}

static void icmp_has_type_and_code(void **state)
{
    struct fixture *f = *state;
    struct event *event = event_new(&f->list, EVENT_FLOW);

    event->context = context_of_flow();
    event->context.has_ports = false;
    event->context.protocol = 1;
    event->context.icmp_type = 8;
    assert_non_null(strstr(line_of(f, event),
                           "\"dest_ip\":\"8.8.8.8\",\"proto\":\"ICMP\","
                           "\"icmp_type\":8,\"icmp_code\":0,"
                           "\"community_id\":\"1:"));
}

static void fields_come_in_the_order_of_the_table(void **state)
{
    struct fixture *f = *state;
    struct event *event = event_new(&f->list, EVENT_FLOW);

    event_set_flag(event, FIELD_FLOW_TCP_SYN, true);
    event_set_literal(event, FIELD_FLOW_STATE, "new");
    event_set_literal(event, FIELD_FLOW_TCP_FLAGS, "02");
    event_set_real(event, FIELD_FLOW_DURATION, 1.5);
    event_set_number(event, FIELD_FLOW_PKTS_TOSERVER, 3);
    assert_string_equal(fields_of(f, event),
                        ",\"flow\":{\"pkts_toserver\":3,\"duration\":1.5,"
                        "\"state\":\"new\"},"
                        "\"tcp\":{\"tcp_flags\":\"02\",\"syn\":true}}\n");
}

static void objects_of_a_list_are_put_together_by_item(void **state)
{
    struct fixture *f = *state;
    struct event *event = event_new(&f->list, EVENT_DNS);

    /* Interleaved, out of order, with a hole in the numbers, and with an
     * object inside one of them. */
    event_begin_item(event, 5);
    event_set_literal(event, FIELD_DNS_ANSWER_DATA, "192.0.2.5");
    event_set_literal(event, FIELD_DNS_ANSWER_NAME, "five");
    event_begin_item(event, 1);
    event_set_literal(event, FIELD_DNS_ANSWER_NAME, "one");
    event_begin_item(event, 0);
    event_set_literal(event, FIELD_DNS_TYPE, "response");
    event_set_literal(event, FIELD_DNS_ANSWER_NAME, "zero");
    event_set_number(event, FIELD_DNS_ANSWER_SRV_PORT, 80);
    event_set_number(event, FIELD_DNS_ANSWER_TTL, 60);
    assert_string_equal(
        fields_of(f, event),
        ",\"dns\":{\"type\":\"response\",\"answers\":["
        "{\"rrname\":\"zero\",\"ttl\":60,\"srv\":{\"port\":80}},"
        "{\"rrname\":\"one\"},"
        "{\"rrname\":\"five\",\"rdata\":\"192.0.2.5\"}]}}\n");
}

static void a_field_that_is_set_twice_is_a_list(void **state)
{
    struct fixture *f = *state;
    struct event *event = event_new(&f->list, EVENT_LOGIN);

    event_set_literal(event, FIELD_LOGIN_USER, "root");
    event_set_literal(event, FIELD_LOGIN_USER, "admin");
    assert_string_equal(fields_of(f, event),
                        ",\"login\":{\"user\":[\"root\",\"admin\"]}}\n");
}

static void a_list_of_one_is_a_list(void **state)
{
    struct fixture *f = *state;
    struct event *event = event_new(&f->list, EVENT_DHCP);

    event_set_ip(event, FIELD_DHCP_ROUTER, ip_of_v4(0xc0000201));
    assert_string_equal(fields_of(f, event),
                        ",\"dhcp\":{\"routers\":[\"192.0.2.1\"]}}\n");
}

static void secrets_are_never_written(void **state)
{
    struct fixture *f = *state;
    struct event *event = event_new(&f->list, EVENT_LOGIN);

    event_set_literal(event, FIELD_LOGIN_PASSWORD, "hunter2");
    assert_string_equal(line_of(f, event),
                        "{\"timestamp\":\"1970-01-01T00:00:00.000000+0000\","
                        "\"event_type\":\"login\"}\n");
    event_set_literal(event, FIELD_LOGIN_USER, "root");
    event_set_literal(event, FIELD_LOGIN_PASSWORD, "xc3511");
    assert_string_equal(fields_of(f, event),
                        ",\"login\":{\"user\":\"root\"}}\n");
}

static void hostile_text_stays_one_line_of_json(void **state)
{
    struct fixture *f = *state;
    static const char hostile[] = "\",\"x\":1}\n{\0\x1b[2J\xff\xc0\x80\\";
    struct event *event = event_new(&f->list, EVENT_LOGIN);

    event_set_text(event, FIELD_LOGIN_USER,
                   bytes_of(hostile, sizeof hostile - 1));
    const char *line = line_of(f, event);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    json_error_t error;
    json_t *root = json_loads(line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
                              &error);
    assert_non_null(root);
    assert_null(json_object_get(root, "x"));
    const json_t *user =
        json_object_get(json_object_get(root, "login"), "user");
    assert_memory_equal(json_string_value(user), "\",\"x\":1}\n{\0\x1b[2J",
                        14);
    json_decref(root);
}

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static void set_any(struct event *event, enum event_field field,
                    uint64_t *seed)
{
    static const char bytes[] = "a\"\\\n\x80\xf0\x9f\x92\xa9{}[],:\0\x7f";
    uint32_t from = next_random(seed) % 8;

    switch ((enum event_kind)event_field_info(field)->kind) {
    case EVENT_KIND_NUMBER:
        event_set_number(event, field, next_random(seed));
        break;
    case EVENT_KIND_REAL:
        event_set_real(event, field, 1.0 / next_random(seed));
        break;
    case EVENT_KIND_PAIR: /* Keys are ASCII; values may be anything. */
        event_set_literal(event, field,
                          from % 2 ? "key \x80\xf0" : "other 1");
        break;
    case EVENT_KIND_TEXT:
        event_set_text(event, field,
                       bytes_of(bytes + from, next_random(seed) % 8));
        break;
    case EVENT_KIND_SECRET:
        event_set_literal(event, field, "hunter2");
        break;
    case EVENT_KIND_FLAG:
        event_set_flag(event, field, from & 1);
        break;
    case EVENT_KIND_IP:
        event_set_ip(event, field, ip_of_v4(next_random(seed)));
        break;
    case EVENT_KIND_MAC:
        event_set_mac(event, field, (struct mac){ { 1, 2, 3 } });
        break;
    }
}

/* Every type of event with random fields of its own, up to the limit. */
static void any_event_is_valid_json(void **state)
{
    struct fixture *f = *state;
    enum { RUNS = 40 };

    for (uint64_t run = 0; run < RUNS * EVENT_TYPE_COUNT; run++) {
        uint64_t seed = run;
        enum event_field own[FIELD_COUNT];
        size_t own_count = 0;
        arena_reset(&f->arena);
        event_list_init(&f->list, &f->arena);
        struct event *event =
            event_new(&f->list, (enum event_type)(run % EVENT_TYPE_COUNT));
        for (size_t i = 0; i < FIELD_COUNT; i++)
            if (event_field_info((enum event_field)i)->event == event->type)
                own[own_count++] = (enum event_field)i;
        uint32_t count = run < 2 * EVENT_TYPE_COUNT
                             ? EVENT_VALUE_MAX + 1
                             : next_random(&seed) % 40;
        for (uint32_t i = 0; i < count && own_count > 0; i++) {
            event_begin_item(event, (uint16_t)(next_random(&seed) % 5));
            set_any(event, own[next_random(&seed) % own_count], &seed);
        }
        assert_true(event->count <= EVENT_VALUE_MAX);
        json_error_t error;
        const char *line = line_of(f, event);
        json_t *root =
            json_loads(line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
        if (!root)
            fail_msg("%s: %s", error.text, line);
        json_decref(root);
        assert_null(strstr(line, "hunter2"));
        assert_false(f->out.overflowed);
    }
}

/* The writer goes through the table once: the fields of one object stand
 * together in it, and a path has one list of objects at most. */
static void the_table_keeps_each_object_together(void **state)
{
    (void)state;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const struct event_field_info *info =
            event_field_info((enum event_field)i);
        const char *brackets = strstr(info->path, "[].");
        if (brackets && strstr(brackets + 3, "[]."))
            fail_msg("%s: a list in a list", info->path);
        const char *dot = info->path;
        while ((dot = strchr(dot, '.')) != NULL) {
            size_t prefix = (size_t)(++dot - info->path);
            bool is_apart = false;
            for (size_t j = i; j-- > 0;) {
                const struct event_field_info *other =
                    event_field_info((enum event_field)j);
                if (other->event != info->event)
                    continue;
                bool is_same = strncmp(other->path, info->path, prefix) == 0;
                if (is_same && is_apart)
                    fail_msg("%s: away from %s", info->path, other->path);
                is_apart = is_apart || !is_same;
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(common_fields_are_suricatas, make,
                                        clear),
        cmocka_unit_test_setup_teardown(what_an_event_has_not_is_not_written,
                                        make, clear),
        cmocka_unit_test_setup_teardown(icmp_has_type_and_code, make, clear),
        cmocka_unit_test_setup_teardown(fields_come_in_the_order_of_the_table,
                                        make, clear),
        cmocka_unit_test_setup_teardown(
            objects_of_a_list_are_put_together_by_item, make, clear),
        cmocka_unit_test_setup_teardown(a_field_that_is_set_twice_is_a_list,
                                        make, clear),
        cmocka_unit_test_setup_teardown(a_list_of_one_is_a_list, make, clear),
        cmocka_unit_test_setup_teardown(secrets_are_never_written, make,
                                        clear),
        cmocka_unit_test_setup_teardown(hostile_text_stays_one_line_of_json,
                                        make, clear),
        cmocka_unit_test_setup_teardown(any_event_is_valid_json, make, clear),
        cmocka_unit_test(the_table_keeps_each_object_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
