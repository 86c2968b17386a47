/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tlog/policy.h"
#include "witness.h"
#include "witness/ask.h"

enum { LINES_MAX = NOTE_SIZE_MAX };

/* One round over the witnesses of a policy. */
struct round {
    char *directory;           /* Of the log; owned. */
    struct sealed_log *log;
    struct policy *policy;
    struct writer lines;       /* Valid cosignatures. */
    struct writer checkpoint;  /* With them. */
    bool is_forked;
};

static int open_log(const char *directory, bool may_write,
                    struct sealed_log **log, struct failure *failure)
{
    const struct sealed_log_options options = { .directory = directory,
                                                .may_write = may_write };
    int result = sealed_log_open(&options, log, failure);

    if (result == -ENOENT)
        result = failure_set(failure, result, "%s: no log is there",
                             directory);
    return result;
}

static int open_round(const struct witness_words *words, struct round *round,
                      struct failure *failure)
{
    struct writer text;

    writer_init(&text, POLICY_SIZE_MAX);
    int result = witness_read_file(words->policy, POLICY_SIZE_MAX, &text,
                                   failure);
    if (result == 0)
        result = policy_read(words->policy, writer_view(&text),
                             &round->policy, failure);
    writer_clear(&text);
    if (result == 0)
        result = open_log(round->directory, false, &round->log, failure);
    return result;
}

static void ask_one(struct round *round, uint32_t index)
{
    struct witness_peer peer;
    struct witness_reply reply;

    peer.key = policy_witness(round->policy, index, &peer.url);
    if (peer.url.size == 0) {
        printf("%s: the policy does not say where it is\n", peer.key->name);
        return;
    }
    witness_ask(round->log, &peer, &round->lines, &reply);
    if (reply.outcome == WITNESS_COSIGNED)
        printf("%s: cosigned\n", peer.key->name);
    else
        printf("%s: %s\n", peer.key->name, reply.text);
    if (reply.outcome == WITNESS_FORKED)
        round->is_forked = true;
}

/* The log is opened anew to be written: while the witnesses were asked, it
 * was free to grow, and then the next round is for the new head. */
static int publish(struct round *round, struct failure *failure)
{
    struct sealed_log *log = NULL;
    int result = open_log(round->directory, true, &log, failure);

    if (result == 0)
        result = sealed_log_publish(log, writer_view(&round->checkpoint),
                                    failure);
    sealed_log_close(log);
    return result;
}

static int judge(struct round *round, struct failure *failure)
{
    struct policy_verdict verdict;

    if (round->is_forked)
        return failure_set(failure, ERROR_CONFLICT,
                           "%s: a witness has proof that this log signed "
                           "another history; nothing was published, and "
                           "nothing more may be added to it",
                           round->directory);
    if (!witness_merge(sealed_log_checkpoint(round->log),
                       writer_view(&round->lines), &round->checkpoint))
        return failure_set(failure, ERROR_FORMAT,
                           "%s: the checkpoint takes no more signatures",
                           round->directory);
    int result = round->lines.size > 0 ? publish(round, failure) : 0;
    if (result < 0)
        return result;
    return policy_check(round->policy, writer_view(&round->checkpoint),
                        &verdict, failure);
}

static int run_round(const struct witness_words *words, struct round *round,
                     struct failure *failure)
{
    int result = open_round(words, round, failure);

    if (result < 0)
        return result;
    for (uint32_t i = 0; i < policy_witness_count(round->policy); i++)
        ask_one(round, i);
    return judge(round, failure);
}

int witness_ask_policy(const struct witness_words *words)
{
    struct failure failure = { 0 };
    struct round round = { 0 };

    if (!words->policy || words->log_count > 1)
        return EXIT_USAGE;
    round.directory = witness_log_directory(words);
    writer_init(&round.lines, LINES_MAX);
    writer_init(&round.checkpoint, 2 * NOTE_SIZE_MAX);
    int result = run_round(words, &round, &failure);
    if (result == 0)
        printf("the quorum is reached at %llu entries\n",
               (unsigned long long)sealed_log_head(round.log).size);
    sealed_log_close(round.log);
    policy_free(round.policy);
    free(round.directory);
    writer_clear(&round.lines);
    writer_clear(&round.checkpoint);
    return result < 0 ? command_fail(&failure, EXIT_UNREADABLE)
                      : EXIT_NOTHING;
}
