/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules name a port: all ports cut into intervals that have the same
 * rules. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "detect/signature/compiled.h"

enum { PORT_COUNT = 65536 };

static const struct port_set *ports_of(const struct compiled_rule *rule,
                                       bool by_source)
{
    return by_source ? rule->rule->source_ports
                     : rule->rule->destination_ports;
}

/* A mark at each port where a range begins, or where one has just ended. */
static void mark_edges(bool *edges, const struct port_set *ports)
{
    for (uint32_t i = 0; i < ports->count; i++) {
        edges[ports->ranges[i].low] = true;
        if (ports->ranges[i].high + 1 < PORT_COUNT)
            edges[ports->ranges[i].high + 1] = true;
    }
}

static struct rule_list rules_at(struct arena *arena,
                                 const struct compiled_rule *rules,
                                 const struct rule_list *list, bool by_source,
                                 uint16_t port)
{
    struct rule_list here = { 0 };

    for (uint32_t i = 0; i < list->count; i++)
        here.count += port_set_has(
            ports_of(&rules[list->rules[i]], by_source), port);
    here.rules = arena_allocate(arena, (here.count + 1) * sizeof *here.rules);
    here.count = 0;
    for (uint32_t i = 0; i < list->count; i++)
        if (port_set_has(ports_of(&rules[list->rules[i]], by_source), port))
            here.rules[here.count++] = list->rules[i];
    return here;
}

void port_index_build(struct port_index *index, struct arena *arena,
                      const struct compiled_rule *rules,
                      const struct rule_list *list, bool by_source)
{
    bool *edges = memory_new(PORT_COUNT, sizeof *edges);
    uint32_t count = 0;

    *index = (struct port_index){ 0 };
    if (list->count == 0) {
        free(edges);
        return;
    }
    edges[0] = true;
    for (uint32_t i = 0; i < list->count; i++)
        mark_edges(edges, ports_of(&rules[list->rules[i]], by_source));
    for (uint32_t port = 0; port < PORT_COUNT; port++)
        count += edges[port];
    index->intervals =
        arena_allocate(arena, count * sizeof *index->intervals);
    for (uint32_t port = 0; port < PORT_COUNT; port++) {
        if (!edges[port])
            continue;
        struct port_interval *here = &index->intervals[index->count++];
        here->low = (uint16_t)port;
        here->list = rules_at(arena, rules, list, by_source, (uint16_t)port);
    }
    free(edges);
}

const struct rule_list *port_index_find(const struct port_index *index,
                                        uint16_t port)
{
    uint32_t low = 0;
    uint32_t high = index->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (index->intervals[middle].low <= port)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &index->intervals[low - 1].list : NULL;
}
