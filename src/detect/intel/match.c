/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events against the set: each value an event shows is looked up; what is
 * found, and in force at the time of the packet, becomes an alert or leads to
 * a pattern. Patterns of several observations remember, for each host, those
 * that some part of them held for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "crypto/md5.h"
#include "detect/intel/verdict.h"

enum {
    KEPT_SETS = 1024,     /* Patterns begun: sets of ways, */
    KEPT_WAYS = 4,        /* the one quiet longest makes room. */
    CANDIDATE_MAX = 64,   /* Patterns one event leads to. */
    LABELS_OF_NAME_MAX = 16, /* Names above a name that are looked up. */
};

/* Observations one pattern has of one host so far. */
struct kept {
    uint64_t key;         /* 0: free. */
    size_t count;
    struct stix_seen seen[INTEL_KEPT_MAX];
};

struct intel_state {
    const struct intel *intel;
    struct stix_matcher matcher;
    struct intel_counters counters;
    struct kept *kept;    /* Null when no pattern needs it. */
    struct intel_view view;
    struct intel_key key;
    uint32_t candidates[CANDIDATE_MAX];
    size_t candidate_count;
};

static bool is_single(const struct stix_pattern *pattern)
{
    return pattern->code_count == 1 && pattern->group_count == 0;
}

struct intel_state *intel_state_new(const struct intel *intel)
{
    struct intel_state *state = memory_new(1, sizeof *state);
    bool remembers = false;

    state->intel = intel;
    stix_matcher_init(&state->matcher);
    for (size_t i = 0; i < intel->pattern_count; i++)
        remembers |= !is_single(&intel->patterns[i].pattern);
    if (remembers)
        state->kept = memory_new(KEPT_SETS * KEPT_WAYS, sizeof *state->kept);
    return state;
}

void intel_state_free(struct intel_state *state)
{
    if (!state)
        return;
    stix_matcher_clear(&state->matcher);
    free(state->kept);
    free(state);
}

void intel_read_counters(const struct intel_state *state,
                         struct intel_counters *counters)
{
    *counters = state->counters;
    counters->regexes_stopped = state->matcher.regexes_stopped;
}

static bool has_kind(const struct intel *intel, enum intel_kind kind)
{
    return intel->kinds >> kind & 1;
}

/* What each kind of value can be seen in, for intel_wants(). */
static uint64_t types_of_kinds(const struct intel *intel)
{
    static const struct {
        enum intel_kind kind;
        const char *type;
    } known[] = {
        { INTEL_NAME, "domain-name" },    { INTEL_DOMAIN, "domain-name" },
        { INTEL_ADDRESS, "ipv4-addr" },   { INTEL_NETWORK, "ipv4-addr" },
        { INTEL_SOCKET, "ipv4-addr" },    { INTEL_URL, "url" },
        { INTEL_DIGEST, "file" },
        { INTEL_CERTIFICATE, "x509-certificate" },
        { INTEL_MAC, "mac-addr" },        { INTEL_MAIL, "email-addr" },
        { INTEL_SOFTWARE, "software" },
    };
    uint64_t types = 0;

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (has_kind(intel, known[i].kind))
            types |= intel_view_types(bytes_of_text(known[i].type));
    if (has_kind(intel, INTEL_JA3) || has_kind(intel, INTEL_JA4))
        types |= (uint64_t)1 << EVENT_TLS | (uint64_t)1 << EVENT_QUIC;
    return has_kind(intel, INTEL_VALUE) ? UINT64_MAX : types;
}

bool intel_wants(const struct intel *intel, enum event_type type)
{
    uint64_t types = types_of_kinds(intel);

    for (size_t i = 0; i < intel->pattern_count; i++)
        types |= intel->patterns[i].types;
    return types >> type & 1;
}

bool intel_wants_unanswered(const struct intel *intel)
{
    return intel_wants(intel, EVENT_FLOW);
}

/* Is the claim in force when the event was? */
static bool is_in_force(const struct intel_claim *claim,
                        const struct event *event)
{
    int64_t now = event->context.time_ns;

    return now >= claim->from_ns && now < claim->until_ns;
}

static void add_candidate(struct intel_state *state, uint32_t pattern)
{
    for (size_t i = 0; i < state->candidate_count; i++)
        if (state->candidates[i] == pattern)
            return;
    if (state->candidate_count < CANDIDATE_MAX)
        state->candidates[state->candidate_count++] = pattern;
    else
        state->counters.observations_dropped++;
}

/* Everything said about the value that was looked up. */
static void take_claim(struct intel_state *state, uint32_t number,
                       const struct intel_hit *hit,
                       struct alert_list *alerts)
{
    const struct intel_claim *claim = &state->intel->claims[number];

    if (!is_in_force(claim, hit->event))
        return;
    if (claim->pattern != INTEL_NONE) {
        add_candidate(state, claim->pattern);
        return;
    }
    struct intel_hit made = *hit;
    made.claim = claim;
    intel_alert(state->intel, &made, alerts);
}

static void look_up(struct intel_state *state, enum intel_kind kind,
                    struct bytes key, const struct intel_hit *hit,
                    struct alert_list *alerts)
{
    const struct intel_index *index = state->intel->index;
    uint32_t claim;

    if (!has_kind(state->intel, kind))
        return;
    struct intel_cursor cursor = intel_index_seek(index, (uint8_t)kind, key);
    while ((claim = intel_index_next(index, &cursor)) != INTEL_NONE)
        take_claim(state, claim, hit, alerts);
}

/* MISP's feeds name values by the MD5 of their text. */
static void look_up_digest(struct intel_state *state, struct bytes text,
                           const struct intel_hit *hit,
                           struct alert_list *alerts)
{
    struct md5 md5;
    uint8_t digest[MD5_SIZE];

    if (!has_kind(state->intel, INTEL_VALUE))
        return;
    md5_init(&md5);
    md5_add(&md5, text);
    md5_finish(&md5, digest);
    look_up(state, INTEL_VALUE, bytes_of(digest, sizeof digest), hit, alerts);
}

static void look_up_name(struct intel_state *state, struct bytes name,
                         struct intel_hit *hit, struct alert_list *alerts)
{
    hit->indicator = name;
    look_up(state, INTEL_NAME, name, hit, alerts);
    if (!has_kind(state->intel, INTEL_DOMAIN))
        return;
    for (int i = 0; name.size > 0 && i < LABELS_OF_NAME_MAX; i++) {
        hit->indicator = name;
        hit->kind = INTEL_DOMAIN;
        look_up(state, INTEL_DOMAIN, name, hit, alerts);
        size_t dot = bytes_find_byte(name, '.');
        name = bytes_slice(name, dot + 1, name.size);
    }
}

static void look_up_networks(struct intel_state *state, struct ip ip,
                             struct intel_hit *hit, struct alert_list *alerts)
{
    const struct intel_index *index = state->intel->index;
    struct intel_network_cursor cursor = intel_index_seek_network(index, ip);
    struct ip_prefix prefix;
    uint32_t claim;

    hit->kind = INTEL_NETWORK;
    while ((claim = intel_index_next_network(index, &cursor, &prefix)) !=
           INTEL_NONE) {
        hit->network = prefix;
        take_claim(state, claim, hit, alerts);
    }
}

/* The address with the port it was spoken to at. */
static void look_up_socket(struct intel_state *state,
                           const struct intel_row *row, struct intel_hit *hit,
                           struct alert_list *alerts)
{
    const struct event_context *context = &hit->event->context;
    uint8_t socket[sizeof row->ip.bytes + 2];

    if (!context->has_ports || row->end == INTEL_END_NONE ||
        !has_kind(state->intel, INTEL_SOCKET))
        return;
    hit->kind = INTEL_SOCKET;
    hit->port = row->end == INTEL_END_DESTINATION ? context->destination_port
                                                  : context->source_port;
    memcpy(socket, row->ip.bytes, sizeof row->ip.bytes);
    socket[16] = (uint8_t)(hit->port >> 8);
    socket[17] = (uint8_t)hit->port;
    look_up(state, INTEL_SOCKET, bytes_of(socket, sizeof socket), hit,
            alerts);
}

static void look_up_address(struct intel_state *state,
                            const struct intel_row *row,
                            struct intel_hit *hit, struct alert_list *alerts)
{
    char text[IP_TEXT_SIZE];

    hit->network = (struct ip_prefix){ row->ip, 128 };
    look_up(state, INTEL_ADDRESS,
            bytes_of(row->ip.bytes, sizeof row->ip.bytes), hit, alerts);
    if (has_kind(state->intel, INTEL_VALUE))
        look_up_digest(state, bytes_of_text(ip_text(row->ip, text)), hit,
                       alerts);
    look_up_socket(state, row, hit, alerts);
    if (has_kind(state->intel, INTEL_NETWORK))
        look_up_networks(state, row->ip, hit, alerts);
}

/* With its query, and for indicators that name none, without. */
static void look_up_url(struct intel_state *state, struct intel_hit *hit,
                        struct alert_list *alerts)
{
    struct bytes key = intel_key_bytes(&state->key);
    size_t query = bytes_find_byte(key, '?');

    look_up(state, INTEL_URL, key, hit, alerts);
    if (query < key.size)
        look_up(state, INTEL_URL, bytes_slice(key, 0, query), hit, alerts);
}

static void look_up_row(struct intel_state *state,
                        const struct intel_row *row,
                        struct alert_list *alerts)
{
    enum intel_kind kind = (enum intel_kind)row->kind;
    struct intel_hit hit = {
        .event = state->view.event,
        .indicator = row->value.text,
        .kind = kind,
        .end = (enum intel_end)row->end,
        .is_answer = row->is_answer,
    };

    if (kind == INTEL_ADDRESS) {
        /* The pair of a network-traffic repeats the addresses. */
        if (row->path[0] == 'v' || row->path[0] == 's' ||
            row->path[0] == 'd')
            look_up_address(state, row, &hit, alerts);
        return;
    }
    if (intel_key_make(kind, row->value.text, &state->key))
        return;
    if (kind == INTEL_NAME) {
        look_up_name(state, row->value.text, &hit, alerts);
    } else if (kind == INTEL_URL) {
        hit.indicator = row->value.text;
        look_up_url(state, &hit, alerts);
    } else {
        look_up(state, kind, intel_key_bytes(&state->key), &hit, alerts);
    }
    hit.indicator = row->value.text;
    look_up_digest(state, row->value.text, &hit, alerts);
}

/* Where the observations of a pattern about this host are kept. */
static struct kept *kept_of(struct intel_state *state, uint32_t pattern,
                            struct ip host)
{
    uint64_t words[3] = { pattern, 0, 0 };

    memcpy(&words[1], host.bytes, sizeof host.bytes);
    uint64_t key = hash_words(state->intel->key, words, 3) | 1;
    struct kept *set = &state->kept[key / 2 % KEPT_SETS * KEPT_WAYS];
    struct kept *oldest = set;
    for (size_t i = 0; i < KEPT_WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (!set[i].key || (oldest->key &&
                            set[i].seen[set[i].count - 1].first_ns <
                                oldest->seen[oldest->count - 1].first_ns))
            oldest = &set[i];
    }
    if (oldest->key)
        state->counters.observations_dropped += oldest->count;
    oldest->key = key;
    oldest->count = 0;
    return oldest;
}

/* What no longer can be part of a match makes room. */
static void add_seen(struct intel_state *state, struct kept *kept,
                     const struct stix_pattern *pattern,
                     const struct stix_seen *seen)
{
    size_t from = 0;

    while (pattern->duration_ns > 0 && from < kept->count &&
           seen->first_ns - kept->seen[from].first_ns > pattern->duration_ns)
        from++;
    if (from == 0 && kept->count == INTEL_KEPT_MAX) {
        from = 1;
        state->counters.observations_dropped++;
    }
    memmove(kept->seen, kept->seen + from,
            (kept->count - from) * sizeof *kept->seen);
    kept->count -= from;
    /* Events come nearly in order: the few that do not are put in place. */
    size_t at = kept->count++;
    while (at > 0 && kept->seen[at - 1].first_ns > seen->first_ns) {
        kept->seen[at] = kept->seen[at - 1];
        at--;
    }
    kept->seen[at] = *seen;
}

static bool completes(struct intel_state *state, uint32_t number,
                      uint64_t leaves, struct ip host)
{
    const struct stix_pattern *pattern =
        &state->intel->patterns[number].pattern;
    int64_t now = state->view.event->context.time_ns;
    struct stix_seen seen = { now, now, leaves };

    if (is_single(pattern))
        return true;
    struct kept *kept = kept_of(state, number, host);
    add_seen(state, kept, pattern, &seen);
    enum stix_verdict verdict =
        stix_search(pattern, kept->seen, kept->count, NULL);
    state->counters.searches_stopped += verdict == STIX_GIVEN_UP;
    if (verdict == STIX_MATCH)
        kept->count = 0; /* The next match is another. */
    if (kept->count == 0)
        kept->key = 0;
    return verdict == STIX_MATCH;
}

static void try_pattern(struct intel_state *state, uint32_t number,
                        struct alert_list *alerts)
{
    const struct intel_pattern *pattern = &state->intel->patterns[number];
    const struct intel_claim *claim = &state->intel->claims[pattern->claim];
    struct stix_observation observation =
        intel_view_observation(&state->view);
    struct intel_hit hit = {
        .event = state->view.event, .claim = claim,
        .indicator = bytes_of_text(claim->detection->id),
        .kind = INTEL_ANY,
        .is_sequence = !is_single(&pattern->pattern),
    };

    if (!is_in_force(claim, hit.event))
        return;
    uint64_t leaves = stix_leaves_of(&state->matcher, &pattern->pattern,
                                     &observation);
    if (leaves && completes(state, number, leaves, intel_hit_host(&hit)))
        intel_alert(state->intel, &hit, alerts);
}

void intel_match(struct intel_state *state, const struct event *event,
                 struct alert_list *alerts)
{
    const struct intel *intel = state->intel;

    state->counters.events++;
    state->candidate_count = 0;
    intel_view_of(event, &state->view);
    state->counters.observations_dropped += state->view.was_cut;
    for (size_t i = 0; i < state->view.row_count; i++)
        if (state->view.rows[i].kind != INTEL_ANY)
            look_up_row(state, &state->view.rows[i], alerts);
    for (size_t i = 0; i < state->candidate_count; i++)
        if (intel->patterns[state->candidates[i]].is_triggered)
            try_pattern(state, state->candidates[i], alerts);
    for (size_t i = 0; i < intel->pattern_count; i++)
        if (!intel->patterns[i].is_triggered &&
            intel->patterns[i].types >> event->type & 1)
            try_pattern(state, (uint32_t)i, alerts);
}
