/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes that are remembered: windows of streams, buffers of transactions.
 */
#include <string.h>

#include "detect/signature/memory.h"

static void unlink_window(struct memory *memory, struct window *window)
{
    if (window->newer)
        window->newer->older = window->older;
    else
        memory->window_newest = window->older;
    if (window->older)
        window->older->newer = window->newer;
    else
        memory->window_oldest = window->newer;
}

static void link_window(struct memory *memory, struct window *window)
{
    window->newer = NULL;
    window->older = memory->window_newest;
    if (memory->window_newest)
        memory->window_newest->newer = window;
    else
        memory->window_oldest = window;
    memory->window_newest = window;
}

/* A window that was closed is the oldest and has no owner. */
static struct window *take_window(struct memory *memory)
{
    struct window *oldest = memory->window_oldest;

    if (oldest && !oldest->owner) {
        unlink_window(memory, oldest);
        return oldest;
    }
    if (memory->window_used < WINDOW_MAX)
        return &memory->windows[memory->window_used++];
    memory->windows_evicted++;
    *oldest->owner = NULL;
    unlink_window(memory, oldest);
    return oldest;
}

static void empty(struct window *window)
{
    window->next_offset = 0;
    window->chunk = 0;
    window->size = 0;
    window->waiting.count = 0;
    window->carried.count = 0;
    window->alerted.count = 0;
}

struct window *window_open(struct memory *memory, struct flow_memory *flow,
                           enum flow_side side)
{
    struct window *window = flow->windows[side];

    if (window) {
        if (memory->window_newest != window) {
            unlink_window(memory, window);
            link_window(memory, window);
        }
        return window;
    }
    window = take_window(memory);
    empty(window);
    window->owner = &flow->windows[side];
    flow->windows[side] = window;
    link_window(memory, window);
    return window;
}

/* To the old end of the list, to be taken next. */
void window_close(struct memory *memory, struct window *window)
{
    *window->owner = NULL;
    window->owner = NULL;
    if (memory->window_oldest == window)
        return;
    unlink_window(memory, window);
    window->older = NULL;
    window->newer = memory->window_oldest;
    if (memory->window_oldest)
        memory->window_oldest->older = window;
    else
        memory->window_newest = window;
    memory->window_oldest = window;
}

struct transaction *transaction_find(const struct flow_memory *flow,
                                     uint32_t number)
{
    struct transaction *found = flow ? flow->transactions : NULL;

    while (found && found->number != number)
        found = found->next;
    return found;
}

/* The oldest of a flow with too many is what the peer never finished. */
static void close_oldest(struct memory *memory, struct flow_memory *flow)
{
    struct transaction *oldest = flow->transactions;

    while (oldest->next)
        oldest = oldest->next;
    memory->transactions_refused++;
    transaction_close(memory, flow, oldest);
}

struct transaction *transaction_open(struct memory *memory,
                                     struct flow_memory *flow,
                                     uint32_t number)
{
    struct transaction *transaction = transaction_find(flow, number);

    if (transaction)
        return transaction;
    if (flow->transaction_count == TRANSACTION_FLOW_MAX)
        close_oldest(memory, flow);
    transaction = pool_take(&memory->transactions);
    if (!transaction) {
        memory->transactions_refused++;
        return NULL;
    }
    transaction->number = number;
    transaction->next = flow->transactions;
    flow->transactions = transaction;
    flow->transaction_count++;
    return transaction;
}

static size_t class_of(size_t size)
{
    return size <= HELD_SMALL ? 0 : size <= HELD_MEDIUM ? 1 : 2;
}

static void give_held(struct memory *memory, struct held *held)
{
    pool_give(&memory->held[class_of(held->capacity)], held);
}

static struct held *take_held(struct memory *memory, size_t size)
{
    static const size_t sizes[] = { HELD_SMALL, HELD_MEDIUM, HELD_LARGE };
    size_t class = class_of(size);
    struct held *held = pool_take(&memory->held[class]);

    if (held)
        held->capacity = sizes[class];
    return held;
}

void transaction_close(struct memory *memory, struct flow_memory *flow,
                       struct transaction *transaction)
{
    struct transaction **link = &flow->transactions;

    while (*link != transaction)
        link = &(*link)->next;
    *link = transaction->next;
    flow->transaction_count--;
    while (transaction->held) {
        struct held *held = transaction->held;
        transaction->held = held->next;
        give_held(memory, held);
    }
    pool_give(&memory->transactions, transaction);
}

static void append_held(struct transaction *transaction, struct held *held)
{
    if (transaction->last)
        transaction->last->next = held;
    else
        transaction->held = held;
    transaction->last = held;
    transaction->held_count++;
}

static struct held *hold_new(struct memory *memory,
                             struct transaction *transaction,
                             const struct view *view)
{
    struct bytes data = bytes_slice(view->data, 0, HELD_LARGE);

    if (transaction->held_count == TRANSACTION_HELD_MAX) {
        memory->bytes_not_held += view->data.size;
        return NULL;
    }
    struct held *held = take_held(memory, data.size);
    if (!held) {
        memory->bytes_not_held += view->data.size;
        return NULL;
    }
    memory->bytes_not_held += view->data.size - data.size;
    held->view = view->id;
    held->side = view->side;
    held->number = view->number;
    held->offset = view->offset;
    held->size = data.size;
    if (data.size > 0)
        memcpy(held->data, data.data, data.size);
    append_held(transaction, held);
    return held;
}

/* Into a larger place, in the same position of the list. */
static struct held *grow(struct memory *memory,
                         struct transaction *transaction, struct held *held,
                         size_t size)
{
    struct held **link = &transaction->held;
    struct held *larger = take_held(memory, size);

    if (!larger)
        return NULL;
    size_t capacity = larger->capacity;
    memcpy(larger, held, sizeof *held + held->size);
    larger->capacity = capacity;
    while (*link != held)
        link = &(*link)->next;
    *link = larger;
    if (transaction->last == held)
        transaction->last = larger;
    give_held(memory, held);
    return larger;
}

/* Make room at the end by giving up the start: rules see a long body through
 * a window that moves. */
static void slide(struct held *held, size_t more)
{
    size_t room = held->capacity > more ? held->capacity - more : 0;
    size_t keep = held->size < HELD_OVERLAP ? held->size : HELD_OVERLAP;

    if (keep > room)
        keep = room;
    size_t gone = held->size - keep;
    memmove(held->data, held->data + gone, keep);
    held->offset += gone;
    held->size = keep;
    held->looked = held->looked > gone ? held->looked - gone : 0;
}

static struct held *join(struct memory *memory,
                         struct transaction *transaction, struct held *held,
                         const struct view *view)
{
    struct bytes data = view->data;
    size_t size = held->size + data.size;

    if (size > held->capacity && held->capacity < HELD_LARGE) {
        struct held *larger =
            grow(memory, transaction, held,
                 size < HELD_LARGE ? size : (size_t)HELD_LARGE);
        if (larger)
            held = larger;
    }
    if (data.size > held->capacity) {
        memory->bytes_not_held += data.size - held->capacity;
        data = bytes_slice(data, data.size - held->capacity, SIZE_MAX);
    }
    if (held->size + data.size > held->capacity)
        slide(held, data.size);
    if (data.size > 0)
        memcpy(held->data + held->size, data.data, data.size);
    held->size += data.size;
    return held;
}

struct held *transaction_hold(struct memory *memory,
                              struct transaction *transaction,
                              const struct view *view)
{
    struct held *held = transaction->held;
    bool is_stream = view_info_get(view->id)->kind == VIEW_KIND_STREAM;

    while (is_stream && held &&
           (held->view != view->id || held->side != view->side ||
            held->is_complete))
        held = held->next;
    held = is_stream && held ? join(memory, transaction, held, view)
                             : hold_new(memory, transaction, view);
    if (!held)
        return NULL;
    held->total += view->data.size;
    held->is_complete = !is_stream || view->is_last;
    return held;
}
