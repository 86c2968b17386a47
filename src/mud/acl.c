/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Access control lists (RFC 8519) and the policies that use them. Policies
 * are read first: which way a list is used says which of its addresses is the
 * peer's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "mud/internal.h"

enum { NAME_MAX_SIZE = 64 }; /* RFC 8519: string, length 1..64. */

/* The families a list's type allows (RFC 8519 section 4.1). */
static const struct {
    const char *name;
    bool has_ipv4;
    bool has_ipv6;
    bool has_link;
} acl_types[] = {
    { "ipv4-acl-type", true, false, false },
    { "ipv6-acl-type", false, true, false },
    { "eth-acl-type", false, false, true },
    { "mixed-eth-ipv4-acl-type", true, false, true },
    { "mixed-eth-ipv6-acl-type", false, true, true },
    { "mixed-eth-ipv4-ipv6-acl-type", true, true, true },
};

static bool read_name(struct mud_reading *r, json_t *object,
                      const char **name)
{
    if (!json_object_get(object, "name")) {
        mud_problem(r, MUD_REFUSED, "RFC 8519 4.1", "'name' is missing");
        return false;
    }
    if (!mud_take_text(r, object, "name", name))
        return false;
    if ((*name)[0] && strlen(*name) <= NAME_MAX_SIZE)
        return true;
    mud_problem(r, MUD_REFUSED, "RFC 8519 4.1",
                "a name has 1 to %d characters", NAME_MAX_SIZE);
    return false;
}

/* The position of `name` among the lists; they were all named before. */
static uint32_t find_acl(const struct mud_file *file, const char *name)
{
    for (uint32_t i = 0; i < file->acl_count; i++)
        if (strcmp(file->acls[i].name, name) == 0)
            return i;
    return UINT32_MAX;
}

/* A list that the other policy uses already is read a second time: which end
 * is the peer's is another matter there. */
static uint32_t twin_acl(struct mud_reading *r, uint32_t index)
{
    struct mud_file *file = r->file;

    if (file->acl_count == MUD_ACL_MAX) {
        mud_problem(r, MUD_REFUSED, "limit", "a file may have %d lists",
                    MUD_ACL_MAX);
        return index;
    }
    r->item_of[file->acl_count] = r->item_of[index];
    file->acls[file->acl_count] = (struct mud_acl){
        .name = file->acls[index].name,
        .is_twin = true,
    };
    return file->acl_count++;
}

static bool is_used(const struct mud_file *file, enum mud_policy policy,
                    const char *name)
{
    for (uint32_t i = 0; i < file->policy_count[policy]; i++)
        if (strcmp(file->acls[file->policy[policy][i]].name, name) == 0)
            return true;
    return false;
}

static void use_acl(struct mud_reading *r, json_t *entry,
                    enum mud_policy policy)
{
    static mud_names names = { "name", NULL };
    struct mud_file *file = r->file;
    const char *name;

    if (!json_is_object(entry)) {
        mud_problem(r, MUD_REFUSED, "RFC 7951", "this must be an object");
        return;
    }
    mud_check_names(r, entry, names);
    if (!read_name(r, entry, &name))
        return;
    uint32_t index = find_acl(file, name);
    if (index == UINT32_MAX) {
        mud_problem(r, MUD_REFUSED, "RFC 8520 7",
                    "there is no list named '%s' under 'acls'", name);
        return;
    }
    if (is_used(file, policy, name)) {
        mud_problem(r, MUD_REFUSED, "RFC 8520 7", "'%s' is named twice",
                    name);
        return;
    }
    if (file->acls[index].policies != 0)
        index = twin_acl(r, index);
    file->policy[policy][file->policy_count[policy]++] = index;
    file->acls[index].policies |= (uint8_t)(1u << policy);
}

void mud_read_policy(struct mud_reading *r, json_t *mud,
                     enum mud_policy policy)
{
    static mud_names container = { "access-lists", NULL };
    static mud_names list = { "access-list", NULL };
    const char *key = policy == MUD_FROM_DEVICE ? "from-device-policy"
                                                : "to-device-policy";
    json_t *object = mud_take_object(r, mud, key);
    size_t index;
    json_t *entry;

    if (!object)
        return;
    mud_enter(r, key);
    mud_check_names(r, object, container);
    json_t *lists = mud_take_object(r, object, "access-lists");
    mud_enter(r, "access-lists");
    if (lists)
        mud_check_names(r, lists, list);
    json_t *entries = mud_take_array(r, lists, "access-list");
    mud_enter(r, "access-list");
    json_array_foreach(entries, index, entry) {
        mud_enter_item(r, index);
        use_acl(r, entry, policy);
        mud_leave(r);
    }
    mud_leave(r);
    mud_leave(r);
    mud_leave(r);
}

static size_t find_type(struct mud_reading *r, json_t *object)
{
    const char *type;

    if (!mud_take_text(r, object, "type", &type))
        return COUNT_OF(acl_types);
    type = mud_identity(type, "ietf-access-control-list");
    for (size_t i = 0; i < COUNT_OF(acl_types); i++)
        if (strcmp(acl_types[i].name, type) == 0)
            return i;
    mud_enter(r, "type");
    mud_problem(r, MUD_REFUSED, "RFC 8519 4.1",
                "there is no list of type '%s'; of addresses there are "
                "ipv4-acl-type and ipv6-acl-type", type);
    mud_leave(r);
    return COUNT_OF(acl_types);
}

static void read_actions(struct mud_reading *r, json_t *object,
                         struct mud_ace *ace)
{
    static mud_names names = { "forwarding", "logging", NULL };
    json_t *actions = mud_take_object(r, object, "actions");
    const char *action;

    mud_enter(r, "actions");
    if (actions)
        mud_check_names(r, actions, names);
    if (!actions || !json_object_get(actions, "forwarding")) {
        mud_problem(r, MUD_REFUSED, "RFC 8519 4.1",
                    "'forwarding' is missing: accept or drop");
    } else if (mud_take_text(r, actions, "forwarding", &action)) {
        action = mud_identity(action, "ietf-access-control-list");
        ace->accepts = strcmp(action, "accept") == 0;
        if (strcmp(action, "reject") == 0)
            mud_problem(r, MUD_NOTICE, "RFC 8520 2",
                        "only accept and drop should be used; 'reject' is "
                        "taken for drop");
        else if (!ace->accepts && strcmp(action, "drop") != 0)
            mud_problem(r, MUD_REFUSED, "RFC 8519 4.1",
                        "there is no action '%s'; there are accept and drop",
                        action);
    }
    mud_leave(r);
}

/* A match that names no peer, no protocol and no port permits everything. */
static void check_width(struct mud_reading *r, const struct mud_ace *ace)
{
    bool has_peer = ace->is_local || ace->is_same_maker ||
                    ace->is_my_controller || ace->has_network ||
                    ace->name_of_peer || ace->controller ||
                    ace->manufacturer || ace->model;
    bool has_ports = ace->peer_port.is_set || ace->own_port.is_set ||
                     ace->has_icmp_type;

    if (ace->accepts && !has_peer && !has_ports &&
        ace->family != MUD_FAMILY_LINK)
        mud_problem(r, MUD_ASK, "RFC 8520 2",
                    "this permits traffic with everybody, on every port");
}

static struct mud_ace *new_ace(struct mud_reading *r)
{
    struct mud_file *file = r->file;

    if (file->ace_count == MUD_ACE_MAX) {
        mud_problem(r, MUD_REFUSED, "limit",
                    "a file may have %d entries in all", MUD_ACE_MAX);
        r->is_full = true;
        return NULL;
    }
    if (file->ace_count == r->ace_capacity) {
        r->ace_capacity = r->ace_capacity ? 2 * r->ace_capacity : 64;
        file->aces =
            memory_resize(file->aces, r->ace_capacity, sizeof *file->aces);
    }
    struct mud_ace *ace = &file->aces[file->ace_count++];
    *ace = (struct mud_ace){ .name = "" };
    return ace;
}

static void check_ace_name(struct mud_reading *r, const struct mud_acl *acl,
                           const char *name)
{
    const struct mud_ace *aces = r->file->aces + acl->first;

    for (uint32_t i = 0; i + 1 < acl->count; i++)
        if (strcmp(aces[i].name, name) == 0) {
            mud_problem(r, MUD_REFUSED, "RFC 8519 4.1",
                        "the list has two entries named '%s'", name);
            return;
        }
}

static void read_ace(struct mud_reading *r, json_t *object,
                     struct mud_acl *acl)
{
    static mud_names names = { "name", "matches", "actions", NULL };
    struct mud_ace *ace = new_ace(r);
    json_t *matches;

    if (!ace)
        return;
    acl->count++;
    if (!json_is_object(object)) {
        mud_problem(r, MUD_REFUSED, "RFC 7951", "this must be an object");
        return;
    }
    mud_check_names(r, object, names);
    if (read_name(r, object, &ace->name))
        check_ace_name(r, acl, ace->name);
    matches = mud_take_object(r, object, "matches");
    mud_enter(r, "matches");
    mud_read_matches(r, matches, acl->family,
                     acl->policies & 1u << MUD_TO_DEVICE ? MUD_TO_DEVICE
                                                         : MUD_FROM_DEVICE,
                     ace);
    mud_leave(r);
    read_actions(r, object, ace);
    check_width(r, ace);
}

static void place_entries(struct mud_reading *r, const struct mud_acl *acl)
{
    uint32_t *lines = memory_new((size_t)acl->count + 1, sizeof *lines);

    json_place_items(r->text, r->path, r->depth, lines, acl->count);
    for (uint32_t i = 0; i < acl->count; i++)
        r->file->aces[acl->first + i].line = lines[i];
    free(lines);
}

static void read_entries(struct mud_reading *r, json_t *object,
                         struct mud_acl *acl)
{
    static mud_names names = { "ace", NULL };
    json_t *aces = mud_take_object(r, object, "aces");
    size_t index;
    json_t *entry;

    mud_enter(r, "aces");
    if (aces)
        mud_check_names(r, aces, names);
    json_t *entries = mud_take_array(r, aces, "ace");
    mud_enter(r, "ace");
    json_array_foreach(entries, index, entry) {
        if (r->is_full)
            break;
        mud_enter_item(r, index);
        read_ace(r, entry, acl);
        mud_leave(r);
    }
    place_entries(r, acl);
    mud_leave(r);
    mud_leave(r);
}

static void read_acl(struct mud_reading *r, json_t *object,
                     struct mud_acl *acl)
{
    static mud_names names = { "name", "type", "aces", NULL };

    mud_check_names(r, object, names);
    size_t type = find_type(r, object);
    acl->first = r->file->ace_count;
    if (type < COUNT_OF(acl_types)) {
        if (acl_types[type].has_ipv4 && !acl_types[type].has_ipv6)
            acl->family = MUD_FAMILY_IPV4;
        else if (acl_types[type].has_ipv6 && !acl_types[type].has_ipv4)
            acl->family = MUD_FAMILY_IPV6;
        else if (!acl_types[type].has_ipv4)
            acl->family = MUD_FAMILY_LINK;
    } else if (!json_object_get(object, "type")) {
        mud_problem(r, MUD_REFUSED, "RFC 8519 4.1",
                    "'type' is missing: without it no match on addresses is "
                    "allowed");
    }
    if (acl->policies == 0)
        mud_problem(r, MUD_NOTICE, "RFC 8520 7",
                    "no policy uses '%s'", acl->name);
    read_entries(r, object, acl);
}

/* Names first, so that policies can be read before the entries. */
static void name_acls(struct mud_reading *r, json_t *list)
{
    struct mud_file *file = r->file;
    size_t index;
    json_t *object;

    json_array_foreach(list, index, object) {
        const char *name;
        mud_enter_item(r, index);
        if (file->acl_count == MUD_ACL_MAX) {
            mud_problem(r, MUD_REFUSED, "limit",
                        "a file may have %d lists", MUD_ACL_MAX);
            mud_leave(r);
            return;
        }
        r->item_of[file->acl_count] = index;
        struct mud_acl *acl = &file->acls[file->acl_count++];
        acl->name = "";
        if (!json_is_object(object))
            mud_problem(r, MUD_REFUSED, "RFC 7951", "this must be an object");
        else if (read_name(r, object, &name)) {
            if (find_acl(file, name) != UINT32_MAX)
                mud_problem(r, MUD_REFUSED, "RFC 8519 4.1",
                            "there are two lists named '%s'", name);
            acl->name = name;
        }
        mud_leave(r);
    }
}

static void read_lists(struct mud_reading *r, json_t *list)
{
    for (uint32_t i = 0; i < r->file->acl_count; i++) {
        json_t *object = json_array_get(list, r->item_of[i]);
        mud_enter_item(r, r->item_of[i]);
        if (json_is_object(object))
            read_acl(r, object, &r->file->acls[i]);
        mud_leave(r);
    }
}

void mud_read_acls(struct mud_reading *r, json_t *root)
{
    static mud_names names = { "acl", NULL };
    static const char key[] = "ietf-access-control-list:acls";
    json_t *mud = json_object_get(root, "ietf-mud:mud");
    json_t *acls = mud_take_object(r, root, key);

    r->file->acls = memory_new(MUD_ACL_MAX, sizeof *r->file->acls);
    if (!json_object_get(root, key))
        mud_problem(r, MUD_REFUSED, "RFC 8520 2.1", "'%s' is missing", key);
    mud_enter(r, key);
    if (acls)
        mud_check_names(r, acls, names);
    json_t *list = mud_take_array(r, acls, "acl");
    mud_enter(r, "acl");
    name_acls(r, list);
    size_t depth = r->depth;
    r->depth = 0;
    mud_enter(r, "ietf-mud:mud");
    mud_read_policy(r, mud, MUD_FROM_DEVICE);
    mud_read_policy(r, mud, MUD_TO_DEVICE);
    r->depth = depth;
    r->path[0] = (struct json_step){ .key = key };
    r->path[1] = (struct json_step){ .key = "acl" };
    read_lists(r, list);
    mud_leave(r);
    mud_leave(r);
}
