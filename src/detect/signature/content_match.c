/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A content and where it may stand (user guide, "Payload Keywords"):
 *
 *   not relative   offset <= start, end <= offset + depth
 *   relative       cursor + distance <= start,
 *                  end <= cursor + distance + within
 *
 * all within the buffer. A negated content holds when it is nowhere there.
 */
#include <string.h>

#include "detect/signature/inspect.h"

struct window {
    int64_t start;
    int64_t end;
};

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Numbers of a rule are small and those read from a packet are cut here, so
 * that no sum of a few of them overflows. */
static int64_t bounded(const struct walk *walk, const struct operand *operand)
{
    const int64_t most = INT64_C(1) << 40;
    int64_t value = operand_value(walk, operand);

    return value > most ? most : value < -most ? -most : value;
}

static void limit_relative(const struct walk *walk,
                           const struct content_test *content, size_t cursor,
                           struct window *window)
{
    int64_t distance =
        content->has_distance ? bounded(walk, &content->distance) : 0;

    window->start = (int64_t)cursor + distance;
    if (content->has_within)
        window->end = smaller(window->end, (int64_t)cursor + distance +
                                               bounded(walk, &content->within));
    if (content->has_depth)
        window->end = smaller(window->end, (int64_t)cursor +
                                               bounded(walk, &content->depth));
    if (content->has_offset &&
        bounded(walk, &content->offset) > window->start)
        window->start = bounded(walk, &content->offset);
}

static void limit_absolute(const struct walk *walk,
                           const struct content_test *content,
                           struct window *window)
{
    if (content->has_offset)
        window->start = bounded(walk, &content->offset);
    if (content->has_depth)
        window->end = smaller(window->end, window->start +
                                               bounded(walk, &content->depth));
}

static struct window find_window(const struct walk *walk,
                                 const struct rule_test *test)
{
    const struct content_test *content = &test->content;
    struct window window = { 0, (int64_t)walk->data.size };
    int64_t size = (int64_t)content->data.size;

    if (test->relative)
        limit_relative(walk, content, walk->inspector->before[walk->place],
                       &window);
    else
        limit_absolute(walk, content, &window);
    if (window.start < 0)
        window.start = 0;
    if (content->starts && !test->relative)
        window.end = smaller(window.end, window.start + size);
    if (content->ends) {
        if (window.end < (int64_t)walk->data.size)
            window.end = -1; /* It cannot stand at the end. */
        else if (window.end - size > window.start)
            window.start = window.end - size;
    }
    return window;
}

static size_t find(const struct content_test *content, struct bytes in)
{
    return content->is_nocase ? bytes_find_nocase(in, content->data)
                              : bytes_find(in, content->data);
}

bool content_holds(struct walk *walk, const struct rule_test *test, bool again)
{
    const struct content_test *content = &test->content;
    struct inspector *inspector = walk->inspector;
    struct window window = find_window(walk, test);
    int64_t start = window.start;

    if (again)
        start = (int64_t)inspector->resume[walk->place];
    if (start < window.start ||
        window.end - start < (int64_t)content->data.size)
        return test->negated;
    struct bytes in =
        bytes_slice(walk->data, (size_t)start, (size_t)(window.end - start));
    size_t at = content->data.size == 0 ? 0 : find(content, in);
    if (content->data.size > 0 && at >= in.size)
        return test->negated;
    if (test->negated)
        return false;
    inspector->resume[walk->place] = (size_t)start + at + 1;
    walk->cursor = (size_t)start + at + content->data.size;
    return true;
}
