/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include <glob.h>
#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "activity/distinct.h"
#include "analysis.h"
#include "capture_builder.h"
#include "capture_flows.h"
#include "engine/stats.h"
#include "event/eve.h"
#include "test.h"

enum {
    EVE_MAX = 64 << 20,
    SAMPLE_STEP = 40,            /* Of the shared captures, one in so many, */
    SAMPLE_SIZE_MAX = 150 << 10, /* and only those up to this size. */
};

struct run {
    struct writer eve;
    struct writer findings;
    struct writer stats;
    struct engine_counters counters;
    bool has_estimate; /* A count past what is counted exactly. */
};

static void on_event(void *context, const struct event *event)
{
    static const enum event_field distinct[] = {
        FIELD_ACTIVITY_DESTINATIONS, FIELD_ACTIVITY_PORTS,
        FIELD_ACTIVITY_PEERS,
    };
    struct run *run = context;

    eve_write(&run->eve, event);
    for (size_t i = 0; i < COUNT_OF(distinct); i++) {
        const struct event_value *value = event_get(event, distinct[i]);
        if (event->type == EVENT_ACTIVITY && value)
            run->has_estimate |= value->number > DISTINCT_EXACT_MAX;
    }
}

static void on_finding(void *context, const struct finding *finding,
                       bool is_new)
{
    writer_format(&((struct run *)context)->findings, "%d %s %llu %u %s\n",
                  is_new, finding->id, (unsigned long long)finding->count,
                  finding->evidence_count, finding->sentence);
}

static const struct behaviour *detections(void)
{
    static struct behaviour *loaded;
    struct failure failure;

    if (loaded)
        return loaded;
    loaded = behaviour_new();
    if (behaviour_load(loaded, "data/detections", &failure) < 0)
        fail_msg("%s", failure.text);
    behaviour_compile(loaded);
    assert_int_equal(behaviour_refusal_count(loaded), 0);
    return loaded;
}

static void run_open(struct run *run)
{
    run->has_estimate = false;
    writer_init(&run->eve, EVE_MAX);
    writer_init(&run->findings, EVE_MAX);
    writer_init(&run->stats, EVE_MAX);
}

static void run_close(struct run *run)
{
    writer_clear(&run->eve);
    writer_clear(&run->findings);
    writer_clear(&run->stats);
}

/* Takes over the capture; analyses it by `batch` frames at most. */
static void run_capture(struct run *run, struct capture *capture, uint64_t key,
                        size_t batch)
{
    struct frame frames[2 * ENGINE_BATCH_MAX];
    int count;
    struct failure failure;
    struct capture_status status;
    struct engine *engine = engine_new(&(struct engine_options){
        .key = { key, ~key },
        .behaviour = detections(),
        .on_event = on_event,
        .on_finding = on_finding,
        .context = run,
    });

    run_open(run);
    assert_in_range(batch, 1, COUNT_OF(frames));
    while ((count = capture_next_frames(capture, frames, batch, &failure)) > 0)
        engine_frames(engine, capture, frames, (size_t)count);
    engine_finish(engine, capture);
    capture_read_status(capture, &status);
    engine_stats_write(&run->stats, engine, &status);
    engine_read_counters(engine, &run->counters);
    engine_free(engine);
    capture_free(capture);
}

static void assert_same(const struct run *a, const struct run *b,
                        const char *name)
{
    if (!bytes_equal(writer_view(&a->eve), writer_view(&b->eve)))
        fail_msg("%s: other events", name);
    if (!bytes_equal(writer_view(&a->findings), writer_view(&b->findings)))
        fail_msg("%s: other findings", name);
    if (!bytes_equal(writer_view(&a->stats), writer_view(&b->stats)))
        fail_msg("%s: other statistics", name);
}

/* Estimates and the choice of what a full table forgets are the key's. */
static bool is_exact(const struct run *run)
{
    return !run->has_estimate && run->counters.counters_evicted_local == 0 &&
           run->counters.counters_evicted_remote == 0;
}

/* A bot: it looks for Telnet on so many hosts, gets in nowhere, and calls home
 * every ten seconds. */
static void build_bot(struct capture_builder *b, uint32_t hosts)
{
    static struct packet_builder packet;
    struct build_side bot = { "50:c7:bf:00:00:01", "192.168.1.10", 0 };
    struct build_side there = { "50:c7:bf:00:00:fe", NULL, 23 };
    char text[32];

    capture_builder_pcap(b, 0xa1b2c3d4, 1);
    for (uint32_t i = 0; i < 4000; i++) {
        const struct build_tcp tcp = { .sequence = i * 77777, .flags = TCP_SYN,
                                       .window = 1024 };
        const struct build_ip ip = { .protocol = IP_PROTOCOL_TCP };
        bool is_home = i % 100 == 99;
        (void)snprintf(text, sizeof text, "8.%u.0.%u", i % hosts / 250,
                       i % hosts % 250);
        there.ip = is_home ? "198.51.100.7" : text;
        there.port = is_home ? 4444 : 23;
        bot.port = (uint16_t)(1024 + i);
        packet_builder_start(&packet, bytes_of(NULL, 0));
        packet_builder_tcp(&packet, bot, there, &tcp);
        packet_builder_ip(&packet, bot, there, &ip);
        packet_builder_ethernet(&packet, bot, there, 0x800);
        capture_builder_record(b, 1700000000 + i / 10, i % 10 * 100000,
                               packet_builder_view(&packet));
    }
}

static void assert_bot(uint32_t hosts, uint64_t key, uint64_t other_key)
{
    struct capture_builder b;
    struct run first;
    struct run second;

    capture_builder_init(&b, false);
    build_bot(&b, hosts);
    run_capture(&first, capture_of_memory(capture_builder_view(&b)), key, 1);
    run_capture(&second, capture_of_memory(capture_builder_view(&b)),
                other_key, 2 * ENGINE_BATCH_MAX);
    assert_int_equal(first.counters.packets, 4000);
    assert_int_equal(first.counters.flows, 4000);
    assert_true(writer_view(&first.findings).size > 0); /* It is found. */
    assert_true(key == other_key || is_exact(&first));
    assert_same(&first, &second, "the bot");
    run_close(&first);
    run_close(&second);
    capture_builder_clear(&b);
}

static void the_same_capture_gives_the_same(void **state)
{
    (void)state;

    assert_bot(3000, 1, 1);
    assert_bot(20, 1, 0x9e3779b97f4a7c15); /* Counted: whatever the key. */
    assert_bot(20, 7, 0xc2b2ae3d27d4eb4f);
}

static struct capture *open_capture(const char *path)
{
    const char *const sources[] = { path };
    const struct capture_options options = { 0 };
    struct capture *capture;
    struct failure failure;

    return capture_open(sources, 1, &options, &capture, &failure) < 0
               ? NULL
               : capture;
}

static void shared_captures_too(void **state)
{
    (void)state;
    const char *shared = capture_flows_shared();
    char pattern[4096];
    glob_t found;
    size_t read = 0;
    size_t exact = 0;

    if (!shared) {
        print_message("# no shared captures: not compared\n");
        skip();
    }
    (void)snprintf(pattern, sizeof pattern, "%s/captures/*/*/*/*.pcap*",
                   shared);
    if (glob(pattern, 0, NULL, &found) != 0)
        skip();
    for (size_t i = 0; i < found.gl_pathc; i += SAMPLE_STEP) {
        struct run first;
        struct run second;
        struct run other;
        struct stat status;
        const char *path = found.gl_pathv[i];
        if (stat(path, &status) != 0 || status.st_size > SAMPLE_SIZE_MAX)
            continue;
        struct capture *capture = open_capture(path);
        if (!capture)
            continue;
        run_capture(&first, capture, 1, 1);
        run_capture(&second, open_capture(path), 1, ENGINE_BATCH_MAX);
        run_capture(&other, open_capture(path), 0x9e3779b97f4a7c15, 7);
        assert_same(&first, &second, path);
        if (is_exact(&first)) {
            assert_same(&first, &other, path);
            exact++;
        }
        run_close(&first);
        run_close(&second);
        run_close(&other);
        read++;
    }
    globfree(&found);
    print_message("# %zu captures compared, %zu with two keys\n", read, exact);
    assert_true(exact > 0);
}

static void statistics_are_json_that_names_what_was_lost(void **state)
{
    (void)state;
    struct capture_builder b;
    struct run run;

    capture_builder_init(&b, false);
    capture_builder_pcap(&b, 0xa1b2c3d4, 1);
    capture_builder_record(&b, 5, 0, bytes_of_text("no such frame"));
    capture_builder_record(&b, 9, 0, bytes_of_text("cut"));
    struct bytes cut = bytes_slice(capture_builder_view(&b), 0,
                                   capture_builder_view(&b).size - 1);
    run_capture(&run, capture_of_memory(cut), 1, 3);
    json_t *stats = json_loads(writer_as_text(&run.stats), 0, NULL);
    assert_non_null(stats);
    assert_int_equal(json_integer_value(json_object_get(stats, "packets")), 1);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(stats, "dropped"),
                                           "capture_warnings")), 1);
    assert_int_equal(json_object_size(json_object_get(stats, "dropped")), 1);
    json_decref(stats);
    run_close(&run);
    capture_builder_clear(&b);
}

/* A flow from everybody to everybody: after a while memory stays. */
static void memory_is_bounded(void **state)
{
    (void)state;
    static struct packet_builder packet;
    const struct build_tcp tcp = { .flags = TCP_SYN, .window = 1 };
    const struct build_ip ip = { .protocol = IP_PROTOCOL_TCP };
    struct engine *engine = engine_new(&(struct engine_options){
        .behaviour = detections(), .flow_count_max = 256 });
    size_t after_warm_up = 0;
    char from[32];
    char to[32];
    char mac[32];

    for (uint32_t i = 0; i < 60000; i++) {
        uint32_t random = i * 2654435761u;
        (void)snprintf(from, sizeof from, "10.%u.%u.%u", random >> 24,
                       random >> 16 & 255, random >> 8 & 255);
        (void)snprintf(to, sizeof to, "8.%u.%u.%u", random >> 8 & 255,
                       random >> 16 & 255, random >> 24);
        (void)snprintf(mac, sizeof mac, "50:c7:bf:%02x:%02x:%02x",
                       random >> 24, i & 255, i >> 8 & 255);
        struct build_side source = { mac, from, (uint16_t)i };
        struct build_side target = { "50:c7:bf:00:00:fe", to, 23 };
        packet_builder_start(&packet, bytes_of(NULL, 0));
        packet_builder_tcp(&packet, source, target, &tcp);
        packet_builder_ip(&packet, source, target, &ip);
        packet_builder_ethernet(&packet, source, target, 0x800);
        struct frame frame = packet_builder_frame(
            &packet, 1700000000000000000 + (int64_t)i * 10000000);
        frame.mark.number = i + 1;
        engine_frame(engine, NULL, &frame);
        if (i == 40000)
            after_warm_up = mallinfo2().uordblks + mallinfo2().hblkhd;
    }
    size_t now = mallinfo2().uordblks + mallinfo2().hblkhd;
    struct engine_counters counters;
    engine_read_counters(engine, &counters);
    assert_int_equal(counters.packets, 60000);
    assert_true(counters.flows_evicted_unanswered > 50000);
    assert_true(counters.devices_refused > 0);
    assert_true(now <= after_warm_up + (1 << 20));
    engine_finish(engine, NULL);
    engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_capture_gives_the_same),
        cmocka_unit_test(shared_captures_too),
        cmocka_unit_test(statistics_are_json_that_names_what_was_lost),
        cmocka_unit_test(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
