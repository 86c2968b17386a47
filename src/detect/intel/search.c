/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which observations make a pattern true: the pattern's code is run, each slot
 * takes the first observation that all groups around it allow, and where none
 * is left the newest choice is taken back. Groups are asked with every choice,
 * not at their end, so that a hopeless branch is left at once; repetitions are
 * tried in one order only.
 */
#include "base/check.h"
#include "detect/intel/observation.h"

enum { FRAME_MAX = STIX_SLOT_MAX + STIX_CODE_MAX };

/* A choice that can be taken back. */
struct choice {
    uint32_t at;   /* The instruction. */
    uint32_t next; /* SLOT: the next observation to try; SPLIT: 1 when the
                    * other way was taken. */
};

struct taken {
    uint32_t at;
    uint32_t seen;
};

struct search {
    const struct stix_pattern *pattern;
    const struct stix_seen *seen;
    size_t count;
    struct taken taken[STIX_SLOT_MAX];
    size_t taken_count;
    struct choice choices[FRAME_MAX];
    size_t choice_count;
    uint64_t steps;
};

static bool is_used(const struct search *search, uint32_t seen)
{
    for (size_t i = 0; i < search->taken_count; i++)
        if (search->taken[i].seen == seen)
            return true;
    return false;
}

/* Could all of it have happened within the duration? */
static bool fits_within(const struct search *search,
                        const struct stix_group *group,
                        const struct stix_seen *new)
{
    int64_t latest_first = new->first_ns;
    int64_t earliest_last = new->last_ns;

    for (size_t i = 0; i < search->taken_count; i++) {
        const struct stix_seen *seen = &search->seen[search->taken[i].seen];
        uint32_t at = search->taken[i].at;
        if (at < group->begin || at >= group->end)
            continue;
        if (seen->first_ns > latest_first)
            latest_first = seen->first_ns;
        if (seen->last_ns < earliest_last)
            earliest_last = seen->last_ns;
    }
    return latest_first <= earliest_last ||
           (uint64_t)latest_first - (uint64_t)earliest_last <=
               (uint64_t)group->duration_ns;
}

static bool fits_after(const struct search *search,
                       const struct stix_group *group, uint32_t at,
                       const struct stix_seen *new)
{
    if (at < group->middle)
        return true;
    for (size_t i = 0; i < search->taken_count; i++) {
        uint32_t before = search->taken[i].at;
        if (before >= group->begin && before < group->middle &&
            search->seen[search->taken[i].seen].first_ns > new->last_ns)
            return false;
    }
    return true;
}

static bool fits_during(const struct stix_group *group,
                        const struct stix_seen *new)
{
    return new->first_ns < stix_time_ns(group->stop) &&
           new->last_ns >= stix_time_ns(group->start);
}

/* The first observation of a repetition comes after that of the one before. */
static bool fits_again(const struct search *search,
                       const struct stix_group *group, uint32_t seen)
{
    uint32_t before = UINT32_MAX;

    for (size_t i = 0; i < search->taken_count; i++) {
        uint32_t at = search->taken[i].at;
        if (at >= group->begin && at < group->end)
            return true;
        if (before == UINT32_MAX && at >= group->middle && at < group->begin)
            before = search->taken[i].seen;
    }
    return before == UINT32_MAX || seen > before;
}

static bool fits(struct search *search, uint32_t at, uint32_t seen)
{
    const struct stix_seen *new = &search->seen[seen];
    uint64_t leaf = (uint64_t)1 << search->pattern->code[at].number;

    if (!(new->leaves & leaf) || is_used(search, seen))
        return false;
    for (size_t i = 0; i < search->pattern->group_count; i++) {
        const struct stix_group *group = &search->pattern->groups[i];
        bool ok = true;
        if (at < group->begin || at >= group->end)
            continue;
        search->steps += 1 + search->taken_count / 8;
        switch (group->kind) {
        case STIX_GROUP_WITHIN:
            ok = fits_within(search, group, new);
            break;
        case STIX_GROUP_FOLLOWEDBY:
            ok = fits_after(search, group, at, new);
            break;
        case STIX_GROUP_DURING:
            ok = fits_during(group, new);
            break;
        case STIX_GROUP_AGAIN:
            ok = fits_again(search, group, seen);
            break;
        }
        if (!ok)
            return false;
    }
    return true;
}

/* Let the slot at the newest choice take its next observation. */
static bool take(struct search *search)
{
    struct choice *choice = &search->choices[search->choice_count - 1];

    for (uint32_t seen = choice->next; seen < search->count; seen++) {
        search->steps++;
        if (!fits(search, choice->at, seen))
            continue;
        choice->next = seen + 1;
        search->taken[search->taken_count++] =
            (struct taken){ choice->at, seen };
        return true;
    }
    return false;
}

/* Take back choices until one can be made otherwise; the instruction to go on
 * at, or UINT32_MAX when there is none. */
static uint32_t back(struct search *search)
{
    while (search->choice_count > 0) {
        struct choice *choice = &search->choices[search->choice_count - 1];
        const struct stix_code *code = &search->pattern->code[choice->at];
        if (code->kind == STIX_CODE_SPLIT && !choice->next) {
            choice->next = 1;
            return code->number;
        }
        if (code->kind == STIX_CODE_SLOT) {
            if (search->taken_count > 0 &&
                search->taken[search->taken_count - 1].at == choice->at)
                search->taken_count--;
            if (take(search))
                return choice->at + 1;
        }
        search->choice_count--;
    }
    return UINT32_MAX;
}

static uint32_t step(struct search *search, uint32_t at)
{
    const struct stix_code *code = &search->pattern->code[at];

    search->steps++;
    if (code->kind == STIX_CODE_JUMP)
        return code->number;
    check(search->choice_count < FRAME_MAX);
    search->choices[search->choice_count++] = (struct choice){ at, 0 };
    if (code->kind == STIX_CODE_SPLIT || take(search))
        return at + 1;
    search->choice_count--;
    return back(search);
}

static uint64_t used_of(const struct search *search)
{
    uint64_t used = 0;

    for (size_t i = 0; i < search->taken_count; i++)
        if (search->taken[i].seen < 64)
            used |= (uint64_t)1 << search->taken[i].seen;
    return used;
}

enum stix_verdict stix_search(const struct stix_pattern *pattern,
                              const struct stix_seen *seen, size_t count,
                              uint64_t *used)
{
    struct search search;
    uint32_t at = 0;

    search.pattern = pattern;
    search.seen = seen;
    search.count = count;
    search.taken_count = 0;
    search.choice_count = 0;
    search.steps = 0;
    while (at < pattern->code_count) {
        if (search.steps > STIX_SEARCH_STEPS_MAX)
            return STIX_GIVEN_UP;
        at = step(&search, at);
        if (at == UINT32_MAX)
            return STIX_NO_MATCH;
    }
    if (used)
        *used = used_of(&search);
    return STIX_MATCH;
}
