/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"

/* Each block keeps room in front for what began in the one before. */
enum { BLOCK_ROOM = HISTORY_VIEW_MAX + HISTORY_BLOCK_SIZE };

/* Read this much at once: what was read is still in the processor's cache
 * when it is decoded. */
enum { READ_SIZE = 128 << 10 };

struct history {
    struct source *source;
    uint8_t *blocks[HISTORY_BLOCKS];
    uint64_t sequence;   /* Of the current block, from 0. */
    size_t at;           /* Next byte in the current block. */
    size_t end;          /* After the last byte read into it. */
    uint64_t offset;
};

struct history *history_new(void)
{
    struct history *history = memory_new(1, sizeof *history);

    for (size_t i = 0; i < HISTORY_BLOCKS; i++)
        history->blocks[i] = memory_new(BLOCK_ROOM, 1);
    history->at = history->end = HISTORY_VIEW_MAX;
    return history;
}

void history_free(struct history *history)
{
    if (!history)
        return;
    for (size_t i = 0; i < HISTORY_BLOCKS; i++)
        free(history->blocks[i]);
    free(history);
}

void history_attach(struct history *history, struct source *source)
{
    history->source = source;
    history->offset = 0;
    history->at = history->end;
}

static uint8_t *block(const struct history *history, uint64_t sequence)
{
    return history->blocks[sequence % HISTORY_BLOCKS];
}

/* The current block is full: take what is left of it along to the next. */
static void advance(struct history *history)
{
    const uint8_t *old = block(history, history->sequence);
    size_t left = history->end - history->at;

    history->sequence++;
    memcpy(block(history, history->sequence) + HISTORY_VIEW_MAX - left,
           old + history->at, left);
    history->at = HISTORY_VIEW_MAX - left;
    history->end = HISTORY_VIEW_MAX;
}

bool history_peek(struct history *history, size_t size, struct bytes *view,
                  struct failure *failure)
{
    check(size <= HISTORY_VIEW_MAX);
    while (history->end - history->at < size) {
        if (history->end == BLOCK_ROOM)
            advance(history);
        uint8_t *data = block(history, history->sequence);
        size_t room = BLOCK_ROOM - history->end;
        long count = source_read(history->source, data + history->end,
                                 room < READ_SIZE ? room : READ_SIZE,
                                 failure);
        if (count < 0)
            return false;
        if (count == 0)
            break;
        history->end += (size_t)count;
    }
    size_t have = history->end - history->at;
    *view = bytes_of(block(history, history->sequence) + history->at,
                     have < size ? have : size);
    return true;
}

struct bytes history_at_hand(const struct history *history)
{
    size_t have = history->end - history->at;

    return bytes_of(block(history, history->sequence) + history->at,
                    have < HISTORY_VIEW_MAX ? have : HISTORY_VIEW_MAX);
}

void history_take(struct history *history, size_t size)
{
    check(size <= history->end - history->at);
    history->at += size;
    history->offset += size;
}

uint64_t history_skip(struct history *history, uint64_t size,
                      struct failure *failure)
{
    uint64_t left = size;

    while (left > 0) {
        struct bytes view;
        size_t step = left < HISTORY_VIEW_MAX ? (size_t)left
                                              : (size_t)HISTORY_VIEW_MAX;
        if (!history_peek(history, step, &view, failure) || view.size == 0)
            break;
        history->at += view.size;
        history->offset += view.size;
        left -= view.size;
    }
    return size - left;
}

struct bytes history_append(struct history *history, struct bytes data)
{
    check(data.size <= HISTORY_VIEW_MAX);
    if (BLOCK_ROOM - history->end < data.size) {
        history->sequence++;
        history->end = HISTORY_VIEW_MAX;
    }
    uint8_t *copy = block(history, history->sequence) + history->end;
    if (data.size > 0)
        memcpy(copy, data.data, data.size);
    history->end += data.size;
    history->at = history->end;
    return bytes_of(copy, data.size);
}

uint64_t history_offset(const struct history *history)
{
    return history->offset;
}

uint64_t history_place(const struct history *history, const uint8_t *byte)
{
    const uint8_t *start = block(history, history->sequence);
    size_t offset = byte ? (size_t)(byte - start) : history->at;

    return history->sequence << 32 | offset;
}

bool history_recall(const struct history *history, uint64_t place, size_t size,
                    struct bytes *view)
{
    uint64_t sequence = place >> 32;
    uint64_t offset = place & UINT32_MAX;

    if (sequence > history->sequence ||
        history->sequence - sequence >= HISTORY_BLOCKS ||
        offset > BLOCK_ROOM || size > BLOCK_ROOM - offset)
        return false;
    *view = bytes_of(block(history, sequence) + offset, size);
    return true;
}
