/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The queue in front of the log: the table `leaf`, whose row `number` is, or
 * will be, the log's entry of that index. Rows are added in the transaction of
 * what they are about; triggers keep them as they are.
 */
#include "ledger/internal.h"
#include "ledger/statement.h"
#include "seal/log.h"

struct queue_leaf {
    enum statement_kind kind;
    const char *subject;      /* Digest of the subject, hex. */
    uint32_t segment;         /* 0 for none. */
    const char *finding;      /* Null for none, */
    int64_t run;              /* and the run, */
    uint64_t count;           /* the count */
    const char *severity;     /* and severity that it says. */
    struct bytes content;
};

/* Join the transaction under way, as the last of the queue. */
int queue_add(struct ledger *ledger, const struct queue_leaf *leaf,
              struct failure *failure) MUST_USE;

/* How many rows there are; negative on failure. */
int64_t queue_size(struct ledger *ledger, struct failure *failure) MUST_USE;

/* A statement's row; the texts are views into it. */
struct queue_leaf queue_leaf_of(const struct statement *statement,
                                struct bytes content);

/* Append to the log what the queue holds beyond its head. Refused when the
 * two do not agree where they meet. */
int queue_integrate(struct ledger *ledger, struct sealed_log *log,
                    struct failure *failure) MUST_USE;

/* Add the rows that the log has beyond the queue; answers how many. */
int64_t queue_rebuild(struct ledger *ledger, struct sealed_log *log,
                      struct failure *failure) MUST_USE;

/* Called for each row in order; a negative answer stops it. */
typedef int queue_function(void *context, uint64_t number,
                           struct bytes content);
int queue_each(struct ledger *ledger, uint64_t from, queue_function *each,
               void *context, struct failure *failure) MUST_USE;
