/* SPDX-License-Identifier: Apache-2.0 */
#include "mud/learn.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/timestamp.h"
#include "base/writer.h"
#include "mud/explain.h"

enum {
    USE_MAX = 2 * MUD_ACE_MAX,
    NOTE_SIZE = 512,
    PROTOCOL_TCP = 6,
    RANK_COUNT = 4, /* See rank_of(). */
};

struct use {
    struct mud_ace ace;
    uint8_t policies;
    bool is_gone;   /* Taken in by a wider one. */
};

struct mud_learner {
    struct arena texts;
    const char *url;
    const char *shown;
    int64_t time_ns;
    struct use *uses;
    size_t use_count;
    size_t uses_dropped;
    const char *notes[MUD_LEARN_NOTE_MAX];
    size_t note_count;
};

static const char *copy(struct mud_learner *learner, const char *text)
{
    return text ? arena_copy_text(&learner->texts, bytes_of_text(text))
                : NULL;
}

struct mud_learner *mud_learner_new(const char *url, const char *shown,
                                    int64_t time_ns)
{
    struct mud_learner *learner = memory_new(1, sizeof *learner);

    arena_init(&learner->texts);
    learner->url = copy(learner, url);
    learner->shown = copy(learner, shown);
    learner->time_ns = time_ns;
    learner->uses = memory_new(USE_MAX, sizeof *learner->uses);
    return learner;
}

void mud_learner_free(struct mud_learner *learner)
{
    if (!learner)
        return;
    arena_clear(&learner->texts);
    free(learner->uses);
    free(learner);
}

static bool is_same_text(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool is_same_port(const struct mud_ports *a, const struct mud_ports *b)
{
    return a->is_set == b->is_set && a->low == b->low && a->high == b->high;
}

/* The same but for its ports. */
static bool is_same_peer(const struct mud_ace *a, const struct mud_ace *b)
{
    return a->family == b->family && a->protocol == b->protocol &&
           a->initiated == b->initiated && a->is_local == b->is_local &&
           a->has_network == b->has_network &&
           (!a->has_network ||
            ip_equal(a->network.address, b->network.address)) &&
           a->has_icmp_type == b->has_icmp_type &&
           a->icmp_type == b->icmp_type && a->icmp_code == b->icmp_code &&
           is_same_text(a->name_of_peer, b->name_of_peer) &&
           is_same_text(a->controller, b->controller);
}

void mud_learner_add(struct mud_learner *learner, const struct mud_ace *use,
                     uint8_t policies)
{
    for (size_t i = 0; i < learner->use_count; i++) {
        struct use *known = &learner->uses[i];
        if (!is_same_peer(&known->ace, use) ||
            !is_same_port(&known->ace.peer_port, &use->peer_port) ||
            !is_same_port(&known->ace.own_port, &use->own_port) ||
            (use->has_icmp_type && known->policies != policies))
            continue;
        known->policies |= policies;
        return;
    }
    if (learner->use_count == USE_MAX) {
        learner->uses_dropped++;
        return;
    }
    struct use *added = &learner->uses[learner->use_count++];
    *added = (struct use){ .ace = *use, .policies = policies };
    added->ace.name_of_peer = copy(learner, use->name_of_peer);
    added->ace.controller = copy(learner, use->controller);
    added->ace.manufacturer = copy(learner, use->manufacturer);
    added->ace.model = copy(learner, use->model);
}

static void note(struct mud_learner *learner, struct writer *text)
{
    if (learner->note_count < MUD_LEARN_NOTE_MAX)
        learner->notes[learner->note_count++] =
            arena_copy_text(&learner->texts, writer_view(text));
    writer_reset(text);
}

/* Is `other` of the family of ports that begins at `first`? */
static bool is_of_ports(const struct use *first, const struct use *other)
{
    return !other->is_gone && is_same_peer(&first->ace, &other->ace) &&
           first->ace.peer_port.is_set == other->ace.peer_port.is_set &&
           first->ace.own_port.is_set == other->ace.own_port.is_set;
}

/* Many ports with one peer are no list but a habit: any port. */
static void widen_ports(struct mud_learner *learner, size_t at,
                        struct writer *text)
{
    struct use *first = &learner->uses[at];
    size_t count = 0;

    if (first->is_gone ||
        (!first->ace.peer_port.is_set && !first->ace.own_port.is_set))
        return;
    for (size_t i = at; i < learner->use_count; i++)
        count += is_of_ports(first, &learner->uses[i]);
    if (count <= MUD_LEARN_PORT_MAX)
        return;
    for (size_t i = at + 1; i < learner->use_count; i++) {
        struct use *other = &learner->uses[i];
        if (!is_of_ports(first, other))
            continue;
        first->policies |= other->policies;
        other->is_gone = true;
    }
    first->ace.peer_port = first->ace.own_port = (struct mud_ports){ 0 };
    writer_format(text, "%zu ports became any port: ", count);
    mud_explain_ace(text, &first->ace,
                    first->policies & 1u << MUD_FROM_DEVICE
                        ? MUD_FROM_DEVICE : MUD_TO_DEVICE);
    note(learner, text);
}

static bool is_address(const struct mud_ace *ace)
{
    return ace->has_network && !ip_is_multicast(ace->network.address) &&
           !ip_is_broadcast(ace->network.address);
}

static void write_notes(struct mud_learner *learner)
{
    size_t addresses = 0;
    size_t locals = 0;
    struct writer text;

    writer_init(&text, NOTE_SIZE);
    for (size_t i = 0; i < learner->use_count; i++)
        widen_ports(learner, i, &text);
    for (size_t i = 0; i < learner->use_count; i++) {
        addresses += !learner->uses[i].is_gone &&
                     is_address(&learner->uses[i].ace);
        locals += !learner->uses[i].is_gone && learner->uses[i].ace.is_local;
    }
    writer_text(&text, "the port a system chooses by itself is any port");
    note(learner, &text);
    if (locals > 0) {
        writer_format(&text, "hosts of the local network are not told apart "
                             "(%zu entries)", locals);
        note(learner, &text);
    }
    if (addresses > 0) {
        writer_format(&text, "%zu entries have an address, for no DNS answer "
                             "or server name told whose it is", addresses);
        note(learner, &text);
    }
    writer_clear(&text);
}

static uint32_t count_of(const struct mud_learner *learner, uint8_t family,
                         enum mud_policy policy)
{
    uint32_t count = 0;

    for (size_t i = 0; i < learner->use_count; i++)
        count += !learner->uses[i].is_gone &&
                 learner->uses[i].ace.family == family &&
                 (learner->uses[i].policies & 1u << policy) != 0;
    return count;
}

static const char *file_text(struct mud_file *file, const char *text)
{
    return text ? arena_copy_text(&file->texts, bytes_of_text(text)) : NULL;
}

/* Out of a writer that is started anew each time. */
static const char *number_name(struct mud_file *file, const char *stem,
                               uint32_t number)
{
    struct writer name;

    writer_init(&name, 128);
    writer_format(&name, "%s-%u", stem, number);
    const char *text = arena_copy_text(&file->texts, writer_view(&name));
    writer_clear(&name);
    return text;
}

/*
 * The first entry that matches decides, so the narrower come first: names,
 * then classes, then connections whose beginning was not seen, then addresses,
 * behind which a name may have stood unseen.
 */
static int rank_of(const struct mud_ace *ace)
{
    if (is_address(ace))
        return 3;
    if (ace->protocol == PROTOCOL_TCP && ace->initiated == MUD_INITIATED_ANY)
        return 2;
    return ace->name_of_peer ? 0 : 1;
}

static void add_entries(const struct mud_learner *learner,
                        struct mud_file *file, struct mud_acl *acl,
                        enum mud_policy policy)
{
    for (size_t i = 0; i < RANK_COUNT * learner->use_count; i++) {
        const struct use *use = &learner->uses[i % learner->use_count];
        if (use->is_gone || use->ace.family != acl->family ||
            !(use->policies & 1u << policy) ||
            rank_of(&use->ace) != (int)(i / learner->use_count))
            continue;
        struct mud_ace *ace = &file->aces[file->ace_count++];
        *ace = use->ace;
        ace->name = number_name(file, acl->name, acl->count++);
        ace->name_of_peer = file_text(file, use->ace.name_of_peer);
        ace->controller = file_text(file, use->ace.controller);
        ace->manufacturer = file_text(file, use->ace.manufacturer);
        ace->model = file_text(file, use->ace.model);
    }
}

static void add_list(const struct mud_learner *learner,
                     struct mud_file *file, uint8_t family,
                     enum mud_policy policy)
{
    static const char *const names[2][2] = {
        [MUD_FROM_DEVICE] = { "from-ipv4", "from-ipv6" },
        [MUD_TO_DEVICE] = { "to-ipv4", "to-ipv6" },
    };

    if (count_of(learner, family, policy) == 0)
        return;
    struct mud_acl *acl = &file->acls[file->acl_count];
    *acl = (struct mud_acl){
        .name = names[policy][family == MUD_FAMILY_IPV6],
        .family = family,
        .policies = (uint8_t)(1u << policy),
        .first = file->ace_count,
    };
    add_entries(learner, file, acl, policy);
    file->policy[policy][file->policy_count[policy]++] = file->acl_count++;
}

static struct mud_file *new_file(const struct mud_learner *learner)
{
    struct mud_file *file = memory_new(1, sizeof *file);
    char date[TIMESTAMP_TEXT_SIZE];

    arena_init(&file->texts);
    timestamp_text(learner->time_ns, date);
    memcpy(date + 19, "Z", 2); /* Seconds, and the zone as RFC 6991 has it. */
    file->source = file->signature = file->documentation = "";
    file->mfg_name = file->model_name = "";
    file->firmware_rev = file->software_rev = "";
    file->url = file_text(file, learner->url);
    file->systeminfo = file_text(file, learner->shown);
    file->last_update = file_text(file, date);
    file->cache_validity = 48;
    file->is_supported = true;
    file->acls = memory_new(MUD_ACL_MAX, sizeof *file->acls);
    return file;
}

struct mud_file *mud_learner_finish(struct mud_learner *learner)
{
    static const uint8_t families[] = { MUD_FAMILY_IPV4, MUD_FAMILY_IPV6 };
    uint32_t total = 0;

    write_notes(learner);
    for (size_t i = 0; i < COUNT_OF(families); i++)
        total += count_of(learner, families[i], MUD_FROM_DEVICE) +
                 count_of(learner, families[i], MUD_TO_DEVICE);
    if (learner->uses_dropped > 0 || total > MUD_ACE_MAX)
        return NULL;
    struct mud_file *file = new_file(learner);
    file->aces = memory_new((size_t)total + 1, sizeof *file->aces);
    for (int policy = 0; policy < 2; policy++)
        for (size_t i = 0; i < COUNT_OF(families); i++)
            add_list(learner, file, families[i], (enum mud_policy)policy);
    return file;
}

size_t mud_learner_note_count(const struct mud_learner *learner)
{
    return learner->note_count;
}

const char *mud_learner_note(const struct mud_learner *learner, size_t index)
{
    return learner->notes[index];
}
