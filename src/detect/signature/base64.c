/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4648 section 4; the forgiving form skips what is not of the alphabet,
 * as RFC 2045 section 6.8 has it. Decoding ends at the first padding. */
#include "base/reader.h"
#include "detect/signature/inspect.h"

enum { NOT_BASE64 = 64 };

static uint32_t sextet(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a' + 26u;
    if (byte >= '0' && byte <= '9')
        return byte - '0' + 52u;
    if (byte == '+')
        return 62;
    return byte == '/' ? 63 : NOT_BASE64;
}

size_t base64_decode(struct bytes text, bool is_strict, uint8_t *decoded)
{
    struct reader r = reader_of(text);
    uint32_t bits = 0;
    unsigned bit_count = 0;
    size_t size = 0;

    while (reader_left(&r) > 0) {
        uint8_t byte = reader_u8(&r);
        uint32_t value = sextet(byte);
        if (value == NOT_BASE64) {
            if (is_strict || byte == '=')
                break;
            continue;
        }
        bits = bits << 6 | value;
        bit_count += 6;
        if (bit_count < 8)
            continue;
        bit_count -= 8;
        decoded[size++] = (uint8_t)(bits >> bit_count);
    }
    return size;
}
