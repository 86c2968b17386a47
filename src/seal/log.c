/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/check.h"
#include "base/memory.h"
#include "seal/key.h"
#include "seal/tails.h"

enum { STATE_SIZE_MAX = 4096, LEVEL_COUNT = TLOG_TILE_LEVEL_MAX + 1 };

struct sealed_log {
    char *directory;
    struct seal_folder folder;
    int lock;                     /* Held while writing; -1 for readers. */
    struct crypto_key_pair pair;  /* Zeroed for readers. */
    struct note_key key;
    struct tlog_head head;
    struct tails tails;
    struct writer checkpoint;     /* As on disk. */
    struct writer tile;           /* The one read last. */
    struct failure *failure;      /* Of the proof under way. */
};

static int bad_log(const struct sealed_log *log, struct failure *failure,
                   const char *why)
{
    return failure_set(failure, ERROR_FORMAT, "%s: %s", log->directory, why);
}

static void write_head(const struct sealed_log *log,
                       const struct tlog_head *head, struct writer *w)
{
    struct checkpoint checkpoint = {
        .origin = bytes_of_text(log->key.name),
        .head = *head,
    };

    checkpoint_write(w, &checkpoint);
}

/* Sign the head whose state is on disk already, and publish it. */
static int publish(struct sealed_log *log, const struct tlog_head *head,
                   struct failure *failure)
{
    struct writer text;
    struct writer note;

    writer_init(&text, STATE_SIZE_MAX);
    writer_init(&note, NOTE_SIZE_MAX);
    write_head(log, head, &text);
    writer_bytes(&note, writer_view(&text));
    writer_byte(&note, '\n');
    note_sign(&note, writer_view(&text), &log->key, &log->pair, 0);
    int result = seal_file_write(&log->folder, "checkpoint",
                                 writer_view(&note), failure);
    if (result == 0) {
        writer_reset(&log->checkpoint);
        writer_bytes(&log->checkpoint, writer_view(&note));
        log->head = *head;
    }
    writer_clear(&text);
    writer_clear(&note);
    return result;
}

/* From here on no other head of this size can be signed. */
static int commit_state(struct sealed_log *log, const struct tlog_head *head,
                        struct failure *failure)
{
    struct writer w;

    writer_init(&w, STATE_SIZE_MAX);
    write_head(log, head, &w);
    int result =
        seal_file_write(&log->folder, "state", writer_view(&w), failure);
    writer_clear(&w);
    return result;
}

static struct sealed_log *new_log(const char *directory)
{
    struct sealed_log *log = memory_new(1, sizeof *log);

    log->directory = memory_copy_text(bytes_of_text(directory));
    log->folder.descriptor = -1;
    log->lock = -1;
    tails_init(&log->tails);
    writer_init(&log->checkpoint, NOTE_SIZE_MAX);
    writer_init(&log->tile, TLOG_BUNDLE_SIZE_MAX);
    return log;
}

void sealed_log_close(struct sealed_log *log)
{
    if (!log)
        return;
    if (log->lock >= 0)
        (void)close(log->lock); /* Gives the lock back. */
    seal_folder_close(&log->folder);
    crypto_wipe(&log->pair, sizeof log->pair);
    tails_clear(&log->tails);
    writer_clear(&log->checkpoint);
    writer_clear(&log->tile);
    free(log->directory);
    free(log);
}

static int create(struct sealed_log *log, const char *origin,
                  struct failure *failure)
{
    struct tlog_head empty = { .size = 0, .root = tails_root(&log->tails) };
    struct writer w;

    writer_init(&w, STATE_SIZE_MAX);
    int result = seal_file_read(&log->folder, "checkpoint", NOTE_SIZE_MAX, &w,
                                failure);
    writer_reset(&w);
    if (result != -ENOENT) {
        writer_clear(&w);
        return result < 0 ? result
                          : bad_log(log, failure, "there is a log already");
    }
    result = seal_key_create(&log->folder, "key", &log->pair, failure);
    if (result == 0 &&
        !note_key_of(bytes_of_text(origin), NOTE_KEY_ED25519,
                     &log->pair.public_key, &log->key))
        result = bad_log(log, failure, "the origin is not a key's name");
    if (result == 0) {
        note_key_write(&w, &log->key);
        writer_byte(&w, '\n');
        result =
            seal_file_write(&log->folder, "vkey", writer_view(&w), failure);
    }
    writer_clear(&w);
    if (result == 0)
        result = commit_state(log, &empty, failure);
    return result == 0 ? publish(log, &empty, failure) : result;
}

int sealed_log_create(const char *directory, const char *origin,
                      struct failure *failure)
{
    struct sealed_log *log;

    if (!note_name_is_valid(bytes_of_text(origin)))
        return failure_set(failure, ERROR_FORMAT,
                           "\"%s\" cannot name a log: expected a text without "
                           "spaces and plus signs, like example.org/home",
                           origin);
    log = new_log(directory);
    int result = seal_folder_open(directory, true, &log->folder, failure);
    if (result == 0)
        result = create(log, origin, failure);
    sealed_log_close(log);
    return result;
}

static int read_key(struct sealed_log *log, bool may_write,
                    struct failure *failure)
{
    struct writer w;

    writer_init(&w, STATE_SIZE_MAX);
    int result =
        seal_file_read(&log->folder, "vkey", STATE_SIZE_MAX, &w, failure);
    if (result == 0)
        result =
            note_key_read(bytes_trim(writer_view(&w)), &log->key, failure);
    writer_clear(&w);
    if (result < 0 || !may_write)
        return result;
    result = seal_key_read(&log->folder, "key", &log->pair, failure);
    if (result == 0 && memcmp(log->pair.public_key.bytes, log->key.key.bytes,
                              sizeof log->key.key.bytes) != 0)
        return bad_log(log, failure, "key and vkey are not of one pair");
    return result;
}

static int lock_for_writing(struct sealed_log *log, struct failure *failure)
{
    log->lock = openat(log->folder.descriptor, "lock",
                       O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (log->lock < 0)
        return failure_set(failure, -errno, "%s/lock: %s", log->directory,
                           strerror(errno));
    if (flock(log->lock, LOCK_EX | LOCK_NB) < 0)
        return failure_set(failure, -EBUSY,
                           "%s: another process writes this log",
                           log->directory);
    return 0;
}

static int read_state(struct sealed_log *log, struct tlog_head *head,
                      struct failure *failure)
{
    struct checkpoint checkpoint;
    struct writer w;

    writer_init(&w, STATE_SIZE_MAX);
    int result =
        seal_file_read(&log->folder, "state", STATE_SIZE_MAX, &w, failure);
    if (result == -ENOENT)
        result = bad_log(log, failure, "no state is there");
    else if (result == 0 && !checkpoint_read(writer_view(&w), &checkpoint))
        result = bad_log(log, failure, "its state cannot be read");
    else if (result == 0)
        *head = checkpoint.head;
    writer_clear(&w);
    return result;
}

static int read_checkpoint(struct sealed_log *log, struct failure *failure)
{
    struct note note;
    struct checkpoint checkpoint;
    int result = seal_file_read(&log->folder, "checkpoint", NOTE_SIZE_MAX,
                                &log->checkpoint, failure);

    if (result < 0)
        return result;
    result = checkpoint_open(writer_view(&log->checkpoint), &log->key, &note,
                             &checkpoint, failure);
    if (result == 0)
        log->head = checkpoint.head;
    return result;
}

static bool is_same_head(const struct tlog_head *a, const struct tlog_head *b)
{
    return a->size == b->size && tlog_hash_equal(&a->root, &b->root);
}

/*
 * Where did the last writer stop? The state is what it meant to sign last; a
 * checkpoint behind it was not published in time, one beyond it means that
 * somebody put old files in the place of new ones.
 */
static int resume(struct sealed_log *log, struct failure *failure)
{
    struct tlog_head state;
    int result = read_state(log, &state, failure);

    if (result < 0)
        return result;
    if (state.size < log->head.size ||
        (state.size == log->head.size && !is_same_head(&state, &log->head)))
        return bad_log(log, failure,
                       "its state is behind its checkpoint: files of a "
                       "backup? Begin a new log; this one must not fork");
    result = tails_load(&log->tails, &log->folder, state.size, failure);
    if (result < 0)
        return result;
    struct tlog_hash root = tails_root(&log->tails);
    if (!tlog_hash_equal(&root, &state.root))
        return bad_log(log, failure, "its tiles are not those of its state");
    return is_same_head(&state, &log->head) ? 0
                                            : publish(log, &state, failure);
}

int sealed_log_open(const struct sealed_log_options *options,
                    struct sealed_log **log, struct failure *failure)
{
    struct sealed_log *opened = new_log(options->directory);
    int result = seal_folder_open(opened->directory, false, &opened->folder,
                                  failure);

    opened->folder.step = options->step;
    opened->folder.context = options->context;
    if (result == 0)
        result = read_key(opened, options->may_write, failure);
    if (result == 0 && options->may_write)
        result = lock_for_writing(opened, failure);
    if (result == 0)
        result = read_checkpoint(opened, failure);
    if (result == 0 && options->may_write)
        result = resume(opened, failure);
    if (result < 0) {
        sealed_log_close(opened);
        return result;
    }
    *log = opened;
    return 0;
}

const struct note_key *sealed_log_key(const struct sealed_log *log)
{
    return &log->key;
}

struct tlog_head sealed_log_head(const struct sealed_log *log)
{
    return log->head;
}

struct bytes sealed_log_checkpoint(const struct sealed_log *log)
{
    return writer_view(&log->checkpoint);
}

static int append_all(struct sealed_log *log, const struct bytes *leaves,
                      size_t count, struct failure *failure)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < count; i++)
        result =
            tails_append(&log->tails, &log->folder, leaves[i], failure);
    if (result == 0)
        result = tails_flush(&log->tails, &log->folder, failure);
    if (result < 0)
        return result;
    struct tlog_head head = { log->tails.size, tails_root(&log->tails) };
    result = commit_state(log, &head, failure);
    return result == 0 ? publish(log, &head, failure) : result;
}

int sealed_log_append(struct sealed_log *log, const struct bytes *leaves,
                      size_t count, struct failure *failure)
{
    struct failure again;

    check(log->lock >= 0);
    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++)
        check(leaves[i].size <= SEALED_LEAF_MAX);
    int result = append_all(log, leaves, count, failure);
    /* What is in memory ran ahead of the disk: go back to what is signed.
     * Where even that fails, nothing more can be appended. */
    if (result < 0 && resume(log, &again) < 0)
        log->tails.size = UINT64_MAX;
    return result;
}

/* A tile of the head's tree, for proofs. */
static bool read_tile(void *context, const struct tlog_tile *tile,
                      struct bytes *content)
{
    struct sealed_log *log = context;

    if (tails_read_tile(&log->folder, tile, &log->tile, log->failure) < 0)
        return false;
    *content = writer_view(&log->tile);
    return true;
}

static struct tlog_tiles tiles_of(struct sealed_log *log,
                                  struct failure *failure)
{
    log->failure = failure;
    return (struct tlog_tiles){ log->head.size, read_tile, log };
}

static int check_index(const struct sealed_log *log, uint64_t index,
                       struct failure *failure)
{
    if (index < log->head.size)
        return 0;
    return failure_set(failure, ERROR_LIMIT,
                       "%s: has %" PRIu64 " entries, and none of number "
                       "%" PRIu64,
                       log->directory, log->head.size, index);
}

int sealed_log_read(struct sealed_log *log, uint64_t index, struct writer *w,
                    struct failure *failure)
{
    struct tlog_tile tile = { .is_bundle = true,
                              .number = index / TLOG_TILE_WIDTH };
    int result = check_index(log, index, failure);

    if (result < 0)
        return result;
    tile.width = tlog_tile_width(0, tile.number, log->head.size);
    result = tails_read_tile(&log->folder, &tile, &log->tile, failure);
    if (result < 0)
        return result;
    struct reader r = reader_of(writer_view(&log->tile));
    for (uint64_t i = 0; i < index % TLOG_TILE_WIDTH; i++)
        (void)tlog_bundle_next(&r);
    struct bytes leaf = tlog_bundle_next(&r);
    if (!reader_ok(&r))
        return bad_log(log, failure, "a bundle of entries is too short");
    writer_reset(w);
    writer_bytes(w, leaf);
    return 0;
}

int sealed_log_prove(struct sealed_log *log, uint64_t index, struct writer *w,
                     struct failure *failure)
{
    struct tlog_tiles tiles = tiles_of(log, failure);
    struct tlog_source source = { tlog_tiles_read, &tiles };
    struct tlog_proof proof = { .index = index,
                                .checkpoint = writer_view(&log->checkpoint) };
    int result = check_index(log, index, failure);

    if (result < 0)
        return result;
    if (!tlog_prove_inclusion(&source, index, log->head.size, &proof.path))
        return bad_log(log, failure, "a tile that the proof needs is not "
                                     "there whole: tenet ledger fsck");
    writer_reset(w);
    tlog_proof_write(w, &proof);
    return 0;
}

int sealed_log_prove_growth(struct sealed_log *log, uint64_t old_size,
                            struct tlog_path *path, struct failure *failure)
{
    struct tlog_tiles tiles = tiles_of(log, failure);
    struct tlog_source source = { tlog_tiles_read, &tiles };

    if (old_size == 0 || old_size > log->head.size)
        return failure_set(failure, ERROR_LIMIT,
                           "%s: has no head of %" PRIu64 " entries to grow "
                           "from",
                           log->directory, old_size);
    if (!tlog_prove_consistency(&source, old_size, log->head.size, path))
        return bad_log(log, failure, "a tile that the proof needs is not "
                                     "there whole: tenet ledger fsck");
    return 0;
}

int sealed_log_publish(struct sealed_log *log, struct bytes checkpoint,
                       struct failure *failure)
{
    struct note note;
    struct checkpoint read;
    int result =
        checkpoint_open(checkpoint, &log->key, &note, &read, failure);

    check(log->lock >= 0);
    if (result < 0)
        return result;
    if (!is_same_head(&read.head, &log->head))
        return bad_log(log, failure, "not the head that is to be published");
    result =
        seal_file_write(&log->folder, "checkpoint", checkpoint, failure);
    if (result < 0)
        return result;
    writer_reset(&log->checkpoint);
    writer_bytes(&log->checkpoint, checkpoint);
    return 0;
}

/* What sealed_log_check() goes through the entries with. */
struct audit {
    struct sealed_log *log;
    struct tails made;           /* The tree as the entries make it. */
    struct writer tile;
    struct failure *failure;
};

static int compare_tile(struct audit *audit, unsigned level,
                        const struct tail *tail)
{
    struct sealed_log *log = audit->log;
    struct tlog_tile tile = { .level = level, .number = tail->number,
                              .width = tail->width };
    char path[TLOG_TILE_PATH_SIZE];
    int result =
        tails_read_tile(&log->folder, &tile, &audit->tile, audit->failure);

    if (result < 0)
        return result;
    size_t size = (size_t)tail->width * TLOG_HASH_SIZE;
    if (memcmp(audit->tile.data, tail->hashes, size) != 0)
        return failure_set(audit->failure, ERROR_FORMAT,
                           "%s/%s: not the hashes of its entries",
                           log->directory, tlog_tile_path(&tile, path));
    return 0;
}

/* As carry() in tails.c, but comparing where that writes. */
static int audit_leaf(struct audit *audit, struct bytes leaf)
{
    struct tlog_hash hash = tlog_hash_leaf(leaf);

    audit->made.size++;
    for (unsigned level = 0; level < LEVEL_COUNT; level++) {
        struct tail *tail = &audit->made.levels[level];
        tail->hashes[tail->width++] = hash;
        if (tail->width < TLOG_TILE_WIDTH)
            return 0;
        int result = compare_tile(audit, level, tail);
        if (result < 0)
            return result;
        hash = tails_tile_root(tail);
        tail->width = 0;
        tail->number++;
    }
    return 0;
}

static int audit_bundle(struct audit *audit, uint64_t number)
{
    struct sealed_log *log = audit->log;
    struct tlog_tile tile = { .is_bundle = true, .number = number };

    tile.width = tlog_tile_width(0, number, log->head.size);
    int result =
        tails_read_tile(&log->folder, &tile, &log->tile, audit->failure);
    struct reader r = reader_of(writer_view(&log->tile));
    for (unsigned i = 0; result == 0 && i < tile.width; i++) {
        struct bytes leaf = tlog_bundle_next(&r);
        if (!reader_ok(&r))
            return bad_log(log, audit->failure,
                           "a bundle of entries is too short");
        result = audit_leaf(audit, leaf);
    }
    return result;
}

int sealed_log_check(struct sealed_log *log, struct failure *failure)
{
    struct audit audit = { .log = log, .failure = failure };
    int result = 0;

    tails_init(&audit.made);
    writer_init(&audit.tile, TLOG_BUNDLE_SIZE_MAX);
    for (uint64_t n = 0; result == 0 && n * TLOG_TILE_WIDTH < log->head.size;
         n++)
        result = audit_bundle(&audit, n);
    for (unsigned level = 0; result == 0 && level < LEVEL_COUNT; level++)
        if (audit.made.levels[level].width > 0)
            result = compare_tile(&audit, level, &audit.made.levels[level]);
    if (result == 0) {
        struct tlog_hash root = tails_root(&audit.made);
        if (!tlog_hash_equal(&root, &log->head.root))
            result = bad_log(log, failure,
                             "its entries do not make the root it signed");
    }
    tails_clear(&audit.made);
    writer_clear(&audit.tile);
    return result;
}
