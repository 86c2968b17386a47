/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <string.h>

#include "base/compiler.h"

struct state {
    uint64_t a, b, c, d;
};

static inline uint64_t rotate(uint64_t value, int bits)
{
    return value << bits | value >> (64 - bits);
}

static inline void mix(struct state *s)
{
    s->a += s->b;
    s->b = rotate(s->b, 13) ^ s->a;
    s->a = rotate(s->a, 32);
    s->c += s->d;
    s->d = rotate(s->d, 16) ^ s->c;
    s->a += s->d;
    s->d = rotate(s->d, 21) ^ s->a;
    s->c += s->b;
    s->b = rotate(s->b, 17) ^ s->c;
    s->c = rotate(s->c, 32);
}

static inline struct state start(struct hash_key key)
{
    return (struct state){
        .a = key.low ^ 0x736f6d6570736575,
        .b = key.high ^ 0x646f72616e646f6d,
        .c = key.low ^ 0x6c7967656e657261,
        .d = key.high ^ 0x7465646279746573,
    };
}

static inline void absorb(struct state *s, uint64_t word)
{
    s->d ^= word;
    mix(s);
    s->a ^= word;
}

static inline uint64_t finish(struct state *s, uint64_t last)
{
    absorb(s, last);
    s->c ^= 0xff;
    mix(s);
    mix(s);
    mix(s);
    return s->a ^ s->b ^ s->c ^ s->d;
}

uint64_t hash_words(struct hash_key key, const uint64_t *words, size_t count)
{
    struct state s = start(key);

    for (size_t i = 0; i < count; i++)
        absorb(&s, words[i]);
    return finish(&s, (uint64_t)(count * 8) << 56);
}

/* Written out, compilers make one load of it. */
static inline uint64_t whole_le(const uint8_t *data)
{
    return (uint64_t)data[0] | (uint64_t)data[1] << 8 |
           (uint64_t)data[2] << 16 | (uint64_t)data[3] << 24 |
           (uint64_t)data[4] << 32 | (uint64_t)data[5] << 40 |
           (uint64_t)data[6] << 48 | (uint64_t)data[7] << 56;
}

static uint64_t word_le(const uint8_t *data, size_t size)
{
    uint64_t word = 0;

    for (size_t i = 0; i < size; i++)
        word |= (uint64_t)data[i] << (8 * i);
    return word;
}

uint64_t hash_bytes(struct hash_key key, struct bytes b)
{
    struct state s = start(key);
    size_t whole = b.size & ~(size_t)7;

    for (size_t i = 0; i < whole; i += 8)
        absorb(&s, whole_le(b.data + i));
    uint64_t last = (uint64_t)b.size << 56;
    if (b.size > whole)
        last |= word_le(b.data + whole, b.size - whole);
    return finish(&s, last);
}
