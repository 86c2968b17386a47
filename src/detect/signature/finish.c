/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold for a rule as a whole, and the draft becoming a rule. */
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "detect/signature/classes.h"
#include "detect/signature/draft.h"
#include "detect/signature/judge.h"
#include "detect/signature/operand.h"
#include "detect/signature/part.h"

static bool check_complete(struct draft *d)
{
    if (!d->has_sid)
        return draft_refuse(d, "sid:1000001;", "the rule has no sid");
    if (d->has_pending)
        return draft_refuse(d, "content:..., or leave the buffer out",
                            "nothing is asked of the last buffer");
    if (d->only_stream && (d->only_packets ||
                           d->rule.layer == RULE_LAYER_TCP_PACKET))
        return draft_refuse(d, NULL, "asks for the stream only and for "
                                     "fields of single packets");
    return true;
}

enum { ASKS_REQUEST = 1, ASKS_RESPONSE = 2 };

/* Whose buffers the rule asks for. */
static unsigned sides_asked(const struct draft *d)
{
    unsigned sides = 0;

    for (size_t i = 0; i < d->rule.inspection_count; i++) {
        if (d->inspections[i].view >= VIEW_NAMED_COUNT)
            continue;
        enum view_side side = view_info_get(d->inspections[i].view)->side;
        sides |= side == VIEW_SIDE_ORIGINATOR ? ASKS_REQUEST : 0u;
        sides |= side == VIEW_SIDE_RESPONDER ? ASKS_RESPONSE : 0u;
    }
    return sides;
}

static bool check_flow_side(struct draft *d, unsigned sides)
{
    for (size_t i = 0; i < d->rule.condition_count; i++) {
        const struct rule_condition *c = &d->conditions[i];
        if (c->kind != CONDITION_FLOW_SIDE)
            continue;
        if (sides == ASKS_REQUEST && c->side == FLOW_RESPONDER)
            return draft_refuse(d, "flow:to_server", "the buffers are of the "
                                "request, the flow of the response");
        if (sides == ASKS_RESPONSE && c->side == FLOW_ORIGINATOR)
            return draft_refuse(d, "flow:to_client", "the buffers are of the "
                                "response, the flow of the request");
    }
    return true;
}

/* The buffers of a rule must be of one side, and that the flow's. */
static bool check_sides(struct draft *d)
{
    unsigned sides = sides_asked(d);

    if (d->rule.whole_exchange)
        return true;
    if (sides == (ASKS_REQUEST | ASKS_RESPONSE))
        return draft_refuse(d, "a rule for the request that sets a flowbit "
                               "and one for the response, or => instead of "
                               "->", "asks for buffers of the request and of "
                                     "the response");
    return check_flow_side(d, sides);
}

static bool check_contents(struct draft *d)
{
    for (unsigned i = 0; i < d->test_count; i++)
        if (d->tests[i].test.kind == TEST_CONTENT &&
            !content_check(d, &d->tests[i].test))
            return false;
    return true;
}

/* With nocase the matcher compares lower case. */
static void fold_contents(struct draft *d)
{
    for (unsigned i = 0; i < d->test_count; i++) {
        struct content_test *c = &d->tests[i].test.content;
        if (d->tests[i].test.kind != TEST_CONTENT || !c->is_nocase)
            continue;
        uint8_t *lower = arena_allocate(&d->set->arena, c->data.size);
        for (size_t at = 0; at < c->data.size; at++) {
            uint8_t byte = part_byte(c->data, at);
            lower[at] = byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
        }
        c->data = bytes_of(lower, c->data.size);
    }
}

static bool asks_payload(const struct draft *d)
{
    for (unsigned i = 0; i < d->test_count; i++)
        if (d->inspections[d->tests[i].inspection].view == VIEW_PAYLOAD)
            return true;
    return false;
}

/* A content that counts from the start is looked for in packets too. */
static bool has_placed_content(const struct draft *d)
{
    for (unsigned i = 0; i < d->test_count; i++) {
        const struct rule_test *test = &d->tests[i].test;
        if (test->kind == TEST_CONTENT &&
            d->inspections[d->tests[i].inspection].view == VIEW_PAYLOAD &&
            (test->content.has_depth || test->content.has_offset ||
             test->content.starts))
            return true;
    }
    return false;
}

static bool may_be_tcp(const struct rule *rule)
{
    return rule->layer == RULE_LAYER_TCP ||
           rule->layer == RULE_LAYER_APPLICATION ||
           rule->layer == RULE_LAYER_IP || rule->layer == RULE_LAYER_IPV4 ||
           rule->layer == RULE_LAYER_IPV6;
}

/*
 * Packets or stream, as Suricata decides it: TCP payload is looked for in the
 * stream, unless the rule asks for fields of single packets; and in single
 * packets as well when a content counts from the start or the size of the
 * stream matters.
 */
static void choose_payload(struct draft *d)
{
    struct rule *rule = &d->rule;
    bool stream_only = d->only_stream ||
                       rule->layer == RULE_LAYER_TCP_STREAM;
    bool packet_only = d->only_packets || d->no_stream ||
                       rule->layer == RULE_LAYER_TCP_PACKET;

    rule->on_stream = stream_only || (may_be_tcp(rule) && !packet_only);
    rule->on_packets = !stream_only &&
                       (!rule->on_stream || has_placed_content(d) ||
                        d->has_stream_size);
}

static void choose_scope(struct draft *d)
{
    struct rule *rule = &d->rule;
    bool views = false;

    for (size_t i = 0; i < rule->inspection_count; i++)
        views = views || d->inspections[i].view < VIEW_NAMED_COUNT;
    if (asks_payload(d))
        choose_payload(d);
    else
        rule->on_packets = !views;
    rule->scope = views             ? RULE_SCOPE_TRANSACTION
                  : rule->on_stream ? RULE_SCOPE_STREAM
                                    : RULE_SCOPE_PACKET;
}

/* What base64_data asks stands after the base64_decode it belongs to. */
static void join_base64(struct draft *d)
{
    for (unsigned i = 0; i < d->test_count; i++) {
        struct draft_inspection *from =
            &d->inspections[d->tests[i].inspection];
        if (!from->is_base64)
            continue;
        for (unsigned j = 0; j < i; j++)
            if (d->tests[j].test.kind == TEST_BASE64_DECODE)
                d->tests[i].inspection = d->tests[j].inspection;
        d->tests[i].is_decoded = true;
    }
}

/* Take the tests of one inspection, in order: those that look at what was
 * decoded, and the decoding itself, come last. */
static void take_tests(struct draft *d, uint16_t inspection,
                       struct rule_inspection *out)
{
    out->tests = arena_allocate_zeroed(&d->set->arena, out->test_count,
                                       sizeof *out->tests);
    uint16_t count = 0;
    for (unsigned pass = 0; pass < 3; pass++)
        for (unsigned i = 0; i < d->test_count; i++) {
            unsigned place = d->tests[i].is_decoded ? 2u
                : d->tests[i].test.kind == TEST_BASE64_DECODE ? 1u : 0u;
            if (d->tests[i].inspection == inspection && place == pass)
                out->tests[count++] = d->tests[i].test;
        }
}

static bool take_inspections(struct draft *d)
{
    struct rule *rule = &d->rule;
    uint16_t counts[RULE_INSPECTION_MAX] = { 0 };
    uint16_t used = 0;

    for (unsigned i = 0; i < d->test_count; i++)
        if (++counts[d->tests[i].inspection] > RULE_TEST_MAX)
            return draft_refuse(d, NULL, "more than %d tests of one buffer",
                                RULE_TEST_MAX);
    rule->inspections = arena_allocate_zeroed(
        &d->set->arena, rule->inspection_count, sizeof *rule->inspections);
    for (uint16_t i = 0; i < rule->inspection_count; i++) {
        const struct draft_inspection *from = &d->inspections[i];
        if (counts[i] == 0)
            continue;
        struct rule_inspection *to = &rule->inspections[used++];
        to->view = from->view;
        to->test_count = counts[i];
        to->transform_count = from->transform_count;
        to->transforms = (struct rule_transform *)(void *)(uintptr_t)
            arena_copy(&d->set->arena,
                       bytes_of(from->transforms,
                                from->transform_count *
                                    sizeof *from->transforms)).data;
        take_tests(d, i, to);
    }
    rule->inspection_count = used;
    return true;
}

/* `count` items of `size` bytes, in the set's arena. */
static void *take(struct draft *d, const void *items, size_t count,
                  size_t size)
{
    if (count == 0)
        return NULL;
    void *copy = arena_allocate(&d->set->arena, size_multiply(count, size));
    memcpy(copy, items, count * size);
    return copy;
}

static uint64_t sid_hash(const struct rule *rule)
{
    static const struct hash_key key = { 0 }; /* Rules are trusted. */
    uint64_t numbers = (uint64_t)rule->gid << 32 | rule->sid;

    return hash_words(key, &numbers, 1);
}

/* The place of the rule with the same numbers, or the end. */
static size_t find_rule(const struct signature *set, const struct rule *rule)
{
    struct table_cursor at = table_seek(&set->rules_by_sid, sid_hash(rule));
    uint32_t index;

    while ((index = table_next(&set->rules_by_sid, &at)) != TABLE_NONE)
        if (set->rules[index]->sid == rule->sid &&
            set->rules[index]->gid == rule->gid)
            return index;
    return set->rule_count;
}

/* Of two rules with one sid the newer revision stays. */
static bool replace_rule(struct draft *d, size_t index, struct rule *rule)
{
    struct rule *old = d->set->rules[index];

    if (old->revision >= rule->revision)
        return draft_refuse(d, "each rule has a sid of its own",
                            "the sid is that of %s:%u, revision %u",
                            old->detection.source, old->detection.line,
                            old->revision);
    draft_warn(d, NULL, "revision %u replaces revision %u of %s:%u",
               rule->revision, old->revision, old->detection.source,
               old->detection.line);
    d->set->rules[index] = rule;
    return true;
}

static bool add_rule(struct draft *d, struct rule *rule)
{
    struct signature *set = d->set;
    size_t index = find_rule(set, rule);

    if (index < set->rule_count)
        return replace_rule(d, index, rule);
    if (set->rule_count == set->rule_capacity) {
        set->rule_capacity = set->rule_capacity * 2 + 256;
        set->rules = memory_resize(set->rules, set->rule_capacity,
                                   sizeof(struct rule *));
    }
    table_insert(&set->rules_by_sid, sid_hash(rule),
                 (uint32_t)set->rule_count);
    set->rules[set->rule_count++] = rule;
    return true;
}

bool draft_finish(struct draft *d)
{
    struct rule *rule = &d->rule;

    if (!check_complete(d) || !check_contents(d) || !check_sides(d))
        return false;
    join_base64(d);
    fold_contents(d);
    choose_scope(d);
    if (!take_inspections(d))
        return false;
    rule->conditions = take(d, d->conditions, rule->condition_count,
                            sizeof *d->conditions);
    rule->effects = take(d, d->effects, rule->effect_count,
                         sizeof *d->effects);
    rule->metadata = take(d, d->metadata, rule->metadata_count,
                          sizeof *d->metadata);
    rule->detection.references = take(d, d->references, d->reference_count,
                                      sizeof *d->references);
    rule->detection.reference_count = d->reference_count;
    judge_rule(d);
    return add_rule(d, take(d, rule, 1, sizeof *rule));
}
