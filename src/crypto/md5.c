/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/md5.h"

#include <string.h>

/* RFC 1321 section 3.4: the integer part of 2^32 times abs(sin(i + 1)). */
static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
    0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
    0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
    0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
    0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
    0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
    0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
    0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
    0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static const uint8_t shifts[4][4] = {
    { 7, 12, 17, 22 },
    { 5, 9, 14, 20 },
    { 4, 11, 16, 23 },
    { 6, 10, 15, 21 },
};

static uint32_t rotate_left(uint32_t value, unsigned bits)
{
    return value << bits | value >> (32 - bits);
}

static uint32_t word_at(const uint8_t *block, unsigned index)
{
    const uint8_t *at = block + (size_t)index * 4;
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

/* The round's function of b, c and d, and which word it takes. */
static uint32_t mix(unsigned i, const uint32_t s[4], unsigned *word)
{
    switch (i / 16) {
    case 0:
        *word = i;
        return (s[1] & s[2]) | (~s[1] & s[3]);
    case 1:
        *word = (5 * i + 1) % 16;
        return (s[1] & s[3]) | (s[2] & ~s[3]);
    case 2:
        *word = (3 * i + 5) % 16;
        return s[1] ^ s[2] ^ s[3];
    default:
        *word = 7 * i % 16;
        return s[2] ^ (s[1] | ~s[3]);
    }
}

static void take_block(struct md5 *md5, const uint8_t *block)
{
    uint32_t words[16];
    uint32_t s[4];

    for (unsigned i = 0; i < 16; i++)
        words[i] = word_at(block, i);
    memcpy(s, md5->state, sizeof s);
    for (unsigned i = 0; i < 64; i++) {
        unsigned word;
        uint32_t sum = s[0] + mix(i, s, &word) + sines[i];
        sum = rotate_left(sum + words[word], shifts[i / 16][i % 4]);
        s[0] = s[3];
        s[3] = s[2];
        s[2] = s[1];
        s[1] += sum;
    }
    for (unsigned i = 0; i < 4; i++)
        md5->state[i] += s[i];
}

void md5_init(struct md5 *md5)
{
    *md5 = (struct md5){
        .state = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 },
    };
}

void md5_add(struct md5 *md5, struct bytes b)
{
    while (b.size > 0) {
        size_t held = (size_t)(md5->size % MD5_BLOCK_SIZE);
        struct bytes part = bytes_slice(b, 0, MD5_BLOCK_SIZE - held);

        memcpy(md5->block + held, part.data, part.size);
        md5->size += part.size;
        if (held + part.size == MD5_BLOCK_SIZE)
            take_block(md5, md5->block);
        b = bytes_slice(b, part.size, b.size);
    }
}

void md5_finish(struct md5 *md5, uint8_t digest[MD5_SIZE])
{
    static const uint8_t padding[MD5_BLOCK_SIZE] = { 0x80 };
    uint64_t bits = md5->size * 8;
    size_t held = (size_t)(md5->size % MD5_BLOCK_SIZE);
    uint8_t tail[8];

    md5_add(md5, bytes_of(padding, held < 56 ? 56 - held : 120 - held));
    for (unsigned i = 0; i < 8; i++)
        tail[i] = (uint8_t)(bits >> (8 * i));
    md5_add(md5, bytes_of(tail, sizeof tail));
    for (unsigned i = 0; i < MD5_SIZE; i++)
        digest[i] = (uint8_t)(md5->state[i / 4] >> (8 * (i % 4)));
}
