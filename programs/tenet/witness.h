/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of `tenet witness` share: its words. */
#include "command.h"
#include "seal/files.h"
#include "tlog/note.h"

enum { WITNESS_WORD_MAX = 256 };

struct witness_words {
    const char *key;
    const char *name;
    const char *listen;
    const char *store;
    const char *policy;
    const char *authority;  /* The address of a time-stamping authority. */
    const char *roots;
    const char *others;
    bool verifies;
    const char *logs[WITNESS_WORD_MAX]; /* Verifier keys, or a directory. */
    size_t log_count;
};

/* Each answers EXIT_USAGE when its words are not enough. */
int witness_serve(const struct witness_words *words);
int witness_keygen(const struct witness_words *words);
int witness_ask_policy(const struct witness_words *words);
int witness_stamp(const struct witness_words *words);

/* Read all of a file of at most `size_max` bytes into `w`. */
int witness_read_file(const char *path, size_t size_max, struct writer *w,
                      struct failure *failure) MUST_USE;

/* The log that --log names, or the ledger's; the caller frees it. */
char *witness_log_directory(const struct witness_words *words);

/* The folder a path lies in, opened, and the name in it. */
int witness_folder_of(const char *path, struct seal_folder *folder,
                      const char **name, struct failure *failure) MUST_USE;
