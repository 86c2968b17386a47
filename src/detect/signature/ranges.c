/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/ranges.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/reader.h"

/* A range that begins or ends here, while the index is built. */
struct edge {
    struct ip at;
    uint32_t rule;
    bool begins;
};

struct interval {
    struct ip low;
    uint32_t rules;      /* First of its rules. */
    uint32_t rule_count; /* 0 between ranges. */
};

struct range_index {
    struct interval *intervals;
    size_t count;
    uint32_t *rules;
    size_t rule_count;
    size_t rule_capacity;
};

/* The address after `ip`; false after the last of all. */
static bool ip_next(struct ip *ip)
{
    for (size_t i = sizeof ip->bytes; i > 0; i--)
        if (++ip->bytes[i - 1] != 0)
            return true;
    return false;
}

static int compare_edges(const void *a, const void *b)
{
    const struct edge *x = a;
    const struct edge *y = b;
    int order = ip_compare(x->at, y->at);

    return order ? order : (int)x->begins - (int)y->begins;
}

static struct edge *make_edges(const struct range_rule *rules, size_t count,
                               size_t *edge_count)
{
    size_t most = 0;
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        most += rules[i].set->count * 2u;
    struct edge *edges = memory_new(most + 1, sizeof *edges);
    for (size_t i = 0; i < count; i++) {
        const struct address_set *set = rules[i].set;
        for (uint32_t k = 0; k < set->count; k++) {
            struct ip end = set->ranges[k].high;
            edges[used++] =
                (struct edge){ set->ranges[k].low, rules[i].rule, true };
            if (ip_next(&end))
                edges[used++] = (struct edge){ end, rules[i].rule, false };
        }
    }
    qsort(edges, used, sizeof *edges, compare_edges);
    *edge_count = used;
    return edges;
}

/* The rules whose ranges are open at the place that the sweep has reached. */
struct open_rules {
    uint32_t *rules;
    size_t count;
    size_t capacity;
};

static void open_or_close(struct open_rules *open, const struct edge *edge)
{
    if (edge->begins) {
        if (open->count == open->capacity) {
            open->capacity = open->capacity ? open->capacity * 2 : 16;
            open->rules = memory_resize(open->rules, open->capacity,
                                        sizeof *open->rules);
        }
        open->rules[open->count++] = edge->rule;
        return;
    }
    for (size_t i = 0; i < open->count; i++)
        if (open->rules[i] == edge->rule) {
            open->rules[i] = open->rules[--open->count];
            return;
        }
}

static void add_interval(struct range_index *index, struct ip low,
                         const struct open_rules *open)
{
    index->intervals[index->count++] =
        (struct interval){ low, (uint32_t)index->rule_count,
                           (uint32_t)open->count };
    while (index->rule_count + open->count > index->rule_capacity) {
        index->rule_capacity =
            index->rule_capacity ? index->rule_capacity * 2 : 64;
        index->rules = memory_resize(index->rules, index->rule_capacity,
                                     sizeof *index->rules);
    }
    for (size_t i = 0; i < open->count; i++)
        index->rules[index->rule_count++] = open->rules[i];
}

struct range_index *range_index_new(const struct range_rule *rules,
                                    size_t count)
{
    size_t edge_count = 0;
    struct open_rules open = { 0 };

    if (count == 0)
        return NULL;
    struct edge *edges = make_edges(rules, count, &edge_count);
    struct range_index *index = memory_new(1, sizeof *index);
    index->intervals = memory_new(edge_count + 1, sizeof *index->intervals);
    for (size_t i = 0; i < edge_count; i++) {
        open_or_close(&open, &edges[i]);
        if (i + 1 == edge_count || !ip_equal(edges[i].at, edges[i + 1].at))
            add_interval(index, edges[i].at, &open);
    }
    free(open.rules);
    free(edges);
    return index;
}

void range_index_free(struct range_index *index)
{
    if (!index)
        return;
    free(index->intervals);
    free(index->rules);
    free(index);
}

size_t range_index_memory(const struct range_index *index)
{
    return index ? sizeof *index + index->count * sizeof *index->intervals +
                       index->rule_capacity * sizeof *index->rules
                 : 0;
}

void range_index_find(const struct range_index *index, struct ip address,
                      struct candidates *found)
{
    size_t low = 0;
    size_t high = index ? index->count : 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ip_compare(index->intervals[middle].low, address) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return;
    const struct interval *interval = &index->intervals[low - 1];
    candidates_add_all(found, index->rules + interval->rules,
                       interval->rule_count);
}

bool address_set_has(const struct address_set *set, struct ip address)
{
    size_t low = 0;
    size_t high = set ? set->count : 0;

    if (!set)
        return true;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ip_compare(set->ranges[middle].high, address) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->count &&
           ip_compare(set->ranges[low].low, address) <= 0;
}

bool port_set_has(const struct port_set *set, uint16_t port)
{
    size_t low = 0;
    size_t high = set ? set->count : 0;

    if (!set)
        return true;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->ranges[middle].high < port)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->count && set->ranges[low].low <= port;
}

static double number_of(struct ip ip)
{
    struct reader r = reader_of(bytes_of(ip.bytes, sizeof ip.bytes));
    double high = (double)reader_u64(&r);
    double low = (double)reader_u64(&r);

    return high * 18446744073709551616.0 + low;
}

double address_set_span(const struct address_set *set)
{
    double span = 0;

    if (!set)
        return 3.5e38;
    for (uint32_t i = 0; i < set->count; i++)
        span += number_of(set->ranges[i].high) -
                number_of(set->ranges[i].low) + 1;
    return span;
}
