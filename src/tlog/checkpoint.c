/* SPDX-License-Identifier: Apache-2.0 */
#include "tlog/checkpoint.h"

#include "base/reader.h"
#include "crypto/base64.h"

enum { LINE_MAX = 1024 };

bool tlog_read_size(struct bytes text, uint64_t *size)
{
    if (text.size > 1 && text.data[0] == '0')
        return false;
    /* 2^63 leaves are beyond any log, and keep all arithmetic in range. */
    return bytes_to_number(text, INT64_MAX, size);
}

bool tlog_read_hash(struct bytes text, struct tlog_hash *hash)
{
    struct tlog_hash read;
    size_t size;

    if (!crypto_base64_read(text, read.bytes, sizeof read.bytes, &size) ||
        size != sizeof read.bytes)
        return false;
    *hash = read;
    return true;
}

void tlog_write_hash(struct writer *w, const struct tlog_hash *hash)
{
    crypto_base64_write(w, bytes_of(hash->bytes, sizeof hash->bytes));
}

void checkpoint_write(struct writer *w, const struct checkpoint *checkpoint)
{
    writer_bytes(w, checkpoint->origin);
    writer_byte(w, '\n');
    writer_number(w, checkpoint->head.size);
    writer_byte(w, '\n');
    tlog_write_hash(w, &checkpoint->head.root);
    writer_byte(w, '\n');
}

bool checkpoint_read(struct bytes text, struct checkpoint *checkpoint)
{
    struct reader r = reader_of(text);
    struct checkpoint read;

    read.origin = reader_until(&r, '\n', LINE_MAX);
    struct bytes size = reader_until(&r, '\n', LINE_MAX);
    struct bytes root = reader_until(&r, '\n', LINE_MAX);
    if (!reader_ok(&r) || read.origin.size == 0 ||
        !tlog_read_size(size, &read.head.size) ||
        !tlog_read_hash(root, &read.head.root))
        return false;
    *checkpoint = read;
    return true;
}

int checkpoint_open(struct bytes data, const struct note_key *log,
                    struct note *note, struct checkpoint *checkpoint,
                    struct failure *failure)
{
    int result = note_read(data, note, failure);

    if (result < 0)
        return result;
    switch (note_verify(note, log, NULL)) {
    case NOTE_VERIFIED:
        break;
    case NOTE_UNKNOWN:
        return failure_set(failure, ERROR_FORMAT,
                           "checkpoint: not signed by %s", log->name);
    case NOTE_FORGED:
        return failure_set(failure, ERROR_FORMAT,
                           "checkpoint: the signature of %s does not hold",
                           log->name);
    }
    if (!checkpoint_read(note->text, checkpoint))
        return failure_set(failure, ERROR_FORMAT,
                           "checkpoint: not origin, size and root");
    if (!bytes_equal(checkpoint->origin, bytes_of_text(log->name)))
        return failure_set(failure, ERROR_FORMAT,
                           "checkpoint: of another log than %s", log->name);
    return 0;
}
