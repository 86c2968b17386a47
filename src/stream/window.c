/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/check.h"
#include "stream/internal.h"

static bool starts_at_base(const struct window *window)
{
    return window->count > 0 && window->ranges[0].first == 0;
}

uint32_t window_ready(const struct window *window)
{
    return starts_at_base(window) ? window->ranges[0].last + 1u : 0;
}

struct bytes window_view(const struct window *window)
{
    uint32_t ready = window_ready(window);

    if (ready == 0)
        return (struct bytes){ 0 };
    return bytes_of(window->block + window->begin, ready);
}

uint32_t window_island(const struct window *window)
{
    size_t island = starts_at_base(window) ? 1 : 0;

    return island < window->count ? window->ranges[island].first
                                  : WINDOW_NO_ISLAND;
}

uint32_t window_extent(const struct window *window)
{
    return window->count ? window->ranges[window->count - 1].last + 1u : 0;
}

uint32_t window_size(const struct window *window)
{
    uint32_t size = 0;

    for (size_t i = 0; i < window->count; i++)
        size += window->ranges[i].last - window->ranges[i].first + 1u;
    return size;
}

/* The first range that [at, ...) touches or lies before. */
static size_t find_touching(const struct window *window, uint32_t at)
{
    size_t i = 0;

    while (i < window->count && window->ranges[i].last + 1u < at)
        i++;
    return i;
}

bool window_may_hold(const struct window *window, uint32_t at, size_t size)
{
    size_t i = find_touching(window, at);

    return window->count < WINDOW_RANGE_MAX ||
           (i < window->count && window->ranges[i].first <= at + size);
}

bool window_has_room(const struct window *window, uint32_t extent)
{
    return window->block && extent <= block_size(window->order);
}

uint8_t *window_change_block(struct window *window, uint8_t *block,
                             uint8_t order)
{
    uint8_t *old = window->block;

    check(window_extent(window) <= block_size(order));
    if (old)
        memcpy(block, old + window->begin, window_extent(window));
    window->block = block;
    window->order = order;
    window->begin = 0;
    return old;
}

/* One range where there were several that it touches. */
static void add_range(struct window *window, uint32_t first, uint32_t last)
{
    struct window_range *ranges = window->ranges;
    size_t from = find_touching(window, first);
    size_t to = from;

    while (to < window->count && ranges[to].first <= last + 1) {
        first = ranges[to].first < first ? ranges[to].first : first;
        last = ranges[to].last > last ? ranges[to].last : last;
        to++;
    }
    size_t count = window->count - to + from + 1;
    check(count <= WINDOW_RANGE_MAX);
    memmove(&ranges[from + 1], &ranges[to],
            (window->count - to) * sizeof *ranges);
    ranges[from] = (struct window_range){ (uint16_t)first, (uint16_t)last };
    window->count = (uint8_t)count;
}

static void make_room(struct window *window, uint32_t extent)
{
    check(window_has_room(window, extent));
    if (window->begin + extent <= block_size(window->order))
        return;
    memmove(window->block, window->block + window->begin,
            window_extent(window));
    window->begin = 0;
}

/* [from, to) of the window out of `data`, which stands at `at`. */
static struct bytes part_of(struct bytes data, uint32_t at, uint32_t from,
                            uint32_t to)
{
    return to > from ? bytes_slice(data, from - at, to - from)
                     : (struct bytes){ 0 };
}

static void copy_in(struct window *window, uint32_t at, struct bytes part)
{
    if (part.size > 0)
        memcpy(window->block + window->begin + at, part.data, part.size);
}

static bool is_same(const struct window *window, uint32_t at,
                    struct bytes part)
{
    return part.size == 0 || memcmp(window->block + window->begin + at,
                                    part.data, part.size) == 0;
}

bool window_put(struct window *window, uint32_t at, struct bytes data)
{
    uint32_t end = at + (uint32_t)data.size;
    uint32_t extent = window_extent(window);
    uint32_t from = at;
    bool agrees = true;

    check(data.size > 0);
    check(end <= BLOCK_SIZE_MAX);
    make_room(window, end > extent ? end : extent);
    for (size_t i = 0; i < window->count && from < end; i++) {
        uint32_t first = window->ranges[i].first;
        uint32_t past = window->ranges[i].last + 1u;
        if (past <= from)
            continue;
        uint32_t hole_end = first < end ? first : end;
        copy_in(window, from, part_of(data, at, from, hole_end));
        uint32_t same_from = first > from ? first : from;
        uint32_t same_end = past < end ? past : end;
        agrees &= is_same(window, same_from,
                          part_of(data, at, same_from, same_end));
        from = past > from ? past : from;
    }
    copy_in(window, from, part_of(data, at, from, end));
    add_range(window, at, end - 1);
    return agrees;
}

void window_advance(struct window *window, uint64_t size)
{
    struct window_range *ranges = window->ranges;
    uint8_t kept = 0;

    if (size == 0)
        return;
    for (size_t i = 0; i < window->count; i++) {
        if (ranges[i].last < size)
            continue;
        uint16_t first = ranges[i].first;
        uint16_t moved = (uint16_t)(first > size ? first - size : 0);
        uint16_t last = (uint16_t)(ranges[i].last - size);
        ranges[kept++] = (struct window_range){ moved, last };
    }
    window->count = kept;
    window->begin = kept ? window->begin + (uint32_t)size : 0;
}

uint8_t *window_drop(struct window *window)
{
    uint8_t *block = window->block;

    *window = (struct window){ 0 };
    return block;
}
