/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords that say what a rule is called and about, and those that only say
 * what Suricata should do besides. */
#include "base/text.h"
#include "base/writer.h"
#include "detect/signature/classes.h"
#include "detect/signature/draft.h"
#include "detect/signature/part.h"

enum { MESSAGE_SIZE_MAX = 1024 };

/* Escapes are for the reader of rules: "\;" is ";". */
bool keyword_message(struct draft *d, const struct keyword *keyword,
                     struct bytes value)
{
    struct writer w;

    (void)keyword;
    if (d->has_message)
        return draft_refuse(d, NULL, "stands twice");
    if (value.size > MESSAGE_SIZE_MAX)
        return draft_refuse(d, NULL, "longer than %d bytes",
                            MESSAGE_SIZE_MAX);
    writer_init(&w, MESSAGE_SIZE_MAX);
    for (size_t i = 0; i < value.size; i++) {
        uint8_t next = part_byte(value, i + 1);
        bool escape = part_byte(value, i) == '\\' &&
                      (next == '\\' || next == '"' || next == ';' ||
                       next == ':');
        i += escape;
        writer_byte(&w, part_byte(value, i));
    }
    d->rule.detection.title = arena_copy_text(&d->set->arena,
                                              writer_view(&w));
    writer_clear(&w);
    d->has_message = true;
    return true;
}

static bool read_id(struct draft *d, struct bytes value, uint32_t *id)
{
    uint64_t number;

    if (!part_number(value, UINT32_MAX, &number))
        return draft_refuse(d, NULL, "%s is no number of 32 bits",
                            draft_quote(d, value));
    *id = (uint32_t)number;
    return true;
}

bool keyword_sid(struct draft *d, const struct keyword *keyword,
                 struct bytes value)
{
    (void)keyword;
    if (d->has_sid)
        return draft_refuse(d, NULL, "stands twice");
    d->has_sid = true;
    return read_id(d, value, &d->rule.sid) &&
           (d->rule.sid > 0 || draft_refuse(d, NULL, "0 is no sid"));
}

bool keyword_revision(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    (void)keyword;
    return read_id(d, value, &d->rule.revision);
}

bool keyword_group(struct draft *d, const struct keyword *keyword,
                   struct bytes value)
{
    (void)keyword;
    return read_id(d, value, &d->rule.gid);
}

bool keyword_class_type(struct draft *d, const struct keyword *keyword,
                        struct bytes value)
{
    const struct rule_class *class = classes_find(d->set->classes, value);

    (void)keyword;
    if (d->has_class)
        draft_warn(d, NULL, "stands twice: the first counts");
    if (d->has_class)
        return true;
    d->has_class = true;
    if (!class) {
        draft_warn(d, "name the classification.config that has it, before "
                      "the rules", "%s is no class that is known: priority 3",
                   draft_quote(d, value));
        d->rule.class_type = signature_intern(d->set, value);
        return true;
    }
    d->rule.class_type = class->name;
    d->rule.class_text = class->description;
    d->class = class;
    return true;
}

bool keyword_priority(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    uint64_t number;

    (void)keyword;
    if (d->has_priority)
        draft_warn(d, NULL, "stands twice: the first counts");
    if (d->has_priority)
        return true;
    if (!part_number(value, 255, &number))
        return draft_refuse(d, "1 (highest) to 255", "%s is no priority",
                            draft_quote(d, value));
    d->has_priority = true;
    d->rule.priority = (uint32_t)number;
    return true;
}

/* "url,example.org/a" */
bool keyword_reference(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    struct bytes kind;

    (void)keyword;
    (void)part_next(&value, ',', &kind); /* There is a value. */
    value = bytes_trim(value);
    if (value.size == 0)
        return draft_refuse(d, "reference:url,example.org/advisory",
                            "says no place");
    if (d->reference_count == RULE_REFERENCE_MAX)
        return draft_refuse(d, NULL, "more than %d references",
                            RULE_REFERENCE_MAX);
    const char *prefix = classes_reference(d->set->classes, kind);
    if (!prefix)
        draft_warn(d, "name the reference.config that has it, before the "
                      "rules", "%s is no kind of reference that is known",
                   draft_quote(d, kind));
    struct writer w;
    writer_init(&w, 64 << 10);
    writer_text(&w, prefix ? prefix : "");
    writer_bytes(&w, value);
    d->references[d->reference_count++] =
        signature_intern(d->set, writer_view(&w));
    writer_clear(&w);
    return true;
}

/* "key value, key value": values may hold spaces. */
bool keyword_metadata(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    struct bytes pair, key;

    (void)keyword;
    while (part_next(&value, ',', &pair)) {
        if (!part_word(&pair, &key))
            continue;
        if (d->rule.metadata_count == RULE_METADATA_MAX)
            return draft_refuse(d, NULL, "more than %d pairs",
                                RULE_METADATA_MAX);
        d->metadata[d->rule.metadata_count++] = (struct rule_metadata){
            .key = signature_intern(d->set, key),
            .value = signature_intern(d->set, pair),
        };
    }
    return true;
}

bool keyword_target(struct draft *d, const struct keyword *keyword,
                    struct bytes value)
{
    (void)keyword;
    d->rule.target_is_source = part_is(value, "src_ip");
    d->rule.target_is_destination = part_is(value, "dest_ip");
    if (d->rule.target_is_source || d->rule.target_is_destination)
        return true;
    return draft_refuse(d, "src_ip or dest_ip", "%s is neither",
                        draft_quote(d, value));
}

bool keyword_no_alert(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    (void)value;
    d->rule.no_alert = keyword->number == 1;
    d->rule.pass_alerts = keyword->number == 0;
    return true;
}

bool keyword_prefilter(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    (void)keyword;
    (void)value;
    d->rule.is_prefiltered = true;
    return true;
}

bool keyword_nothing(struct draft *d, const struct keyword *keyword,
                     struct bytes value)
{
    (void)d;
    (void)keyword;
    (void)value;
    return true;
}

bool keyword_without_effect(struct draft *d, const struct keyword *keyword,
                            struct bytes value)
{
    (void)keyword;
    (void)value;
    draft_warn(d, NULL, "has no effect: Tenet keeps the packets of a "
                        "finding in its ledger");
    return true;
}

/* What Tenet can do, by the words of "requires: feature". */
static bool has_feature(struct bytes name)
{
    static const char *const features[] = {
        "output::file-store", "true", "ja3", "ja4",
    };

    return part_index(name, features, COUNT_OF(features)) <
           COUNT_OF(features);
}

/* "version >= 7.0.3 < 8 | ...": Tenet reads the language of 8.0. */
enum { LANGUAGE_MAJOR = 8, LANGUAGE_PATCH = 99 };

/* One "OPERATOR VERSION": does 8.0 with all its patches fulfil it? */
static bool version_fits(struct bytes *rest, bool *fits)
{
    struct bytes word, part;
    uint64_t number = 0;
    int64_t numbers[3] = { 0 }, ours[3] = { LANGUAGE_MAJOR, 0, LANGUAGE_PATCH };
    int order = 0;

    bool greater = part_skip(rest, ">"), less = !greater &&
                   part_skip(rest, "<");
    bool or_equal = part_skip(rest, "=");
    if ((!greater && !less) || !part_word(rest, &word))
        return false;
    part = word;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        struct bytes digits;
        if (!part_next(&part, '.', &digits))
            break;
        if (!part_number(digits, INT32_MAX, &number))
            return false;
        numbers[i] = (int64_t)number;
    }
    for (size_t i = 0; i < COUNT_OF(numbers) && order == 0; i++)
        order = (ours[i] > numbers[i]) - (ours[i] < numbers[i]);
    *fits = (order == 0 && or_equal) || (greater && order > 0) ||
            (less && order < 0);
    return true;
}

/* "version >= 7.0.3 < 9": all of one alternative, any of several. */
static bool read_version(struct bytes text, bool *fits)
{
    struct bytes alternative;

    *fits = false;
    while (part_next(&text, '|', &alternative)) {
        bool all = true, one;
        while (alternative.size > 0) {
            if (!version_fits(&alternative, &one))
                return false;
            all = all && one;
            alternative = bytes_trim(alternative);
        }
        *fits = *fits || all;
    }
    return true;
}

static bool read_requirement(struct draft *d, struct bytes part)
{
    bool fits = false;

    if (part_skip(&part, "version")) {
        if (!read_version(part, &fits))
            return draft_refuse(d, "requires: version >= 7.0.3",
                                "a version that cannot be read");
    } else if (part_skip(&part, "feature")) {
        fits = has_feature(part);
    } else if (part_skip(&part, "keyword")) {
        const struct keyword *known = keyword_find(d->set, part);
        fits = known && known->read != keyword_unsupported;
    }
    if (!fits)
        return draft_refuse(d, NULL, "%s is not fulfilled",
                            draft_quote(d, part));
    return true;
}

bool keyword_requires(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    struct bytes part;

    (void)keyword;
    while (part_next(&value, ',', &part))
        if (!read_requirement(d, part))
            return false;
    return true;
}

/* "session,5,packets", "host,src,60,seconds": Tenet keeps what a finding
 * rests on; what comes after it is not kept besides. */
bool keyword_tag(struct draft *d, const struct keyword *keyword,
                 struct bytes value)
{
    struct bytes kind;

    (void)keyword;
    (void)part_next(&value, ',', &kind); /* There is a value. */
    if (!part_is(kind, "session") && !part_is(kind, "host"))
        return draft_refuse(d, "tag:session,5,packets", "%s cannot be tagged",
                            draft_quote(d, kind));
    return draft_add_effect(d, EFFECT_TAG) != NULL;
}

bool keyword_unsupported(struct draft *d, const struct keyword *keyword,
                         struct bytes value)
{
    (void)value;
    return draft_refuse(d, NULL, "%s", keyword->text);
}
