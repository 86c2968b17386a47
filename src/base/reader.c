/* SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"

struct bytes reader_until(struct reader *r, uint8_t byte, size_t max)
{
    struct bytes left = bytes_slice(bytes_of(r->next, reader_left(r)), 0, max);
    size_t at = bytes_find_byte(left, byte);

    if (at == left.size) {
        reader_fail(r);
        return (struct bytes){ 0 };
    }
    r->next += at + 1;
    return bytes_of(left.data, at);
}

struct bytes reader_line(struct reader *r, size_t max)
{
    struct bytes line = reader_until(r, '\n', max);

    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

struct bytes reader_rest(struct reader *r)
{
    return reader_bytes(r, reader_left(r));
}
