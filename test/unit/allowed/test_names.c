/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/allowed/names.h"

#include <stdio.h>

#include "test.h"

#define SECOND INT64_C(1000000000)

enum { CAMERA = 3, OTHER = 4 };

struct fixture {
    struct names *names;
    struct arena arena;
    struct event_list events;
    struct event *event;
    uint16_t items;
};

static int open_fixture(void **state)
{
    static struct fixture f;

    f = (struct fixture){ .names = names_new((struct hash_key){ 1, 2 }) };
    arena_init(&f.arena);
    *state = &f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;

    names_free(f->names);
    arena_clear(&f->arena);
    return 0;
}

static struct ip ip_of(const char *text)
{
    struct ip ip;

    assert_true(ip_parse(bytes_of_text(text), &ip));
    return ip;
}

/* An answer to `device` about `name`, at second `at`. */
static void begin(struct fixture *f, uint32_t device, const char *name,
                  int64_t at)
{
    arena_reset(&f->arena);
    event_list_init(&f->events, &f->arena);
    f->event = event_new(&f->events, EVENT_DNS);
    f->event->context.source_device = device;
    f->event->context.time_ns = at * SECOND;
    f->items = 0;
    event_set_literal(f->event, FIELD_DNS_TYPE, "response");
    event_set_literal(f->event, FIELD_DNS_QUERY_NAME, name);
}

static void record(struct fixture *f, const char *name, const char *type,
                   const char *data, uint64_t ttl)
{
    event_begin_item(f->event, f->items++);
    event_set_literal(f->event, FIELD_DNS_ANSWER_NAME, name);
    event_set_literal(f->event, FIELD_DNS_ANSWER_TYPE, type);
    event_set_number(f->event, FIELD_DNS_ANSWER_TTL, ttl);
    event_set_literal(f->event, FIELD_DNS_ANSWER_DATA, data);
}

static enum name_state ask(const struct fixture *f, uint32_t device,
                           const char *ip, const char *name, int64_t at)
{
    return names_ask(f->names, device, ip_of(ip), name, at * SECOND);
}

static void tells_the_device_that_asked(void **state)
{
    struct fixture *f = *state;

    begin(f, CAMERA, "Api.Example.com", 100);
    record(f, "api.example.com", "A", "192.0.2.1", 300);
    record(f, "api.example.com", "AAAA", "2001:db8::1", 300);
    names_learn(f->names, f->event);
    assert_int_equal(ask(f, CAMERA, "192.0.2.1", "api.example.com", 100),
                     NAME_TOLD);
    assert_int_equal(ask(f, CAMERA, "2001:db8::1", "API.example.com.", 101),
                     NAME_TOLD);
    assert_int_equal(ask(f, CAMERA, "192.0.2.1", "*.example.com", 101),
                     NAME_TOLD);
    assert_int_equal(ask(f, CAMERA, "192.0.2.1", "example.com", 101),
                     NAME_UNTOLD);
    assert_int_equal(ask(f, CAMERA, "192.0.2.1", "api.example.com", 99),
                     NAME_UNTOLD);
    assert_int_equal(ask(f, CAMERA, "192.0.2.2", "api.example.com", 101),
                     NAME_UNTOLD);
    assert_int_equal(ask(f, OTHER, "192.0.2.1", "api.example.com", 101),
                     NAME_UNTOLD);
    assert_true(names_has(f->names, CAMERA, "api.example.com",
                          101 * SECOND));
    assert_false(names_has(f->names, OTHER, "api.example.com",
                           101 * SECOND));
    assert_string_equal(
        names_of(f->names, CAMERA, ip_of("192.0.2.1"), 101 * SECOND),
        "api.example.com");
}

static void follows_the_chain_and_nothing_beside_it(void **state)
{
    struct fixture *f = *state;

    begin(f, CAMERA, "a.example", 10);
    record(f, "b.example", "CNAME", "c.example.", 60);
    record(f, "a.example", "CNAME", "b.example", 60);
    record(f, "c.example", "A", "192.0.2.1", 60);
    record(f, "bank.example", "A", "192.0.2.9", 60);
    names_learn(f->names, f->event);
    static const char *const chain[] = { "a.example", "b.example",
                                         "c.example" };
    for (size_t i = 0; i < COUNT_OF(chain); i++)
        assert_int_equal(ask(f, CAMERA, "192.0.2.1", chain[i], 10),
                         NAME_TOLD);
    assert_int_equal(ask(f, CAMERA, "192.0.2.9", "bank.example", 10),
                     NAME_UNTOLD);
    assert_string_equal(
        names_of(f->names, CAMERA, ip_of("192.0.2.1"), 11 * SECOND),
        "a.example");
}

static void a_circle_of_aliases_ends(void **state)
{
    struct fixture *f = *state;

    begin(f, CAMERA, "a.example", 10);
    record(f, "a.example", "CNAME", "b.example", 60);
    record(f, "b.example", "CNAME", "a.example", 60);
    record(f, "b.example", "A", "192.0.2.1", 60);
    names_learn(f->names, f->event);
    assert_int_equal(ask(f, CAMERA, "192.0.2.1", "a.example", 10),
                     NAME_TOLD);
}

/* A chain of `count` aliases that ends in an address. */
static void tell_chain(struct fixture *f, int count)
{
    begin(f, CAMERA, "n0.example", 10);
    for (int i = 0; i < count; i++) {
        char *names[2];
        for (int j = 0; j < 2; j++) {
            names[j] = arena_allocate(&f->arena, 32);
            (void)snprintf(names[j], 32, "n%d.example", i + j);
        }
        record(f, names[0], "CNAME", names[1], 60);
    }
    char *last = arena_allocate(&f->arena, 32);
    (void)snprintf(last, 32, "n%d.example", count);
    record(f, last, "A", "192.0.2.1", 60);
    names_learn(f->names, f->event);
}

static void a_chain_has_a_limit(void **state)
{
    struct fixture *f = *state;

    tell_chain(f, NAMES_CHAIN_MAX + 1);
    assert_int_equal(ask(f, CAMERA, "192.0.2.1", "n0.example", 10),
                     NAME_UNTOLD);
    tell_chain(f, NAMES_CHAIN_MAX);
    assert_int_equal(ask(f, CAMERA, "192.0.2.1", "n0.example", 10),
                     NAME_TOLD);
}

static void hints_and_aliases_of_service_records_count(void **state)
{
    struct fixture *f = *state;

    begin(f, CAMERA, "h.example", 10);
    record(f, "h.example", "HTTPS",
           "1 . alpn=h2,h3 ipv4hint=192.0.2.1,192.0.2.2 "
           "ipv6hint=2001:db8::5", 60);
    names_learn(f->names, f->event);
    assert_int_equal(ask(f, CAMERA, "192.0.2.1", "h.example", 10),
                     NAME_TOLD);
    assert_int_equal(ask(f, CAMERA, "192.0.2.2", "h.example", 10),
                     NAME_TOLD);
    assert_int_equal(ask(f, CAMERA, "2001:db8::5", "h.example", 10),
                     NAME_TOLD);
    begin(f, CAMERA, "s.example", 10);
    record(f, "s.example", "HTTPS", "0 t.example", 60);
    record(f, "t.example", "A", "192.0.2.7", 60);
    names_learn(f->names, f->event);
    assert_int_equal(ask(f, CAMERA, "192.0.2.7", "s.example", 10),
                     NAME_TOLD);
}

static void lapses_after_ttl_and_grace_unless_used(void **state)
{
    struct fixture *f = *state;
    int64_t end = 100 + 300 + NAMES_GRACE_S;

    begin(f, CAMERA, "a.example", 100);
    record(f, "a.example", "A", "192.0.2.1", 300);
    names_learn(f->names, f->event);
    assert_int_equal(names_any(f->names, CAMERA, ip_of("192.0.2.1"),
                               end * SECOND), NAME_TOLD);
    assert_int_equal(names_any(f->names, CAMERA, ip_of("192.0.2.1"),
                               end * SECOND + 1), NAME_LAPSED);
    /* Use just before the end renews it for another grace. */
    assert_int_equal(ask(f, CAMERA, "192.0.2.1", "a.example", end),
                     NAME_TOLD);
    assert_int_equal(ask(f, CAMERA, "192.0.2.1", "a.example",
                         end + NAMES_GRACE_S), NAME_TOLD);
    assert_int_equal(ask(f, CAMERA, "192.0.2.1", "a.example",
                         end + 3 * NAMES_GRACE_S), NAME_LAPSED);
}

static void the_smallest_ttl_of_a_chain_counts(void **state)
{
    struct fixture *f = *state;

    begin(f, CAMERA, "a.example", 0);
    record(f, "a.example", "CNAME", "b.example", 100);
    record(f, "b.example", "A", "192.0.2.1", 86400);
    names_learn(f->names, f->event);
    assert_int_equal(
        names_any(f->names, CAMERA, ip_of("192.0.2.1"),
                  (101 + NAMES_GRACE_S) * SECOND), NAME_LAPSED);
}

static void questions_tell_nothing(void **state)
{
    struct fixture *f = *state;

    begin(f, UINT32_MAX, "a.example", 0);
    record(f, "a.example", "A", "192.0.2.1", 60);
    names_learn(f->names, f->event);
    begin(f, CAMERA, "", 0);
    record(f, "", "A", "192.0.2.1", 60);
    names_learn(f->names, f->event);
    assert_int_equal(names_any(f->names, CAMERA, ip_of("192.0.2.1"), 1),
                     NAME_UNTOLD);
}

static void tell_many(struct fixture *f, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "10.%u.%u.%u", i >> 16 & 255,
                       i >> 8 & 255, i & 255);
        begin(f, CAMERA, "many.example", 10);
        record(f, "many.example", "A", text, 60);
        names_learn(f->names, f->event);
    }
}

static void the_oldest_goes_when_all_are_taken(void **state)
{
    struct fixture *f = *state;

    tell_many(f, NAMES_MAX);
    assert_int_equal(names_evicted(f->names), 0);
    assert_int_equal(ask(f, CAMERA, "10.0.0.0", "many.example", 10),
                     NAME_TOLD);
    begin(f, CAMERA, "one.example", 10);
    record(f, "one.example", "A", "192.0.2.1", 60);
    names_learn(f->names, f->event);
    assert_int_equal(names_evicted(f->names), 1);
    assert_int_equal(ask(f, CAMERA, "10.0.0.0", "many.example", 10),
                     NAME_UNTOLD);
    assert_int_equal(ask(f, CAMERA, "10.0.0.1", "many.example", 10),
                     NAME_TOLD);
    assert_int_equal(ask(f, CAMERA, "192.0.2.1", "one.example", 10),
                     NAME_TOLD);
}

static void knows_what_may_be_a_name(void **state)
{
    (void)state;
    assert_true(name_is_plausible(bytes_of_text("a.example")));
    assert_true(name_is_plausible(bytes_of_text("_x._tcp.a-b.example.")));
    assert_false(name_is_plausible(bytes_of_text("localhost")));
    assert_false(name_is_plausible(bytes_of_text("192.0.2.1")));
    assert_false(name_is_plausible(bytes_of_text("2001:db8::1")));
    assert_false(name_is_plausible(bytes_of_text("a b.example")));
    assert_false(name_is_plausible(bytes_of_text("")));
    char longest[NAME_SIZE_MAX + 1];
    for (size_t i = 0; i < NAME_SIZE_MAX; i++)
        longest[i] = i % 2 ? '.' : 'a';
    assert_true(name_is_plausible(bytes_of(longest, NAME_SIZE_MAX - 1)));
    longest[NAME_SIZE_MAX - 1] = 'a';
    assert_false(name_is_plausible(bytes_of(longest, NAME_SIZE_MAX)));
}

#define WITH(test) \
    cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(tells_the_device_that_asked),
        WITH(follows_the_chain_and_nothing_beside_it),
        WITH(a_circle_of_aliases_ends),
        WITH(a_chain_has_a_limit),
        WITH(hints_and_aliases_of_service_records_count),
        WITH(lapses_after_ttl_and_grace_unless_used),
        WITH(the_smallest_ttl_of_a_chain_counts),
        WITH(questions_tell_nothing),
        WITH(the_oldest_goes_when_all_are_taken),
        WITH(knows_what_may_be_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
