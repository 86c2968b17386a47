/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intel/normal.h"

#include "base/arena_writer.h"
#include "base/text.h"

enum {
    HANGUL_FIRST = 0xac00, /* Syllables are made by a rule (section 3.12). */
    HANGUL_COUNT = 11172,
    HANGUL_L = 0x1100,
    HANGUL_V = 0x1161,
    HANGUL_T = 0x11a7,
    HANGUL_L_COUNT = 19,
    HANGUL_V_COUNT = 21,
    HANGUL_T_COUNT = 28,
    PARTS_MAX = 8,         /* Characters one comes apart into; 4 in fact. */
    MARKS_MAX = 32,        /* Put in order behind one letter; UAX 15 13: 30. */
};

struct pair {
    uint32_t character;
    uint32_t first;
    uint32_t second;
};

static const struct pair pairs[] = {
#define PAIR(character, first, second) { character, first, second },
#include "detect/intel/normal.def"
#undef PAIR
};

static const uint16_t made[] = {
#define MADE(place) place,
#include "detect/intel/normal.def"
#undef MADE
};

static const struct rank {
    uint32_t first;
    uint32_t last;
    uint8_t rank;
} ranks[] = {
#define RANK(first, last, rank) { first, last, rank },
#include "detect/intel/normal.def"
#undef RANK
};

static const struct pair *pair_of(uint32_t point)
{
    size_t low = 0;
    size_t high = COUNT_OF(pairs);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pairs[middle].character == point)
            return &pairs[middle];
        if (pairs[middle].character < point)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static uint8_t rank_of(uint32_t point)
{
    size_t low = 0;
    size_t high = COUNT_OF(ranks);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (point >= ranks[middle].first && point <= ranks[middle].last)
            return ranks[middle].rank;
        if (ranks[middle].last < point)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

static uint32_t compose_hangul(uint32_t first, uint32_t second)
{
    uint32_t l = first - HANGUL_L;
    uint32_t v = second - HANGUL_V;
    uint32_t s = first - HANGUL_FIRST;
    uint32_t t = second - HANGUL_T;

    if (l < HANGUL_L_COUNT && v < HANGUL_V_COUNT)
        return HANGUL_FIRST + (l * HANGUL_V_COUNT + v) * HANGUL_T_COUNT;
    if (s < HANGUL_COUNT && s % HANGUL_T_COUNT == 0 && t > 0 &&
        t < HANGUL_T_COUNT)
        return first + t;
    return 0;
}

/* The character that both make, or 0. */
static uint32_t compose(uint32_t first, uint32_t second)
{
    uint64_t wanted = (uint64_t)first << 32 | second;
    size_t low = 0;
    size_t high = COUNT_OF(made);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct pair *pair = &pairs[made[middle]];
        uint64_t here = (uint64_t)pair->first << 32 | pair->second;
        if (here == wanted)
            return pair->character;
        if (here < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return compose_hangul(first, second);
}

struct characters {
    uint32_t *points;
    size_t count;
};

/* Take `point` apart; what is first may come apart again. */
static void decompose(struct characters *out, uint32_t point)
{
    uint32_t parts[PARTS_MAX];
    size_t count = 0;
    uint32_t s = point - HANGUL_FIRST;

    if (s < HANGUL_COUNT) {
        out->points[out->count++] =
            HANGUL_L + s / (HANGUL_V_COUNT * HANGUL_T_COUNT);
        out->points[out->count++] =
            HANGUL_V + s / HANGUL_T_COUNT % HANGUL_V_COUNT;
        if (s % HANGUL_T_COUNT)
            out->points[out->count++] = HANGUL_T + s % HANGUL_T_COUNT;
        return;
    }
    for (const struct pair *pair = pair_of(point);
         pair && count < PARTS_MAX - 1; pair = pair_of(point)) {
        if (pair->second)
            parts[count++] = pair->second;
        point = pair->first;
    }
    out->points[out->count++] = point;
    while (count > 0)
        out->points[out->count++] = parts[--count];
}

/* Marks after a letter in the order of their classes, equal ones as they
 * were. */
static void order(const struct characters *text)
{
    for (size_t i = 1; i < text->count; i++) {
        uint32_t point = text->points[i];
        uint8_t rank = rank_of(point);
        size_t at = i;
        while (rank > 0 && at > 0 && i - at < MARKS_MAX &&
               rank_of(text->points[at - 1]) > rank) {
            text->points[at] = text->points[at - 1];
            at--;
        }
        text->points[at] = point;
    }
}

/* Put together again what nothing stands between. */
static void recompose(struct characters *text)
{
    size_t starter = SIZE_MAX;
    uint8_t last = 0;
    size_t count = 0;

    for (size_t i = 0; i < text->count; i++) {
        uint32_t point = text->points[i];
        uint8_t rank = rank_of(point);
        bool is_blocked = starter == SIZE_MAX ||
                          (count > starter + 1 && last >= rank);
        uint32_t both =
            is_blocked ? 0 : compose(text->points[starter], point);
        if (both) {
            text->points[starter] = both;
            continue;
        }
        if (rank == 0)
            starter = count;
        last = rank;
        text->points[count++] = point;
    }
    text->count = count;
}

static void write_point(struct arena_writer *w, uint32_t point)
{
    if (point < 0x80) {
        arena_writer_byte(w, (uint8_t)point);
        return;
    }
    if (point < 0x800) {
        arena_writer_byte(w, (uint8_t)(0xc0 | point >> 6));
    } else {
        if (point < 0x10000) {
            arena_writer_byte(w, (uint8_t)(0xe0 | point >> 12));
        } else {
            arena_writer_byte(w, (uint8_t)(0xf0 | point >> 18));
            arena_writer_byte(w, (uint8_t)(0x80 | (point >> 12 & 0x3f)));
        }
        arena_writer_byte(w, (uint8_t)(0x80 | (point >> 6 & 0x3f)));
    }
    arena_writer_byte(w, (uint8_t)(0x80 | (point & 0x3f)));
}

static bool is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] >= 0x80)
            return false;
    return true;
}

struct bytes stix_normal(struct arena *arena, struct bytes text)
{
    struct arena_writer w;
    struct characters all = { 0 };

    if (text.size > STIX_NORMAL_SIZE_MAX || is_ascii(text))
        return text;
    all.points =
        arena_allocate(arena, text.size * PARTS_MAX * sizeof *all.points);
    for (struct bytes left = text; left.size > 0;) {
        uint32_t point = 0;
        size_t size = text_utf8_next(left, &point);
        if (size == 0)
            return text;
        decompose(&all, point);
        left = bytes_slice(left, size, left.size);
    }
    order(&all);
    recompose(&all);
    arena_writer_init(&w, arena, text.size + 16);
    for (size_t i = 0; i < all.count; i++)
        write_point(&w, all.points[i]);
    return arena_writer_view(&w);
}
