/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/explain.h"

#include "base/compiler.h"
#include "base/text.h"
#include "detect/signature/explain_part.h"
#include "detect/signature/internal.h"

static void write_layer(struct writer *w, const struct rule *rule)
{
    static const char *const layers[] = {
        [RULE_LAYER_IP] = "IP packets",
        [RULE_LAYER_IPV4] = "IPv4 packets",
        [RULE_LAYER_IPV6] = "IPv6 packets",
        [RULE_LAYER_TCP] = "TCP",
        [RULE_LAYER_TCP_PACKET] = "TCP, packet by packet",
        [RULE_LAYER_TCP_STREAM] = "TCP, as a stream of bytes",
        [RULE_LAYER_UDP] = "UDP",
        [RULE_LAYER_ICMP] = "ICMP",
        [RULE_LAYER_ICMPV4] = "ICMP over IPv4",
        [RULE_LAYER_ICMPV6] = "ICMPv6",
        [RULE_LAYER_SCTP] = "SCTP",
        [RULE_LAYER_PACKET] = "packets of any kind",
        [RULE_LAYER_ETHERNET] = "Ethernet frames",
        [RULE_LAYER_ARP] = "ARP messages",
        [RULE_LAYER_APPLICATION] = "flows",
    };

    writer_text(w, layers[rule->layer]);
    if (rule->application)
        writer_format(w, " of the protocol %s", rule->application);
}

enum { EXPLAIN_RANGE_MAX = 8 }; /* Longer lists are only counted. */

static void write_addresses(struct writer *w, const struct address_set *set)
{
    char low[IP_TEXT_SIZE], high[IP_TEXT_SIZE];

    if (!set) {
        writer_text(w, "any address");
        return;
    }
    if (set->count > EXPLAIN_RANGE_MAX) {
        writer_format(w, "one of %u address ranges", set->count);
        return;
    }
    for (uint32_t i = 0; i < set->count; i++) {
        const struct address_range *range = &set->ranges[i];
        writer_text(w, i == 0 ? "" : ", ");
        writer_text(w, ip_text(range->low, low));
        if (!ip_equal(range->low, range->high))
            writer_format(w, " to %s", ip_text(range->high, high));
    }
}

static void write_ports(struct writer *w, const struct port_set *set)
{
    if (!set) {
        writer_text(w, "any port");
        return;
    }
    writer_text(w, "port ");
    for (uint32_t i = 0; i < set->count; i++) {
        const struct port_range *range = &set->ranges[i];
        writer_text(w, i == 0 ? "" : ", ");
        writer_number(w, range->low);
        if (range->low != range->high)
            writer_format(w, " to %u", range->high);
    }
}

static void write_ends(struct writer *w, const struct rule *rule)
{
    writer_text(w, "It looks at ");
    write_layer(w, rule);
    writer_text(w, "\n  from ");
    write_addresses(w, rule->source);
    writer_text(w, ", ");
    write_ports(w, rule->source_ports);
    writer_text(w, rule->both_ways ? "\n  to, or from, " : "\n  to ");
    write_addresses(w, rule->destination);
    writer_text(w, ", ");
    write_ports(w, rule->destination_ports);
    writer_text(w, ".\n");
}

static void write_title(struct writer *w, const struct rule *rule)
{
    static const char *const subjects[] = {
        [SUBJECT_SOURCE] = "where it comes from",
        [SUBJECT_DESTINATION] = "where it goes to",
    };
    const struct detection *detection = &rule->detection;

    writer_format(w, "%u:%u, revision %u: ", rule->gid, rule->sid,
                  rule->revision);
    text_escape(w, bytes_of_text(detection->title));
    writer_format(w, "\n%s:%u\n", detection->source, detection->line);
    if (rule->class_text) {
        text_escape(w, bytes_of_text(rule->class_text));
        writer_text(w, "; ");
    }
    writer_format(w, "priority %u. A finding is \"%s\", %s, about the device "
                     "%s.\n\n", rule->priority, detection->harm,
                  severity_name(detection->severity),
                  subjects[detection->subject]);
}

static void write_conditions(const struct signature *set,
                             const struct rule *rule, struct writer *w)
{
    size_t count = (size_t)rule->condition_count + rule->inspection_count;

    if (count == 0) {
        writer_text(w, "It holds for every one of them.\n");
        return;
    }
    writer_format(w, "It holds when %s:\n",
                  count == 1 ? "this is so" : "all of this is so");
    for (size_t i = 0; i < rule->condition_count; i++)
        explain_condition(set, &rule->conditions[i], w);
    for (size_t i = 0; i < rule->inspection_count; i++)
        explain_inspection(set, rule, i, w);
}

static void write_threshold(struct writer *w, const struct threshold *t)
{
    static const char *const tracks[] = {
        [TRACK_BY_SOURCE] = "source", [TRACK_BY_DESTINATION] = "destination",
        [TRACK_BY_PAIR] = "pair of addresses", [TRACK_BY_RULE] = "rule",
        [TRACK_BY_FLOW] = "flow",
    };
    static const char *const kinds[] = {
        [THRESHOLD_NONE] = "", [THRESHOLD_LIMIT] =
            "Only the first %u alerts in %u seconds of each %s are told.\n",
        [THRESHOLD_THRESHOLD] =
            "Only every %uth hit within %u seconds of each %s is told.\n",
        [THRESHOLD_BOTH] =
            "After %u hits in %u seconds one alert of each %s is told.\n",
        [THRESHOLD_DETECTION_FILTER] =
            "It is told only after %u hits within %u seconds of each %s.\n",
        [THRESHOLD_RATE_FILTER] =
            "After %u hits in %u seconds of each %s its action changes.\n",
    };

    if (t->kind == THRESHOLD_SUPPRESS)
        writer_text(w, "It is suppressed, for all or some addresses.\n");
    else if (t->kind == THRESHOLD_BACKOFF)
        writer_format(w, "It is told at hit %u of a flow, and each time %u "
                         "times as many have come.\n", t->count,
                      t->multiplier);
    else if (t->kind != THRESHOLD_NONE)
        explain_counted(w, kinds[t->kind], t, tracks[t->track]);
}

static void write_consequences(const struct signature *set,
                               const struct rule *rule, struct writer *w)
{
    static const char *const actions[] = {
        [RULE_ALERT] = "Then it alerts.\n",
        [RULE_PASS] = "Then no other rule judges the flow.\n",
        [RULE_DROP] = "Then it alerts. (The rule says \"drop\"; Tenet only "
                      "watches.)\n",
        [RULE_REJECT] = "Then it alerts. (The rule says \"reject\"; Tenet "
                        "only watches.)\n",
    };

    writer_byte(w, '\n');
    writer_text(w, rule->no_alert && rule->action != RULE_PASS
                       ? "Then it says nothing by itself.\n"
                       : actions[rule->action]);
    for (size_t i = 0; i < rule->effect_count; i++)
        explain_effect(set, &rule->effects[i], w);
    write_threshold(w, &rule->threshold);
    for (size_t i = 0; i < rule->extra_threshold_count; i++)
        write_threshold(w, &rule->extra_thresholds[i]);
}

static void write_references(struct writer *w, const struct rule *rule)
{
    const struct detection *detection = &rule->detection;

    for (size_t i = 0; i < detection->technique_count; i++)
        writer_format(w, "%s%s", i == 0 ? "ATT&CK: " : ", ",
                      detection->techniques[i]);
    if (detection->technique_count > 0)
        writer_byte(w, '\n');
    for (size_t i = 0; i < detection->reference_count; i++) {
        writer_text(w, i == 0 ? "More: " : "      ");
        text_escape(w, bytes_of_text(detection->references[i]));
        writer_byte(w, '\n');
    }
}

void signature_explain(const struct signature *set, const struct rule *rule,
                       struct writer *out)
{
    write_title(out, rule);
    write_ends(out, rule);
    write_conditions(set, rule, out);
    write_consequences(set, rule, out);
    write_references(out, rule);
}
