/* SPDX-License-Identifier: Apache-2.0 */
#include "tlog/tile.h"

#include <string.h>

#include "base/check.h"

enum {
    GROUP = 1000,      /* Numbers are written in groups of three digits, */
    GROUP_DIGITS = 3,
    GROUP_MAX = 7,     /* of which 2^63 has no more. */
    SEGMENT_MAX = 16,  /* Bytes of one part of a path. */
};

/* 1234067 is "x001/x234/067": a directory never grows past a thousand. */
static void write_number(struct writer *w, uint64_t number)
{
    uint64_t scale = 1;

    while (number / scale >= GROUP)
        scale *= GROUP;
    for (; scale > 1; scale /= GROUP)
        writer_format(w, "/x%03u", (unsigned)(number / scale % GROUP));
    writer_format(w, "/%03u", (unsigned)(number % GROUP));
}

const char *tlog_tile_path(const struct tlog_tile *tile,
                           char path[TLOG_TILE_PATH_SIZE])
{
    struct writer w;

    writer_init(&w, TLOG_TILE_PATH_SIZE - 1);
    if (tile->is_bundle)
        writer_text(&w, "tile/entries");
    else
        writer_format(&w, "tile/%u", tile->level);
    write_number(&w, tile->number);
    if (tile->width < TLOG_TILE_WIDTH)
        writer_format(&w, ".p/%u", tile->width);
    check(!w.overflowed);
    memcpy(path, w.data, w.size);
    path[w.size] = '\0';
    writer_clear(&w);
    return path;
}

/* "067" or "x001": answers false when it is neither. */
static bool parse_group(struct bytes part, bool *is_more, unsigned *value)
{
    uint64_t number;

    *is_more = part.size > 0 && part.data[0] == 'x';
    if (*is_more)
        part = bytes_slice(part, 1, part.size);
    if (part.size != GROUP_DIGITS ||
        !bytes_to_number(part, GROUP - 1, &number))
        return false;
    *value = (unsigned)number;
    return true;
}

/* The number at the front of "x001/x234/067.p/5"; `*text` moves past it. */
static bool parse_number(struct bytes *text, uint64_t *number)
{
    const uint64_t max = (uint64_t)INT64_MAX;
    uint64_t total = 0;
    bool is_more = true;

    for (unsigned i = 0; is_more && i < GROUP_MAX; i++) {
        unsigned value;
        size_t digits = GROUP_DIGITS;
        if (text->size > 0 && text->data[0] == 'x')
            digits++;
        if (!parse_group(bytes_slice(*text, 0, digits), &is_more, &value) ||
            total > (max - value) / GROUP)
            return false;
        total = total * GROUP + value;
        *text = bytes_slice(*text, digits, text->size);
        if (is_more && (text->size == 0 || text->data[0] != '/'))
            return false;
        if (is_more)
            *text = bytes_slice(*text, 1, text->size);
    }
    *number = total;
    return !is_more;
}

static bool parse_width(struct bytes rest, unsigned *width)
{
    uint64_t number;

    *width = TLOG_TILE_WIDTH;
    if (rest.size == 0)
        return true;
    if (!bytes_start_with(rest, bytes_of_text(".p/")) ||
        !bytes_to_number(bytes_slice(rest, 3, rest.size),
                         TLOG_TILE_WIDTH - 1, &number))
        return false;
    *width = (unsigned)number;
    return number > 0;
}

static bool parse_level(struct bytes word, struct tlog_tile *tile)
{
    uint64_t level = 0;

    tile->is_bundle = bytes_equal(word, bytes_of_text("entries"));
    if (!tile->is_bundle &&
        !bytes_to_number(word, TLOG_TILE_LEVEL_MAX, &level))
        return false;
    tile->level = (unsigned)level;
    return true;
}

bool tlog_tile_parse(struct bytes path, struct tlog_tile *tile)
{
    struct reader r = reader_of(path);
    struct bytes first = reader_until(&r, '/', SEGMENT_MAX);
    struct bytes word = reader_until(&r, '/', SEGMENT_MAX);
    struct bytes rest = reader_rest(&r);
    char again[TLOG_TILE_PATH_SIZE];
    struct tlog_tile parsed;

    if (!reader_ok(&r) || !bytes_equal(first, bytes_of_text("tile")) ||
        !parse_level(word, &parsed) ||
        !parse_number(&rest, &parsed.number) ||
        !parse_width(rest, &parsed.width))
        return false;
    /* One tile, one name: no zeros in front, no empty groups. */
    if (!bytes_equal(path, bytes_of_text(tlog_tile_path(&parsed, again))))
        return false;
    *tile = parsed;
    return true;
}

unsigned tlog_tile_width(unsigned level, uint64_t number, uint64_t size)
{
    check(level <= TLOG_TILE_LEVEL_MAX);
    uint64_t hashes = size >> level * TLOG_TILE_HEIGHT;
    if (number >= hashes / TLOG_TILE_WIDTH + 1)
        return 0;
    uint64_t left = hashes - number * TLOG_TILE_WIDTH;
    return left < TLOG_TILE_WIDTH ? (unsigned)left : TLOG_TILE_WIDTH;
}

bool tlog_tile_hash(struct bytes tile, unsigned level, uint64_t index,
                    struct tlog_hash *hash)
{
    struct tlog_edge edge = { .size = 0 };

    check(level < TLOG_TILE_HEIGHT);
    size_t count = (size_t)1 << level;
    if (index >= (uint64_t)TLOG_TILE_WIDTH >> level)
        return false;
    struct reader r = reader_of(tile);
    reader_skip(&r, (size_t)index * count * TLOG_HASH_SIZE);
    for (size_t i = 0; i < count; i++) {
        struct bytes next = reader_bytes(&r, TLOG_HASH_SIZE);
        struct tlog_hash leaf;
        if (!reader_ok(&r))
            return false;
        memcpy(leaf.bytes, next.data, sizeof leaf.bytes);
        tlog_edge_append(&edge, &leaf);
    }
    *hash = tlog_edge_root(&edge);
    return true;
}

bool tlog_tiles_read(void *context, unsigned level, uint64_t index,
                     struct tlog_hash *hash)
{
    const struct tlog_tiles *tiles = context;
    unsigned inside = level % TLOG_TILE_HEIGHT;
    uint64_t first = index << inside; /* In hashes of the tile's level. */
    struct tlog_tile tile = {
        .level = level / TLOG_TILE_HEIGHT,
        .number = first / TLOG_TILE_WIDTH,
    };
    struct bytes content;

    tile.width = tlog_tile_width(tile.level, tile.number, tiles->size);
    if (tile.width == 0 || !tiles->read(tiles->context, &tile, &content))
        return false;
    return tlog_tile_hash(content, inside,
                          first % TLOG_TILE_WIDTH >> inside, hash);
}

void tlog_bundle_append(struct writer *w, struct bytes entry)
{
    check(entry.size <= TLOG_ENTRY_MAX);
    writer_u16(w, (uint16_t)entry.size);
    writer_bytes(w, entry);
}

struct bytes tlog_bundle_next(struct reader *r)
{
    return reader_bytes(r, reader_u16(r));
}
