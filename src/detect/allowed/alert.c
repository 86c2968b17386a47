/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What undeclared use is called, and how much it weighs.
 *
 * A file that forbids too much makes false alarms, one that allows too much
 * hides; so a file nobody vouches for may accuse, but only by a notice: it is
 * a maker's word only when a signature or the owner says so. Nor is a file
 * read by import more than a notice: its meaning was guessed in places.
 */
#include <stdio.h>

#include "base/arena_writer.h"
#include "base/check.h"
#include "detect/allowed/internal.h"
#include "mud/explain.h"

enum { VERSION_DIGITS = 16, WORDS_MAX = 1024 };

static const struct {
    const char *name;
    const char *title;
    const char *description;
    const char *harm;
} kinds[DETECTION_KINDS] = {
    [UNDECLARED_OUTBOUND] = {
        "undeclared-outbound",
        "A device contacts a host its maker did not declare",
        "The device opened a flow to a host outside the local network that "
        "no entry of its MUD file (RFC 8520) allows.",
        "malicious-code/infected-system" },
    [UNDECLARED_INBOUND] = {
        "undeclared-inbound",
        "A stranger reaches a device in a way its maker did not declare",
        "A host outside the local network opened a flow to the device that "
        "no entry of its MUD file (RFC 8520) allows.",
        "intrusion-attempts/ids-alert" },
    [UNDECLARED_LOCAL] = {
        "undeclared-local",
        "A device speaks to its neighbours in an undeclared way",
        "A flow between the device and a host of the local network that no "
        "entry of its MUD file (RFC 8520) allows.",
        "other/other" },
    [UNDECLARED_ANSWER] = {
        "undeclared-answer",
        "Answers that a device's MUD file forgot",
        "The MUD file (RFC 8520) declares what was asked, but not the "
        "answers to it: a flaw of the file.",
        "other/other" },
};

static const char *version_of(struct allowed *allowed,
                              const struct mud_file *file)
{
    struct arena_writer w;

    arena_writer_init(&w, &allowed->texts, VERSION_DIGITS + 1);
    arena_writer_hex(&w, bytes_of(file->digest, VERSION_DIGITS / 2));
    arena_writer_byte(&w, 0);
    return (const char *)arena_writer_view(&w).data;
}

static const char *id_of(struct allowed *allowed, const struct mud_file *file,
                         const char *kind)
{
    struct arena_writer w;

    arena_writer_init(&w, &allowed->texts, 128);
    arena_writer_text(&w, kind);
    arena_writer_byte(&w, ' ');
    arena_writer_text(&w, file->url);
    arena_writer_byte(&w, 0);
    return (const char *)arena_writer_view(&w).data;
}

static enum severity severity_of(const struct allowed_file *file,
                                 enum undeclared_kind kind)
{
    bool is_vouched = file->is_given || file->is_signed;
    bool is_plain = !file->file->is_imported && file->file->level < MUD_ASK;

    return is_vouched && is_plain && kind != UNDECLARED_ANSWER
               ? SEVERITY_WARNING : SEVERITY_NOTICE;
}

void make_detections(struct allowed *allowed, struct allowed_file *file)
{
    const char *version = version_of(allowed, file->file);

    for (int kind = 0; kind < DETECTION_KINDS; kind++)
        file->detections[kind] = (struct detection){
            .language = LANGUAGE_MUD,
            .id = id_of(allowed, file->file, kinds[kind].name),
            .version = version,
            .name = kinds[kind].name,
            .title = kinds[kind].title,
            .description = kinds[kind].description,
            .harm = kinds[kind].harm,
            .text_key = kinds[kind].name,
            .role = kind == UNDECLARED_ANSWER ? "maker" : "owner",
            .source = file->file->source,
            .severity =
                severity_of(file, (enum undeclared_kind)kind),
        };
}

static const struct allowed_file *
file_of(const struct allowed *allowed, const struct mud_file *file)
{
    size_t at = 0;

    while (at < allowed->file_count && allowed->files[at].file != file)
        at++;
    check(at < allowed->file_count);
    return &allowed->files[at];
}

static enum undeclared_kind kind_of(const struct allowed_use *use)
{
    if (use->is_answer)
        return UNDECLARED_ANSWER;
    if (use->is_local)
        return UNDECLARED_LOCAL;
    return use->from_outside ? UNDECLARED_INBOUND : UNDECLARED_OUTBOUND;
}

static const char *protocol_text(const struct mud_ace *ace, char text[16])
{
    return event_protocol_text(ace->protocol, text);
}

/* "TCP port 443 of api.example.com", the same for all flows of one finding:
 * addresses without a name are not told apart. */
static void describe(struct arena_writer *w, const struct allowed_use *use)
{
    const struct mud_ace *ace = &use->needed;
    char text[IP_TEXT_SIZE];

    arena_writer_text(w, protocol_text(ace, text));
    if (ace->peer_port.is_set) {
        arena_writer_text(w, " port ");
        arena_writer_number(w, ace->peer_port.low);
    }
    if (ace->own_port.is_set) {
        arena_writer_text(w, " at its port ");
        arena_writer_number(w, ace->own_port.low);
    }
    arena_writer_text(w, ace->own_port.is_set ? " with " : " of ");
    if (ace->name_of_peer) {
        arena_writer_text(w, ace->name_of_peer);
    } else if (ace->has_network && use->is_local) {
        arena_writer_text(w, ip_text(ace->network.address, text));
    } else if (ace->has_network) {
        arena_writer_text(w, "a host that DNS did not name");
    } else {
        arena_writer_text(w, ace->controller ? "this network's servers"
                                             : "the local network");
    }
}

static struct bytes json_of(struct arena *arena, const struct allowed_use *use)
{
    struct writer w;

    writer_init(&w, WORDS_MAX);
    mud_write_ace(&w, &use->needed,
                  use->policies & 1u << MUD_FROM_DEVICE ? MUD_FROM_DEVICE
                                                        : MUD_TO_DEVICE);
    struct bytes copy = arena_copy(arena, writer_view(&w));
    writer_clear(&w);
    return copy;
}

void alert_use(struct alert_list *alerts, const struct allowed_flow *flow,
               const struct allowed_use *use,
               const struct allowed_device *device)
{
    const struct allowed_file *file =
        file_of(flow->state->allowed, device->file);
    const struct detection *detection = &file->detections[kind_of(use)];
    struct alert *alert = alert_list_add(alerts, detection);
    struct arena_writer words;

    if (!alert)
        return;
    alert->subject = flow->began ? SUBJECT_SOURCE : SUBJECT_DESTINATION;
    alert->event = flow->event;
    alert->count = 1;
    alert->first_ns = flow->start_ns;
    arena_writer_init(&words, alerts->arena, 128);
    describe(&words, use);
    alert->group = arena_writer_view(&words);
    if (ip_is_multicast(flow->peer) || ip_is_broadcast(flow->peer))
        alert->severity = SEVERITY_NOTICE;
    bool is_added =
        alert_add_fact(alerts, "use", alert->group) &&
        alert_add_fact(alerts, "mud_url", bytes_of_text(device->file->url)) &&
        alert_add_fact(alerts, "needed", json_of(alerts->arena, use)) &&
        alert_add_fact(alerts, "ace",
                       bytes_of_text(use->ace ? use->ace->name : "")) &&
        alert_add_fact(alerts, "trust",
                       bytes_of_text(allowed_trust_name(device->trust)));
    (void)is_added; /* Or counted by the list. */
}
