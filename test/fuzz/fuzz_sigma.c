/* SPDX-License-Identifier: Apache-2.0 */
#include "capture_fake.h"
#include "detect/behaviour/behaviour.h"
#include "fuzz.h"

static void match(struct behaviour_state *state, int turn)
{
    struct arena arena;
    struct event_list events;
    struct alert_list alerts;

    arena_init(&arena);
    event_list_init(&events, &arena);
    alert_list_init(&alerts, &arena);
    struct event *event =
        event_new(&events, turn & 1 ? EVENT_FILE : EVENT_LOGIN);
    event->context.has_ip = true;
    event->context.time_ns = turn * 500000000ll;
    if (turn & 1) {
        event_set_literal(event, FIELD_FILE_NAME, "/var/.x\xff\xfe");
        event_set_number(event, FIELD_FILE_SIZE, (uint64_t)turn);
    } else {
        event_set_literal(event, FIELD_LOGIN_USER, "root -a");
        event_set_literal(event, FIELD_LOGIN_USER, "");
        event_set_flag(event, FIELD_LOGIN_CLEAR, true);
    }
    behaviour_match(state, event, NULL, &alerts);
    arena_clear(&arena);
}

/* Any bytes are rules or refusals, and what loads can be matched. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct behaviour *behaviour = behaviour_new();

    behaviour_load_text(behaviour, "fuzz.yml", bytes_of(data, size));
    behaviour_compile(behaviour);
    struct behaviour_state *state = behaviour_state_new(behaviour, NULL);
    for (int turn = 0; turn < 8; turn++)
        match(state, turn);
    for (size_t i = 0; i < behaviour_refusal_count(behaviour); i++)
        check(behaviour_refusal(behaviour, i)->reason);
    behaviour_state_free(state);
    behaviour_free(behaviour);
    return 0;
}
