/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/flow.h"

#include <string.h>

#include "test.h"

#define SECOND INT64_C(1000000000)
#define OTHER 0xc6336402u
#define GROUP 0xe00000fbu

/* 10.0.0.1 and 198.51.100.2; above, the latter and the group of mDNS. */
static const uint32_t A = 0x0a000001;
static const uint32_t B = OTHER;

struct seen {
    uint64_t ended[FLOW_END_SHUTDOWN + 1];
    uint64_t last_ended;
    uint64_t number;
    enum flow_side side;
    bool is_new;
};

static struct flow_table *table_of(uint32_t count_max)
{
    struct flow_options options = { .key = { 1, 2 }, .count_max = count_max };
    return flow_table_new(&options);
}

static struct packet udp(uint32_t from, uint16_t from_port, uint32_t to,
                         uint16_t to_port)
{
    return (struct packet){
        .layer = PACKET_LAYER_IP,
        .protocol = IP_PROTOCOL_UDP,
        .has_transport = true,
        .source = ip_of_v4(from),
        .destination = ip_of_v4(to),
        .source_port = from_port,
        .destination_port = to_port,
        .ip_size = 100,
        .mark.time_ns = SECOND,
    };
}

static struct packet tcp(uint32_t from, uint16_t from_port, uint32_t to,
                         uint16_t to_port, uint8_t flags)
{
    struct packet packet = udp(from, from_port, to, to_port);
    packet.protocol = IP_PROTOCOL_TCP;
    packet.tcp.flags = flags;
    return packet;
}

static struct packet icmp(uint32_t from, uint32_t to, uint8_t type)
{
    struct packet packet = udp(from, 0, to, 0);
    packet.protocol = IP_PROTOCOL_ICMP;
    packet.icmp_type = type;
    return packet;
}

static void drain(struct flow_table *table, struct seen *seen)
{
    const struct flow *flow;

    while ((flow = flow_table_ended(table)) != NULL) {
        seen->ended[flow->end]++;
        seen->last_ended = flow->number;
    }
}

static struct flow *observe(struct flow_table *table, struct packet packet,
                            struct seen *seen)
{
    struct flow_lookup lookup = flow_table_prepare(table, &packet);
    struct flow *flow = flow_table_observe(table, &packet, &lookup,
                                           &seen->side, &seen->is_new);
    drain(table, seen);
    seen->number = flow->number;
    return flow;
}

static void both_directions_are_one_flow(void **state)
{
    (void)state;
    struct flow_table *table = table_of(0);
    struct seen seen = { 0 };

    struct flow *flow = observe(table, udp(A, 4000, B, 9999), &seen);
    assert_true(seen.is_new);
    assert_int_equal(flow->number, 1);
    assert_int_equal(flow->device[0], FLOW_DEVICE_NONE);
    assert_int_equal(flow->state, FLOW_NEW);
    flow = observe(table, udp(B, 9999, A, 4000), &seen);
    assert_false(seen.is_new);
    assert_int_equal(seen.side, FLOW_RESPONDER);
    assert_int_equal(flow->number, 1);
    assert_int_equal(flow->packets[0], 1);
    assert_int_equal(flow->packets[1], 1);
    assert_int_equal(flow->bytes[1], 100);
    assert_int_equal(flow->state, FLOW_ESTABLISHED);
    flow_table_free(table);
}

static struct packet tagged(struct packet packet, uint16_t vlan)
{
    packet.vlan_count = 1;
    packet.vlan[0] = vlan;
    return packet;
}

static void two_tags_are_two_flows_but_one_and_none_are_not(void **state)
{
    (void)state;
    struct flow_table *table = table_of(0);
    struct seen seen = { 0 };

    (void)observe(table, tagged(udp(A, 4000, B, 9999), 7), &seen);
    assert_true(seen.is_new);
    (void)observe(table, tagged(udp(A, 4000, B, 9999), 8), &seen);
    assert_true(seen.is_new);
    (void)observe(table, tagged(udp(A, 4000, B, 9999), 7), &seen);
    assert_false(seen.is_new);
    /* A mirror that tags what it receives and not what it sends. */
    (void)observe(table, udp(A + 1, 4000, B, 9999), &seen);
    assert_true(seen.is_new);
    (void)observe(table, tagged(udp(B, 9999, A + 1, 4000), 7), &seen);
    assert_false(seen.is_new);
    assert_int_equal(seen.side, FLOW_RESPONDER);
    flow_table_free(table);
}

static void anything_in_the_key_that_differs_is_another_flow(void **state)
{
    (void)state;
    struct flow_table *table = table_of(0);
    struct seen seen = { 0 };
    struct packet sixth = udp(A, 4000, B, 9999);
    sixth.source.bytes[0] = 0x20;
    struct packet bare = udp(A, 4000, B, 9999);
    bare.has_transport = false;
    struct packet packets[] = {
        udp(A, 4000, B, 9999), udp(A, 4001, B, 9999), udp(A, 4000, B, 9998),
        udp(A + 1, 4000, B, 9999), udp(A, 4000, B + 1, 9999),
        udp(A, 9999, B, 4000), tcp(A, 4000, B, 9999, TCP_SYN), sixth, bare,
    };

    for (size_t i = 0; i < COUNT_OF(packets); i++) {
        (void)observe(table, packets[i], &seen);
        assert_true(seen.is_new);
    }
    for (size_t i = 0; i < COUNT_OF(packets); i++) {
        (void)observe(table, packets[i], &seen);
        assert_false(seen.is_new);
        assert_int_equal(seen.number, i + 1);
        assert_int_equal(seen.side, FLOW_ORIGINATOR);
    }
    flow_table_free(table);
}

static void the_first_packet_of_a_flow_with_itself_is_the_originators(
    void **state)
{
    (void)state;
    struct flow_table *table = table_of(0);
    struct seen seen = { 0 };

    (void)observe(table, udp(A, 5353, A, 5353), &seen);
    (void)observe(table, udp(A, 5353, A, 5353), &seen);
    assert_false(seen.is_new);
    assert_int_equal(seen.side, FLOW_ORIGINATOR);
    flow_table_free(table);
}

static void who_originated(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint8_t protocol;
        uint8_t flags;
        uint16_t from_port;
        uint32_t to;
        uint16_t to_port;
        bool flipped;
    } cases[] = {
        { "a SYN opens", 6, TCP_SYN, 80, OTHER, 40000, false },
        { "a SYN-ACK answers", 6, TCP_SYN | TCP_ACK, 40000, OTHER, 80, true },
        { "mid-stream from a service", 6, TCP_ACK, 443, OTHER, 40000, true },
        { "mid-stream from MQTT", 6, TCP_ACK, 1883, OTHER, 50000, true },
        { "mid-stream to a service", 6, TCP_ACK, 40000, OTHER, 443, false },
        { "mid-stream between services", 6, TCP_ACK, 22, OTHER, 443, false },
        { "mid-stream, no service", 6, TCP_ACK, 40000, OTHER, 50000, false },
        { "DNS answer", 17, 0, 53, OTHER, 40000, true },
        { "DNS question", 17, 0, 40000, OTHER, 53, false },
        { "a flood from a low port", 17, 0, 700, OTHER, 40000, false },
        { "NTP to NTP", 17, 0, 123, OTHER, 123, false },
        { "SSDP to its group", 17, 0, 1900, GROUP, 40000, false },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct flow_table *table = table_of(0);
        struct seen seen = { 0 };
        struct packet packet =
            udp(A, cases[i].from_port, cases[i].to, cases[i].to_port);
        packet.protocol = cases[i].protocol;
        packet.tcp.flags = cases[i].flags;
        const struct flow *flow = observe(table, packet, &seen);
        if ((seen.side == FLOW_RESPONDER) != cases[i].flipped)
            fail_msg("%s", cases[i].why);
        assert_int_equal(flow->history[0] == '^', cases[i].flipped);
        assert_int_equal(flow->port[cases[i].flipped], cases[i].from_port);
        assert_int_equal(flow->packets[cases[i].flipped], 1);
        flow_table_free(table);
    }
}

static void late_answers_without_a_question_are_not_turned_round(void **state)
{
    (void)state;
    for (int64_t more = 0; more < 2; more++) {
        struct flow_table *table = table_of(0);
        struct seen seen = { 0 };
        struct packet packet = udp(A, 161, B, 40000);
        (void)observe(table, udp(A, 1, B, 2), &seen);
        packet.mark.time_ns += FLOW_ANSWERED_TIMEOUT_S * SECOND + more;
        (void)observe(table, packet, &seen);
        assert_int_equal(seen.side, more ? FLOW_ORIGINATOR : FLOW_RESPONDER);
        flow_table_free(table);
    }
}

/* Originator's packets in upper case, '.' between packets, payload as D. */
static void send(struct flow_table *table, const char *script,
                 struct seen *seen, struct flow *flow)
{
    uint8_t flags = 0;
    bool has_payload = false;
    bool back = false;

    for (; *script; script++) {
        back = back || (*script >= 'a' && *script <= 'z');
        switch (*script | 0x20) {
        case 's':
            flags |= TCP_SYN;
            break;
        case 'a':
            flags |= TCP_ACK;
            break;
        case 'f':
            flags |= TCP_FIN;
            break;
        case 'r':
            flags |= TCP_RST;
            break;
        case 'd':
            has_payload = true;
            break;
        default:
            break;
        }
        if (script[1] != '.' && script[1] != '\0')
            continue;
        struct packet packet = back ? tcp(B, 80, A, 4000, flags)
                                    : tcp(A, 4000, B, 80, flags);
        packet.payload_missing = has_payload;
        *flow = *observe(table, packet, seen);
        flags = 0;
        has_payload = back = false;
    }
}

static void tcp_state_and_history(void **state)
{
    (void)state;
    static const struct {
        const char *packets;
        const char *history;
        enum flow_state state;
    } cases[] = {
        { "S", "S", FLOW_NEW },
        { "S.S", "S", FLOW_NEW },
        { "S.sa", "Sh", FLOW_NEW },
        { "S.sa.A", "ShA", FLOW_ESTABLISHED },
        { "S.sa.A.DA.a.da.A", "ShADad", FLOW_ESTABLISHED },
        { "S.sa.A.FA.a", "ShAFa", FLOW_ESTABLISHED },
        { "S.sa.A.FA.fa.A", "ShAFf", FLOW_CLOSED },
        { "S.ra", "Sr", FLOW_CLOSED },
        { "SF", "Q", FLOW_NEW },
        { "SR", "Q", FLOW_CLOSED },
        { "FR", "I", FLOW_CLOSED },
        { "DA", "D", FLOW_NEW },
        { "DA.a", "Da", FLOW_ESTABLISHED },
        { "SD.sa", "SDh", FLOW_NEW },
        { "S.sa.A.DA.a.da.FA.fa.R.r", "ShADadFfRr", FLOW_CLOSED },
        { "S.sa.A.DA.a.da.FA.fa.R.r.SF.FR.sf.fr", "ShADadFfRrQ",
          FLOW_CLOSED },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct flow_table *table = table_of(0);
        struct seen seen = { 0 };
        struct flow flow;
        send(table, cases[i].packets, &seen, &flow);
        char history[FLOW_HISTORY_MAX + 1] = "";
        memcpy(history, flow.history, flow.history_size);
        assert_string_equal(history, cases[i].history);
        assert_int_equal(flow.state, cases[i].state);
        flow_table_free(table);
    }
}

static void a_syn_on_closed_ports_is_a_new_flow(void **state)
{
    (void)state;
    struct flow_table *table = table_of(0);
    struct seen seen = { 0 };
    struct flow flow;

    send(table, "S.sa.A.FA.fa.A.S", &seen, &flow);
    assert_int_equal(flow.number, 2);
    assert_int_equal(flow.packets[0], 1);
    assert_int_equal(seen.ended[FLOW_END_CLOSED], 1);
    assert_int_equal(seen.last_ended, 1);
    flow_table_free(table);
}

static void icmp_questions_and_answers_are_one_flow(void **state)
{
    (void)state;
    struct flow_table *table = table_of(0);
    struct seen seen = { 0 };
    const struct flow *flow = observe(table, icmp(A, B, 8), &seen);

    assert_int_equal(flow->port[0], 8);
    flow = observe(table, icmp(B, A, 0), &seen);
    assert_false(seen.is_new);
    assert_int_equal(seen.side, FLOW_RESPONDER);
    assert_int_equal(flow->port[0], 8);
    /* The other way round it is another question. */
    (void)observe(table, icmp(B, A, 8), &seen);
    assert_true(seen.is_new);
    /* Errors are answered by nothing. */
    (void)observe(table, icmp(A, B, 3), &seen);
    assert_true(seen.is_new);
    (void)observe(table, icmp(B, A, 3), &seen);
    assert_true(seen.is_new);
    flow_table_free(table);
}

static void quiet_flows_end_after_the_time_of_their_state(void **state)
{
    (void)state;
    static const struct {
        const char *packets;
        int64_t seconds;
        enum flow_end end;
    } cases[] = {
        { "S", FLOW_UNANSWERED_TIMEOUT_S, FLOW_END_TIMEOUT },
        { "S.sa", FLOW_UNANSWERED_TIMEOUT_S, FLOW_END_TIMEOUT },
        { "S.sa.A", FLOW_TCP_TIMEOUT_S, FLOW_END_TIMEOUT },
        { "S.sa.A.r", FLOW_CLOSED_TIMEOUT_S, FLOW_END_CLOSED },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct flow_table *table = table_of(0);
        struct seen seen = { 0 };
        struct flow flow;
        send(table, cases[i].packets, &seen, &flow);
        flow_table_advance(table, flow.last_ns + cases[i].seconds * SECOND);
        drain(table, &seen);
        assert_int_equal(seen.ended[cases[i].end], 0);
        flow_table_advance(table,
                           flow.last_ns + cases[i].seconds * SECOND + 1);
        drain(table, &seen);
        assert_int_equal(seen.ended[cases[i].end], 1);
        flow_table_free(table);
    }
}

static void a_packet_after_the_time_is_a_new_flow(void **state)
{
    (void)state;
    struct flow_table *table = table_of(0);
    struct seen seen = { 0 };
    struct packet packet = udp(A, 4000, B, 9999);

    (void)observe(table, packet, &seen);
    packet.mark.time_ns += (FLOW_UNANSWERED_TIMEOUT_S + 1) * SECOND;
    (void)observe(table, packet, &seen);
    assert_true(seen.is_new);
    assert_int_equal(seen.ended[FLOW_END_TIMEOUT], 1);
    flow_table_free(table);
}

static void other_packets_let_time_pass(void **state)
{
    (void)state;
    struct flow_table *table = table_of(0);
    struct seen seen = { 0 };
    struct packet packet = udp(A, 4000, B, 9999);

    (void)observe(table, packet, &seen);
    packet.source_port = 4001;
    packet.mark.time_ns += (FLOW_UNANSWERED_TIMEOUT_S + 1) * SECOND;
    (void)observe(table, packet, &seen);
    assert_int_equal(seen.ended[FLOW_END_TIMEOUT], 1);
    assert_int_equal(seen.last_ended, 1);
    flow_table_free(table);
}

static void time_may_go_backwards(void **state)
{
    (void)state;
    struct flow_table *table = table_of(0);
    struct seen seen = { 0 };
    struct packet packet = udp(A, 4000, B, 9999);

    /* A little: packets out of order. */
    packet.mark.time_ns = 100 * SECOND;
    (void)observe(table, packet, &seen);
    packet.mark.time_ns = 99 * SECOND;
    const struct flow *flow = observe(table, packet, &seen);
    assert_false(seen.is_new);
    assert_int_equal(flow->last_ns, 100 * SECOND);
    /* One time far away splits its own flow and hurts no other. */
    struct packet other = udp(A, 4001, B, 9999);
    other.mark.time_ns = INT64_MAX;
    (void)observe(table, other, &seen);
    other.mark.time_ns = INT64_MIN;
    (void)observe(table, other, &seen);
    assert_true(seen.is_new);
    /* The clock was set back for good: the old flows still end. */
    flow_table_advance(table, 10 * SECOND);
    drain(table, &seen);
    struct flow_counters counters;
    flow_table_read_counters(table, &counters);
    assert_int_equal(counters.active, 0);
    flow_table_free(table);
}

static void open_tcp(struct flow_table *table, uint16_t port, int64_t time_ns,
                     struct seen *seen)
{
    struct packet packets[] = {
        tcp(A, port, B, 80, TCP_SYN),
        tcp(B, 80, A, port, TCP_SYN | TCP_ACK),
        tcp(A, port, B, 80, TCP_ACK),
    };
    for (size_t i = 0; i < COUNT_OF(packets); i++) {
        packets[i].mark.time_ns = time_ns;
        (void)observe(table, packets[i], seen);
    }
}

static void a_scan_evicts_only_scans(void **state)
{
    (void)state;
    enum { COUNT = 64, SCAN = 10000 };
    struct flow_table *table = table_of(COUNT);
    struct seen seen = { 0 };

    for (uint16_t i = 0; i < COUNT / 2; i++)
        open_tcp(table, (uint16_t)(1000 + i), SECOND, &seen);
    for (uint32_t i = 0; i < SCAN; i++)
        (void)observe(table, tcp(A, 7, B + i, 23, TCP_SYN), &seen);
    struct flow_counters counters;
    flow_table_read_counters(table, &counters);
    assert_int_equal(counters.active, COUNT);
    assert_int_equal(counters.evicted_unanswered, SCAN - COUNT / 2);
    assert_int_equal(counters.evicted_answered, 0);
    for (uint16_t i = 0; i < COUNT / 2; i++) {
        (void)observe(table, tcp(A, (uint16_t)(1000 + i), B, 80, TCP_ACK),
                      &seen);
        assert_false(seen.is_new);
    }
    flow_table_free(table);
}

static void refused_connections_evict_closed_flows_first(void **state)
{
    (void)state;
    struct flow_table *table = table_of(64);
    struct seen seen = { 0 };

    for (uint32_t i = 0; i < 1000; i++) {
        (void)observe(table, tcp(A, 7, B + i, 23, TCP_SYN), &seen);
        (void)observe(table, tcp(B + i, 23, A, 7, TCP_RST | TCP_ACK), &seen);
    }
    struct flow_counters counters;
    flow_table_read_counters(table, &counters);
    assert_int_equal(counters.active, 64);
    assert_int_equal(counters.evicted_closed, 1000 - 64);
    assert_int_equal(seen.ended[FLOW_END_CLOSED], 1000 - 64);
    flow_table_free(table);
}

static void the_longest_quiet_answered_flow_makes_room(void **state)
{
    (void)state;
    enum { COUNT = 8, SHARE = COUNT / 2 };
    struct flow_table *table = table_of(COUNT);
    struct seen seen = { 0 };

    for (uint16_t i = 0; i < SHARE; i++)
        open_tcp(table, (uint16_t)(1000 + i), (1 + i) * SECOND, &seen);
    struct packet packet = tcp(A, 1000, B, 80, TCP_ACK);
    packet.mark.time_ns = 10 * SECOND;
    (void)observe(table, packet, &seen);
    assert_int_equal(seen.ended[FLOW_END_EVICTED], 0);
    open_tcp(table, 2000, 11 * SECOND, &seen);
    assert_int_equal(seen.ended[FLOW_END_EVICTED], 1);
    assert_int_equal(seen.last_ended, 2);
    flow_table_free(table);
}

static void the_smallest_table_works(void **state)
{
    (void)state;
    struct flow_table *table = table_of(FLOW_COUNT_MIN);
    struct seen seen = { 0 };

    for (uint16_t i = 0; i < 1000; i++) {
        open_tcp(table, i, i * SECOND / 8, &seen);
        (void)observe(table, udp(A, i, B, 53), &seen);
        (void)observe(table, udp(B, 53, A, i), &seen);
    }
    struct flow_counters counters;
    flow_table_read_counters(table, &counters);
    assert_true(counters.active <= FLOW_COUNT_MIN);
    flow_table_free(table);
}

static void all_flows_end_once_the_longest_quiet_first(void **state)
{
    (void)state;
    struct flow_table *table = table_of(0);
    struct seen seen = { 0 };

    for (uint16_t i = 0; i < 100; i++) {
        struct packet packet = udp(A, i, B, 9999);
        packet.mark.time_ns = i * SECOND / 10;
        (void)observe(table, packet, &seen);
    }
    flow_table_end_all(table);
    const struct flow *flow;
    uint64_t expected = 1;
    while ((flow = flow_table_ended(table)) != NULL) {
        assert_int_equal(flow->number, expected++);
        assert_int_equal(flow->end, FLOW_END_SHUTDOWN);
    }
    assert_int_equal(expected, 101);
    assert_null(flow_table_ended(table));
    flow_table_free(table);
}

static void a_place_costs_at_most_144_bytes(void **state)
{
    (void)state;
    struct flow_table *table = table_of(FLOW_COUNT_DEFAULT);
    struct flow_counters counters;

    flow_table_read_counters(table, &counters);
    assert_true(counters.memory_bytes / FLOW_COUNT_DEFAULT <= 144);
    flow_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_are_one_flow),
        cmocka_unit_test(two_tags_are_two_flows_but_one_and_none_are_not),
        cmocka_unit_test(anything_in_the_key_that_differs_is_another_flow),
        cmocka_unit_test(
            the_first_packet_of_a_flow_with_itself_is_the_originators),
        cmocka_unit_test(who_originated),
        cmocka_unit_test(late_answers_without_a_question_are_not_turned_round),
        cmocka_unit_test(tcp_state_and_history),
        cmocka_unit_test(a_syn_on_closed_ports_is_a_new_flow),
        cmocka_unit_test(icmp_questions_and_answers_are_one_flow),
        cmocka_unit_test(quiet_flows_end_after_the_time_of_their_state),
        cmocka_unit_test(a_packet_after_the_time_is_a_new_flow),
        cmocka_unit_test(other_packets_let_time_pass),
        cmocka_unit_test(time_may_go_backwards),
        cmocka_unit_test(a_scan_evicts_only_scans),
        cmocka_unit_test(refused_connections_evict_closed_flows_first),
        cmocka_unit_test(the_longest_quiet_answered_flow_makes_room),
        cmocka_unit_test(the_smallest_table_works),
        cmocka_unit_test(all_flows_end_once_the_longest_quiet_first),
        cmocka_unit_test(a_place_costs_at_most_144_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
