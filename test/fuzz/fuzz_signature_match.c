/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/reader.h"
#include "detect/signature/signature.h"
#include "fuzz.h"

/*
 * Rules up to an empty line, then what they are matched against: turns of one
 * byte that says what it is, one for its size, and the bytes. Whatever both
 * say: nothing is read outside, work is bounded, and the same input gives the
 * same alerts a second time.
 */
enum { TURN_MAX = 64, RULES_MAX = 4096 };

struct run {
    struct signature_state *state;
    struct flow flow;
    uint64_t offset[2];
    uint64_t alerts;    /* Mixed from what was raised, in order. */
};

static void note(struct run *run, const struct alert_list *alerts)
{
    for (size_t i = 0; i < alerts->count; i++) {
        const struct rule *rule =
            (const struct rule *)alerts->alerts[i].detection;
        run->alerts = run->alerts * 31 + rule->sid + 1;
    }
}

static void add_view(struct view_list *views, uint8_t kind,
                     struct bytes data)
{
    enum view_id id = (enum view_id)(kind % (VIEW_NAMED_COUNT + 1));

    view_add(views, &(struct view){
        .id = id,
        .side = (enum flow_side)(kind & 1),
        .transaction = kind >> 1 & 1,
        .is_last = (kind & 4) != 0,
        .number = data.size,
        .data = data,
    });
}

static void turn(struct run *run, uint8_t what, uint8_t kind,
                 struct bytes data)
{
    struct arena arena;
    struct view_list views;
    struct alert_list alerts;
    enum flow_side side = (enum flow_side)(what & 1);
    struct packet packet = {
        .layer = PACKET_LAYER_IP,
        .ip_version = 4,
        .protocol = run->flow.protocol,
        .has_transport = true,
        .source = run->flow.address[side],
        .destination = run->flow.address[!side],
        .source_port = run->flow.port[side],
        .destination_port = run->flow.port[!side],
        .payload = data,
        .network = data,
    };
    struct signature_input input = {
        .packet = what & 16 ? NULL : &packet,
        .flow = what & 32 ? NULL : &run->flow,
        .side = side,
        .application = what & 2 ? "http" : "dns",
        .views = &views,
    };

    arena_init(&arena);
    view_list_init(&views, &arena);
    memset(views.wanted, 0xff, sizeof views.wanted);
    alert_list_init(&alerts, &arena);
    if (what & 4) {
        add_view(&views, kind, data);
        if (what & 64)
            view_end(&views, (enum flow_side)(kind & 1), kind >> 1 & 1);
    } else if (input.flow) {
        input.stream = data;
        input.stream_gap = what >> 7;
        input.stream_offset = run->offset[side] += input.stream_gap;
        run->offset[side] += data.size;
    }
    run->flow.packets[side]++;
    signature_match(run->state, &input, NULL, &alerts);
    note(run, &alerts);
    if (what & 8) {
        alerts.count = 0;
        input.flow = &run->flow;
        signature_flow_end(run->state, &input, NULL, &alerts);
        note(run, &alerts);
    }
    arena_clear(&arena);
}

static uint64_t match(const struct signature *set, struct bytes script)
{
    const struct hash_key key = { 1, 2 };
    struct reader r = reader_of(script);
    struct run run = {
        .state = signature_state_new(set, key, NULL),
        .flow = { .protocol = IP_PROTOCOL_TCP,
                  .state = FLOW_ESTABLISHED,
                  .number = 1,
                  .port = { 40000, 80 } },
    };

    for (int i = 0; i < TURN_MAX && reader_left(&r) > 0; i++) {
        uint8_t what = reader_u8(&r);
        uint8_t kind = reader_u8(&r);
        size_t size = reader_u8(&r);
        if (size > reader_left(&r))
            size = reader_left(&r);
        turn(&run, what, kind, reader_bytes(&r, size));
    }
    signature_state_free(run.state);
    return run.alerts;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_of(data, size);
    size_t cut = bytes_find(input, bytes_of_text("\n\n"));
    struct bytes rules = bytes_slice(input, 0, cut);
    struct bytes script = bytes_slice(input, cut + 2, SIZE_MAX);

    if (rules.size > RULES_MAX)
        return 0;
    struct signature *set = signature_new();
    signature_load_text(set, "fuzz.rules", rules);
    signature_compile(set);
    check(match(set, script) == match(set, script));
    signature_free(set);
    return 0;
}
