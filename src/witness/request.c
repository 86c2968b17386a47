/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/request.h"

#include "base/reader.h"

enum { LINE_MAX = 64 }; /* A hash takes 44 characters, a size 24. */

static const char old_word[] = "old ";

bool witness_request_read(struct bytes body, struct witness_request *request)
{
    struct witness_request read = { 0 };
    struct reader r = reader_of(body);
    struct bytes first = reader_until(&r, '\n', LINE_MAX);
    struct bytes word = bytes_of_text(old_word);

    if (body.size > WITNESS_REQUEST_MAX || !bytes_start_with(first, word) ||
        !tlog_read_size(bytes_slice(first, word.size, first.size),
                        &read.old_size))
        return false;
    for (;;) {
        struct bytes line = reader_until(&r, '\n', LINE_MAX);
        if (!reader_ok(&r))
            return false;
        if (line.size == 0)
            break;
        if (read.path.count == WITNESS_PROOF_MAX ||
            !tlog_read_hash(line, &read.path.hashes[read.path.count]))
            return false;
        read.path.count++;
    }
    read.checkpoint = reader_rest(&r);
    *request = read;
    return true;
}

void witness_request_write(struct writer *w,
                           const struct witness_request *request)
{
    writer_text(w, old_word);
    writer_number(w, request->old_size);
    writer_byte(w, '\n');
    for (uint32_t i = 0; i < request->path.count; i++) {
        tlog_write_hash(w, &request->path.hashes[i]);
        writer_byte(w, '\n');
    }
    writer_byte(w, '\n');
    writer_bytes(w, request->checkpoint);
}
