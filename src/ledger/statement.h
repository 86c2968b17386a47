/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a leaf of the log says, as an in-toto Statement v1:
 *
 *     {"_type":"https://in-toto.io/Statement/v1",
 *      "predicate":{"content":{...},"salt":"<32 hex digits>"},
 *      "predicateType":"tenet:<kind>/v1",
 *      "subject":[{"digest":{"sha256":"<64>"},"name":"..."}]}
 *
 * Keys are sorted, numbers are integers below 2^53 (times are pairs of seconds
 * and nanoseconds), and who verifies hashes the bytes as they are stored. The
 * salt keeps a neighbour's leaf from being guessed by its hash in a proof.
 */
#include <jansson.h>

#include "base/error.h"
#include "crypto/digest.h"
#include "format/json_writer.h"

enum { STATEMENT_SALT_SIZE = 16, STATEMENT_SIZE_MAX = 8 << 10 };

enum statement_kind {
    STATEMENT_GENESIS,   /* The log's key, and the program that made it. */
    STATEMENT_RULESET,   /* What findings are made by, from here on. */
    STATEMENT_SEGMENT,   /* A file of packets: the root of its blocks. */
    STATEMENT_FINDING,
    STATEMENT_HEARTBEAT, /* Still there, though nothing happened. */
    STATEMENT_CLOCK,     /* The clock was set. */
    STATEMENT_ACTION,    /* From here on: names that are reserved. */
    STATEMENT_LABEL,
    STATEMENT_GATE,
    STATEMENT_NEUTRAL,
    STATEMENT_CUSTODY,
    STATEMENT_TIME,
    STATEMENT_ERASURE,
};

/* "finding" */
const char *statement_kind_name(enum statement_kind kind);

/* Begin a statement in `json` over an empty writer of STATEMENT_SIZE_MAX; the
 * members of its content are written next, their keys sorted. */
void statement_open(struct json_writer *json);

struct statement_end {
    enum statement_kind kind;
    uint8_t salt[STATEMENT_SALT_SIZE];
    const char *subject;       /* Its name. */
    const uint8_t *digest;     /* Of the subject: CRYPTO_SHA256_SIZE. */
};

void statement_close(struct json_writer *json,
                     const struct statement_end *end);

/* A time as {"ns":...,"s":...}: the nanoseconds of 2026 are past 2^53. */
void statement_time(struct json_writer *json, const char *key,
                    int64_t time_ns);

/* A statement as read; release it with statement_clear(). */
struct statement {
    enum statement_kind kind;
    char digest[2 * CRYPTO_SHA256_SIZE + 1]; /* Of the subject, hex. */
    json_t *whole;
    json_t *content;           /* A view into it. */
};

int statement_read(struct bytes text, struct statement *statement,
                   struct failure *failure) MUST_USE;
void statement_clear(struct statement *statement);

/* A whole number of at least 0 in the content; false when there is none. */
bool statement_number(const struct statement *statement, const char *key,
                      uint64_t *number) MUST_USE;

/* A text in the content; null when there is none. */
const char *statement_text(const struct statement *statement,
                           const char *key);
