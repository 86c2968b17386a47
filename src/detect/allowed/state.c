/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "detect/allowed/internal.h"

static const double NS_PER_S = 1e9;

struct allowed_state *allowed_state_new(const struct allowed *allowed,
                                        struct hash_key key)
{
    struct allowed_state *state = memory_new(1, sizeof *state);

    state->allowed = allowed;
    state->names = names_new(key);
    state->servers = memory_new(SERVER_FLOW_MAX, sizeof *state->servers);
    state->by_device_count = DEVICE_COUNT_MAX;
    state->by_device =
        memory_new(state->by_device_count, sizeof *state->by_device);
    state->devices = memory_new(ALLOWED_DEVICE_MAX, sizeof *state->devices);
    pool_init(&state->uses, sizeof(struct allowed_use), ALLOWED_USE_MAX);
    state->use_list = memory_new(ALLOWED_USE_MAX, sizeof *state->use_list);
    table_init(&state->by_need, 64);
    state->key = key;
    return state;
}

void allowed_state_free(struct allowed_state *state)
{
    if (!state)
        return;
    for (uint32_t i = 0; i < state->device_count; i++)
        free(state->devices[i].counts);
    names_free(state->names);
    pool_clear(&state->uses);
    table_clear(&state->by_need);
    free(state->use_list);
    free(state->servers);
    free(state->by_device);
    free(state->devices);
    free(state);
}

bool allowed_wants(enum event_type type)
{
    switch ((int)type) {
    case EVENT_FLOW:
    case EVENT_DNS:
    case EVENT_TLS:
    case EVENT_QUIC:
    case EVENT_HTTP:
    case EVENT_DHCP:
    case EVENT_DHCPV6:
    case EVENT_ND:
        return true;
    default:
        return false;
    }
}

static const struct allowed_file *given_file(const struct allowed *allowed,
                                             const struct device *device)
{
    for (size_t i = 0; i < allowed->file_count && device->has_mac; i++)
        if (allowed->files[i].is_given &&
            mac_equal(allowed->files[i].mac, device->mac))
            return &allowed->files[i];
    return NULL;
}

struct bytes device_mud_url(const struct device_table *devices,
                            const struct allowed *allowed, uint32_t index)
{
    const struct device *device = device_get(devices, index);
    const struct allowed_file *given = given_file(allowed, device);
    const struct device_claim *claim =
        device_claim_of(device, DEVICE_CLAIM_MUD_URL);

    if (given)
        return bytes_of_text(given->file->url);
    return bytes_of_text(claim ? claim->value : "");
}

/* A MUDstring is the URL up to the first space (RFC 8520 section 10). */
static const struct allowed_file *claimed_file(const struct allowed *allowed,
                                               struct bytes said)
{
    struct bytes url = bytes_slice(said, 0, bytes_find_byte(said, ' '));

    for (size_t i = 0; i < allowed->file_count && url.size > 0; i++)
        if (!allowed->files[i].is_given && !allowed->files[i].is_for_all &&
            bytes_equal(bytes_of_text(allowed->files[i].file->url), url))
            return &allowed->files[i];
    return NULL;
}

static const struct allowed_file *find_file(const struct allowed *allowed,
                                            const struct device_table *devices,
                                            uint32_t index)
{
    const struct allowed_file *file =
        given_file(allowed, device_get(devices, index));

    if (!file)
        file = claimed_file(allowed,
                            device_mud_url(devices, allowed, index));
    for (size_t i = 0; i < allowed->file_count && !file; i++)
        if (allowed->files[i].is_for_all)
            file = &allowed->files[i];
    return file;
}

static enum allowed_trust trust_of(const struct allowed_file *file)
{
    if (file->is_given || file->is_for_all)
        return ALLOWED_GIVEN;
    return file->is_signed ? ALLOWED_SIGNED : ALLOWED_CLAIMED;
}

/* The record of a device that has a file; null without one. A device keeps
 * the file it had first: what it names later may be somebody else's word. */
static struct allowed_device *device_record(struct allowed_state *state,
                                            const struct device_table *devices,
                                            uint32_t index)
{
    if (index >= state->by_device_count)
        return NULL;
    if (state->by_device[index] > 0)
        return &state->devices[state->by_device[index] - 1];
    const struct allowed_file *file =
        find_file(state->allowed, devices, index);
    if (!file)
        return NULL;
    if (state->device_count == ALLOWED_DEVICE_MAX) {
        state->devices_refused++;
        return NULL;
    }
    struct allowed_device *device = &state->devices[state->device_count++];
    device->device = index;
    device->file = file->file;
    device->trust = trust_of(file);
    device->counts =
        memory_new((size_t)file->file->ace_count + 1, sizeof *device->counts);
    state->by_device[index] = state->device_count;
    return device;
}

static uint64_t number_of(const struct event *event, enum event_field field)
{
    const struct event_value *value = event_get(event, field);
    return value ? value->number : 0;
}

/* What a message is answered with (RFC 792, RFC 4443, RFC 4861). */
static int icmp_reply(bool is_v6, int type)
{
    static const struct {
        bool is_v6;
        int type;
        int reply;
    } pairs[] = {
        { false, 8, 0 },   { false, 0, 8 },   { false, 13, 14 },
        { false, 14, 13 }, { false, 15, 16 }, { false, 17, 18 },
        { false, 10, 9 },  { true, 128, 129 }, { true, 129, 128 },
        { true, 133, 134 }, { true, 135, 136 }, { true, 136, 135 },
    };

    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        if (pairs[i].is_v6 == is_v6 && pairs[i].type == type)
            return pairs[i].reply;
    return -1;
}

static void set_icmp(struct allowed_flow *flow,
                     const struct event_context *context)
{
    enum mud_policy first = flow->began ? MUD_FROM_DEVICE : MUD_TO_DEVICE;
    bool is_v6 = flow->protocol == IP_PROTOCOL_ICMPV6;

    flow->icmp_type[0] = flow->icmp_type[1] = -1;
    flow->icmp_code[0] = flow->icmp_code[1] = -1;
    if (!is_v6 && flow->protocol != IP_PROTOCOL_ICMP)
        return;
    flow->icmp_type[first] = context->icmp_type;
    flow->icmp_code[first] = context->icmp_code;
    flow->icmp_type[!first] = icmp_reply(is_v6, context->icmp_type);
}

static struct bytes server_name(const struct allowed_state *state,
                                uint64_t flow_number)
{
    const struct server_flow *server =
        &state->servers[flow_number % SERVER_FLOW_MAX];

    if (flow_number == 0 || server->flow_number != flow_number)
        return (struct bytes){ 0 };
    return bytes_of_text(server->name);
}

static struct allowed_flow make_flow(struct allowed_state *state,
                                     struct device_table *devices,
                                     const struct event *event, bool began)
{
    const struct event_context *c = &event->context;
    const struct event_value *duration =
        event_get(event, FIELD_FLOW_DURATION);
    bool to_server = number_of(event, FIELD_FLOW_PKTS_TOSERVER) > 0;
    bool to_client = number_of(event, FIELD_FLOW_PKTS_TOCLIENT) > 0;
    struct allowed_flow flow = {
        .event = event,
        .state = state,
        .devices = devices,
        .device = began ? c->source_device : c->destination_device,
        .peer_device = began ? c->destination_device : c->source_device,
        .began = began,
        .is_sure = c->protocol != IP_PROTOCOL_TCP ||
                   event_get(event, FIELD_FLOW_TCP_SYN),
        .sent = began ? to_server : to_client,
        .got = began ? to_client : to_server,
        .has_ports = c->has_ports,
        .is_peer_local = began ? c->destination_local : c->source_local,
        .protocol = c->protocol,
        .own = began ? c->source : c->destination,
        .peer = began ? c->destination : c->source,
        .own_port = began ? c->source_port : c->destination_port,
        .peer_port = began ? c->destination_port : c->source_port,
        .end_ns = c->time_ns,
        .server_name = server_name(state, c->flow_number),
    };

    flow.start_ns =
        c->time_ns - (int64_t)((duration ? duration->real : 0) * NS_PER_S);
    set_icmp(&flow, c);
    return flow;
}

static void count_ace(struct allowed_device *device,
                      const struct decision *decision,
                      const struct allowed_flow *flow)
{
    if (!decision->ace || decision->is_default ||
        decision->verdict != ALLOWED_DECLARED)
        return;
    struct allowed_count *count =
        &device->counts[decision->ace - device->file->aces];
    if (count->flows++ == 0 || flow->start_ns < count->first_ns)
        count->first_ns = flow->start_ns;
    if (flow->end_ns > count->last_ns)
        count->last_ns = flow->end_ns;
}

static bool is_same_use(const struct allowed_use *a,
                        const struct allowed_use *b)
{
    return a->verdict == b->verdict && a->is_answer == b->is_answer &&
           a->ace == b->ace && a->from_outside == b->from_outside &&
           (a->policies == b->policies || !a->needed.has_icmp_type) &&
           is_same_need(&a->needed, &b->needed);
}

static uint64_t use_hash(const struct allowed_state *state,
                         const struct allowed_device *device,
                         const struct allowed_use *use)
{
    const struct mud_ace *need = &use->needed;
    uint64_t words[5] = {
        (uint64_t)device->device << 32 | (uint64_t)need->protocol << 16 |
            need->icmp_type,
        (uint64_t)need->peer_port.low << 16 | need->own_port.low,
        hash_bytes(state->key, bytes_of_text(use->peer_name)),
    };

    memcpy(words + 3, need->network.address.bytes, 16);
    return hash_words(state->key, words, COUNT_OF(words));
}

static struct allowed_use *find_use(const struct allowed_state *state,
                                    const struct allowed_device *device,
                                    const struct allowed_use *wanted)
{
    struct table_cursor cursor =
        table_seek(&state->by_need, use_hash(state, device, wanted));
    uint32_t number;

    while ((number = table_next(&state->by_need, &cursor)) != TABLE_NONE) {
        struct allowed_use *use = state->use_list[number];
        if (use->device == wanted->device && is_same_use(use, wanted))
            return use;
    }
    return NULL;
}

static struct allowed_use *add_use(struct allowed_state *state,
                                   struct allowed_device *device,
                                   const struct allowed_use *wanted)
{
    struct allowed_use *use = device->use_count < ALLOWED_DEVICE_USE_MAX
                                  ? pool_take(&state->uses) : NULL;

    if (!use) {
        state->uses_refused++;
        device->uses_dropped++;
        return NULL;
    }
    *use = *wanted;
    if (use->needed.name_of_peer)
        use->needed.name_of_peer = use->peer_name;
    if (device->last_use)
        device->last_use->next = use;
    else
        device->uses = use;
    device->last_use = use;
    device->use_count++;
    table_insert(&state->by_need, use_hash(state, device, use),
                 state->use_count);
    state->use_list[state->use_count++] = use;
    return use;
}

/* What both directions of a flow came to. */
struct judgement {
    enum allowed_verdict verdict;
    uint8_t policies;        /* Those of that verdict. */
    struct decision decision; /* The first of them. */
};

static struct judgement judge(struct allowed_device *device,
                              const struct allowed_flow *flow)
{
    struct judgement all = { .verdict = ALLOWED_DECLARED };
    bool is_default = true;

    for (int policy = 0; policy < 2; policy++) {
        if (policy == MUD_FROM_DEVICE ? !flow->sent : !flow->got)
            continue;
        struct decision one = policy_decide(flow, (enum mud_policy)policy);
        count_ace(device, &one, flow);
        is_default &= one.is_default;
        if (one.verdict > all.verdict) {
            all = (struct judgement){ .verdict = one.verdict,
                                      .decision = one };
        }
        if (one.verdict == all.verdict)
            all.policies |= (uint8_t)(1u << policy);
    }
    device->flows[all.verdict]++;
    if (all.verdict == ALLOWED_DECLARED && is_default)
        device->flows_by_default++;
    return all;
}

/* In place: the needed entry points into the use. */
static void make_use(const struct allowed_flow *flow,
                     const struct judgement *judgement,
                     struct allowed_use *use)
{
    uint8_t answers = (uint8_t)(1u << (flow->began ? MUD_TO_DEVICE
                                                   : MUD_FROM_DEVICE));
    *use = (struct allowed_use){
        .device = flow->device,
        .verdict = judgement->verdict,
        .policies = judgement->policies,
        .is_answer = judgement->policies == answers,
        .is_local = flow->is_peer_local,
        .from_outside = !flow->began && !flow->is_peer_local,
        .ace = judgement->decision.ace,
        .reason = judgement->decision.reason,
        .first_ns = flow->start_ns,
        .peer = flow->peer,
    };

    use->needed = needed_ace(flow, use->policies, use->peer_name);
}

/* ICMP has another type each way, so that each is a need of its own. */
static void note_uses(struct allowed_device *device,
                      const struct allowed_flow *flow,
                      const struct judgement *judgement,
                      struct alert_list *alerts)
{
    struct allowed_state *state = flow->state;
    bool is_icmp = flow->icmp_type[0] >= 0 || flow->icmp_type[1] >= 0;

    for (uint8_t bit = 1; bit <= 2; bit++) {
        struct judgement part = *judgement;
        if (is_icmp)
            part.policies &= bit;
        else if (bit == 2)
            return;
        if (part.policies == 0)
            continue;
        struct allowed_use wanted;
        make_use(flow, &part, &wanted);
        struct allowed_use *use = find_use(state, device, &wanted);
        if (!use)
            use = add_use(state, device, &wanted);
        if (!use)
            use = &wanted; /* Told, if not listed. */
        use->policies |= wanted.policies;
        use->flows++;
        if (flow->start_ns < use->first_ns)
            use->first_ns = flow->start_ns;
        if (flow->end_ns > use->last_ns)
            use->last_ns = flow->end_ns;
        if (use->verdict == ALLOWED_UNDECLARED)
            alert_use(alerts, flow, use, device);
    }
}

static void judge_end(struct allowed_state *state,
                      struct device_table *devices, const struct event *event,
                      bool began, struct alert_list *alerts)
{
    const struct event_context *c = &event->context;
    uint32_t index = began ? c->source_device : c->destination_device;

    if (index == DEVICE_NONE || !c->has_ip)
        return;
    struct allowed_device *device = device_record(state, devices, index);
    if (!device)
        return;
    struct allowed_flow flow = make_flow(state, devices, event, began);
    flow.file = device->file;
    struct judgement judgement = judge(device, &flow);
    if (judgement.verdict != ALLOWED_DECLARED)
        note_uses(device, &flow, &judgement, alerts);
}

static void note_server(struct allowed_state *state,
                        const struct event *event, enum event_field field)
{
    uint64_t number = event->context.flow_number;
    struct bytes name = event_text(event, field);

    if (number == 0 || !name_is_plausible(name))
        return;
    struct server_flow *server = &state->servers[number % SERVER_FLOW_MAX];
    server->flow_number = number;
    memcpy(server->name, name.data, name.size);
    server->name[name.size] = 0;
}

void allowed_observe(struct allowed_state *state, struct device_table *devices,
                     const struct event *event, struct alert_list *alerts)
{
    switch ((int)event->type) {
    case EVENT_DNS:
        names_learn(state->names, event);
        return;
    case EVENT_TLS:
        note_server(state, event, FIELD_TLS_SNI);
        return;
    case EVENT_QUIC:
        note_server(state, event, FIELD_QUIC_SNI);
        return;
    case EVENT_HTTP:
        note_server(state, event, FIELD_HTTP_HOSTNAME);
        return;
    case EVENT_FLOW:
        judge_end(state, devices, event, true, alerts);
        if (event->context.destination_device != event->context.source_device)
            judge_end(state, devices, event, false, alerts);
        return;
    default:
        class_learn(state, event);
    }
}

uint32_t allowed_device_count(const struct allowed_state *state)
{
    return state->device_count;
}

const struct allowed_device *
allowed_device(const struct allowed_state *state, uint32_t index)
{
    check(index < state->device_count);
    return &state->devices[index];
}

void allowed_read_counters(const struct allowed_state *state,
                           struct allowed_counters *counters)
{
    *counters = (struct allowed_counters){
        .names_evicted = names_evicted(state->names),
        .devices_refused = state->devices_refused,
        .uses_refused = state->uses_refused,
    };
}
