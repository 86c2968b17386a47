/* SPDX-License-Identifier: Apache-2.0 */
/* threshold and detection_filter: how often a rule may alert. */
#include "detect/signature/draft.h"
#include "detect/signature/part.h"
#include "detect/signature/threshold_part.h"

static const struct {
    const char *name;
    enum threshold_kind kind;
} kinds[] = {
    { "limit", THRESHOLD_LIMIT },     { "threshold", THRESHOLD_THRESHOLD },
    { "both", THRESHOLD_BOTH },       { "backoff", THRESHOLD_BACKOFF },
};

static const char *const tracks[] = {
    [TRACK_BY_SOURCE] = "by_src",   [TRACK_BY_DESTINATION] = "by_dst",
    [TRACK_BY_PAIR] = "by_both",    [TRACK_BY_RULE] = "by_rule",
    [TRACK_BY_FLOW] = "by_flow",
};

bool threshold_read_track(struct bytes text, uint8_t *track)
{
    size_t index = part_index(text, tracks, COUNT_OF(tracks));

    *track = (uint8_t)index;
    return index < COUNT_OF(tracks);
}

static bool read_kind(struct bytes text, uint8_t *kind)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!part_is_nocase(text, kinds[i].name))
            continue;
        *kind = (uint8_t)kinds[i].kind;
        return true;
    }
    return false;
}

static bool read_number(struct bytes text, uint32_t *number)
{
    uint64_t value;

    if (!part_number(text, UINT32_MAX, &value) || value == 0)
        return false;
    *number = (uint32_t)value;
    return true;
}

bool threshold_read_part(struct bytes part, struct threshold *threshold,
                         unsigned *seen)
{
    if (part_skip(&part, "type")) {
        *seen |= THRESHOLD_HAS_TYPE;
        return read_kind(part, &threshold->kind);
    }
    if (part_skip(&part, "track")) {
        *seen |= THRESHOLD_HAS_TRACK;
        return threshold_read_track(part, &threshold->track);
    }
    if (part_skip(&part, "count")) {
        *seen |= THRESHOLD_HAS_COUNT;
        return read_number(part, &threshold->count);
    }
    if (part_skip(&part, "seconds")) {
        *seen |= THRESHOLD_HAS_SECONDS;
        return read_number(part, &threshold->seconds);
    }
    if (part_skip(&part, "multiplier")) {
        *seen |= THRESHOLD_HAS_MULTIPLIER;
        return read_number(part, &threshold->multiplier);
    }
    return false;
}

static bool read_parts(struct draft *d, struct bytes value,
                       struct threshold *threshold, unsigned *seen)
{
    struct bytes part;

    if (d->rule.threshold.kind != THRESHOLD_NONE)
        return draft_refuse(d, NULL, "a rule has one threshold or "
                                     "detection_filter");
    while (part_next(&value, ',', &part))
        if (!threshold_read_part(part, threshold, seen))
            return draft_refuse(d, "type limit, track by_src, count 1, "
                                   "seconds 60", "%s is not of it",
                                draft_quote(d, part));
    return true;
}

bool keyword_threshold(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    struct threshold threshold = { 0 };
    unsigned seen = 0;
    unsigned needed = THRESHOLD_HAS_TYPE | THRESHOLD_HAS_TRACK |
                      THRESHOLD_HAS_COUNT;

    (void)keyword;
    if (!read_parts(d, value, &threshold, &seen))
        return false;
    needed |= threshold.kind == THRESHOLD_BACKOFF ? THRESHOLD_HAS_MULTIPLIER
                                                  : THRESHOLD_HAS_SECONDS;
    if ((seen & needed) != needed)
        return draft_refuse(d, "type limit, track by_src, count 1, seconds "
                               "60", "one of its values is missing");
    if (threshold.kind == THRESHOLD_BACKOFF &&
        (threshold.track != TRACK_BY_FLOW || threshold.multiplier < 2))
        return draft_refuse(d, "type backoff, track by_flow, count 1, "
                               "multiplier 10",
                            "backoff tracks by_flow and multiplies");
    d->rule.threshold = threshold;
    return true;
}

bool keyword_detection_filter(struct draft *d, const struct keyword *keyword,
                              struct bytes value)
{
    struct threshold threshold = { 0 };
    unsigned seen = 0;
    unsigned needed = THRESHOLD_HAS_TRACK | THRESHOLD_HAS_COUNT |
                      THRESHOLD_HAS_SECONDS;

    (void)keyword;
    if (!read_parts(d, value, &threshold, &seen))
        return false;
    if (seen != needed)
        return draft_refuse(d, "track by_src, count 5, seconds 60",
                            "it takes track, count and seconds");
    threshold.kind = THRESHOLD_DETECTION_FILTER;
    d->rule.threshold = threshold;
    return true;
}
