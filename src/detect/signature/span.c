/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/span.h"

#include <stdlib.h>

#include "base/memory.h"

bool span_list_add(struct span_list *list, struct span span,
                   uint32_t count_max)
{
    if (list->count >= count_max)
        return false;
    if (list->count == list->capacity) {
        list->capacity = list->capacity * 2 + 8;
        list->spans = memory_resize(list->spans, list->capacity,
                                    sizeof *list->spans);
    }
    list->spans[list->count++] = span;
    return true;
}

void span_list_clear(struct span_list *list)
{
    free(list->spans);
    *list = (struct span_list){ 0 };
}

static int by_low(const void *a, const void *b)
{
    const struct span *left = a, *right = b;
    int order = ip_compare(left->low, right->low);

    return order ? order : ip_compare(left->high, right->high);
}

/* The number after this one; false when it was the last there is. */
static bool next_number(struct ip ip, struct ip *next)
{
    for (size_t i = sizeof ip.bytes; i-- > 0;)
        if (++ip.bytes[i] != 0) {
            *next = ip;
            return true;
        }
    return false;
}

/* Only for numbers above zero. */
static struct ip number_before(struct ip ip)
{
    for (size_t i = sizeof ip.bytes; i-- > 0;)
        if (ip.bytes[i]-- != 0)
            break;
    return ip;
}

/* Does `b`, which starts no earlier, overlap `a` or follow at once? */
static bool touches(const struct span *a, const struct span *b)
{
    struct ip after;

    return !next_number(a->high, &after) || ip_compare(b->low, after) <= 0;
}

void span_list_sort(struct span_list *list)
{
    uint32_t kept = 0;

    if (list->count == 0)
        return;
    qsort(list->spans, list->count, sizeof *list->spans, by_low);
    for (uint32_t i = 1; i < list->count; i++) {
        struct span *last = &list->spans[kept];
        const struct span *span = &list->spans[i];
        if (!touches(last, span))
            list->spans[++kept] = *span;
        else if (ip_compare(span->high, last->high) > 0)
            last->high = span->high;
    }
    list->count = kept + 1;
}

struct span_list span_list_complement(const struct span_list *list,
                                      struct span universe)
{
    struct span_list result = { 0 };
    struct ip from = universe.low;
    bool more = true;

    for (uint32_t i = 0; i < list->count && more; i++) {
        const struct span *span = &list->spans[i];
        if (ip_compare(span->low, from) > 0)
            (void)span_list_add(&result, /* Never more than one more. */
                                (struct span){ from,
                                               number_before(span->low) },
                                UINT32_MAX);
        more = next_number(span->high, &from);
    }
    if (more && ip_compare(from, universe.high) <= 0)
        (void)span_list_add(&result, (struct span){ from, universe.high },
                            UINT32_MAX);
    return result;
}

struct span_list span_list_both(const struct span_list *a,
                                const struct span_list *b)
{
    struct span_list result = { 0 };
    uint32_t i = 0, j = 0;

    while (i < a->count && j < b->count) {
        const struct span *left = &a->spans[i], *right = &b->spans[j];
        struct span both = {
            ip_compare(left->low, right->low) > 0 ? left->low : right->low,
            ip_compare(left->high, right->high) < 0 ? left->high
                                                    : right->high,
        };
        if (ip_compare(both.low, both.high) <= 0)
            (void)span_list_add(&result, both, UINT32_MAX); /* Bounded. */
        if (ip_compare(left->high, right->high) < 0)
            i++;
        else
            j++;
    }
    return result;
}

struct span span_of_prefix(struct ip_prefix prefix)
{
    struct span span = { prefix.address, prefix.address };

    for (size_t bit = prefix.length; bit < 128; bit++) {
        uint8_t one = (uint8_t)(0x80 >> bit % 8);
        span.low.bytes[bit / 8] &= (uint8_t)~one;
        span.high.bytes[bit / 8] |= one;
    }
    return span;
}
