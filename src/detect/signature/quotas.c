/* SPDX-License-Identifier: Apache-2.0 */
/* Suricata user guide, "Thresholding Keywords" and "Global-Thresholds". */
#include "detect/signature/quotas.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "detect/signature/ranges.h"

#define SECOND_NS INT64_C(1000000000)

void quotas_init(struct quotas *quotas, struct hash_key key)
{
    *quotas = (struct quotas){
        .entries = memory_new(QUOTA_MAX, sizeof *quotas->entries),
        .key = key,
    };
}

void quotas_clear(struct quotas *quotas)
{
    free(quotas->entries);
    *quotas = (struct quotas){ 0 };
}

/* A pair is the same both ways. */
static void pair_of(const struct quota_subject *subject, struct ip pair[2])
{
    bool in_order = ip_compare(subject->source, subject->destination) <= 0;

    pair[0] = in_order ? subject->source : subject->destination;
    pair[1] = in_order ? subject->destination : subject->source;
}

static uint64_t hash_of(const struct quotas *quotas, enum threshold_track track,
                        const struct quota_subject *subject)
{
    uint64_t words[7] = { subject->rule,
                          (uint64_t)subject->place << 8 | (uint64_t)track };
    struct ip ips[2];

    memset(ips, 0, sizeof ips);
    switch (track) {
    case TRACK_BY_SOURCE:
        ips[0] = subject->source;
        break;
    case TRACK_BY_DESTINATION:
        ips[0] = subject->destination;
        break;
    case TRACK_BY_PAIR:
        pair_of(subject, ips);
        break;
    case TRACK_BY_FLOW:
        words[6] = subject->flow;
        break;
    case TRACK_BY_RULE:
        break;
    }
    memcpy(&words[2], ips, sizeof ips);
    uint64_t hash = hash_words(quotas->key, words, COUNT_OF(words));
    return hash ? hash : 1;
}

static struct quota_entry *find(struct quotas *quotas, uint64_t hash,
                               bool *is_new)
{
    size_t set = hash % (QUOTA_MAX / QUOTA_WAYS) * QUOTA_WAYS;
    struct quota_entry *best = &quotas->entries[set];

    *is_new = false;
    for (size_t i = set; i < set + QUOTA_WAYS; i++) {
        struct quota_entry *entry = &quotas->entries[i];
        if (entry->hash == hash)
            return entry;
        if (best->hash != 0 &&
            (entry->hash == 0 || entry->since_ns < best->since_ns))
            best = entry;
    }
    quotas->evicted += best->hash != 0;
    *best = (struct quota_entry){ .hash = hash };
    *is_new = true;
    return best;
}

/* Count one more; the period begins anew when it is over, or when time went
 * backwards past its start. */
static void count(struct quota_entry *entry, bool is_new,
                  const struct threshold *threshold, int64_t now_ns)
{
    int64_t period = (int64_t)threshold->seconds * SECOND_NS;

    if (is_new || now_ns - entry->since_ns > period ||
        now_ns < entry->since_ns) {
        entry->since_ns = now_ns;
        entry->count = 0;
    }
    if (entry->count < UINT32_MAX)
        entry->count++;
}

/* The first, then at `multiplier` times as many, and so on. */
static bool back_off(struct quota_entry *entry,
                     const struct threshold *threshold)
{
    if (entry->next == 0)
        entry->next = threshold->count ? threshold->count : 1;
    if (entry->count < UINT32_MAX)
        entry->count++;
    if (entry->count != entry->next)
        return false;
    uint64_t next =
        (uint64_t)entry->next *
        (threshold->multiplier > 1 ? threshold->multiplier : 10);
    entry->next = next < UINT32_MAX ? (uint32_t)next : UINT32_MAX;
    return true;
}

static bool is_suppressed(const struct threshold *threshold,
                          const struct quota_subject *subject)
{
    switch ((enum threshold_track)threshold->track) {
    case TRACK_BY_SOURCE:
        return address_set_has(threshold->addresses, subject->source);
    case TRACK_BY_DESTINATION:
        return address_set_has(threshold->addresses, subject->destination);
    case TRACK_BY_PAIR: /* "by_either" */
    case TRACK_BY_RULE:
    case TRACK_BY_FLOW:
        break;
    }
    return address_set_has(threshold->addresses, subject->source) ||
           address_set_has(threshold->addresses, subject->destination);
}

/* Every `count`th within the period. */
static bool every_nth(struct quota_entry *entry,
                      const struct threshold *threshold)
{
    if (entry->count < threshold->count)
        return false;
    entry->count = 0;
    return true;
}

bool quotas_allow(struct quotas *quotas, const struct threshold *threshold,
                 const struct quota_subject *subject)
{
    enum threshold_kind kind = (enum threshold_kind)threshold->kind;
    bool is_new = false;

    /* A rate_filter changes what is done, not whether it is said. */
    if (kind == THRESHOLD_NONE || kind == THRESHOLD_RATE_FILTER)
        return true;
    if (kind == THRESHOLD_SUPPRESS)
        return !is_suppressed(threshold, subject);
    struct quota_entry *entry = find(
        quotas,
        hash_of(quotas, (enum threshold_track)threshold->track, subject),
        &is_new);
    if (kind == THRESHOLD_BACKOFF) {
        entry->since_ns = subject->now_ns;
        return back_off(entry, threshold);
    }
    count(entry, is_new, threshold, subject->now_ns);
    if (kind == THRESHOLD_LIMIT)
        return entry->count <= threshold->count;
    if (kind == THRESHOLD_BOTH)
        return entry->count == threshold->count;
    if (kind == THRESHOLD_DETECTION_FILTER)
        return entry->count > threshold->count;
    return every_nth(entry, threshold);
}
