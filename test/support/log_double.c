/* SPDX-License-Identifier: Apache-2.0 */
#include "log_double.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

static struct tlog_hash leaf_hash(const struct log_double *log,
                                  uint64_t index)
{
    char text[32];
    char branch = index >= log->fork ? log->branch : 'a';

    (void)snprintf(text, sizeof text, "leaf %llu %c",
                   (unsigned long long)index, branch);
    return tlog_hash_leaf(bytes_of_text(text));
}

static bool read_subtree(void *context, unsigned level, uint64_t index,
                         struct tlog_hash *hash)
{
    struct tlog_edge edge = { 0 };

    for (uint64_t i = index << level; i < (index + 1) << level; i++) {
        struct tlog_hash leaf = leaf_hash(context, i);
        tlog_edge_append(&edge, &leaf);
    }
    *hash = tlog_edge_root(&edge);
    return true;
}

void log_double_init(struct log_double *log, const char *origin)
{
    uint8_t seed[CRYPTO_ED25519_SEED_SIZE] = { 1 };

    memcpy(seed + 1, origin, strnlen(origin, sizeof seed - 1));
    *log = (struct log_double){ .fork = LOG_DOUBLE_MAX, .branch = 'a' };
    log->pair = crypto_key_pair_of(seed);
    bool is_key = note_key_of(bytes_of_text(origin), NOTE_KEY_ED25519,
                              &log->pair.public_key, &log->key);
    check(is_key);
}

struct tlog_head log_double_head(const struct log_double *log, uint64_t size)
{
    struct tlog_edge edge = { 0 };

    for (uint64_t i = 0; i < size; i++) {
        struct tlog_hash leaf = leaf_hash(log, i);
        tlog_edge_append(&edge, &leaf);
    }
    return (struct tlog_head){ .size = size, .root = tlog_edge_root(&edge) };
}

void log_double_sign(const struct log_double *log, uint64_t size,
                     struct writer *w)
{
    struct writer text;
    struct checkpoint checkpoint = {
        .origin = bytes_of_text(log->key.name),
        .head = log_double_head(log, size),
    };

    writer_init(&text, NOTE_SIZE_MAX);
    checkpoint_write(&text, &checkpoint);
    writer_bytes(w, writer_view(&text));
    writer_byte(w, '\n');
    note_sign(w, writer_view(&text), &log->key, &log->pair, 0);
    writer_clear(&text);
}

void log_double_request(const struct log_double *log, uint64_t old_size,
                        uint64_t size, struct writer *w)
{
    struct log_double copy = *log;
    struct tlog_source source = { .read = read_subtree, .context = &copy };
    struct witness_request request = { .old_size = old_size };
    struct writer note;

    if (old_size > 0 && old_size < size) {
        bool is_made =
            tlog_prove_consistency(&source, old_size, size, &request.path);
        check(is_made);
    }
    writer_init(&note, NOTE_SIZE_MAX);
    log_double_sign(log, size, &note);
    request.checkpoint = writer_view(&note);
    writer_reset(w);
    witness_request_write(w, &request);
    writer_clear(&note);
}
