/* SPDX-License-Identifier: Apache-2.0 */
#include "capture_fake.h"
#include "detect/intel/intel.h"
#include "fuzz.h"

static const enum event_type types[] = {
    EVENT_FLOW, EVENT_DNS, EVENT_TLS, EVENT_HTTP, EVENT_FILE, EVENT_ARP,
};

static void match(struct intel_state *state, size_t turn)
{
    struct arena arena;
    struct event_list events;
    struct alert_list alerts;

    arena_init(&arena);
    event_list_init(&events, &arena);
    alert_list_init(&alerts, &arena);
    struct event *event = event_new(&events, types[turn % COUNT_OF(types)]);
    event->context = (struct event_context){
        .has_ip = true, .source_local = turn & 1, .has_ports = true,
        .source = ip_of_v4(0xc0000201), .destination = ip_of_v4(0xc6336407),
        .destination_port = 443, .protocol = 6,
        .time_ns = 1700000000000000000 + (int64_t)turn * 1000000000,
    };
    if (event->type == EVENT_DNS) {
        event_set_literal(event, FIELD_DNS_QUERY_NAME, "www.evil.example");
        event_set_literal(event, FIELD_DNS_ANSWER_DATA, "198.51.100.7");
    } else if (event->type == EVENT_HTTP) {
        event_set_literal(event, FIELD_HTTP_HOSTNAME, "evil.example");
        event_set_literal(event, FIELD_HTTP_URL, "/a?b=c");
    } else if (event->type == EVENT_FILE) {
        event_set_literal(event, FIELD_FILE_MD5,
                          "d41d8cd98f00b204e9800998ecf8427e");
    }
    intel_match(state, event, &alerts);
    for (size_t i = 0; i < alerts.count; i++)
        check(alerts.alerts[i].fact_count > 0);
    arena_clear(&arena);
}

static void said(void *context, const struct intel_said *one)
{
    (void)context;
    check(one->source && one->id && one->harm);
}

/* Any bytes are a bundle, an event, a list, or refusals; what loads can be
 * matched and explained. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct intel *intel = intel_new((struct hash_key){ 1, 2 });

    intel_load_text(intel, "fuzz", bytes_of(data, size));
    intel_build(intel);
    struct intel_state *state = intel_state_new(intel);
    for (size_t turn = 0; turn < 2 * COUNT_OF(types); turn++)
        match(state, turn);
    for (size_t i = 0; i < intel_refusal_count(intel); i++)
        check(intel_refusal(intel, i)->reason[0]);
    (void)intel_explain(intel, bytes_of_text("www.evil.example"), said,
                        NULL); /* Any number. */
    (void)intel_explain(intel, bytes_of_text("198.51.100.7"), said,
                        NULL); /* The same. */
    intel_state_free(state);
    intel_free(intel);
    return 0;
}
