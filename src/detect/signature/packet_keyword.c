/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords about the headers of single packets. */
#include "decode/packet.h"
#include "detect/signature/draft.h"
#include "detect/signature/part.h"

static bool add_range(struct draft *d, enum rule_condition_kind kind,
                      struct bytes value, uint64_t max)
{
    bool negated = d->negated;
    bool before = false;
    struct number_range range;

    if (!part_range(value, max, &range, &before))
        return draft_refuse(d, "N, !N, <N, >N or N<>M",
                            "%s is no number or range up to %llu",
                            draft_quote(d, value), (unsigned long long)max);
    struct rule_condition *condition = draft_add_condition(d, kind);
    if (!condition)
        return false;
    condition->number = range;
    condition->negated = negated != before;
    return true;
}

bool keyword_packet_u8(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    return add_range(d, (enum rule_condition_kind)keyword->number, value,
                     UINT8_MAX);
}

bool keyword_packet_u16(struct draft *d, const struct keyword *keyword,
                        struct bytes value)
{
    return add_range(d, (enum rule_condition_kind)keyword->number, value,
                     UINT16_MAX);
}

bool keyword_packet_u32(struct draft *d, const struct keyword *keyword,
                        struct bytes value)
{
    return add_range(d, (enum rule_condition_kind)keyword->number, value,
                     UINT32_MAX);
}

bool keyword_tos(struct draft *d, const struct keyword *keyword,
                 struct bytes value)
{
    uint64_t number;
    uint8_t hex[16];
    size_t size = 0;

    (void)keyword;
    if (part_byte(value, 0) == 'x') { /* "x1a" is Suricata's hexadecimal. */
        hex[size++] = '0';
        for (size_t i = 0; i < value.size && size < sizeof hex; i++)
            hex[size++] = part_byte(value, i);
        value = bytes_of(hex, size);
    }
    if (!part_number(value, UINT8_MAX, &number))
        return draft_refuse(d, "tos:8 or tos:x08", "%s is no octet",
                            draft_quote(d, value));
    struct rule_condition *condition =
        draft_add_condition(d, CONDITION_IP_TOS);
    if (condition)
        condition->number = (struct number_range){ number, number };
    return condition != NULL;
}

/* IANA's names of the protocols that are met. */
static const struct {
    const char *name;
    uint8_t number;
} protocols[] = {
    { "icmp", 1 },  { "igmp", 2 },   { "ipip", 4 },       { "ipv4", 4 },
    { "tcp", 6 },   { "egp", 8 },    { "udp", 17 },       { "ipv6", 41 },
    { "rsvp", 46 }, { "gre", 47 },   { "esp", 50 },       { "ah", 51 },
    { "icmp6", 58 }, { "icmpv6", 58 }, { "ipv6-icmp", 58 }, { "eigrp", 88 },
    { "ospf", 89 }, { "pim", 103 },  { "vrrp", 112 },     { "l2tp", 115 },
    { "sctp", 132 }, { "udplite", 136 },
};

bool keyword_ip_protocol(struct draft *d, const struct keyword *keyword,
                         struct bytes value)
{
    (void)keyword;
    struct bytes name = value;
    bool negated = part_skip(&name, "!");

    for (size_t i = 0; i < COUNT_OF(protocols); i++) {
        if (!part_is_nocase(name, protocols[i].name))
            continue;
        struct rule_condition *condition =
            draft_add_condition(d, CONDITION_IP_PROTOCOL);
        if (!condition)
            return false;
        condition->number = (struct number_range){ protocols[i].number,
                                                   protocols[i].number };
        condition->negated = negated;
        return true;
    }
    return add_range(d, CONDITION_IP_PROTOCOL, value, UINT8_MAX);
}

bool keyword_ip_option(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    static const char *const options[] = {
        "rr", "lsrr", "eol", "nop", "ts", "sec", "esec", "ssrr", "satid",
        "any", "qs", "cipso", "rtralt",
    };
    size_t index = part_index(value, options, COUNT_OF(options));

    (void)keyword;
    if (index == COUNT_OF(options))
        return draft_refuse(d, "rr, lsrr, ssrr, eol, nop, ts, sec, esec, "
                               "satid, qs, cipso, rtralt or any",
                            "%s is no IPv4 option", draft_quote(d, value));
    struct rule_condition *condition =
        draft_add_condition(d, CONDITION_IP_OPTION);
    if (condition)
        condition->name = options[index];
    return condition != NULL;
}

/* A run of letters as bits; false at another. */
static bool read_letters(struct bytes letters, const char *names,
                         const uint8_t *bits, uint8_t *set)
{
    struct bytes all = bytes_of_text(names);

    *set = 0;
    for (size_t i = 0; i < letters.size; i++) {
        uint8_t letter = part_byte(letters, i);
        size_t at = bytes_find_byte(all, letter);
        if (at == all.size)
            return false;
        *set |= bits[at];
    }
    return true;
}

static void read_mode(struct bytes *text, struct flags_test *test)
{
    test->match = FLAGS_EXACT;
    if (part_skip(text, "+"))
        test->match = FLAGS_ALL;
    else if (part_skip(text, "*"))
        test->match = FLAGS_ANY;
    else if (part_skip(text, "!"))
        test->match = FLAGS_NOT;
}

/* "SA", "+S", "S,12": what stands after the comma is not looked at. */
bool keyword_tcp_flags(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    static const char names[] = "FfSsRrPpAaUuEeCc12";
    static const uint8_t bits[] = {
        1, 1, 2, 2, 4, 4, 8, 8, 16, 16, 32, 32, 64, 64, 128, 128, 128, 64,
    };
    struct flags_test test = { 0 };
    struct bytes flags, mask;

    (void)keyword;
    if (!part_next(&value, ',', &flags))
        return false;
    read_mode(&flags, &test);
    if (flags.size > 0 && test.match == FLAGS_EXACT) { /* "S+" */
        struct bytes last = bytes_slice(flags, flags.size - 1, 1);
        read_mode(&last, &test);
        if (test.match != FLAGS_EXACT)
            flags = bytes_slice(flags, 0, flags.size - 1);
    }
    bool good = part_is(flags, "0") ||
                read_letters(flags, names, bits, &test.flags);
    if (good && part_next(&value, ',', &mask)) {
        (void)(part_skip(&mask, "!") || part_skip(&mask, "+")); /* Same. */
        good = read_letters(mask, names, bits, &test.ignored);
    }
    if (!good || value.size > 0)
        return draft_refuse(d, "flags:S, flags:+SA, flags:S,12",
                            "not made of F S R P A U C E 0 and +, * or !");
    struct rule_condition *condition =
        draft_add_condition(d, CONDITION_TCP_FLAGS);
    if (condition)
        condition->flags = test;
    return condition != NULL;
}

/* "M", "+MD", "!D" */
bool keyword_fragbits(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    static const uint8_t bits[] = { 4, 4, 2, 2, 1, 1 };
    struct flags_test test = { 0 };

    (void)keyword;
    read_mode(&value, &test);
    if (!read_letters(value, "MmDdRr", bits, &test.flags))
        return draft_refuse(d, "fragbits:M, fragbits:+MD, fragbits:!D",
                            "not made of M D R and +, * or !");
    struct rule_condition *condition =
        draft_add_condition(d, CONDITION_IP_FRAGBITS);
    if (condition)
        condition->flags = test;
    return condition != NULL;
}

bool keyword_same_ip(struct draft *d, const struct keyword *keyword,
                     struct bytes value)
{
    (void)keyword;
    (void)value;
    return draft_add_condition(d, CONDITION_IP_SAME) != NULL;
}

bool keyword_checksum(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    static const struct checksum_test tests[] = {
        { .ip_version = 4 },
        { .protocol = IP_PROTOCOL_TCP, .ip_version = 4 },
        { .protocol = IP_PROTOCOL_TCP, .ip_version = 6 },
        { .protocol = IP_PROTOCOL_UDP, .ip_version = 4 },
        { .protocol = IP_PROTOCOL_UDP, .ip_version = 6 },
        { .protocol = IP_PROTOCOL_ICMP, .ip_version = 4 },
        { .protocol = IP_PROTOCOL_ICMPV6, .ip_version = 6 },
    };
    bool valid = part_is_nocase(value, "valid");

    if (!valid && !part_is_nocase(value, "invalid"))
        return draft_refuse(d, "valid or invalid", "%s is neither",
                            draft_quote(d, value));
    struct rule_condition *condition =
        draft_add_condition(d, CONDITION_CHECKSUM);
    if (!condition)
        return false;
    condition->checksum = tests[keyword->number];
    condition->checksum.wants_valid = valid;
    return true;
}

/* "300", "200,1", ">100,all": the layer counts from the outermost. */
bool keyword_vlan_id(struct draft *d, const struct keyword *keyword,
                     struct bytes value)
{
    struct bytes id, layer;
    int64_t number = 0;
    struct vlan_test vlan = { .layer = VLAN_LAYER_ANY };
    bool negated;

    (void)keyword;
    if (!part_next(&value, ',', &id) ||
        !part_range(id, 4095, &vlan.id, &negated))
        return draft_refuse(d, "vlan.id:300 or vlan.id:200,0",
                            "not a VLAN's number");
    if (part_next(&value, ',', &layer)) {
        if (part_is(layer, "all"))
            vlan.layer = VLAN_LAYER_ALL;
        else if (part_signed(layer, -3, 2, &number))
            vlan.layer = (int8_t)number;
        else if (!part_is(layer, "any"))
            return draft_refuse(d, "any, all, or -3 to 2",
                                "%s is no layer", draft_quote(d, layer));
    }
    struct rule_condition *condition =
        draft_add_condition(d, CONDITION_VLAN_ID);
    if (!condition)
        return false;
    condition->negated = negated;
    condition->vlan = vlan;
    return true;
}
