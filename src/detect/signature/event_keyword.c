/* SPDX-License-Identifier: Apache-2.0 */
/* What the decoder, the stream and the dissectors noted: decode-event,
 * stream-event, app-layer-event, app-layer-protocol. */
#include "base/writer.h"
#include "decode/anomaly.h"
#include "detect/signature/draft.h"
#include "detect/signature/header.h"
#include "detect/signature/part.h"

enum { EVENT_NAME_MAX = 128 };

/* "ipv4.pkt_too_small" is Tenet's "ipv4_pkt_too_small". */
static const char *flat_name(struct draft *d, struct bytes name)
{
    struct writer w;

    writer_init(&w, EVENT_NAME_MAX);
    for (size_t i = 0; i < name.size && i < EVENT_NAME_MAX; i++) {
        uint8_t byte = part_byte(name, i);
        writer_byte(&w, byte == '.' || byte == '-' ? '_' : byte);
    }
    const char *flat = signature_intern(d->set, writer_view(&w));
    writer_clear(&w);
    return flat;
}

static bool add_event(struct draft *d, enum rule_condition_kind kind,
                      const char *name)
{
    struct rule_condition *condition = draft_add_condition(d, kind);

    if (condition)
        condition->name = name;
    return condition != NULL;
}

static bool is_anomaly(const char *name)
{
    static const char *const names[] = {
#define ANOMALY(id, text, said) text,
#include "decode/anomalies.def"
#undef ANOMALY
    };

    return part_index(bytes_of_text(name), names, COUNT_OF(names)) <
           COUNT_OF(names);
}

bool keyword_decode_event(struct draft *d, const struct keyword *keyword,
                          struct bytes value)
{
    (void)keyword;
    (void)part_skip(&value, "decoder.");
    if (part_skip(&value, "stream."))
        return add_event(d, CONDITION_STREAM_EVENT, flat_name(d, value));
    const char *name = flat_name(d, value);
    if (!is_anomaly(name))
        draft_warn(d, "docs: the anomalies that Tenet names",
                   "%s is noted by no part of Tenet: never fires",
                   draft_quote(d, value));
    return add_event(d, CONDITION_DECODE_EVENT, name);
}

bool keyword_stream_event(struct draft *d, const struct keyword *keyword,
                          struct bytes value)
{
    (void)keyword;
    (void)part_skip(&value, "stream.");
    return add_event(d, CONDITION_STREAM_EVENT, flat_name(d, value));
}

/* "http.missing_host_header", or an event that is of no protocol. */
bool keyword_application_event(struct draft *d, const struct keyword *keyword,
                               struct bytes value)
{
    size_t dot = bytes_find_byte(value, '.');
    struct bytes protocol = bytes_slice(value, 0, dot);
    const char *why = NULL;

    (void)keyword;
    if (dot < value.size) {
        const char *application = header_application(protocol, &why);
        if (!application)
            return draft_refuse(d, NULL, "%s %s", why,
                                draft_quote(d, protocol));
        if (!draft_set_application(d, application))
            return false;
    }
    return add_event(d, CONDITION_APPLICATION_EVENT, flat_name(d, value));
}

/* "http", "!http", "http,final", "failed" */
bool keyword_application_protocol(struct draft *d,
                                  const struct keyword *keyword,
                                  struct bytes value)
{
    static const char *const modes[] = {
        "final", "original", "either", "to_server", "to_client", "exact",
    };
    struct bytes name, mode;
    const char *why = NULL, *application;
    bool negated;

    (void)keyword;
    (void)part_next(&value, ',', &name); /* There is a value. */
    negated = part_skip(&name, "!");
    if (d->rule.layer == RULE_LAYER_APPLICATION)
        return draft_refuse(d, NULL, "the rule names its protocol already");
    if (part_next(&value, ',', &mode) &&
        part_index(mode, modes, COUNT_OF(modes)) == COUNT_OF(modes))
        return draft_refuse(d, "final, original, either, to_server or "
                               "to_client", "%s is none of these",
                            draft_quote(d, mode));
    if (part_is_nocase(name, "failed") || part_is_nocase(name, "unknown"))
        application = "failed";
    else
        application = header_application(name, &why);
    if (!application)
        return draft_refuse(d, NULL, "%s %s", why, draft_quote(d, name));
    d->negated = negated;
    return add_event(d, CONDITION_APPLICATION_PROTOCOL, application);
}
