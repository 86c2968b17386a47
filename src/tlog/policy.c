/* SPDX-License-Identifier: Apache-2.0 */
#include "tlog/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/reader.h"
#include "base/text.h"

enum {
    NAME_TEXT_MAX = 160, /* Of a word shown in a message. */
    WORD_MAX = 2 + POLICY_MEMBER_MAX + 2,
};

/* A witness, or a group of those named before it; one namespace. */
struct member {
    struct bytes name;
    struct note_key key;     /* Of a witness. */
    struct bytes url;        /* The same; may be empty. */
    bool is_group;
    bool is_taken;           /* In a group already. */
    uint32_t threshold;
    uint32_t count;
    uint8_t members[POLICY_MEMBER_MAX];
};

struct policy {
    char *text;              /* What the names are views of. */
    uint32_t log_count;
    uint32_t member_count;
    uint32_t witness_count;
    uint32_t group_count;
    int quorum;              /* Of `members`; -1 for none. */
    bool has_quorum;
    struct note_key logs[POLICY_LOG_MAX];
    struct member members[POLICY_MEMBER_MAX];
};

/* The words of one line, and where it stands. */
struct line {
    const char *file;
    unsigned number;
    size_t count;
    struct bytes words[WORD_MAX];
    struct failure *failure;
};

static int refuse(const struct line *line, const char *why,
                  struct bytes word)
{
    struct writer w;

    writer_init(&w, NAME_TEXT_MAX);
    text_escape(&w, bytes_slice(word, 0, NAME_TEXT_MAX / 8));
    int result = failure_set(line->failure, ERROR_FORMAT, "%s:%u: %s%s%s",
                             line->file, line->number, why,
                             word.size > 0 ? ": " : "", writer_as_text(&w));
    writer_clear(&w);
    return result;
}

static const struct bytes no_word;

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* False when a byte is a control character, or there are too many words. */
static bool split(struct bytes text, struct line *line)
{
    size_t at = 0;

    line->count = 0;
    while (at < text.size) {
        size_t from = at;
        while (at < text.size && !is_blank(text.data[at])) {
            if (text.data[at] < ' ' || text.data[at] == 0x7f)
                return false;
            at++;
        }
        if (at > from) {
            if (line->count == WORD_MAX)
                return false;
            line->words[line->count++] = bytes_slice(text, from, at - from);
            if (line->words[0].data[0] == '#')
                return true;
        }
        while (at < text.size && is_blank(text.data[at]))
            at++;
    }
    return true;
}

static int find_member(const struct policy *policy, struct bytes name)
{
    for (uint32_t i = 0; i < policy->member_count; i++)
        if (bytes_equal(policy->members[i].name, name))
            return (int)i;
    return -1;
}

static bool is_same_key(const struct note_key *a, const struct note_key *b)
{
    return memcmp(a->key.bytes, b->key.bytes, sizeof a->key.bytes) == 0;
}

static int read_key(const struct line *line, struct bytes word,
                    enum note_key_type type, struct note_key *key)
{
    struct failure why;

    if (note_key_read(word, key, &why) < 0)
        return refuse(line, why.text, no_word);
    if (key->type != type)
        return refuse(line, "a key of the wrong kind", word);
    return 0;
}

static int read_log(struct policy *policy, const struct line *line)
{
    struct note_key *key = &policy->logs[policy->log_count];

    if (line->count < 2 || line->count > 3)
        return refuse(line, "expected \"log VKEY [URL]\"", no_word);
    if (policy->log_count == POLICY_LOG_MAX)
        return refuse(line, "more than 64 logs", no_word);
    int result = read_key(line, line->words[1], NOTE_KEY_ED25519, key);
    if (result < 0)
        return result;
    for (uint32_t i = 0; i < policy->log_count; i++)
        if (is_same_key(&policy->logs[i], key))
            return refuse(line, "the same key twice", line->words[1]);
    policy->log_count++;
    return 0;
}

/* A name for a new witness or group; its place, or null when refused. */
static struct member *new_member(struct policy *policy,
                                 const struct line *line, int *result)
{
    struct bytes name = line->words[1];

    *result = 0;
    if (bytes_equal(name, bytes_of_text("none")))
        *result = refuse(line, "a name that has a meaning already", name);
    else if (find_member(policy, name) >= 0)
        *result = refuse(line, "the same name twice", name);
    if (*result < 0)
        return NULL;
    struct member *member = &policy->members[policy->member_count];
    *member = (struct member){ .name = name };
    return member;
}

static int read_witness(struct policy *policy, const struct line *line)
{
    int result;

    if (line->count < 3 || line->count > 4)
        return refuse(line, "expected \"witness NAME VKEY [URL]\"", no_word);
    if (policy->witness_count == POLICY_WITNESS_MAX)
        return refuse(line, "more than 64 witnesses", no_word);
    struct member *member = new_member(policy, line, &result);
    if (!member)
        return result;
    result =
        read_key(line, line->words[2], NOTE_KEY_COSIGNATURE, &member->key);
    if (result < 0)
        return result;
    for (uint32_t i = 0; i < policy->member_count; i++)
        if (!policy->members[i].is_group &&
            is_same_key(&policy->members[i].key, &member->key))
            return refuse(line, "the same key twice", line->words[2]);
    if (line->count == 4)
        member->url = line->words[3];
    policy->member_count++;
    policy->witness_count++;
    return 0;
}

static bool read_threshold(struct bytes word, uint32_t count,
                           uint32_t *threshold)
{
    uint64_t number;

    if (bytes_equal(word, bytes_of_text("any"))) {
        *threshold = 1;
        return true;
    }
    if (bytes_equal(word, bytes_of_text("all"))) {
        *threshold = count;
        return true;
    }
    if (!tlog_read_size(word, &number) || number == 0 || number > count)
        return false;
    *threshold = (uint32_t)number;
    return true;
}

static int read_group(struct policy *policy, const struct line *line)
{
    int result;

    if (line->count < 4)
        return refuse(line, "expected \"group NAME all|any|K MEMBER...\"",
                      no_word);
    if (policy->group_count == POLICY_GROUP_MAX)
        return refuse(line, "more than 64 groups", no_word);
    struct member *group = new_member(policy, line, &result);
    if (!group)
        return result;
    group->is_group = true;
    for (size_t i = 3; i < line->count; i++) {
        int index = find_member(policy, line->words[i]);
        if (index < 0)
            return refuse(line, "not defined before this line",
                          line->words[i]);
        if (policy->members[index].is_taken)
            return refuse(line, "a member of a group already",
                          line->words[i]);
        policy->members[index].is_taken = true;
        group->members[group->count++] = (uint8_t)index;
    }
    if (!read_threshold(line->words[2], group->count, &group->threshold))
        return refuse(line, "not \"all\", \"any\" or a number of members",
                      line->words[2]);
    policy->member_count++;
    policy->group_count++;
    return 0;
}

static int read_quorum(struct policy *policy, const struct line *line)
{
    if (line->count != 2)
        return refuse(line, "expected \"quorum NAME\"", no_word);
    if (policy->has_quorum)
        return refuse(line, "a second quorum", no_word);
    policy->has_quorum = true;
    policy->quorum = find_member(policy, line->words[1]);
    if (policy->quorum < 0 &&
        !bytes_equal(line->words[1], bytes_of_text("none")))
        return refuse(line, "not defined before this line", line->words[1]);
    return 0;
}

static int read_line(struct policy *policy, struct bytes text,
                     struct line *line)
{
    static const struct {
        const char *word;
        int (*read)(struct policy *policy, const struct line *line);
    } kinds[] = {
        { "log", read_log },
        { "witness", read_witness },
        { "group", read_group },
        { "quorum", read_quorum },
    };

    if (!split(text, line))
        return refuse(line, "control characters, or too many words",
                      no_word);
    if (line->count == 0 || line->words[0].data[0] == '#')
        return 0;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (bytes_equal(line->words[0], bytes_of_text(kinds[i].word)))
            return kinds[i].read(policy, line);
    return refuse(line, "not log, witness, group or quorum", line->words[0]);
}

static int read_lines(struct policy *policy, struct bytes text,
                      struct line *line)
{
    struct reader r = reader_of(text);

    while (reader_left(&r) > 0) {
        struct bytes next = reader_until(&r, '\n', POLICY_SIZE_MAX);
        line->number++;
        if (!reader_ok(&r))
            return refuse(line, "the last line has no end", no_word);
        int result = read_line(policy, next, line);
        if (result < 0)
            return result;
    }
    if (!policy->has_quorum)
        return refuse(line, "no quorum: say \"quorum none\" if none is asked",
                      no_word);
    return 0;
}

int policy_read(const char *name, struct bytes text, struct policy **policy,
                struct failure *failure)
{
    struct line line = { .file = name, .failure = failure };

    if (text.size > POLICY_SIZE_MAX)
        return refuse(&line, "more than 256 KiB", no_word);
    struct policy *made = memory_new(1, sizeof *made);
    made->text = memory_copy_text(text);
    int result = read_lines(made, bytes_of(made->text, text.size), &line);
    if (result < 0) {
        policy_free(made);
        return result;
    }
    *policy = made;
    return 0;
}

void policy_free(struct policy *policy)
{
    if (!policy)
        return;
    free(policy->text);
    free(policy);
}

uint32_t policy_witness_count(const struct policy *policy)
{
    return policy->witness_count;
}

const struct note_key *policy_witness(const struct policy *policy,
                                      uint32_t index, struct bytes *url)
{
    check(index < policy->witness_count);
    for (uint32_t i = 0;; i++) {
        const struct member *member = &policy->members[i];
        if (member->is_group || index-- > 0)
            continue;
        *url = member->url;
        return &member->key;
    }
}

/* Groups come after their members, so one pass in order decides them all. */
static bool has_quorum(const struct policy *policy, const bool *has_seen)
{
    bool holds[POLICY_MEMBER_MAX] = { false };

    if (policy->quorum < 0)
        return true;
    for (uint32_t i = 0; i < policy->member_count; i++) {
        const struct member *member = &policy->members[i];
        uint32_t count = 0;
        for (uint32_t k = 0; k < member->count; k++)
            count += holds[member->members[k]];
        holds[i] = member->is_group ? count >= member->threshold
                                    : has_seen[i];
    }
    return holds[policy->quorum];
}

static int check_witnesses(const struct policy *policy,
                           const struct note *note,
                           struct policy_verdict *verdict,
                           struct failure *failure)
{
    bool has_seen[POLICY_MEMBER_MAX] = { false };

    for (uint32_t i = 0; i < policy->member_count; i++) {
        const struct member *member = &policy->members[i];
        uint64_t time_s = 0;
        if (member->is_group)
            continue;
        switch (note_verify(note, &member->key, &time_s)) {
        case NOTE_UNKNOWN:
            continue;
        case NOTE_FORGED:
            return failure_set(failure, ERROR_FORMAT,
                               "checkpoint: the cosignature of %s does not "
                               "hold",
                               member->key.name);
        case NOTE_VERIFIED:
            break;
        }
        has_seen[i] = true;
        if (verdict->witness_count++ == 0 || time_s < verdict->first_seen_s)
            verdict->first_seen_s = time_s;
        if (time_s > verdict->last_seen_s)
            verdict->last_seen_s = time_s;
    }
    if (!has_quorum(policy, has_seen))
        return failure_set(failure, ERROR_FORMAT,
                           "checkpoint: seen by %u of the policy's witnesses, "
                           "which is not its quorum",
                           verdict->witness_count);
    return 0;
}

int policy_check(const struct policy *policy, struct bytes checkpoint,
                 struct policy_verdict *verdict, struct failure *failure)
{
    struct policy_verdict found = { .log = NULL };
    struct note note;
    int result = note_read(checkpoint, &note, failure);

    if (result < 0)
        return result;
    for (uint32_t i = 0; i < policy->log_count && !found.log; i++)
        if (note_verify(&note, &policy->logs[i], NULL) != NOTE_UNKNOWN)
            found.log = &policy->logs[i];
    if (!found.log)
        return failure_set(failure, ERROR_FORMAT,
                           "checkpoint: not signed by a log of the policy");
    result = checkpoint_open(checkpoint, found.log, &note, &found.checkpoint,
                             failure);
    if (result == 0)
        result = check_witnesses(policy, &note, &found, failure);
    if (result == 0)
        *verdict = found;
    return result;
}
