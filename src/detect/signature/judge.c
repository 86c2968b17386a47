/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/judge.h"

#include <stdio.h>
#include <string.h>

#include "base/writer.h"
#include "crypto/digest.h"
#include "detect/signature/classes.h"
#include "detect/signature/network.h"
#include "detect/signature/part.h"

enum {
    DIGEST_BYTES = 8, /* Shown of the 32: 16 digits. */
    ID_SIZE = 32,
    PRIORITY_DEFAULT = 3,
};

static const char *metadata_value(const struct draft *d, const char *key)
{
    for (size_t i = 0; i < d->rule.metadata_count; i++)
        if (strcmp(d->metadata[i].key, key) == 0)
            return d->metadata[i].value;
    return "";
}

static bool metadata_is(const struct draft *d, const char *key,
                        const char *value)
{
    return part_is_nocase(bytes_of_text(metadata_value(d, key)), value);
}

/* Categories that the message of a rule opens with, and that by their own
 * description are no attack: "ET INFO ...". */
static bool is_for_information(const struct draft *d)
{
    static const char *const categories[] = {
        "INFO", "POLICY", "HUNTING", "GAMES", "CHAT", "INAPPROPRIATE", "P2P",
        "ICMP_INFO", "RETIRED", "DELETED", "JA3",
    };
    struct bytes rest = bytes_of_text(d->rule.detection.title), word;
    bool known = part_word(&rest, &word) &&
                 (part_is(word, "ET") || part_is(word, "ETPRO") ||
                  part_is(word, "GPL")) && part_word(&rest, &word);

    return known && part_index(word, categories, COUNT_OF(categories)) <
                        COUNT_OF(categories);
}

static enum severity at_most(enum severity severity, enum severity most)
{
    return severity < most ? severity : most;
}

/*
 * The class says what may be claimed; everything else can only lower it:
 *   - signature_severity Informational, a policy or information category: the
 *     author says it is no attack;
 *   - signature_severity Minor, confidence Low: not certain enough to say
 *     that harm is in progress;
 *   - a priority of 3 or more that the rule gives itself.
 * Critical raises what is only news to something to act on. Nothing raises to
 * URGENT: that harm is in progress is for the class to say.
 */
static enum severity judge_severity(const struct draft *d)
{
    enum severity severity = d->class ? d->class->severity : SEVERITY_NOTICE;

    if (metadata_is(d, "signature_severity", "Critical") &&
        severity == SEVERITY_NOTICE)
        severity = SEVERITY_WARNING;
    if (metadata_is(d, "signature_severity", "Minor") ||
        metadata_is(d, "confidence", "Low"))
        severity = at_most(severity, SEVERITY_WARNING);
    if (metadata_is(d, "signature_severity", "Informational") ||
        metadata_is(d, "signature_severity", "Audit") ||
        is_for_information(d) ||
        (d->has_priority && d->rule.priority >= PRIORITY_DEFAULT))
        severity = SEVERITY_NOTICE;
    return severity;
}

/* Is all of `set` within the home network? Any is not. */
static bool is_home(const struct draft *d, const struct address_set *set)
{
    const struct address_set *home;
    char reason[NETWORK_REASON_MAX];

    if (!set || !network_addresses(d->set->networks,
                                   bytes_of_text("$HOME_NET"), &home, reason))
        return false;
    return set == home || network_within(set, home);
}

static bool flows_to_client(const struct draft *d)
{
    for (size_t i = 0; i < d->rule.condition_count; i++)
        if (d->conditions[i].kind == CONDITION_FLOW_SIDE)
            return d->conditions[i].side == FLOW_RESPONDER;
    return false;
}

/*
 * The device a finding is about: the end that `target` calls the victim; else
 * the end that is at home; else, of two alike, who spoke to whom decides: the
 * client, because it acts for its owner.
 */
static enum subject judge_subject(const struct draft *d)
{
    bool source = is_home(d, d->rule.source);
    bool destination = is_home(d, d->rule.destination);

    if (d->rule.target_is_source)
        return SUBJECT_SOURCE;
    if (d->rule.target_is_destination)
        return SUBJECT_DESTINATION;
    if (source != destination)
        return source ? SUBJECT_SOURCE : SUBJECT_DESTINATION;
    return flows_to_client(d) ? SUBJECT_DESTINATION : SUBJECT_SOURCE;
}

/* A flaw in a device is for its maker to mend; all else its owner's. */
static const char *judge_role(const struct draft *d)
{
    bool is_product = metadata_is(d, "attack_target", "IoT") ||
                      metadata_is(d, "attack_target", "ICS") ||
                      metadata_is(d, "attack_target",
                                  "Networking_Equipment");
    bool is_flaw = d->class && strstr(d->class->harm, "known-vulnerab");

    return is_product && is_flaw ? "maker" : "owner";
}

/* "T1071" or "T1071.001" */
static void take_techniques(struct draft *d)
{
    struct detection *detection = &d->rule.detection;

    for (size_t i = 0; i < d->rule.metadata_count; i++)
        if (strcmp(d->metadata[i].key, "mitre_technique_id") == 0 &&
            detection->technique_count < DETECTION_TECHNIQUE_MAX)
            detection->techniques[detection->technique_count++] =
                d->metadata[i].value;
}

/* Options that say what a rule is called or about, not what it looks for. */
static bool counts_for_digest(struct bytes option)
{
    static const char *const others[] = {
        "msg", "reference", "metadata", "rev", "sid", "gid",
    };
    struct bytes name = bytes_trim(
        bytes_slice(option, 0, bytes_find_byte(option, ':')));

    return part_index(name, others, COUNT_OF(others)) == COUNT_OF(others);
}

static void put_words(struct writer *w, struct bytes text)
{
    struct bytes word;

    while (part_word(&text, &word)) {
        writer_bytes(w, word);
        writer_byte(w, ' ');
    }
}

static void put_options(struct writer *w, struct bytes rest)
{
    struct bytes option;

    while (draft_next_option(&rest, &option)) {
        if (option.size == 0 || !counts_for_digest(option))
            continue;
        size_t colon = bytes_find_byte(option, ':');
        writer_bytes(w, bytes_trim(bytes_slice(option, 0, colon)));
        writer_byte(w, ':');
        writer_bytes(w, bytes_trim(bytes_slice(option, colon + 1,
                                               option.size)));
        writer_byte(w, ';');
    }
}

/* The same for the same rule, however it is spaced and whatever it is called
 * or refers to. */
static const char *digest(struct draft *d)
{
    uint8_t hash[CRYPTO_SHA256_SIZE];
    struct writer w, text;

    writer_init(&w, RULE_SIZE_MAX + (RULE_SIZE_MAX >> 1));
    put_words(&w, d->header);
    writer_byte(&w, '(');
    put_options(&w, d->options);
    crypto_sha256(writer_view(&w), hash);
    writer_init(&text, 64);
    writer_hex(&text, bytes_of(hash, DIGEST_BYTES));
    const char *version = arena_copy_text(&d->set->arena,
                                          writer_view(&text));
    writer_clear(&w);
    writer_clear(&text);
    return version;
}

void judge_rule(struct draft *d)
{
    struct rule *rule = &d->rule;
    struct detection *detection = &rule->detection;
    char id[ID_SIZE];

    if (!d->has_priority)
        rule->priority = d->class ? d->class->priority : PRIORITY_DEFAULT;
    (void)snprintf(id, sizeof id, "%u:%u", rule->gid, rule->sid); /* Fits. */
    detection->id = arena_copy_text(&d->set->arena, bytes_of_text(id));
    (void)snprintf(id, sizeof id, "suricata-%u", rule->sid); /* Fits. */
    detection->name = arena_copy_text(&d->set->arena, bytes_of_text(id));
    detection->version = digest(d);
    if (!detection->title || detection->title[0] == 0)
        detection->title = "a rule that says no more";
    detection->description = rule->class_text ? rule->class_text
                                              : detection->title;
    detection->harm = d->class ? d->class->harm : "other/undetermined";
    detection->language = LANGUAGE_SURICATA;
    detection->text_key = "signature";
    detection->role = judge_role(d);
    detection->source = d->file;
    detection->line = d->line;
    detection->severity = judge_severity(d);
    detection->subject = judge_subject(d);
    take_techniques(d);
}
