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

    /* RFC 1952 section 2.3: the bits of FLG. */
    GZIP_HEADER_SIZE = 10,
    GZIP_HAS_CRC = 2,
    GZIP_HAS_EXTRA = 4,
    GZIP_HAS_NAME = 8,
    GZIP_HAS_COMMENT = 16,
};

/* Where in the header the next byte is. */
enum header_part {
    PART_FIRST,   /* Nothing is known yet. */
    PART_SECOND,  /* One byte came, which may begin gzip or zlib. */
    PART_FIXED,   /* `skip` more bytes; bit by bit of FLG after them. */
    PART_EXTRA_SIZE,
    PART_TEXT,    /* Up to a zero: name, comment. */
    PART_BODY,
};

struct view_block {
    struct view_block *next;
    uint32_t size;
    uint8_t data[VIEW_BLOCK_SIZE - 16];
};

struct view_inflate {
    z_stream stream;   /* Raw deflate: headers are read here. */
    uint8_t part;      /* enum header_part */
    uint8_t first;     /* PART_SECOND: the byte that came. */
    uint8_t flags;     /* Parts of gzip's header that are to come. */
    uint8_t at;        /* Bytes of its fixed part, or of a size. */
    uint32_t skip;
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
    inflate->stream = (z_stream){ .zalloc = take_room,
                                  .zfree = give_room,
                                  .opaque = inflate };
    return inflateInit2(&inflate->stream, -WINDOW_BITS) == Z_OK;
}

struct view_inflate *view_inflate_new(struct view_memory *memory)
{
    struct view_inflate *inflate = pool_take(&memory->inflates);

    if (!inflate) {
        memory->counters.inflate_refused++;
        return NULL;
    }
    check(begin(inflate)); /* The room is more than zlib needs. */
    return inflate;
}

void view_inflate_free(struct view_memory *memory,
                       struct view_inflate *inflate)
{
    pool_give(&memory->inflates, inflate);
}

/* The part of gzip's header that comes next: RFC 1952 has them in this order.
 */
static void next_part(struct view_inflate *inflate)
{
    inflate->at = 0;
    inflate->skip = 0;
    if (inflate->flags & GZIP_HAS_EXTRA) {
        inflate->flags &= (uint8_t)~GZIP_HAS_EXTRA;
        inflate->part = PART_EXTRA_SIZE;
    } else if (inflate->flags & (GZIP_HAS_NAME | GZIP_HAS_COMMENT)) {
        inflate->flags &= inflate->flags & GZIP_HAS_NAME
                              ? (uint8_t)~GZIP_HAS_NAME
                              : (uint8_t)~GZIP_HAS_COMMENT;
        inflate->part = PART_TEXT;
    } else if (inflate->flags & GZIP_HAS_CRC) {
        inflate->flags &= (uint8_t)~GZIP_HAS_CRC;
        inflate->skip = 2;
        inflate->part = PART_FIXED;
    } else {
        inflate->part = PART_BODY;
    }
}

/* RFC 1950 section 2.2: method 8, and a check on both bytes. */
static bool is_zlib(uint8_t first, uint8_t second)
{
    return (first & 15) == 8 && ((unsigned)first << 8 | second) % 31 == 0;
}

/* The first two bytes say what it is; false when they are the body's own. */
static bool take_second(struct view_inflate *inflate, uint8_t byte)
{
    inflate->part = PART_BODY;
    if (inflate->first == 0x1f && byte == 0x8b) {
        inflate->part = PART_FIXED;
        inflate->at = 2;
        inflate->skip = GZIP_HEADER_SIZE - 2;
        return true;
    }
    return is_zlib(inflate->first, byte);
}

/* One byte of a header. */
static void take_header_byte(struct view_inflate *inflate, uint8_t byte)
{
    switch ((enum header_part)inflate->part) {
    case PART_FIXED:
        if (inflate->at == 3)
            inflate->flags = byte & 31;
        if (inflate->at < GZIP_HEADER_SIZE)
            inflate->at++;
        if (--inflate->skip == 0)
            next_part(inflate);
        break;
    case PART_EXTRA_SIZE:
        inflate->skip |= (uint32_t)byte << (8 * inflate->at);
        if (++inflate->at < 2)
            break;
        inflate->at = GZIP_HEADER_SIZE;
        inflate->part = PART_FIXED;
        if (inflate->skip == 0)
            next_part(inflate);
        break;
    case PART_TEXT:
        if (byte == 0)
            next_part(inflate);
        break;
    case PART_FIRST:
    case PART_SECOND:
    case PART_BODY:
        break;
    }
}

static enum view_inflate_result run(struct view_inflate *decoder,
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
    if (result == Z_STREAM_END)
        return VIEW_INFLATE_END;
    if (result != Z_OK && result != Z_BUF_ERROR)
        return VIEW_INFLATE_BROKEN;
    return stream->avail_out == 0 ? VIEW_INFLATE_FULL : VIEW_INFLATE_MORE;
}

/* The byte that was kept to know the kind belongs to the body. */
static enum view_inflate_result run_first(struct view_inflate *decoder,
                                          uint8_t *out, size_t out_max,
                                          size_t *size)
{
    struct bytes first = bytes_of(&decoder->first, 1);

    return run(decoder, &first, out, out_max, size);
}

static enum view_inflate_result read_header(struct view_inflate *inflate,
                                            struct bytes *data, uint8_t *out,
                                            size_t out_max, size_t *size)
{
    size_t at = 0;
    bool is_raw = false;

    while (at < data->size && inflate->part != PART_BODY && !is_raw) {
        uint8_t byte = data->data[at];
        if (inflate->part == PART_FIRST) {
            inflate->first = byte;
            inflate->part = PART_SECOND;
        } else if (inflate->part == PART_SECOND) {
            is_raw = !take_second(inflate, byte);
        } else {
            take_header_byte(inflate, byte);
        }
        at += !is_raw;
    }
    *data = bytes_slice(*data, at, data->size);
    return is_raw ? run_first(inflate, out, out_max, size)
                  : VIEW_INFLATE_MORE;
}

enum view_inflate_result view_inflate_step(struct view_inflate *inflate,
                                           struct bytes *data, uint8_t *out,
                                           size_t out_max, size_t *size)
{
    enum view_inflate_result result = VIEW_INFLATE_MORE;

    *size = 0;
    if (inflate->part != PART_BODY)
        result = read_header(inflate, data, out, out_max, size);
    if (result == VIEW_INFLATE_MORE && data->size > 0 && *size == 0)
        result = run(inflate, data, out, out_max, size);
    return result;
}
