/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/table.h"
#include "detect/signature/part.h"
#include "detect/signature/span.h"

enum {
    VARIABLE_MAX = 4096,
    NAME_SIZE_MAX = 256,
    QUOTED_MAX = 80,
    PORT_BYTE = 14, /* Where a port stands in a `struct ip`. */
};

/* Not chosen by anyone on the network: rules and configuration. */
static const struct hash_key fixed_key = { 0 };

struct variable {
    struct bytes name;
    struct bytes value;
};

/* What was asked for before, and its answer. */
struct known_text {
    struct bytes text;
    enum network_kind kind;
    uint32_t set; /* Or TABLE_NONE for any. */
};

struct network_sets {
    struct arena arena;
    struct variable variables[VARIABLE_MAX];
    uint32_t variable_count;
    struct table known_index;
    struct known_text *known;
    uint32_t known_count;
    struct table set_index;
    const struct address_set **addresses;
    uint32_t address_count;
    const struct port_set **ports;
    uint32_t port_count;
};

const struct network_default network_defaults[] = {
    { "HOME_NET", "[10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,"
                  "fc00::/7,fe80::/10]" },
    { "EXTERNAL_NET", "!$HOME_NET" },
    { "HTTP_SERVERS", "$HOME_NET" },
    { "SMTP_SERVERS", "$HOME_NET" },
    { "SQL_SERVERS", "$HOME_NET" },
    { "DNS_SERVERS", "$HOME_NET" },
    { "TELNET_SERVERS", "$HOME_NET" },
    { "AIM_SERVERS", "$EXTERNAL_NET" },
    { "DC_SERVERS", "$HOME_NET" },
    { "DNP3_SERVER", "$HOME_NET" },
    { "DNP3_CLIENT", "$HOME_NET" },
    { "MODBUS_CLIENT", "$HOME_NET" },
    { "MODBUS_SERVER", "$HOME_NET" },
    { "ENIP_CLIENT", "$HOME_NET" },
    { "ENIP_SERVER", "$HOME_NET" },
    { "HTTP_PORTS", "80" },
    { "SHELLCODE_PORTS", "!80" },
    { "ORACLE_PORTS", "1521" },
    { "SSH_PORTS", "22" },
    { "DNP3_PORTS", "20000" },
    { "MODBUS_PORTS", "502" },
    { "FILE_DATA_PORTS", "[$HTTP_PORTS,110,143]" },
    { "FTP_PORTS", "21" },
    { "GENEVE_PORTS", "6081" },
    { "VXLAN_PORTS", "4789" },
    { "TEREDO_PORTS", "3544" },
    { "SIP_PORTS", "[5060,5061]" },
    { NULL, NULL },
};

struct network_sets *network_sets_new(void)
{
    struct network_sets *sets = memory_new(1, sizeof *sets);

    arena_init(&sets->arena);
    table_init(&sets->known_index, 1024);
    table_init(&sets->set_index, 1024);
    for (const struct network_default *d = network_defaults; d->name; d++)
        sets->variables[sets->variable_count++] = (struct variable){
            bytes_of_text(d->name), bytes_of_text(d->value),
        };
    return sets;
}

void network_sets_free(struct network_sets *sets)
{
    if (!sets)
        return;
    table_clear(&sets->known_index);
    table_clear(&sets->set_index);
    free(sets->known);
    free(sets->addresses);
    free(sets->ports);
    arena_clear(&sets->arena);
    free(sets);
}

static struct variable *find_variable(struct network_sets *sets,
                                      struct bytes name)
{
    for (uint32_t i = 0; i < sets->variable_count; i++)
        if (bytes_equal(sets->variables[i].name, name))
            return &sets->variables[i];
    return NULL;
}

static bool is_name_byte(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || byte == '_' || byte == '-';
}

static bool is_name(struct bytes name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!is_name_byte(part_byte(name, i)))
            return false;
    return name.size > 0 && name.size <= NAME_SIZE_MAX;
}

/* Answers given so far may depend on the variable. */
static void forget_answers(struct network_sets *sets)
{
    table_clear(&sets->known_index);
    table_init(&sets->known_index, 1024);
    free(sets->known);
    sets->known = NULL;
    sets->known_count = 0;
}

int network_set_variable(struct network_sets *sets, struct bytes name,
                         struct bytes value, struct failure *failure)
{
    struct variable *variable = find_variable(sets, name);

    if (!is_name(name))
        return failure_set(failure, ERROR_FORMAT,
                           "a variable's name is of letters, digits and _");
    if (value.size > NETWORK_TEXT_MAX)
        return failure_set(failure, ERROR_LIMIT,
                           "a variable's value has at most %d bytes",
                           NETWORK_TEXT_MAX);
    if (!variable && sets->variable_count == VARIABLE_MAX)
        return failure_set(failure, ERROR_LIMIT, "at most %d variables",
                           VARIABLE_MAX);
    if (!variable) {
        variable = &sets->variables[sets->variable_count++];
        variable->name = arena_copy(&sets->arena, name);
    }
    variable->value = arena_copy(&sets->arena, value);
    forget_answers(sets);
    return 0;
}

/* One list in brackets, or the value of one variable. */
struct frame {
    struct bytes rest;
    bool negated;
    struct span_list plus;
    struct span_list minus;
};

struct list_reader {
    struct network_sets *sets;
    enum network_kind kind;
    char *reason;
    unsigned depth;
    struct frame frames[NETWORK_NEST_MAX];
};

static bool fail(struct list_reader *r, const char *what, struct bytes text)
{
    char quoted[QUOTED_MAX + 1];
    size_t size = 0;

    for (; size < text.size && size < QUOTED_MAX; size++) {
        uint8_t byte = part_byte(text, size);
        quoted[size] = byte >= ' ' && byte < 0x7f ? (char)byte : '?';
    }
    quoted[size] = 0;
    (void)snprintf(r->reason, NETWORK_REASON_MAX, "%s: \"%s\"", what, quoted);
    return false;
}

static struct ip port_number(uint16_t port)
{
    struct ip ip = { 0 };

    ip.bytes[PORT_BYTE] = (uint8_t)(port >> 8);
    ip.bytes[PORT_BYTE + 1] = (uint8_t)port;
    return ip;
}

static uint16_t number_port(struct ip ip)
{
    return (uint16_t)(ip.bytes[PORT_BYTE] << 8 | ip.bytes[PORT_BYTE + 1]);
}

static struct span universe_of(enum network_kind kind)
{
    struct span all = { 0 };

    if (kind == NETWORK_PORT)
        all.high = port_number(UINT16_MAX);
    else
        memset(all.high.bytes, 0xff, sizeof all.high.bytes);
    return all;
}

/* "80", "80:90", ":1024", "1024:" */
static bool read_port(struct bytes text, struct span *span)
{
    size_t colon = bytes_find_byte(text, ':');
    struct bytes front = bytes_trim(bytes_slice(text, 0, colon));
    struct bytes back = bytes_trim(bytes_slice(text, colon + 1, text.size));
    uint64_t low = 0, high = UINT16_MAX;

    if (front.size == 0 && back.size == 0)
        return false;
    if (front.size > 0 && !bytes_to_number(front, UINT16_MAX, &low))
        return false;
    if (colon == text.size)
        high = low;
    else if (back.size > 0 && !bytes_to_number(back, UINT16_MAX, &high))
        return false;
    *span = (struct span){ port_number((uint16_t)low),
                           port_number((uint16_t)high) };
    return low <= high;
}

/* "10.0.0.0/255.0.0.0": the ones of the mask must come first. */
static bool read_netmask(struct bytes text, size_t slash, struct span *span)
{
    struct ip ip, mask;

    if (!ip_parse(bytes_slice(text, 0, slash), &ip) || !ip_is_v4(ip) ||
        !ip_parse(bytes_slice(text, slash + 1, text.size), &mask) ||
        !ip_is_v4(mask))
        return false;
    uint32_t bits = ip_v4_number(mask), low = ip_v4_number(ip) & bits;
    if ((~bits & (~bits + 1)) != 0)
        return false;
    *span = (struct span){ ip_of_v4(low), ip_of_v4(low | ~bits) };
    return true;
}

/* An address, a prefix, a netmask, or "low-high". */
static bool read_address(struct bytes text, struct span *span)
{
    size_t dash = bytes_find_byte(text, '-');
    size_t slash = bytes_find_byte(text, '/');
    struct ip_prefix prefix;

    if (dash < text.size)
        return ip_parse(bytes_trim(bytes_slice(text, 0, dash)),
                        &span->low) &&
               ip_parse(bytes_trim(bytes_slice(text, dash + 1, text.size)),
                        &span->high) &&
               ip_is_v4(span->low) == ip_is_v4(span->high) &&
               ip_compare(span->low, span->high) <= 0;
    if (slash < text.size && read_netmask(text, slash, span))
        return true;
    if (!ip_prefix_parse(text, &prefix))
        return false;
    *span = span_of_prefix(prefix);
    return true;
}

static bool push(struct list_reader *r, struct bytes text, bool negated)
{
    if (r->depth == NETWORK_NEST_MAX)
        return fail(r, "lists or variables are nested too deep, or a "
                       "variable contains itself", text);
    r->frames[r->depth++] = (struct frame){ .rest = text,
                                            .negated = negated };
    return true;
}

static bool push_variable(struct list_reader *r, bool negated)
{
    struct bytes *rest = &r->frames[r->depth - 1].rest;
    size_t size = 1;

    while (size < rest->size && is_name_byte(part_byte(*rest, size)))
        size++;
    struct bytes name = bytes_slice(*rest, 1, size - 1);
    const struct variable *variable = find_variable(r->sets, name);
    if (!variable)
        return fail(r, "no such variable", bytes_slice(*rest, 0, size));
    *rest = bytes_slice(*rest, size, rest->size);
    return push(r, bytes_trim(variable->value), negated);
}

static bool push_brackets(struct list_reader *r, bool negated)
{
    struct bytes *rest = &r->frames[r->depth - 1].rest;
    unsigned depth = 0;
    size_t at = 0;

    for (; at < rest->size; at++) {
        uint8_t byte = part_byte(*rest, at);
        depth += byte == '[';
        if (byte == ']' && --depth == 0)
            break;
    }
    if (at == rest->size)
        return fail(r, "a bracket is not closed", *rest);
    struct bytes inside = bytes_trim(bytes_slice(*rest, 1, at - 1));
    if (inside.size == 0)
        return fail(r, "an empty list", *rest);
    *rest = bytes_slice(*rest, at + 1, rest->size);
    return push(r, inside, negated);
}

static bool add_atom(struct list_reader *r, bool negated)
{
    struct frame *frame = &r->frames[r->depth - 1];
    size_t size = bytes_find_byte(frame->rest, ',');
    struct bytes text = bytes_trim(bytes_slice(frame->rest, 0, size));
    struct span span;

    frame->rest = bytes_slice(frame->rest, size, frame->rest.size);
    if (part_is_nocase(text, "any")) {
        if (negated)
            return fail(r, "not any is nothing", text);
        span = universe_of(r->kind);
    } else if (r->kind == NETWORK_PORT ? !read_port(text, &span)
                                       : !read_address(text, &span)) {
        return fail(r, r->kind == NETWORK_PORT
                           ? "not a port or a range of ports"
                           : "not an address or a network", text);
    }
    if (!span_list_add(negated ? &frame->minus : &frame->plus, span,
                       NETWORK_RANGE_MAX))
        return fail(r, "more ranges than a list may have", text);
    return true;
}

/* One item of the list on top, with the comma after it. */
static bool read_item(struct list_reader *r)
{
    struct frame *frame = &r->frames[r->depth - 1];
    bool negated = false;

    frame->rest = bytes_trim(frame->rest);
    if (part_byte(frame->rest, 0) == ',')
        frame->rest = bytes_trim(bytes_slice(frame->rest, 1,
                                             frame->rest.size));
    while (part_skip(&frame->rest, "!"))
        negated = !negated;
    switch (part_byte(frame->rest, 0)) {
    case '[':
        return push_brackets(r, negated);
    case '$':
        return push_variable(r, negated);
    default:
        return add_atom(r, negated);
    }
}

/* What the list on top stands for: all it names, without what it excludes. */
static struct span_list frame_value(struct frame *frame,
                                    enum network_kind kind)
{
    span_list_sort(&frame->plus);
    span_list_sort(&frame->minus);
    if (frame->minus.count == 0)
        return frame->plus;
    struct span_list others = span_list_complement(&frame->minus,
                                                   universe_of(kind));
    if (frame->plus.count == 0)
        return others;
    struct span_list both = span_list_both(&frame->plus, &others);
    span_list_clear(&others);
    span_list_clear(&frame->plus);
    return both;
}

/* Hand the value of the list on top to the one below it. */
static bool pop(struct list_reader *r, struct span_list *value)
{
    struct frame *frame = &r->frames[r->depth - 1];
    struct span_list list = frame_value(frame, r->kind);
    bool fits = true;

    span_list_clear(&frame->minus);
    r->depth--;
    if (r->depth == 0) {
        *value = list;
        return true;
    }
    struct frame *below = &r->frames[r->depth - 1];
    for (uint32_t i = 0; i < list.count && fits; i++)
        fits = span_list_add(frame->negated ? &below->minus : &below->plus,
                             list.spans[i], NETWORK_RANGE_MAX);
    span_list_clear(&list);
    if (!fits)
        return fail(r, "more ranges than a list may have", below->rest);
    return true;
}

static bool read_list(struct list_reader *r, struct bytes text,
                      struct span_list *value)
{
    bool good = push(r, bytes_trim(text), false);

    *value = (struct span_list){ 0 };
    if (good && bytes_trim(text).size == 0)
        good = fail(r, "an empty list", text);
    while (good && r->depth > 0)
        good = r->frames[r->depth - 1].rest.size > 0 ? read_item(r)
                                                     : pop(r, value);
    if (good && value->count == 0)
        good = fail(r, "nothing is left of it", text);
    for (; r->depth > 0; r->depth--) {
        span_list_clear(&r->frames[r->depth - 1].plus);
        span_list_clear(&r->frames[r->depth - 1].minus);
    }
    if (!good)
        span_list_clear(value);
    return good;
}

static bool is_everything(const struct span_list *list, enum network_kind kind)
{
    struct span all = universe_of(kind);

    return list->count == 1 && ip_equal(list->spans[0].low, all.low) &&
           ip_equal(list->spans[0].high, all.high);
}

static bool same_addresses(const struct address_set *set,
                           const struct span_list *list)
{
    bool same = set->count == list->count;

    for (uint32_t i = 0; same && i < list->count; i++)
        same = ip_equal(set->ranges[i].low, list->spans[i].low) &&
               ip_equal(set->ranges[i].high, list->spans[i].high);
    return same;
}

static bool same_ports(const struct port_set *set,
                       const struct span_list *list)
{
    bool same = set->count == list->count;

    for (uint32_t i = 0; same && i < list->count; i++)
        same = set->ranges[i].low == number_port(list->spans[i].low) &&
               set->ranges[i].high == number_port(list->spans[i].high);
    return same;
}

static uint32_t new_address_set(struct network_sets *sets,
                                const struct span_list *list)
{
    uint32_t index = sets->address_count++;
    struct address_range *ranges =
        arena_allocate_zeroed(&sets->arena, list->count, sizeof *ranges);
    struct address_set *set =
        arena_allocate_zeroed(&sets->arena, 1, sizeof *set);

    for (uint32_t i = 0; i < list->count; i++)
        ranges[i] = (struct address_range){ list->spans[i].low,
                                            list->spans[i].high };
    *set = (struct address_set){ ranges, list->count, index };
    sets->addresses = memory_resize(sets->addresses, sets->address_count,
                                    sizeof(const struct address_set *));
    sets->addresses[index] = set;
    return index;
}

static uint32_t new_port_set(struct network_sets *sets,
                             const struct span_list *list)
{
    uint32_t index = sets->port_count++;
    struct port_range *ranges =
        arena_allocate_zeroed(&sets->arena, list->count, sizeof *ranges);
    struct port_set *set =
        arena_allocate_zeroed(&sets->arena, 1, sizeof *set);

    for (uint32_t i = 0; i < list->count; i++)
        ranges[i] = (struct port_range){ number_port(list->spans[i].low),
                                         number_port(list->spans[i].high) };
    *set = (struct port_set){ ranges, list->count, index };
    sets->ports = memory_resize(sets->ports, sets->port_count,
                                sizeof(const struct port_set *));
    sets->ports[index] = set;
    return index;
}

/* The one object for this set. */
static uint32_t intern(struct network_sets *sets, enum network_kind kind,
                       const struct span_list *list)
{
    uint64_t hash = hash_bytes(fixed_key,
                               bytes_of(list->spans, list->count *
                                        sizeof *list->spans)) ^ kind;
    struct table_cursor at = table_seek(&sets->set_index, hash);
    uint32_t index;

    while ((index = table_next(&sets->set_index, &at)) != TABLE_NONE) {
        bool is_port = index & 1;
        index >>= 1;
        if (is_port != (kind == NETWORK_PORT))
            continue;
        if (is_port ? same_ports(sets->ports[index], list)
                    : same_addresses(sets->addresses[index], list))
            return index;
    }
    index = kind == NETWORK_PORT ? new_port_set(sets, list)
                                 : new_address_set(sets, list);
    table_insert(&sets->set_index, hash,
                 index << 1 | (kind == NETWORK_PORT));
    return index;
}

static uint64_t text_hash(enum network_kind kind, struct bytes text)
{
    return hash_bytes(fixed_key, text) ^ kind;
}

static const struct known_text *find_known(const struct network_sets *sets,
                                           enum network_kind kind,
                                           struct bytes text)
{
    struct table_cursor at =
        table_seek(&sets->known_index, text_hash(kind, text));
    uint32_t index;

    while ((index = table_next(&sets->known_index, &at)) != TABLE_NONE) {
        const struct known_text *known = &sets->known[index];
        if (known->kind == kind && bytes_equal(known->text, text))
            return known;
    }
    return NULL;
}

static const struct known_text *remember(struct network_sets *sets,
                                         enum network_kind kind,
                                         struct bytes text, uint32_t set)
{
    uint32_t index = sets->known_count++;

    if ((index & (index - 1)) == 0)
        sets->known = memory_resize(sets->known,
                                    index == 0 ? 1 : (size_t)index * 2,
                                    sizeof *sets->known);
    sets->known[index] = (struct known_text){
        arena_copy(&sets->arena, text), kind, set,
    };
    table_insert(&sets->known_index, text_hash(kind, text), index);
    return &sets->known[index];
}

static const struct known_text *resolve(struct network_sets *sets,
                                        enum network_kind kind,
                                        struct bytes text, char *reason)
{
    const struct known_text *known = find_known(sets, kind, text);
    struct list_reader r = { .sets = sets, .kind = kind, .reason = reason };
    struct span_list value;

    if (known)
        return known;
    if (!read_list(&r, text, &value))
        return NULL;
    uint32_t set = is_everything(&value, kind) ? TABLE_NONE
                                               : intern(sets, kind, &value);
    span_list_clear(&value);
    return remember(sets, kind, text, set);
}

bool network_addresses(struct network_sets *sets, struct bytes text,
                       const struct address_set **set, char *reason)
{
    const struct known_text *known =
        resolve(sets, NETWORK_ADDRESS, text, reason);

    if (!known)
        return false;
    *set = known->set == TABLE_NONE ? NULL : sets->addresses[known->set];
    return true;
}

bool network_ports(struct network_sets *sets, struct bytes text,
                   const struct port_set **set, char *reason)
{
    const struct known_text *known = resolve(sets, NETWORK_PORT, text, reason);

    if (!known)
        return false;
    *set = known->set == TABLE_NONE ? NULL : sets->ports[known->set];
    return true;
}

const struct address_set *network_intern(struct network_sets *sets,
                                         const struct span_list *list)
{
    uint32_t index = intern(sets, NETWORK_ADDRESS, list); /* May grow it. */

    return sets->addresses[index];
}

uint32_t network_address_set_count(const struct network_sets *sets)
{
    return sets->address_count;
}

uint32_t network_port_set_count(const struct network_sets *sets)
{
    return sets->port_count;
}

const struct address_set *network_address_set(const struct network_sets *sets,
                                              uint32_t index)
{
    check(index < sets->address_count);
    return sets->addresses[index];
}

const struct port_set *network_port_set(const struct network_sets *sets,
                                        uint32_t index)
{
    check(index < sets->port_count);
    return sets->ports[index];
}

bool address_set_contains(const struct address_set *set, struct ip ip)
{
    uint32_t low = 0, high = set ? set->count : 0;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ip_compare(set->ranges[middle].high, ip) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return !set || (low < set->count &&
                    ip_compare(set->ranges[low].low, ip) <= 0);
}

bool port_set_contains(const struct port_set *set, uint16_t port)
{
    uint32_t i = 0;

    while (set && i < set->count && set->ranges[i].high < port)
        i++;
    return !set || (i < set->count && set->ranges[i].low <= port);
}

bool network_within(const struct address_set *set,
                    const struct address_set *whole)
{
    uint32_t at = 0;

    for (uint32_t i = 0; whole && i < set->count; i++) {
        while (at < whole->count &&
               ip_compare(whole->ranges[at].high, set->ranges[i].low) < 0)
            at++;
        if (at == whole->count ||
            ip_compare(whole->ranges[at].low, set->ranges[i].low) > 0 ||
            ip_compare(whole->ranges[at].high, set->ranges[i].high) < 0)
            return false;
    }
    return true;
}
