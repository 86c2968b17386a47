/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "ledger/blocks.h"
#include "ledger/internal.h"

static int fail(struct ledger *ledger, const char *path,
                struct failure *failure)
{
    int code = errno;

    return failure_set(failure, -code, "ledger %s: %s: %s", ledger->directory,
                       path, strerror(code));
}

static int add_hash(void *context, const struct block *block)
{
    writer_bytes(context,
                 bytes_of(block->hash.bytes, sizeof block->hash.bytes));
    return 0;
}

/* Write the hashes of the file's blocks; cut off what follows the last whole
 * one, which nobody was answered for. */
static int make_whole(struct ledger *ledger, uint32_t number, int descriptor,
                      struct block_walk *walk, struct failure *failure)
{
    const struct seal_folder *folder = &ledger->sealing->folder;
    char path[SEAL_PATH_MAX];
    struct writer hashes;

    writer_init(&hashes, SIZE_MAX);
    int result = blocks_walk(folder, segment_path(number, path), add_hash,
                             &hashes, walk, failure);
    if (result == 0 && walk->rest > 0 &&
        ftruncate(descriptor, (off_t)walk->size) < 0)
        result = fail(ledger, path, failure);
    if (result == 0 && fsync(descriptor) < 0)
        result = fail(ledger, path, failure);
    if (result == 0)
        result = seal_file_write(folder, segment_hashes_path(number, path),
                                 writer_view(&hashes), failure);
    writer_clear(&hashes);
    return result;
}

static int recover_segment(struct ledger *ledger, uint32_t number,
                           struct failure *failure)
{
    struct block_walk walk;
    char path[SEAL_PATH_MAX];
    int descriptor = openat(ledger->sealing->folder.descriptor,
                            segment_path(number, path), O_RDWR | O_CLOEXEC);
    int result = 0;

    if (descriptor < 0)
        return 0; /* Not there: the check of the ledger names it. */
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
        result = make_whole(ledger, number, descriptor, &walk, failure);
        if (result == 0 && walk.blocks > 0) {
            struct segment_summary summary = {
                .number = number, .size = walk.size, .blocks = walk.blocks,
                .first_ns = walk.first_ns, .last_ns = walk.last_ns,
                .root = walk.root,
            };
            memcpy(summary.digest, walk.digest, sizeof summary.digest);
            result = sealing_add_segment(ledger, &summary, true, failure);
        }
    }
    (void)close(descriptor); /* Synced. */
    return result;
}

int sealing_recover(struct ledger *ledger, struct failure *failure)
{
    sqlite3_stmt *row = ledger_prepare(
        ledger,
        "SELECT DISTINCT segment FROM evidence WHERE segment NOT IN"
        " (SELECT segment FROM leaf WHERE segment IS NOT NULL)"
        " ORDER BY segment",
        failure);
    int step = SQLITE_DONE;
    int result = 0;

    if (!row)
        return -EIO;
    while (result == 0 && (step = sqlite3_step(row)) == SQLITE_ROW)
        result = recover_segment(
            ledger, (uint32_t)sqlite3_column_int64(row, 0), failure);
    if (result == 0 && step != SQLITE_DONE)
        result = ledger_fail(ledger, failure, "read segments");
    ledger_finish(ledger, row);
    return result;
}
