/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/flow_event.h"

#include "base/writer.h"
#include "event/eve.h"
#include "test.h"

#define SECOND INT64_C(1000000000)

static struct flow flow_of(uint8_t protocol)
{
    return (struct flow){
        .address = { ip_of_v4(0x0a000001), ip_of_v4(0xc6336402) },
        .port = { 40000, 443 },
        .protocol = protocol,
        .state = FLOW_CLOSED,
        .vlan = 9,
        .packets = { 5, 4 },
        .bytes = { 700, 6000 },
        .first_ns = 10 * SECOND,
        .last_ns = 12 * SECOND + SECOND / 2,
        .device = { 3, FLOW_DEVICE_NONE },
        .number = 77,
        .tcp_flags = { TCP_SYN | TCP_ACK | TCP_PSH, TCP_SYN | TCP_ACK |
                                                        TCP_RST },
        .end = FLOW_END_CLOSED,
        .history_size = 4,
        .history = "ShAr",
    };
}

static void a_flow_is_told_as_suricata_does(void **state)
{
    (void)state;
    struct arena arena;
    struct event_list list;
    struct writer out;
    struct flow flow = flow_of(IP_PROTOCOL_TCP);

    arena_init(&arena);
    event_list_init(&list, &arena);
    writer_init(&out, 1 << 16);
    flow_event(&flow, &list);
    assert_int_equal(list.first->context.source_device, 3);
    eve_write(&out, list.first);
    assert_string_equal(
        writer_as_text(&out),
        "{\"timestamp\":\"1970-01-01T00:00:12.500000+0000\",\"flow_id\":77,"
        "\"event_type\":\"flow\",\"vlan\":[9],"
        "\"src_ip\":\"10.0.0.1\",\"src_port\":40000,"
        "\"dest_ip\":\"198.51.100.2\",\"dest_port\":443,\"proto\":\"TCP\","
        "\"community_id\":\"1:YANASTTIBDvipL7jBf/Lfxx9qA8=\","
        "\"tenet\":{\"direction\":\"external\",\"src_local\":false,"
        "\"dest_local\":false},"
        "\"flow\":{\"pkts_toserver\":5,\"pkts_toclient\":4,"
        "\"bytes_toserver\":700,\"bytes_toclient\":6000,"
        "\"start\":\"1970-01-01T00:00:10.000000+0000\","
        "\"end\":\"1970-01-01T00:00:12.500000+0000\",\"age\":2,"
        "\"duration\":2.5,\"state\":\"closed\",\"reason\":\"closed\","
        "\"answered\":true,\"history\":\"ShAr\"},"
        "\"tcp\":{\"tcp_flags\":\"1e\",\"tcp_flags_ts\":\"1a\","
        "\"tcp_flags_tc\":\"16\",\"syn\":true,\"rst\":true,\"psh\":true,"
        "\"ack\":true}}\n");
    writer_clear(&out);
    arena_clear(&arena);
}

static void icmp_has_type_and_code_and_no_ports(void **state)
{
    (void)state;
    struct arena arena;
    struct event_list list;
    struct flow flow = flow_of(IP_PROTOCOL_ICMPV6);

    flow.port[0] = 128;
    flow.port[1] = 1;
    arena_init(&arena);
    event_list_init(&list, &arena);
    flow_event(&flow, &list);
    assert_false(list.first->context.has_ports);
    assert_int_equal(list.first->context.icmp_type, 128);
    assert_int_equal(list.first->context.icmp_code, 1);
    assert_null(event_get(list.first, FIELD_FLOW_TCP_FLAGS));
    arena_clear(&arena);
}

static void a_full_list_takes_no_more(void **state)
{
    (void)state;
    struct arena arena;
    struct event_list list;
    struct flow flow = flow_of(IP_PROTOCOL_UDP);

    arena_init(&arena);
    event_list_init(&list, &arena);
    for (size_t i = 0; i <= EVENT_LIST_MAX; i++)
        flow_event(&flow, &list);
    assert_int_equal(list.count, EVENT_LIST_MAX);
    assert_int_equal(list.dropped, 1);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flow_is_told_as_suricata_does),
        cmocka_unit_test(icmp_has_type_and_code_and_no_ports),
        cmocka_unit_test(a_full_list_takes_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
