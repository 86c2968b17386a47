/* SPDX-License-Identifier: Apache-2.0 */
#include "tlog/proof.h"

#include "base/check.h"
#include "base/reader.h"

enum { LINE_MAX = 64 << 10 };

static const char header[] = "c2sp.org/tlog-proof@v1";

void tlog_proof_write(struct writer *w, const struct tlog_proof *proof)
{
    check(proof->path.count <= TLOG_PATH_MAX);
    writer_text(w, header);
    writer_text(w, "\nindex ");
    writer_number(w, proof->index);
    writer_byte(w, '\n');
    for (uint32_t i = 0; i < proof->path.count; i++) {
        tlog_write_hash(w, &proof->path.hashes[i]);
        writer_byte(w, '\n');
    }
    writer_byte(w, '\n');
    writer_bytes(w, proof->checkpoint);
}

static int bad_proof(struct failure *failure, unsigned line, const char *why)
{
    return failure_set(failure, ERROR_FORMAT,
                       "proof of inclusion, line %u: %s", line, why);
}

static bool read_index(struct bytes line, uint64_t *index)
{
    const struct bytes word = bytes_of_text("index ");

    return bytes_start_with(line, word) &&
           tlog_read_size(bytes_slice(line, word.size, line.size), index);
}

int tlog_proof_read(struct bytes text, struct tlog_proof *proof,
                    struct failure *failure)
{
    struct reader r = reader_of(text);
    struct tlog_proof read = { .path = { .count = 0 } };
    unsigned number = 1;

    if (!bytes_equal(reader_until(&r, '\n', LINE_MAX), bytes_of_text(header)))
        return bad_proof(failure, number, "not \"c2sp.org/tlog-proof@v1\"");
    struct bytes line = reader_until(&r, '\n', LINE_MAX);
    number++;
    if (bytes_start_with(line, bytes_of_text("extra "))) {
        line = reader_until(&r, '\n', LINE_MAX);
        number++;
    }
    if (!read_index(line, &read.index))
        return bad_proof(failure, number, "not \"index\" and a number");
    for (;;) {
        line = reader_until(&r, '\n', LINE_MAX);
        number++;
        if (!reader_ok(&r))
            return bad_proof(failure, number, "ends before the checkpoint");
        if (line.size == 0)
            break;
        if (read.path.count == TLOG_PATH_MAX)
            return bad_proof(failure, number, "more than 64 hashes");
        if (!tlog_read_hash(line, &read.path.hashes[read.path.count++]))
            return bad_proof(failure, number, "not base64 of 32 bytes");
    }
    read.checkpoint = reader_rest(&r);
    *proof = read;
    return 0;
}
