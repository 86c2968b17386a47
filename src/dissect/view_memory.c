/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/view_memory.h"

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST 1 /* Input is not written to. */
#include <zlib.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/pool.h"

enum {
    INFLATE_ROOM = 48 << 10, /* zlib's own need: 7 KiB and a window of 32. */
    WINDOW_BITS = 15,
    WINDOW_ANY_HEADER = 32,  /* zlib.h, inflateInit2: gzip or zlib. */
};

struct view_block {
    struct view_block *next;
    uint32_t size;
    uint8_t data[VIEW_BLOCK_SIZE - 16];
};

struct view_inflate {
    z_stream stream;
    bool is_raw;       /* Deflate without zlib's header. */
    bool has_output;
    uint8_t coding;    /* enum view_coding */
    size_t used;
    _Alignas(16) uint8_t room[INFLATE_ROOM];
};

struct view_memory {
    struct pool blocks;
    struct pool inflates;
    struct view_memory_counters counters;
};

struct view_memory *view_memory_new(void)
{
    struct view_memory *memory = memory_new(1, sizeof *memory);

    pool_init(&memory->blocks, sizeof(struct view_block), VIEW_BLOCK_MAX);
    pool_init(&memory->inflates, sizeof(struct view_inflate),
              VIEW_INFLATE_MAX);
    return memory;
}

void view_memory_free(struct view_memory *memory)
{
    if (!memory)
        return;
    pool_clear(&memory->blocks);
    pool_clear(&memory->inflates);
    free(memory);
}

void view_memory_read_counters(const struct view_memory *memory,
                               struct view_memory_counters *counters)
{
    *counters = memory->counters;
}

static bool add_block(struct view_memory *memory, struct view_text *text)
{
    struct view_block *block = pool_take(&memory->blocks);

    if (!block)
        return false;
    if (text->last)
        text->last->next = block;
    else
        text->first = block;
    text->last = block;
    return true;
}

void view_text_add(struct view_memory *memory, struct view_text *text,
                   struct bytes data)
{
    struct bytes rest = bytes_slice(data, 0, VIEW_TEXT_MAX - text->size);

    memory->counters.text_refused += data.size - rest.size;
    text->is_cut |= data.size > rest.size;
    while (rest.size > 0) {
        struct view_block *block = text->last;
        if ((!block || block->size == sizeof block->data) &&
            !add_block(memory, text)) {
            memory->counters.text_refused += rest.size;
            text->is_cut = true;
            return;
        }
        block = text->last;
        struct bytes part =
            bytes_slice(rest, 0, sizeof block->data - block->size);
        memcpy(block->data + block->size, part.data, part.size);
        block->size += (uint32_t)part.size;
        text->size += (uint32_t)part.size;
        rest = bytes_slice(rest, part.size, rest.size);
    }
}

void view_text_clear(struct view_memory *memory, struct view_text *text)
{
    struct view_block *block = text->first;

    while (block) {
        struct view_block *next = block->next;
        pool_give(&memory->blocks, block);
        block = next;
    }
    *text = (struct view_text){ 0 };
}

void view_text_copy(const struct view_text *text, uint8_t *out)
{
    for (const struct view_block *block = text->first; block;
         block = block->next) {
        memcpy(out, block->data, block->size);
        out += block->size;
    }
}

/* zlib asks for its memory when it begins: out of the decompressor's room. */
static voidpf take_room(voidpf opaque, uInt count, uInt size)
{
    struct view_inflate *inflate = opaque;
    size_t wanted = ((size_t)count * size + 15) & ~(size_t)15;

    if (wanted > INFLATE_ROOM - inflate->used)
        return NULL;
    void *room = inflate->room + inflate->used;
    inflate->used += wanted;
    return room;
}

static void give_room(voidpf opaque, voidpf room)
{
    (void)opaque; /* All of it goes with the decompressor. */
    (void)room;
}

static bool begin(struct view_inflate *inflate)
{
    int bits = inflate->is_raw ? -WINDOW_BITS
                               : WINDOW_BITS + WINDOW_ANY_HEADER;

    inflate->used = 0;
    inflate->stream = (z_stream){ .zalloc = take_room,
                                  .zfree = give_room,
                                  .opaque = inflate };
    return inflateInit2(&inflate->stream, bits) == Z_OK;
}

struct view_inflate *view_inflate_new(struct view_memory *memory,
                                      enum view_coding coding)
{
    struct view_inflate *inflate = pool_take(&memory->inflates);

    if (!inflate) {
        memory->counters.inflate_refused++;
        return NULL;
    }
    inflate->coding = (uint8_t)coding;
    check(begin(inflate)); /* The room is more than zlib needs. */
    return inflate;
}

void view_inflate_free(struct view_memory *memory,
                       struct view_inflate *inflate)
{
    pool_give(&memory->inflates, inflate);
}

/* Without its header a deflate stream fails at once: begin again without. */
static bool may_be_raw(const struct view_inflate *inflate)
{
    return inflate->coding == VIEW_CODING_DEFLATE && !inflate->is_raw &&
           !inflate->has_output;
}

enum view_inflate_result view_inflate_step(struct view_inflate *decoder,
                                           struct bytes *data, uint8_t *out,
                                           size_t out_max, size_t *size)
{
    z_stream *stream = &decoder->stream;
    struct bytes before = *data;

    stream->next_in = data->data;
    stream->avail_in = (uInt)data->size;
    stream->next_out = out;
    stream->avail_out = (uInt)out_max;
    int result = inflate(stream, Z_SYNC_FLUSH);
    *size = out_max - stream->avail_out;
    *data = bytes_slice(before, before.size - stream->avail_in, before.size);
    decoder->has_output |= *size > 0;
    if (result == Z_STREAM_END)
        return VIEW_INFLATE_END;
    if (result != Z_OK && result != Z_BUF_ERROR) {
        if (!may_be_raw(decoder))
            return VIEW_INFLATE_BROKEN;
        decoder->is_raw = true;
        check(begin(decoder));
        *data = before;
        return view_inflate_step(decoder, data, out, out_max, size);
    }
    return stream->avail_out == 0 ? VIEW_INFLATE_FULL : VIEW_INFLATE_MORE;
}
