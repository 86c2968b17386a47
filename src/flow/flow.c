/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/flow.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "flow/index.h"
#include "flow/internal.h"

/* What a flow is worth, the cheapest first, and how long it may be quiet. */
enum class {
    CLASS_CLOSED,
    CLASS_UNANSWERED,
    CLASS_ANSWERED, /* Other than TCP. */
    CLASS_TCP,
    CLASS_COUNT,
};

enum {
    /* Records beyond count_max: what one observe may end, which the caller
     * still has to see, while a new flow already needs its place. One for
     * each class by time, one for its place, one for promotion, one reused. */
    SPARE_COUNT = CLASS_COUNT + 3,
    CACHE_LINE_SIZE = 64,
};

#define NONE FLOW_INDEX_NONE
#define NS_PER_S UINT64_C(1000000000)

/* Two cache lines: the first is the key and the packet counts. */
struct record {
    struct flow flow;
    uint32_t older; /* Positions; also the links of the other two lists. */
    uint32_t newer;
};
static_assert(sizeof(struct record) == 2 * CACHE_LINE_SIZE, "two lines");

/* Records in the order of their last packet, to the second. */
struct list {
    uint32_t oldest;
    uint32_t newest;
    uint32_t count;
};

struct flow_table {
    struct record *records;
    struct flow_index index;
    struct hash_key key;
    uint32_t count_max;
    uint32_t unanswered_max;
    uint32_t made;       /* Records touched so far; the rest are untouched. */
    uint32_t lent;       /* Last answer of flow_table_ended(), or NONE. */
    struct list unused;
    struct list ended;
    struct list classes[CLASS_COUNT];
    int64_t start_ns;    /* Time of the first packet. */
    uint64_t last_number;
    struct flow_counters counters;
};

static const uint64_t timeout_ns[CLASS_COUNT] = {
    [CLASS_CLOSED] = FLOW_CLOSED_TIMEOUT_S * NS_PER_S,
    [CLASS_UNANSWERED] = FLOW_UNANSWERED_TIMEOUT_S * NS_PER_S,
    [CLASS_ANSWERED] = FLOW_ANSWERED_TIMEOUT_S * NS_PER_S,
    [CLASS_TCP] = FLOW_TCP_TIMEOUT_S * NS_PER_S,
};

struct flow_table *flow_table_new(const struct flow_options *options)
{
    struct flow_table *table = memory_new(1, sizeof *table);
    uint32_t count = options->count_max;

    if (count == 0)
        count = FLOW_COUNT_DEFAULT;
    check(count >= FLOW_COUNT_MIN);
    check(count <= FLOW_COUNT_MAX);
    table->key = options->key;
    table->count_max = count;
    table->unanswered_max =
        (uint32_t)((uint64_t)count * FLOW_UNANSWERED_PERCENT / 100);
    table->records = memory_new_aligned(
        CACHE_LINE_SIZE, count + SPARE_COUNT, sizeof *table->records);
    flow_index_init(&table->index, count + SPARE_COUNT);
    table->lent = NONE;
    for (size_t i = 0; i < CLASS_COUNT; i++)
        table->classes[i] = (struct list){ NONE, NONE, 0 };
    table->unused = table->ended = (struct list){ NONE, NONE, 0 };
    return table;
}

void flow_table_free(struct flow_table *table)
{
    if (!table)
        return;
    flow_index_clear(&table->index);
    free(table->records);
    free(table);
}

static enum class class_of(const struct flow *flow)
{
    if (flow->state == FLOW_CLOSED)
        return CLASS_CLOSED;
    if (flow->state == FLOW_NEW || flow->protocol == IP_PROTOCOL_ICMP ||
        flow->protocol == IP_PROTOCOL_ICMPV6)
        return CLASS_UNANSWERED;
    return flow->protocol == IP_PROTOCOL_TCP ? CLASS_TCP : CLASS_ANSWERED;
}

static void list_add(struct flow_table *table, struct list *list, uint32_t at)
{
    struct record *record = &table->records[at];

    record->older = list->newest;
    record->newer = NONE;
    if (list->newest != NONE)
        table->records[list->newest].newer = at;
    else
        list->oldest = at;
    list->newest = at;
    list->count++;
}

static void list_remove(struct flow_table *table, struct list *list,
                        uint32_t at)
{
    const struct record *record = &table->records[at];

    if (record->older != NONE)
        table->records[record->older].newer = record->newer;
    else
        list->oldest = record->newer;
    if (record->newer != NONE)
        table->records[record->newer].older = record->older;
    else
        list->newest = record->older;
    list->count--;
}

static uint32_t active_count(const struct flow_table *table)
{
    uint32_t count = 0;

    for (size_t i = 0; i < CLASS_COUNT; i++)
        count += table->classes[i].count;
    return count;
}

/* Out of the index and its class, onto the queue of ended flows. */
static void end_flow(struct flow_table *table, uint32_t at, enum flow_end end)
{
    struct flow *flow = &table->records[at].flow;

    list_remove(table, &table->classes[class_of(flow)], at);
    list_add(table, &table->ended, at);
    flow->end = (uint8_t)(flow->state == FLOW_CLOSED ? FLOW_END_CLOSED : end);
    if (flow->end == FLOW_END_CLOSED)
        table->counters.ended_closed++;
    else if (end == FLOW_END_TIMEOUT)
        table->counters.ended_timeout++;
    bool was_there = flow_index_remove(&table->index, flow->hash, at);
    check(was_there);
}

/* More than `limit_ns`; either time may be anything a file can say. */
static bool is_apart(int64_t a_ns, int64_t b_ns, uint64_t limit_ns)
{
    uint64_t a = (uint64_t)a_ns;
    uint64_t b = (uint64_t)b_ns;

    return (a_ns > b_ns ? a - b : b - a) > limit_ns;
}

static bool is_stale(const struct flow *flow, int64_t now_ns)
{
    return is_apart(now_ns, flow->last_ns, timeout_ns[class_of(flow)]);
}

static bool end_oldest_if_stale(struct flow_table *table, enum class class,
                                int64_t now_ns)
{
    uint32_t oldest = table->classes[class].oldest;

    if (oldest == NONE || !is_stale(&table->records[oldest].flow, now_ns))
        return false;
    end_flow(table, oldest, FLOW_END_TIMEOUT);
    return true;
}

static void take_back_lent(struct flow_table *table)
{
    if (table->lent != NONE)
        list_add(table, &table->unused, table->lent);
    table->lent = NONE;
}

static void evict(struct flow_table *table, enum class class)
{
    struct flow_counters *counters = &table->counters;

    if (class == CLASS_CLOSED)
        counters->evicted_closed++;
    else if (class == CLASS_UNANSWERED)
        counters->evicted_unanswered++;
    else
        counters->evicted_answered++;
    end_flow(table, table->classes[class].oldest, FLOW_END_EVICTED);
}

/* In a scan every packet evicts: ask for what the next one will need. */
static void look_ahead(const struct flow_table *table)
{
    uint32_t at = table->classes[CLASS_UNANSWERED].oldest;

    if (at == NONE)
        return;
    const struct record *record = &table->records[at];
    flow_index_prefetch(&table->index, record->flow.hash);
    if (record->newer == NONE)
        return;
    PREFETCH(&table->records[record->newer]);
    PREFETCH(&table->records[record->newer].newer);
}

/* A new flow is unanswered: it takes its place from its own kind when they
 * have their share, and otherwise from what is cheapest. */
static void make_room(struct flow_table *table)
{
    if (table->classes[CLASS_UNANSWERED].count >= table->unanswered_max) {
        evict(table, CLASS_UNANSWERED);
        look_ahead(table);
    } else if (active_count(table) >= table->count_max) {
        evict(table, CLASS_CLOSED);
    }
}

/* Answered flows have the other share among themselves; `current` has just
 * become one and stays. */
static void keep_answered_share(struct flow_table *table, uint32_t current)
{
    const struct list *other = &table->classes[CLASS_ANSWERED];
    const struct list *tcp = &table->classes[CLASS_TCP];

    if (other->count + tcp->count <= table->count_max - table->unanswered_max)
        return;
    if (other->oldest == NONE || other->oldest == current)
        evict(table, CLASS_TCP);
    else if (tcp->oldest == NONE || tcp->oldest == current)
        evict(table, CLASS_ANSWERED);
    else if (table->records[other->oldest].flow.last_ns <=
             table->records[tcp->oldest].flow.last_ns)
        evict(table, CLASS_ANSWERED);
    else
        evict(table, CLASS_TCP);
}

static uint32_t take_record(struct flow_table *table)
{
    uint32_t at = table->unused.newest;

    if (at != NONE) {
        list_remove(table, &table->unused, at);
        return at;
    }
    check(table->made < table->count_max + SPARE_COUNT);
    return table->made++;
}

static uint32_t insert(struct flow_table *table,
                       const struct flow_lookup *lookup,
                       const struct packet *packet)
{
    const struct flow_key *key = &lookup->key;

    make_room(table);
    if (table->last_number == 0)
        table->start_ns = packet->mark.time_ns;
    uint32_t at = take_record(table);
    struct flow *flow = &table->records[at].flow;
    bool is_early = !is_apart(packet->mark.time_ns, table->start_ns,
                              timeout_ns[CLASS_ANSWERED]);
    bool is_flipped = key->has_way_back && flow_is_answer(packet, is_early);
    const uint16_t *port = is_flipped ? key->back_port : key->port;

    *flow = (struct flow){
        .address = { key->address[is_flipped], key->address[!is_flipped] },
        .port = { port[0], port[1] },
        .protocol = key->protocol,
        .vlan = key->vlan,
        .first_ns = packet->mark.time_ns,
        .last_ns = packet->mark.time_ns,
        .device = { FLOW_DEVICE_NONE, FLOW_DEVICE_NONE },
        .number = ++table->last_number,
    };
    if (is_flipped) {
        flow_note_flip(flow);
        table->counters.flipped++;
    }
    table->counters.created++;
    flow->hash = lookup->hash;
    flow_index_insert(&table->index, lookup->hash, at);
    list_add(table, &table->classes[CLASS_UNANSWERED], at);
    return at;
}

static uint32_t find(const struct flow_table *table,
                     const struct flow_lookup *lookup, enum flow_side *side)
{
    struct flow_index_cursor cursor =
        flow_index_seek(&table->index, lookup->hash);
    uint32_t at = flow_index_next(&table->index, &cursor);

    while (at != NONE &&
           !flow_key_match(&lookup->key, &table->records[at].flow, side))
        at = flow_index_next(&table->index, &cursor);
    return at;
}

/* The record of a flow that `packet` continues, or NONE. */
static uint32_t find_live(struct flow_table *table,
                          const struct flow_lookup *lookup,
                          const struct packet *packet)
{
    enum flow_side side;
    uint32_t at = find(table, lookup, &side);

    if (at == NONE)
        return NONE;
    const struct flow *flow = &table->records[at].flow;
    if (is_stale(flow, packet->mark.time_ns)) {
        end_flow(table, at, FLOW_END_TIMEOUT);
        return NONE;
    }
    if (flow_is_reuse(flow, packet)) {
        table->counters.ended_reuse++;
        end_flow(table, at, FLOW_END_CLOSED);
        return NONE;
    }
    return at;
}

/* The neighbours in a list are far away in memory: the lists are kept to the
 * second, which spares most packets the visit. */
static bool is_same_second(int64_t a_ns, int64_t b_ns)
{
    return a_ns / (int64_t)NS_PER_S == b_ns / (int64_t)NS_PER_S;
}

/* To the end of the list of the class it now belongs to. */
static void move_to_newest(struct flow_table *table, uint32_t at,
                           enum class before, int64_t before_ns)
{
    const struct flow *flow = &table->records[at].flow;
    enum class now = class_of(flow);

    if (now == before && is_same_second(flow->last_ns, before_ns))
        return;
    list_remove(table, &table->classes[before], at);
    list_add(table, &table->classes[now], at);
    if (now != before && now >= CLASS_ANSWERED)
        keep_answered_share(table, at);
}

struct flow_lookup flow_table_prepare(const struct flow_table *table,
                                      const struct packet *packet)
{
    struct flow_lookup lookup = { .key = flow_key_of_packet(packet) };

    lookup.hash = flow_key_hash(&lookup.key, table->key);
    flow_index_prefetch(&table->index, lookup.hash);
    return lookup;
}

void flow_table_fetch(const struct flow_table *table,
                      const struct flow_lookup *lookup)
{
    struct flow_index_cursor cursor =
        flow_index_seek(&table->index, lookup->hash);
    uint32_t at = flow_index_next(&table->index, &cursor);

    if (at == NONE)
        return;
    PREFETCH(&table->records[at]);
    PREFETCH(&table->records[at].newer);
}

struct flow *flow_table_observe(struct flow_table *table,
                                const struct packet *packet,
                                const struct flow_lookup *lookup,
                                enum flow_side *side, bool *is_new)
{
    take_back_lent(table);
    check(table->ended.count == 0);
    for (enum class class = 0; class < CLASS_COUNT; class++)
        (void)end_oldest_if_stale(table, class, packet->mark.time_ns);

    uint32_t at = find_live(table, lookup, packet);
    *is_new = at == NONE;
    if (at == NONE)
        at = insert(table, lookup, packet);
    struct flow *flow = &table->records[at].flow;
    bool is_ours = flow_key_match(&lookup->key, flow, side);
    check(is_ours);
    enum class before = class_of(flow);
    int64_t before_ns = flow->last_ns;
    flow_count_packet(flow, *side, packet);
    move_to_newest(table, at, before, before_ns);
    return flow;
}

struct flow *flow_table_ended(struct flow_table *table)
{
    uint32_t at = table->ended.oldest;

    take_back_lent(table);
    if (at == NONE)
        return NULL;
    list_remove(table, &table->ended, at);
    table->lent = at;
    return &table->records[at].flow;
}

void flow_table_advance(struct flow_table *table, int64_t now_ns)
{
    for (enum class class = 0; class < CLASS_COUNT; class++)
        while (end_oldest_if_stale(table, class, now_ns))
            ;
}

/* The class whose oldest flow was heard longest ago; CLASS_COUNT when all are
 * empty. */
static enum class class_of_oldest(const struct flow_table *table)
{
    enum class found = CLASS_COUNT;
    int64_t found_ns = 0;

    for (enum class class = 0; class < CLASS_COUNT; class++) {
        uint32_t oldest = table->classes[class].oldest;
        if (oldest == NONE)
            continue;
        int64_t last_ns = table->records[oldest].flow.last_ns;
        if (found == CLASS_COUNT || last_ns < found_ns) {
            found = class;
            found_ns = last_ns;
        }
    }
    return found;
}

void flow_table_end_all(struct flow_table *table)
{
    for (;;) {
        enum class class = class_of_oldest(table);
        if (class == CLASS_COUNT)
            return;
        end_flow(table, table->classes[class].oldest, FLOW_END_SHUTDOWN);
    }
}

void flow_table_read_counters(const struct flow_table *table,
                              struct flow_counters *counters)
{
    *counters = table->counters;
    counters->active = active_count(table);
    counters->memory_bytes =
        sizeof *table + flow_index_memory(&table->index) +
        (table->count_max + SPARE_COUNT) * sizeof(struct record);
}

uint32_t flow_device(const struct flow *flow, enum flow_side side)
{
    uint16_t device = flow->device[side];
    return device == FLOW_DEVICE_NONE ? UINT32_MAX : device;
}

const char *flow_state_name(enum flow_state state)
{
    static const char *const names[] = {
        [FLOW_NEW] = "new",
        [FLOW_ESTABLISHED] = "established",
        [FLOW_CLOSED] = "closed",
    };
    check(state < COUNT_OF(names));
    return names[state];
}

const char *flow_end_name(enum flow_end end)
{
    static const char *const names[] = {
        [FLOW_END_NONE] = "none",         [FLOW_END_TIMEOUT] = "timeout",
        [FLOW_END_CLOSED] = "closed",     [FLOW_END_EVICTED] = "forced",
        [FLOW_END_SHUTDOWN] = "shutdown",
    };
    check(end < COUNT_OF(names));
    return names[end];
}
