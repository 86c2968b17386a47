/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of rule it is: what it is judged on, and what it waits for. */
#include "detect/signature/compiling.h"

enum {
    ALL_IP = 1 << CLASS_TCP | 1 << CLASS_UDP | 1 << CLASS_ICMPV4 |
             1 << CLASS_ICMPV6 | 1 << CLASS_SCTP | 1 << CLASS_OTHER_IP,
    BOTH_SIDES = 3,
};

static uint8_t classes_of(enum rule_layer layer)
{
    switch (layer) {
    case RULE_LAYER_IP:
    case RULE_LAYER_IPV4:
    case RULE_LAYER_IPV6:
        return ALL_IP;
    case RULE_LAYER_TCP:
    case RULE_LAYER_TCP_PACKET:
    case RULE_LAYER_TCP_STREAM:
        return 1 << CLASS_TCP;
    case RULE_LAYER_UDP:
        return 1 << CLASS_UDP;
    case RULE_LAYER_ICMP:
        return 1 << CLASS_ICMPV4 | 1 << CLASS_ICMPV6;
    case RULE_LAYER_ICMPV4:
        return 1 << CLASS_ICMPV4;
    case RULE_LAYER_ICMPV6:
        return 1 << CLASS_ICMPV6;
    case RULE_LAYER_SCTP:
        return 1 << CLASS_SCTP;
    case RULE_LAYER_ETHERNET:
    case RULE_LAYER_ARP:
        return 1 << CLASS_NO_IP;
    case RULE_LAYER_PACKET:
        return ALL_IP | 1 << CLASS_NO_IP;
    case RULE_LAYER_APPLICATION:
        break;
    }
    return 1 << CLASS_TCP | 1 << CLASS_UDP;
}

/* "ip" with ports is of the protocols that have them. */
static uint8_t with_ports(const struct rule *rule, uint8_t classes)
{
    const uint8_t having = 1 << CLASS_TCP | 1 << CLASS_UDP | 1 << CLASS_SCTP;

    return rule->needs_transport ? classes & having : classes;
}

static bool has_condition(const struct rule *rule,
                          enum rule_condition_kind kind)
{
    for (uint16_t i = 0; i < rule->condition_count; i++)
        if (rule->conditions[i].kind == kind)
            return true;
    return false;
}

static bool is_event(const struct rule *rule)
{
    return has_condition(rule, CONDITION_DECODE_EVENT) ||
           has_condition(rule, CONDITION_STREAM_EVENT) ||
           has_condition(rule, CONDITION_APPLICATION_EVENT);
}

/* Nothing but addresses, and what does not change from packet to packet. */
static bool is_address(const struct rule *rule)
{
    if (rule->inspection_count > 0 || rule->application ||
        rule->source_ports || rule->destination_ports ||
        rule->layer == RULE_LAYER_PACKET ||
        rule->layer == RULE_LAYER_TCP_PACKET ||
        rule->layer == RULE_LAYER_ETHERNET || rule->layer == RULE_LAYER_ARP)
        return false;
    for (uint16_t i = 0; i < rule->condition_count; i++)
        if (rule->conditions[i].kind != CONDITION_IP_REPUTATION)
            return false;
    return true;
}

/* app-layer-protocol, and at most the side. */
static bool is_discovery(const struct rule *rule)
{
    if (rule->inspection_count > 0 || rule->application ||
        !has_condition(rule, CONDITION_APPLICATION_PROTOCOL))
        return false;
    for (uint16_t i = 0; i < rule->condition_count; i++) {
        uint8_t kind = rule->conditions[i].kind;
        if (kind != CONDITION_APPLICATION_PROTOCOL &&
            kind != CONDITION_FLOW_SIDE && kind != CONDITION_FLOW_STATELESS &&
            kind != CONDITION_FLOW_ESTABLISHED)
            return false;
    }
    return true;
}

static enum judged_on judged_on(const struct rule *rule)
{
    if (is_event(rule))
        return JUDGED_EVENT;
    if (rule->scope == RULE_SCOPE_TRANSACTION)
        return JUDGED_TRANSACTION;
    if (is_discovery(rule))
        return JUDGED_DISCOVERY;
    if (is_address(rule))
        return JUDGED_ADDRESS;
    return rule->scope == RULE_SCOPE_STREAM ? JUDGED_STREAM : JUDGED_PACKET;
}

static uint8_t sides_of(const struct rule *rule)
{
    uint8_t sides = BOTH_SIDES;

    for (uint16_t i = 0; i < rule->condition_count; i++) {
        const struct rule_condition *condition = &rule->conditions[i];
        if (condition->kind != CONDITION_FLOW_SIDE)
            continue;
        uint8_t side = (uint8_t)(1 << condition->side);
        sides &= condition->negated ? (uint8_t)~side : side;
    }
    return sides;
}

/* Does more data ever make it untrue? */
static bool test_waits(const struct rule_test *test)
{
    switch ((enum rule_test_kind)test->kind) {
    case TEST_CONTENT:
        return test->negated || test->content.ends;
    case TEST_PCRE:
    case TEST_IS_DATA_AT:
        return test->negated;
    case TEST_BYTE_JUMP:
        return test->byte.from_end;
    case TEST_SIZE:
    case TEST_ENTROPY:
    case TEST_DATASET:
    case TEST_DIGEST:
    case TEST_FILE_SIZE:
        return true;
    case TEST_BYTE_TEST:
    case TEST_BYTE_EXTRACT:
    case TEST_BYTE_MATH:
    case TEST_BASE64_DECODE:
    case TEST_NUMBER:
    case TEST_MAGIC:
    case TEST_EXTENSION:
    case TEST_ABSENT:
    case TEST_FLAGS:
        break;
    }
    return false;
}

static bool test_from_start(const struct rule_test *test)
{
    if (test->kind == TEST_CONTENT)
        return !test->relative &&
               (test->content.has_depth || test->content.has_offset ||
                test->content.starts);
    if (test->kind == TEST_BYTE_TEST || test->kind == TEST_BYTE_JUMP ||
        test->kind == TEST_BYTE_EXTRACT || test->kind == TEST_BYTE_MATH ||
        test->kind == TEST_IS_DATA_AT)
        return !test->relative;
    return test->kind == TEST_PCRE && !test->relative &&
           test->pcre.from_start;
}

static void study_tests(const struct rule *rule,
                        struct compiled_rule *compiled)
{
    for (uint16_t i = 0; i < rule->inspection_count; i++) {
        const struct rule_inspection *in = &rule->inspections[i];
        compiled->needs_payload |= in->view == VIEW_PAYLOAD;
        for (uint16_t k = 0; k < in->test_count; k++) {
            const struct rule_test *test = &in->tests[k];
            compiled->waits |= test_waits(test);
            compiled->from_start |= test_from_start(test);
            compiled->needs_end |= test->kind == TEST_ABSENT;
        }
    }
}

static bool is_prefix(const struct rule_test *test)
{
    const struct content_test *content = &test->content;

    if (test->kind != TEST_CONTENT || test->negated || test->relative ||
        content->is_nocase || content->has_offset)
        return false;
    return content->starts ||
           (content->has_depth && !content->depth.is_variable &&
            (size_t)content->depth.value == content->data.size);
}

/* The bytes that payload must begin with: they are compared first, before the
 * rule is looked at any further. */
static void study_prefix(const struct rule *rule,
                         struct compiled_rule *compiled)
{
    const struct rule_inspection *in = rule->inspections;

    if (rule->inspection_count == 0 || in->view != VIEW_PAYLOAD ||
        in->transform_count > 0)
        return;
    for (uint16_t i = 0; i < in->test_count; i++) {
        if (in->tests[i].kind == TEST_BASE64_DECODE)
            return; /* What follows is not of the payload itself. */
        if (!is_prefix(&in->tests[i]))
            continue;
        struct bytes data = in->tests[i].content.data;
        while (compiled->prefix_size < data.size &&
               compiled->prefix_size < RULE_PREFIX_MAX) {
            compiled->prefix[compiled->prefix_size] =
                data.data[compiled->prefix_size];
            compiled->prefix_size++;
        }
        return;
    }
}

static void study_views(const struct rule *rule,
                        struct compiled_rule *compiled)
{
    uint8_t needed = 0;

    for (uint16_t i = 0; i < rule->inspection_count; i++) {
        enum view_id view = rule->inspections[i].view;
        if (view >= VIEW_NAMED_COUNT)
            continue;
        enum view_side side = view_info_get(view)->side;
        if (side == VIEW_SIDE_ORIGINATOR)
            needed |= 1 << FLOW_ORIGINATOR;
        else if (side == VIEW_SIDE_RESPONDER)
            needed |= 1 << FLOW_RESPONDER;
    }
    compiled->spans_sides = rule->whole_exchange || needed == BOTH_SIDES;
}

void rule_study(const struct rule *rule, struct compiled_rule *compiled)
{
    *compiled = (struct compiled_rule){
        .rule = rule,
        .judged_on = (uint8_t)judged_on(rule),
        .sides = sides_of(rule),
        .classes =
            with_ports(rule, classes_of((enum rule_layer)rule->layer)),
    };
    study_tests(rule, compiled);
    study_prefix(rule, compiled);
    study_views(rule, compiled);
    compiled->in_packets = rule->on_packets;
}
