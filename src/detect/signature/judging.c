/* SPDX-License-Identifier: Apache-2.0 */
/* One rule against one packet: its header and its conditions, and what it
 * does when it holds. */
#include "detect/signature/judging.h"

#include <string.h>

/* Answers about the last address are good until another is asked about. */
static void remember(struct address_memo *memo, struct ip address)
{
    if (ip_equal(memo->address, address))
        return;
    memo->address = address;
    memo->epoch++;
}

void judging_face(struct judging *j, enum flow_side side)
{
    const struct flow *flow = j->input->flow;
    const struct packet *packet = j->packet;

    j->side = side;
    if (packet && (side == j->input->side || !flow)) {
        j->source = packet->source;
        j->destination = packet->destination;
        j->source_port = packet->source_port;
        j->destination_port = packet->destination_port;
    } else if (flow) {
        j->source = flow->address[side];
        j->destination = flow->address[!side];
        j->source_port = flow->port[side];
        j->destination_port = flow->port[!side];
    }
    remember(&j->state->source_memo, j->source);
    remember(&j->state->destination_memo, j->destination);
}

struct flow_memory *judging_memory(struct judging *j)
{
    if (!j->memory && j->input->flow)
        j->memory = memory_open(&j->state->memory, j->input->flow->number);
    return j->memory;
}

/* The answer for the address that was asked about last is remembered. */
static bool address_in(struct address_memo *memo,
                       const struct address_set *set, struct ip address)
{
    if (!set)
        return true;
    uint32_t answer = memo->answers[set->index];
    if (answer >> 1 != (memo->epoch & 0x7fffffffu)) {
        answer = (memo->epoch & 0x7fffffffu) << 1 |
                 (address_set_has(set, address) ? 1 : 0);
        memo->answers[set->index] = answer;
    }
    return answer & 1;
}

static bool addresses_hold(struct judging *j, const struct rule *rule)
{
    struct signature_state *state = j->state;

    return address_in(&state->source_memo, rule->source, j->source) &&
           address_in(&state->destination_memo, rule->destination,
                      j->destination);
}

static bool ports_hold(const struct judging *j, const struct rule *rule)
{
    return port_set_has(rule->source_ports, j->source_port) &&
           port_set_has(rule->destination_ports, j->destination_port);
}

/* "<>": the packet's two ends may stand either way round. */
static bool turned_holds(const struct judging *j, const struct rule *rule)
{
    return address_set_has(rule->source, j->destination) &&
           address_set_has(rule->destination, j->source) &&
           port_set_has(rule->source_ports, j->destination_port) &&
           port_set_has(rule->destination_ports, j->source_port);
}

static bool protocol_holds(const struct judging *j,
                           const struct compiled_rule *compiled)
{
    const struct rule *rule = compiled->rule;
    uint8_t version = j->packet ? j->packet->ip_version : 0;

    if (!(compiled->classes >> j->class & 1))
        return false;
    if (rule->layer == RULE_LAYER_IPV4 && version != 4)
        return false;
    if (rule->layer == RULE_LAYER_IPV6 && version != 6)
        return false;
    if (rule->layer == RULE_LAYER_ARP &&
        (!j->packet || j->packet->layer != PACKET_LAYER_ARP))
        return false;
    if (!rule->application)
        return true;
    const char *application = j->input->application;
    return application && (application == rule->application ||
                           strcmp(application, rule->application) == 0);
}

static bool fails(struct judging *j, const struct compiled_rule *rule,
                  enum why_stage stage, uint16_t place)
{
    struct why *why = &j->state->why;

    if (UNLIKELY(why->rule != 0) &&
        why_is(why, (uint32_t)(rule - j->state->compiled->rules)))
        why_note(why, j->input->flow,
                 (struct why_note){ .stage = stage, .place = place });
    return false;
}

bool rule_concerns(struct judging *j, const struct compiled_rule *rule)
{
    j->state->candidates_tried++;
    if (rule->sides != 3 &&
        (!j->input->flow || !(rule->sides >> j->side & 1)))
        return fails(j, rule, WHY_SIDE, 0);
    if (!protocol_holds(j, rule))
        return fails(j, rule, WHY_PROTOCOL, 0);
    if (rule->rule->both_ways && turned_holds(j, rule->rule))
        return true;
    if (!ports_hold(j, rule->rule))
        return fails(j, rule, WHY_PORT, 0);
    if (!addresses_hold(j, rule->rule))
        return fails(j, rule, WHY_ADDRESS, 0);
    return true;
}

bool rule_conditions_hold(struct judging *j,
                          const struct compiled_rule *rule)
{
    for (uint16_t i = 0; i < rule->rule->condition_count; i++)
        if (!condition_holds(j, &rule->rule->conditions[i]))
            return fails(j, rule, WHY_CONDITION, i);
    return true;
}

bool rule_applies(struct judging *j, const struct compiled_rule *rule)
{
    return rule_concerns(j, rule) && rule_conditions_hold(j, rule);
}

/* A rule that passes more than single packets takes the flow out. */
static bool passes_flow(const struct compiled_rule *rule)
{
    return rule->rule->action == RULE_PASS &&
           rule->judged_on != JUDGED_PACKET &&
           rule->judged_on != JUDGED_EVENT;
}

void rule_holds(struct judging *j, uint32_t number)
{
    const struct compiled_rule *rule = &j->state->compiled->rules[number];

    for (uint16_t i = 0; i < rule->rule->effect_count; i++)
        effect_apply(j, &rule->rule->effects[i]);
    if (passes_flow(rule) && judging_memory(j))
        j->memory->is_passed = true;
    if (j->queued == ALERT_QUEUE_MAX)
        j->state->alerts_dropped++;
    else
        j->queue[j->queued++] = number;
}
