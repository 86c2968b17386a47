/* SPDX-License-Identifier: Apache-2.0 */
/* Matches counted by group: the correlations of one event. */
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "detect/behaviour/groups.h"

enum { FOLD_SIZE = 256, WORD_MAX = CORRELATION_GROUP_MAX + 1 };

/* One match of one rule that a correlation refers to. */
struct match {
    struct groups *groups;
    const struct correlation *correlation;
    const struct binding *binding;
    const struct event *event;
    const struct evidence_scene *scene;
    size_t reference;       /* Which of the correlation's rules. */
    int64_t now_ns;
};

/* Fixed, so that a capture gives the same result on every machine. */
static struct hash_key fixed_key(uint64_t number)
{
    return (struct hash_key){ 0x74656e65742e3031u + number,
                              0x6265686176696f72u };
}

static uint64_t hash_text(struct hash_key key, struct bytes text)
{
    uint8_t folded[FOLD_SIZE];
    uint64_t words[2] = { text.size, 0 };

    for (size_t at = 0; at < text.size; at += FOLD_SIZE) {
        struct bytes part = bytes_slice(text, at, FOLD_SIZE);
        for (size_t i = 0; i < part.size; i++) {
            uint8_t c = part.data[i];
            folded[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
        }
        words[1] ^= hash_bytes(key, bytes_of(folded, part.size));
        words[1] = hash_words(key, words, 2);
    }
    return hash_words(key, words, 2);
}

/* Letters of either case are the same value, as for the rules. */
static bool hash_field(const struct event *event, uint16_t field,
                       struct hash_key key, uint64_t *hash)
{
    const struct event_field_info *info =
        event_field_info((enum event_field)field);
    struct event_value common;
    char protocol[16];
    char text[64];
    const struct event_value *value =
        event_get(event, (enum event_field)field);

    if (info->event == (uint8_t)EVENT_COMMON)
        value = common_value(event, (enum event_field)field, protocol,
                             &common)
                    ? &common
                    : NULL;
    if (!value)
        return false;
    if (info->kind == EVENT_KIND_IP)
        *hash = hash_bytes(key, bytes_of(value->ip.bytes, 16));
    else if (info->kind == EVENT_KIND_NUMBER || info->kind == EVENT_KIND_FLAG)
        *hash = hash_words(key, &value->number, 1);
    else
        *hash = hash_text(key, value_render(value,
                                            (enum event_kind)info->kind,
                                            text));
    return true;
}

/* 128 bits that stand for the values of `fields`; false when one is absent. */
static bool hash_fields(const struct match *match, const uint16_t *fields,
                        size_t count, uint64_t key[2])
{
    uint64_t words[WORD_MAX] = { match->correlation->order };

    for (uint64_t half = 0; half < 2; half++) {
        struct hash_key secret = fixed_key(half);
        for (size_t i = 0; i < count; i++)
            if (!hash_field(match->event, fields[i], secret, &words[i + 1]))
                return false;
        key[half] = hash_words(secret, words, count + 1);
    }
    return true;
}

static void write_group(struct writer *w, const struct match *match)
{
    char protocol[16];
    char text[64];

    for (size_t i = 0; i < match->correlation->group_count; i++) {
        enum event_field field = (enum event_field)match->binding->group[i];
        const struct event_field_info *info = event_field_info(field);
        struct event_value common;
        const struct event_value *value = event_get(match->event, field);
        if (info->event == (uint8_t)EVENT_COMMON &&
            common_value(match->event, field, protocol, &common))
            value = &common;
        if (i > 0)
            writer_text(w, ", ");
        if (value && info->kind != EVENT_KIND_SECRET)
            text_escape(w, value_render(value, (enum event_kind)info->kind,
                                        text));
    }
}

/* Few frames where many events are needed, more where few are. */
static void keep_evidence(const struct match *match, struct slot *slot)
{
    uint64_t each = ALERT_EVIDENCE_MAX / match->correlation->threshold;

    if (each == 0)
        each = 1;
    if (each > SLOT_EVIDENCE_MAX)
        each = SLOT_EVIDENCE_MAX;
    if (!match->groups->store || evidence_is_scarce(match->groups->store))
        return;
    (void)evidence_keep_scene(match->scene, slot->evidence, (size_t)each);
}

static bool is_expired(const struct match *match, const struct slot *slot)
{
    return match->now_ns - slot->time_ns > match->correlation->timespan_ns;
}

static void set_slot(const struct match *match, struct slot *slot,
                     int64_t time_ns, uint64_t value)
{
    slot_forget(match->groups, slot);
    slot->time_ns = time_ns;
    slot->value = value;
    keep_evidence(match, slot);
}

/* event_count: how many are in the window with this one. */
static uint64_t count_event(const struct match *match, struct group *group)
{
    const struct correlation *correlation = match->correlation;
    int64_t step = 0;

    if (correlation->threshold > CORRELATION_COUNT_MAX)
        step = correlation->timespan_ns / CORRELATION_COUNT_MAX;
    while (group->slot_count > 0 && is_expired(match, group_slot(group, 0)))
        group_pop(match->groups, group);
    while (group->next_count > 0 && group->slot_count >= ALERT_EVIDENCE_MAX)
        group_pop(match->groups, group);
    if (step > 0 && group->slot_count > 0) {
        struct slot *last = group_slot(group, group->slot_count - 1);
        if (match->now_ns - last->time_ns < step) {
            last->value++;
            return ++group->in_window;
        }
    }
    struct slot *slot = group_append(match->groups, group);
    if (!slot)
        return group->in_window;
    set_slot(match, slot, match->now_ns, 1);
    return ++group->in_window;
}

/* value_count and temporal: how many different values are in the window. */
static uint64_t count_value(const struct match *match, struct group *group,
                            uint64_t value)
{
    struct slot *same = NULL;
    struct slot *spare = NULL;
    uint64_t distinct = 0;
    size_t at = group->head_at;
    struct chunk *chunk = group->head;

    for (size_t i = 0; i < group->slot_count; i++, at++) {
        if (at == CHUNK_SLOTS) {
            at = 0;
            chunk = chunk->next;
        }
        struct slot *slot = &chunk->slots[at];
        if (slot->value == value)
            same = slot;
        else if (is_expired(match, slot))
            spare = slot;
        else
            distinct++;
    }
    if (same && !is_expired(match, same)) {
        same->time_ns = match->now_ns;
        return distinct + 1;
    }
    if (same)
        spare = same;
    if (!spare && group->slot_count < CORRELATION_COUNT_MAX)
        spare = group_append(match->groups, group);
    if (!spare) {
        match->groups->values_dropped++;
        return distinct;
    }
    set_slot(match, spare, match->now_ns, value);
    return distinct + 1;
}

/*
 * temporal_ordered: slot k holds when the newest chain that has come as far as
 * rule k began. Rules are fed from the last to the first, so that one event
 * that matches two of them is not two steps.
 */
static uint64_t count_ordered(const struct match *match, struct group *group)
{
    size_t k = match->reference;
    int64_t begun_ns = match->now_ns;

    while (group->slot_count < match->correlation->reference_count) {
        struct slot *slot = group_append(match->groups, group);
        if (!slot)
            return 0;
        slot->value = 0;
    }
    if (k > 0) {
        const struct slot *before = group_slot(group, k - 1);
        if (before->value == 0 || is_expired(match, before))
            return 0;
        begun_ns = before->time_ns;
    }
    set_slot(match, group_slot(group, k), begun_ns, 1);
    return k + 1;
}

static uint64_t measure(const struct match *match, struct group *group)
{
    uint64_t value[2];

    switch (match->correlation->type) {
    case CORRELATION_EVENT_COUNT:
        return count_event(match, group);
    case CORRELATION_VALUE_COUNT:
        if (!hash_fields(match, match->binding->value,
                         match->correlation->value_count, value))
            return 0;
        return count_value(match, group, value[0]);
    case CORRELATION_TEMPORAL:
        return count_value(match, group, match->reference);
    case CORRELATION_TEMPORAL_ORDERED:
        return count_ordered(match, group);
    }
    return 0;
}

/* Is this the moment for an alert? Moves the group's mark on when it is. */
static bool is_due(const struct match *match, struct group *group,
                   uint64_t measured)
{
    const struct correlation *correlation = match->correlation;

    if (measured > correlation->ceiling)
        return false;
    if (group->next_count == 0) {
        if (measured < correlation->threshold)
            return false;
        if (correlation->type == CORRELATION_EVENT_COUNT)
            group->count = measured;
        group->next_count = group->count * 2;
        return true;
    }
    if (correlation->is_once || group->count < group->next_count)
        return false;
    group->next_count *= 2;
    return true;
}

static int64_t oldest_of(struct group *group, int64_t now_ns)
{
    int64_t oldest = now_ns;

    for (size_t i = 0; i < group->slot_count; i++) {
        const struct slot *slot = group_slot(group, i);
        if (slot->value + (uint64_t)slot->time_ns != 0 &&
            slot->time_ns < oldest)
            oldest = slot->time_ns;
    }
    return oldest;
}

/* The first frames and the newest; each now has the alert as a holder too. */
static void give_evidence(const struct match *match, struct group *group,
                          struct alert *alert)
{
    size_t total = 0;
    size_t at = 0;

    for (size_t i = 0; i < group->slot_count; i++)
        for (size_t j = 0; j < SLOT_EVIDENCE_MAX; j++)
            total += group_slot(group, i)->evidence[j] != EVIDENCE_NONE;
    size_t skipped =
        total > ALERT_EVIDENCE_MAX ? total - ALERT_EVIDENCE_MAX : 0;
    for (size_t i = 0; i < group->slot_count; i++) {
        const struct slot *slot = group_slot(group, i);
        for (size_t j = 0; j < SLOT_EVIDENCE_MAX; j++) {
            uint32_t id = slot->evidence[j];
            if (id == EVIDENCE_NONE)
                continue;
            bool is_between = at >= EVIDENCE_FIRST_MAX &&
                              at < EVIDENCE_FIRST_MAX + skipped;
            at++;
            if (is_between)
                continue;
            evidence_hold(match->groups->store, id);
            alert->evidence[alert->evidence_count++] = id;
        }
    }
}

static void raise_alert(const struct match *match, struct group *group,
                        uint64_t measured, struct alert_list *alerts)
{
    const struct rule *rule = match->correlation->rule;
    struct alert *alert =
        rule->is_silent ? NULL : alert_list_add(alerts, &rule->detection);

    if (!alert)
        return;
    writer_reset(&match->groups->text);
    write_group(&match->groups->text, match);
    alert->event = match->event;
    alert->group =
        arena_copy(alerts->arena, writer_view(&match->groups->text));
    alert->count = group->count;
    if (match->correlation->type == CORRELATION_VALUE_COUNT)
        alert->value = measured;
    alert->first_ns = group->first_ns;
    give_evidence(match, group, alert);
}

static void feed(struct match *match, struct alert_list *alerts)
{
    const struct correlation *correlation = match->correlation;
    struct groups *groups = match->groups;
    uint64_t key[2];

    if (!hash_fields(match, match->binding->group, correlation->group_count,
                     key)) {
        groups->ungrouped++;
        return;
    }
    struct group *group =
        groups_seek(groups, correlation, key, match->now_ns);
    match->now_ns = group->last_ns; /* Time does not run backwards. */
    group->count++;
    bool is_first = group->next_count == 0;
    uint64_t measured = measure(match, group);
    if (!is_due(match, group, measured))
        return;
    if (is_first) {
        group->first_ns = oldest_of(group, match->now_ns);
        groups_hear(groups, correlation->rule);
    }
    raise_alert(match, group, measured, alerts);
}

void groups_hear(struct groups *groups, const struct rule *rule)
{
    groups->heard[rule->index] = groups->event_number;
}

static const struct binding *binding_of(const struct reference *reference,
                                        enum event_type type)
{
    const struct binding *binding = reference->bindings;

    while (binding && binding->type != type)
        binding = binding->next;
    return binding;
}

void groups_feed(struct groups *groups, const struct event *event,
                 const struct evidence_scene *scene,
                 struct alert_list *alerts)
{
    const struct behaviour *behaviour = groups->behaviour;

    for (size_t i = 0; i < behaviour->correlation_count; i++) {
        const struct correlation *correlation = behaviour->correlations[i];
        for (size_t r = correlation->reference_count; r > 0; r--) {
            const struct reference *reference =
                &correlation->references[r - 1];
            if (groups->heard[reference->rule->index] !=
                groups->event_number)
                continue;
            struct match match = {
                .groups = groups,
                .correlation = correlation,
                .binding = binding_of(reference, event->type),
                .event = event,
                .scene = scene,
                .reference = r - 1,
                .now_ns = event->context.time_ns,
            };
            if (match.binding)
                feed(&match, alerts);
        }
    }
}
