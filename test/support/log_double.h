/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A log in memory that can do what no honest one does: two of them with one
 * key may share their beginning and then differ.
 */
#include "tlog/checkpoint.h"
#include "witness/request.h"

enum { LOG_DOUBLE_MAX = 256 };

struct log_double {
    struct note_key key;
    struct crypto_key_pair pair;
    uint64_t fork;                     /* Leaves from here on are its own. */
    char branch;
};

/* A log of this origin; the same origin makes the same key. */
void log_double_init(struct log_double *log, const char *origin);

struct tlog_head log_double_head(const struct log_double *log, uint64_t size);

/* The signed checkpoint at `size`, into `w`. */
void log_double_sign(const struct log_double *log, uint64_t size,
                     struct writer *w);

/* The whole request to grow from `old_size` to `size`, into `w`. */
void log_double_request(const struct log_double *log, uint64_t old_size,
                        uint64_t size, struct writer *w);
