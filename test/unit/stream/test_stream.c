/* SPDX-License-Identifier: Apache-2.0 */
#include "stream/stream.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

enum { START = 1000, PEER_START = 5000, TOTAL = STREAM_TOTAL_BYTES_MAX };

struct fixture {
    struct stream_memory *memory;
    struct stream *stream;
    uint32_t start;
};

/* What a reader got: bytes, with '?' for each lost one. */
struct got {
    uint8_t data[1 << 18];
    size_t size;
    uint64_t gap;
    uint32_t chunks;
    bool end;
};

static struct fixture fixture_of(size_t total)
{
    struct fixture f = { .memory = stream_memory_new(total, 4096),
                         .start = START };
    f.stream = stream_new(f.memory);
    return f;
}

static void fixture_clear(struct fixture *f)
{
    stream_free(f->memory, f->stream);
    stream_memory_free(f->memory);
}

static struct packet segment(uint32_t sequence, const char *text,
                             uint8_t flags)
{
    return (struct packet){
        .layer = PACKET_LAYER_IP,
        .protocol = IP_PROTOCOL_TCP,
        .has_transport = true,
        .tcp = { .sequence = sequence, .flags = flags },
        .payload = bytes_of_text(text),
    };
}

static void send(struct fixture *f, uint32_t at, const char *text)
{
    struct packet packet = segment(f->start + at, text, TCP_PSH);
    stream_insert(f->memory, f->stream, FLOW_ORIGINATOR, &packet);
}

static void send_flags(struct fixture *f, uint32_t at, uint8_t flags)
{
    struct packet packet = segment(f->start + at, "", flags);
    stream_insert(f->memory, f->stream, FLOW_ORIGINATOR, &packet);
}

/* The other side has everything before `at`. */
static void acknowledge(struct fixture *f, uint32_t at)
{
    struct packet packet = segment(PEER_START, "", TCP_ACK);
    packet.tcp.acknowledgement = f->start + at;
    stream_insert(f->memory, f->stream, FLOW_RESPONDER, &packet);
}

/* Read all there is, of each chunk at most `used_max`. */
static void read_some(struct fixture *f, struct got *got, size_t used_max)
{
    struct stream_chunk chunk;

    while (stream_read(f->memory, f->stream, FLOW_ORIGINATOR, &chunk)) {
        size_t used =
            chunk.data.size < used_max ? chunk.data.size : used_max;
        got->chunks++;
        got->gap += chunk.gap;
        got->end = chunk.end;
        assert_true(chunk.offset + used <= sizeof got->data);
        assert_int_equal(got->size + chunk.gap, chunk.offset);
        memset(got->data + got->size, '?', chunk.gap);
        if (used > 0)
            memcpy(got->data + chunk.offset, chunk.data.data, used);
        got->size = chunk.offset + used;
        stream_consume(f->memory, f->stream, FLOW_ORIGINATOR, used);
    }
}

static void read_all(struct fixture *f, struct got *got)
{
    read_some(f, got, SIZE_MAX);
}

static void expect(const struct got *got, const char *text)
{
    assert_int_equal(got->size, strlen(text));
    assert_memory_equal(got->data, text, got->size);
}

static struct stream_counters counters_of(const struct fixture *f)
{
    struct stream_counters counters;
    stream_read_counters(f->memory, &counters);
    return counters;
}

static void bytes_in_order_are_the_packets_own(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct packet packet = segment(START, "abc", TCP_PSH);
    struct stream_chunk chunk;

    stream_insert(f.memory, f.stream, FLOW_ORIGINATOR, &packet);
    assert_true(stream_read(f.memory, f.stream, FLOW_ORIGINATOR, &chunk));
    assert_ptr_equal(chunk.data.data, packet.payload.data);
    assert_int_equal(chunk.data.size, 3);
    assert_false(chunk.end);
    stream_consume(f.memory, f.stream, FLOW_ORIGINATOR, 3);
    assert_false(stream_read(f.memory, f.stream, FLOW_ORIGINATOR, &chunk));
    assert_false(stream_read(f.memory, f.stream, FLOW_RESPONDER, &chunk));
    fixture_clear(&f);
}

/* A script of segments "at:text", read after each, against the whole. */
static void orders_and_overlaps(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *script;
        const char *expected;
        uint32_t conflicts;
    } cases[] = {
        { "in order", "0:ab 2:cd", "abcd", 0 },
        { "one swap", "0:ab 4:ef 2:cd", "abcdef", 0 },
        { "backwards", "0:a 3:d 2:c 1:b", "abcd", 0 },
        { "the same again", "0:ab 0:ab 2:cd", "abcd", 0 },
        { "longer retransmission", "0:ab 0:abcd", "abcd", 0 },
        { "hole filled across", "0:ab 4:ef 1:bcdefgh", "abcdefgh", 0 },
        { "two islands bridged", "0:a 2:c 4:e 1:bcdef", "abcdef", 0 },
        { "first bytes win", "0:a 2:cd 1:bXXe", "abcde", 1 },
        { "first island wins", "0:a 3:dd 2:cXXe 1:b", "abcdde", 1 },
        { "keep-alive", "0:abc 2:c 3:d", "abcd", 0 },
        { "keep-alive garbage", "0:abc 2:X 3:d", "abcd", 0 },
        { "touching islands", "0:a 4:ef 2:cd 1:b", "abcdef", 0 },
        { "hole stays", "0:ab 4:ef", "ab", 0 },
    };
    static const uint32_t starts[] = { START, UINT32_MAX - 2, 0x7ffffffe };

    for (size_t i = 0; i < COUNT_OF(cases) * COUNT_OF(starts); i++) {
        struct fixture f = fixture_of(TOTAL);
        struct got got = { 0 };
        char *script = strdup(cases[i / COUNT_OF(starts)].script);
        char *next = script;
        char *word;
        f.start = starts[i % COUNT_OF(starts)];
        while ((word = strsep(&next, " ")) != NULL) {
            send(&f, (uint32_t)strtoul(word, NULL, 10), strchr(word, ':') + 1);
            read_all(&f, &got);
        }
        expect(&got, cases[i / COUNT_OF(starts)].expected);
        assert_int_equal(counters_of(&f).overlap_conflicts,
                         cases[i / COUNT_OF(starts)].conflicts);
        free(script);
        fixture_clear(&f);
    }
}

static void a_syn_says_where_the_bytes_start(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };
    struct packet syn = segment(START - 1, "ab", TCP_SYN);

    stream_insert(f.memory, f.stream, FLOW_ORIGINATOR, &syn);
    read_all(&f, &got);
    send(&f, 4, "ef");
    send(&f, 2, "cd");
    read_all(&f, &got);
    expect(&got, "abcdef");
    fixture_clear(&f);
}

static void the_last_syn_before_an_answer_counts(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };

    send_flags(&f, 7000, TCP_SYN);
    send_flags(&f, UINT32_MAX, TCP_SYN); /* One before the start. */
    acknowledge(&f, 0);
    send_flags(&f, 9000, TCP_SYN);
    send(&f, 0, "ab");
    read_all(&f, &got);
    expect(&got, "ab");
    fixture_clear(&f);
}

static void what_is_not_used_comes_again_with_more(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct stream_chunk chunk;

    send(&f, 0, "abc");
    assert_true(stream_read(f.memory, f.stream, FLOW_ORIGINATOR, &chunk));
    stream_consume(f.memory, f.stream, FLOW_ORIGINATOR, 1);
    assert_false(stream_read(f.memory, f.stream, FLOW_ORIGINATOR, &chunk));
    send(&f, 5, "f"); /* Behind a hole: nothing new to read. */
    assert_false(stream_read(f.memory, f.stream, FLOW_ORIGINATOR, &chunk));
    send(&f, 3, "de");
    assert_true(stream_read(f.memory, f.stream, FLOW_ORIGINATOR, &chunk));
    assert_int_equal(chunk.offset, 1);
    assert_int_equal(chunk.data.size, 5);
    assert_memory_equal(chunk.data.data, "bcdef", 5);
    stream_consume(f.memory, f.stream, FLOW_ORIGINATOR, 5);
    assert_false(stream_read(f.memory, f.stream, FLOW_ORIGINATOR, &chunk));
    fixture_clear(&f);
}

static void fin_ends_when_all_before_it_is_there(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };

    send(&f, 0, "ab");
    read_all(&f, &got);
    send_flags(&f, 4, TCP_FIN);
    read_all(&f, &got);
    assert_false(got.end);
    send(&f, 2, "cd");
    read_all(&f, &got);
    assert_true(got.end);
    expect(&got, "abcd");
    uint32_t chunks = got.chunks;
    send_flags(&f, 4, TCP_FIN);
    read_all(&f, &got);
    assert_int_equal(got.chunks, chunks);
    fixture_clear(&f);
}

static void an_end_after_unused_bytes_is_told_with_them(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };

    send(&f, 0, "ab");
    read_some(&f, &got, 0);
    assert_false(got.end);
    send_flags(&f, 2, TCP_FIN);
    read_all(&f, &got);
    assert_true(got.end);
    expect(&got, "ab");
    fixture_clear(&f);
}

static void only_a_reset_in_place_is_believed(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };

    send(&f, 0, "ab");
    read_all(&f, &got);
    send_flags(&f, STREAM_SIDE_BYTES_MAX + 3, TCP_RST);
    read_all(&f, &got);
    assert_false(got.end);
    send(&f, 4, "ef");
    send_flags(&f, 6, TCP_RST);
    read_all(&f, &got);
    assert_true(got.end);
    expect(&got, "ab??ef");
    fixture_clear(&f);
}

static void acknowledged_bytes_not_seen_are_a_gap(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };

    send(&f, 0, "ab");
    read_all(&f, &got);
    send(&f, 4, "ef");
    acknowledge(&f, 3); /* The hole may still be filled. */
    read_all(&f, &got);
    assert_int_equal(got.size, 2);
    acknowledge(&f, 6);
    read_all(&f, &got);
    /* Known before: the bytes need not wait. */
    acknowledge(&f, 8);
    send(&f, 8, "ij");
    read_all(&f, &got);
    expect(&got, "ab??ef??ij");
    assert_int_equal(counters_of(&f).gaps, 2);
    assert_int_equal(counters_of(&f).gap_bytes, 4);
    fixture_clear(&f);
}

/* A new connection on the ports of an old one: the answer to its SYN has
 * other numbers, which are acknowledged. */
static void other_numbers_are_a_jump_and_not_lost_bytes(void **state)
{
    (void)state;

    for (uint32_t past = 0; past <= 1; past++) {
        struct fixture f = fixture_of(TOTAL);
        struct got got = { 0 };
        struct stream_chunk chunk;
        uint32_t to = 2 + STREAM_GAP_MAX + past;

        send(&f, 0, "ab");
        read_all(&f, &got);
        send_flags(&f, to - 1, TCP_SYN | TCP_ACK);
        acknowledge(&f, to);
        send(&f, to, "cd");
        assert_true(
            stream_read(f.memory, f.stream, FLOW_ORIGINATOR, &chunk));
        assert_true(bytes_equal(chunk.data, bytes_of_text("cd")));
        assert_int_equal(chunk.gap, STREAM_GAP_MAX + past);
        assert_int_equal(counters_of(&f).jumps, past);
        assert_int_equal(counters_of(&f).gaps, 1 - past);
        assert_int_equal(counters_of(&f).gap_bytes,
                         past ? 0 : STREAM_GAP_MAX);
        fixture_clear(&f);
    }
}

static void an_acknowledgement_alone_skips_nothing(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };

    send(&f, 0, "ab");
    read_all(&f, &got);
    acknowledge(&f, 50000);
    send(&f, 2, "cd");
    read_all(&f, &got);
    expect(&got, "abcd");
    fixture_clear(&f);
}

static void a_lost_end_is_a_gap_before_the_end(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };

    send(&f, 0, "ab");
    read_all(&f, &got);
    send_flags(&f, 5, TCP_FIN);
    acknowledge(&f, 6);
    read_all(&f, &got);
    assert_true(got.end);
    expect(&got, "ab???");
    fixture_clear(&f);
}

static void what_the_snapshot_cut_off_is_a_gap(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };

    for (uint32_t i = 0; i < 3; i++) {
        struct packet packet = segment(START + 5 * i, "ab", TCP_PSH);
        packet.payload_missing = 3;
        stream_insert(f.memory, f.stream, FLOW_ORIGINATOR, &packet);
        read_all(&f, &got);
    }
    send_flags(&f, 15, TCP_FIN);
    read_all(&f, &got);
    expect(&got, "ab???ab???ab???");
    assert_true(got.end);
    fixture_clear(&f);
}

static void bytes_not_read_before_the_next_packet_are_a_gap(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };

    send(&f, 0, "ab");
    send(&f, 2, "cd");
    read_all(&f, &got);
    expect(&got, "??cd");
    fixture_clear(&f);
}

static void a_stopped_side_says_nothing_more(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };

    send(&f, 0, "ab");
    stream_stop(f.memory, f.stream, FLOW_ORIGINATOR);
    send(&f, 2, "cd");
    send_flags(&f, 4, TCP_FIN);
    read_all(&f, &got);
    assert_int_equal(got.chunks, 0);
    fixture_clear(&f);
}

static void send_filled(struct fixture *f, uint32_t at, size_t size)
{
    static char many[STREAM_SIDE_BYTES_MAX + 1];
    struct packet packet = segment(f->start + at, "", TCP_PSH);

    assert_true(size <= sizeof many);
    packet.payload = bytes_of(many, size);
    stream_insert(f->memory, f->stream, FLOW_ORIGINATOR, &packet);
}

static void a_side_keeps_its_limit_and_not_one_byte_more(void **state)
{
    (void)state;
    for (uint32_t more = 0; more < 2; more++) {
        struct fixture f = fixture_of(TOTAL);
        struct got got = { 0 };
        send(&f, 0, "a");
        read_all(&f, &got);
        /* From position 1 on, a hole of one byte and the rest. */
        send_filled(&f, 2, STREAM_SIDE_BYTES_MAX - 1 + more);
        assert_int_equal(counters_of(&f).refused_bytes,
                         more ? STREAM_SIDE_BYTES_MAX : 0);
        send(&f, 1, "b");
        read_all(&f, &got);
        assert_int_equal(got.size, more ? 2 : STREAM_SIDE_BYTES_MAX + 1);
        fixture_clear(&f);
    }
}

static void a_reader_that_uses_nothing_loses_the_oldest(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };
    enum { PIECE = 1 << 10 };

    for (uint32_t i = 0; i <= STREAM_SIDE_BYTES_MAX / PIECE; i++) {
        send_filled(&f, i * PIECE, PIECE);
        if (i < STREAM_SIDE_BYTES_MAX / PIECE)
            read_some(&f, &got, 0);
    }
    assert_int_equal(got.gap, 0);
    assert_int_equal(counters_of(&f).refused_bytes, STREAM_SIDE_BYTES_MAX);
    read_all(&f, &got);
    assert_int_equal(got.gap, STREAM_SIDE_BYTES_MAX);
    assert_int_equal(got.size, STREAM_SIDE_BYTES_MAX + PIECE);
    fixture_clear(&f);
}

static void too_many_holes_give_up_the_first(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };

    send(&f, 0, "a");
    read_all(&f, &got);
    for (uint32_t i = 1; i <= 13; i++)
        send(&f, 2 * i, "b");
    read_all(&f, &got);
    expect(&got, "a?b");
    fixture_clear(&f);
}

static void a_jump_is_believed_when_it_goes_on(void **state)
{
    (void)state;
    struct fixture f = fixture_of(TOTAL);
    struct got got = { 0 };

    send(&f, 0, "ab");
    read_all(&f, &got);
    send(&f, 200000, "no");
    send(&f, 2, "cd");
    read_all(&f, &got);
    expect(&got, "abcd");
    send(&f, 100000, "ef");
    send(&f, 100002, "gh");
    read_all(&f, &got);
    assert_int_equal(got.gap, 100002 - 4);
    assert_memory_equal(got.data + 100002, "gh", 2);
    fixture_clear(&f);
}

static void who_waited_longest_gives_way(void **state)
{
    (void)state;
    /* Room for 32 blocks of the smallest size. */
    enum { STREAMS = 33 };
    struct fixture f = fixture_of(1);
    struct fixture others[STREAMS];

    for (size_t i = 0; i < STREAMS; i++) {
        others[i] = f;
        others[i].stream = stream_new(f.memory);
        struct got got = { 0 };
        send(&others[i], 0, "a");
        read_all(&others[i], &got);
        send(&others[i], 2, "c");
    }
    for (size_t i = 0; i < STREAMS; i++) {
        struct stream_chunk chunk;
        send(&others[i], 1, "b");
        bool is_first = i == 0;
        bool has_more = stream_read(f.memory, others[i].stream,
                                    FLOW_ORIGINATOR, &chunk);
        assert_int_equal(has_more, !is_first);
        if (has_more)
            stream_consume(f.memory, others[i].stream, FLOW_ORIGINATOR, 1);
        send(&others[i], 3, "d");
        assert_true(stream_read(f.memory, others[i].stream, FLOW_ORIGINATOR,
                                &chunk));
        assert_int_equal(chunk.gap, is_first ? 2 : 0);
        stream_free(f.memory, others[i].stream);
    }
    assert_int_equal(counters_of(&f).refused_bytes, 1);
    fixture_clear(&f);
}

static void there_are_only_as_many_streams_as_allowed(void **state)
{
    (void)state;
    struct stream_memory *memory = stream_memory_new(TOTAL, 1);
    struct stream *stream = stream_new(memory);

    assert_non_null(stream);
    assert_null(stream_new(memory));
    stream_free(memory, stream);
    assert_non_null(stream_new(memory));
    stream_memory_free(memory);
}

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

enum { PROPERTY_BYTES = 6000, PROPERTY_RUNS = 300 };

struct cut {
    uint32_t at;
    uint32_t size;
};

/* Random cuts that together are all bytes. */
static size_t cut_up(struct cut *cuts, uint64_t *seed)
{
    size_t count = 0;

    for (uint32_t at = 0; at < PROPERTY_BYTES; count++) {
        uint32_t size = 1 + next_random(seed) % 200;
        if (size > PROPERTY_BYTES - at)
            size = PROPERTY_BYTES - at;
        cuts[count] = (struct cut){ at, size };
        at += size;
    }
    return count;
}

/* Each cut moves a few places at most: the holes stay within the limit. */
static void shuffle(struct cut *cuts, size_t count, uint64_t *seed)
{
    for (size_t i = 1; i < count; i++) {
        size_t other = i + next_random(seed) % 6;
        if (other >= count)
            continue;
        struct cut swapped = cuts[i];
        cuts[i] = cuts[other];
        cuts[other] = swapped;
    }
}

static void send_cut(struct fixture *f, const uint8_t *bytes, struct cut cut,
                     uint64_t *seed)
{
    struct packet packet = segment(f->start + cut.at, "", TCP_PSH);
    uint8_t copy[PROPERTY_BYTES];

    /* Sometimes with bytes from before the cut, which are the same. */
    uint32_t before = next_random(seed) % 3 == 0 ? cut.at % 50 : 0;
    uint32_t size = cut.size + before;
    packet.tcp.sequence -= before;
    memcpy(copy, bytes + cut.at - before, size);
    packet.payload = bytes_of(copy, size);
    stream_insert(f->memory, f->stream, FLOW_ORIGINATOR, &packet);
}

static void any_order_gives_the_same_bytes(void **state)
{
    (void)state;
    for (uint64_t run = 0; run < PROPERTY_RUNS; run++) {
        struct fixture f = fixture_of(TOTAL);
        struct got got = { 0 };
        struct cut cuts[PROPERTY_BYTES];
        uint8_t bytes[PROPERTY_BYTES];
        uint64_t seed = run;
        f.start = next_random(&seed) << 1 | 1;
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)next_random(&seed);
        size_t count = cut_up(cuts, &seed);
        send_flags(&f, UINT32_MAX, TCP_SYN);
        shuffle(cuts, count, &seed);
        for (size_t i = 0; i < count; i++) {
            send_cut(&f, bytes, cuts[i], &seed);
            read_some(&f, &got, next_random(&seed) % 300);
            size_t again = next_random(&seed) % count;
            if (again < i)
                send_cut(&f, bytes, cuts[again], &seed);
            read_some(&f, &got, next_random(&seed) % 300);
        }
        send_flags(&f, PROPERTY_BYTES, TCP_FIN);
        read_all(&f, &got);
        assert_true(got.end);
        assert_int_equal(got.gap, 0);
        assert_int_equal(got.size, PROPERTY_BYTES);
        assert_memory_equal(got.data, bytes, PROPERTY_BYTES);
        assert_int_equal(counters_of(&f).overlap_conflicts, 0);
        fixture_clear(&f);
    }
}

/* Losses that the receiver acknowledges: a gap exactly where they were. */
static void lost_bytes_are_gaps_where_they_were(void **state)
{
    (void)state;
    for (uint64_t run = 0; run < PROPERTY_RUNS; run++) {
        struct fixture f = fixture_of(TOTAL);
        struct got got = { 0 };
        struct cut cuts[PROPERTY_BYTES];
        uint8_t bytes[PROPERTY_BYTES];
        uint64_t seed = run;
        uint64_t lost = 0;
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(next_random(&seed) % 20 + 'a');
        size_t count = cut_up(cuts, &seed);
        send_flags(&f, UINT32_MAX, TCP_SYN);
        for (size_t i = 0; i < count; i++) {
            if (next_random(&seed) % 3 == 0) {
                memset(bytes + cuts[i].at, '?', cuts[i].size);
                lost += cuts[i].size;
            } else {
                struct packet packet =
                    segment(f.start + cuts[i].at, "", TCP_PSH);
                packet.payload =
                    bytes_of(bytes + cuts[i].at, cuts[i].size);
                stream_insert(f.memory, f.stream, FLOW_ORIGINATOR, &packet);
                read_all(&f, &got);
            }
            if (next_random(&seed) % 2 == 0) {
                acknowledge(&f, cuts[i].at + cuts[i].size);
                read_all(&f, &got);
            }
        }
        send_flags(&f, PROPERTY_BYTES, TCP_FIN);
        acknowledge(&f, PROPERTY_BYTES + 1);
        read_all(&f, &got);
        assert_true(got.end);
        assert_int_equal(got.gap, lost);
        assert_int_equal(got.size, PROPERTY_BYTES);
        assert_memory_equal(got.data, bytes, PROPERTY_BYTES);
        fixture_clear(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_in_order_are_the_packets_own),
        cmocka_unit_test(orders_and_overlaps),
        cmocka_unit_test(a_syn_says_where_the_bytes_start),
        cmocka_unit_test(the_last_syn_before_an_answer_counts),
        cmocka_unit_test(what_is_not_used_comes_again_with_more),
        cmocka_unit_test(fin_ends_when_all_before_it_is_there),
        cmocka_unit_test(an_end_after_unused_bytes_is_told_with_them),
        cmocka_unit_test(only_a_reset_in_place_is_believed),
        cmocka_unit_test(acknowledged_bytes_not_seen_are_a_gap),
        cmocka_unit_test(other_numbers_are_a_jump_and_not_lost_bytes),
        cmocka_unit_test(an_acknowledgement_alone_skips_nothing),
        cmocka_unit_test(a_lost_end_is_a_gap_before_the_end),
        cmocka_unit_test(what_the_snapshot_cut_off_is_a_gap),
        cmocka_unit_test(bytes_not_read_before_the_next_packet_are_a_gap),
        cmocka_unit_test(a_stopped_side_says_nothing_more),
        cmocka_unit_test(a_side_keeps_its_limit_and_not_one_byte_more),
        cmocka_unit_test(a_reader_that_uses_nothing_loses_the_oldest),
        cmocka_unit_test(too_many_holes_give_up_the_first),
        cmocka_unit_test(a_jump_is_believed_when_it_goes_on),
        cmocka_unit_test(who_waited_longest_gives_way),
        cmocka_unit_test(there_are_only_as_many_streams_as_allowed),
        cmocka_unit_test(any_order_gives_the_same_bytes),
        cmocka_unit_test(lost_bytes_are_gaps_where_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
