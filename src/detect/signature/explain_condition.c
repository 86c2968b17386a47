/* SPDX-License-Identifier: Apache-2.0 */
#include "base/compiler.h"
#include "base/text.h"
#include "detect/signature/explain_part.h"
#include "detect/signature/internal.h"

void explain_range(struct writer *w, const struct number_range *range,
                   bool negated)
{
    writer_text(w, negated ? "not " : "");
    if (range->low == range->high) {
        writer_number(w, range->low);
    } else if (range->low == 0) {
        writer_text(w, "at most ");
        writer_number(w, range->high);
    } else if (range->high >= UINT32_MAX || range->high == UINT16_MAX) {
        writer_text(w, "at least ");
        writer_number(w, range->low);
    } else {
        writer_text(w, "from ");
        writer_number(w, range->low);
        writer_text(w, " to ");
        writer_number(w, range->high);
    }
}

/* A format that is not a literal would go unchecked: three parts by hand. */
void explain_counted(struct writer *w, const char *said,
                     const struct threshold *threshold, const char *track)
{
    struct bytes rest = bytes_of_text(said);
    unsigned numbers = 0;

    while (rest.size > 0) {
        size_t at = bytes_find_byte(rest, '%');
        writer_bytes(w, bytes_slice(rest, 0, at));
        if (at == rest.size)
            return;
        if (bytes_start_with(bytes_slice(rest, at, 2), bytes_of_text("%s")))
            writer_text(w, track);
        else
            writer_number(w, numbers++ == 0 ? threshold->count
                                            : threshold->seconds);
        rest = bytes_slice(rest, at + 2, rest.size);
    }
}

/* Conditions that are a number: what is counted. */
static const char *const number_names[] = {
    [CONDITION_PAYLOAD_SIZE] = "the payload's size in bytes",
    [CONDITION_TCP_SEQUENCE] = "the TCP sequence number",
    [CONDITION_TCP_ACKNOWLEDGEMENT] = "the TCP acknowledgement number",
    [CONDITION_TCP_WINDOW] = "the TCP window",
    [CONDITION_TCP_MSS] = "the TCP maximum segment size",
    [CONDITION_ICMP_TYPE] = "the ICMP type",
    [CONDITION_ICMP_CODE] = "the ICMP code",
    [CONDITION_ICMP_ID] = "the ICMP identifier",
    [CONDITION_ICMP_SEQUENCE] = "the ICMP sequence number",
    [CONDITION_ICMPV6_MTU] = "the MTU in an ICMPv6 message",
    [CONDITION_IP_TTL] = "the time to live",
    [CONDITION_IP_ID] = "the IP identification",
    [CONDITION_IP_TOS] = "the type of service",
    [CONDITION_IP_PROTOCOL] = "the IP protocol number",
    [CONDITION_IP_FRAGOFFSET] = "the fragment offset",
    [CONDITION_VLAN_LAYERS] = "the number of VLAN tags",
    [CONDITION_FLOW_AGE] = "the age of the flow in seconds",
};

/* Conditions that are said by their kind alone. */
static const char *const plain_names[] = {
    [CONDITION_FLOW_ESTABLISHED] = "the flow is established: both sides have "
                                   "spoken",
    [CONDITION_FLOW_STATELESS] = "whatever the state of the flow is",
    [CONDITION_FLOW_NOT_ESTABLISHED] = "the flow is not established yet",
    [CONDITION_ONLY_STREAM] = "looked at as a stream, never packet by packet",
    [CONDITION_NO_STREAM] = "looked at packet by packet, never as a stream",
    [CONDITION_FRAGMENT_NONE] = "the packet did not come in fragments",
    [CONDITION_FRAGMENT_ONLY] = "the packet came in fragments",
    [CONDITION_IP_SAME] = "both addresses are the same",
};

/* Conditions that are a name. */
static const char *const named_names[] = {
    [CONDITION_IP_OPTION] = "the packet has the IPv4 option",
    [CONDITION_DECODE_EVENT] = "the packet is malformed:",
    [CONDITION_STREAM_EVENT] = "the TCP stream is out of order:",
    [CONDITION_APPLICATION_EVENT] = "the protocol's dissector noted",
    [CONDITION_APPLICATION_PROTOCOL] = "the flow was recognised as",
};

static const char *name_of(const char *const *names, size_t count,
                           uint8_t kind)
{
    return kind < count ? names[kind] : NULL;
}

static void write_names(const struct name_list *list, const uint16_t *numbers,
                        size_t count, struct writer *w)
{
    for (size_t i = 0; i < count; i++) {
        writer_text(w, i == 0 ? "\"" : " or \"");
        text_escape(w, bytes_of_text(list->names[numbers[i]]));
        writer_byte(w, '"');
    }
}

static const char *holder(const struct bits_test *bits)
{
    static const char *const holders[] = {
        [BITS_TRACK_FLOW] = "the flow",
        [BITS_TRACK_SOURCE] = "the source address",
        [BITS_TRACK_DESTINATION] = "the destination address",
        [BITS_TRACK_PAIR] = "the pair of addresses",
        [BITS_TRACK_TRANSACTION] = "the transaction",
    };

    return holders[bits->track];
}

static void write_bits(const struct signature *set,
                       const struct bits_test *bits, struct writer *w)
{
    writer_format(w, "%s %s the mark ", holder(bits),
                  bits->action == BITS_IS_SET ? "bears" : "does not bear");
    write_names(&set->bits, bits->bits, bits->count, w);
    writer_text(w, ", which another rule sets");
}

static void write_integer(const struct signature *set,
                          const struct integer_test *test, struct writer *w)
{
    static const char *const comparisons[] = {
        [IS_EQUAL] = "is", [IS_NOT_EQUAL] = "is not",
        [IS_LESS] = "is less than", [IS_LESS_OR_EQUAL] = "is at most",
        [IS_GREATER] = "is more than", [IS_GREATER_OR_EQUAL] = "is at least",
    };

    writer_text(w, "the flow's counter ");
    write_names(&set->integers, &test->variable, 1, w);
    if (test->action == INTEGER_IS_SET)
        writer_text(w, " is there");
    else if (test->action == INTEGER_IS_NOT_SET)
        writer_text(w, " is not there");
    else
        writer_format(w, " %s ", comparisons[test->comparison]);
    if (test->action == INTEGER_COMPARE && test->has_other)
        write_names(&set->integers, &test->other, 1, w);
    else if (test->action == INTEGER_COMPARE)
        writer_number(w, test->value);
}

static void write_flags(struct writer *w, const struct flags_test *test,
                        const char *letters)
{
    static const char *const matches[] = {
        [FLAGS_EXACT] = "exactly", [FLAGS_ALL] = "at least",
        [FLAGS_ANY] = "any of", [FLAGS_NOT] = "none of",
    };
    struct bytes names = bytes_of_text(letters);

    writer_format(w, "%s ", matches[test->match]);
    for (size_t i = 0; i < names.size; i++)
        if (test->flags >> i & 1)
            writer_bytes(w, bytes_slice(names, i, 1));
    if (test->flags == 0)
        writer_text(w, "no flag");
    if (test->ignored != 0)
        writer_text(w, ", whatever the flags after the comma are");
}

static const char *side_of_counter(uint8_t side)
{
    static const char *const sides[] = {
        [SIZE_SERVER] = "to the server", [SIZE_CLIENT] = "to the client",
        [SIZE_BOTH] = "each way", [SIZE_EITHER] = "one way or the other",
    };

    return sides[side];
}

static void write_reputation(struct writer *w,
                             const struct reputation_test *test)
{
    static const char *const sides[] = {
        [REPUTATION_ANY] = "one of the addresses is",
        [REPUTATION_SOURCE] = "the source is",
        [REPUTATION_DESTINATION] = "the destination is",
        [REPUTATION_BOTH] = "both addresses are",
    };

    writer_format(w, "%s in a list of %u ranges of reputation category %u",
                  sides[test->side], test->addresses->count, test->category);
}

static void write_special(const struct signature *set,
                          const struct rule_condition *c, struct writer *w)
{
    static const char tcp_letters[] = "FSRPAUEC";

    if (c->kind == CONDITION_FLOW_SIDE)
        writer_text(w, c->side == FLOW_ORIGINATOR
                           ? "sent by the side that opened the flow (to the "
                             "server)"
                           : "sent by the side that answered (to the "
                             "client)");
    else if (c->kind == CONDITION_FLOWBITS || c->kind == CONDITION_XBITS)
        write_bits(set, &c->bits, w);
    else if (c->kind == CONDITION_FLOWINT)
        write_integer(set, &c->integer, w);
    else if (c->kind == CONDITION_TCP_FLAGS) {
        writer_text(w, "the TCP flags are ");
        write_flags(w, &c->flags, tcp_letters);
    } else if (c->kind == CONDITION_IP_FRAGBITS) {
        writer_text(w, "the fragment bits are ");
        write_flags(w, &c->flags, "RDM");
    } else if (c->kind == CONDITION_STREAM_SIZE) {
        writer_format(w, "the bytes sent %s are ",
                      side_of_counter(c->stream_size.side));
        explain_range(w, &c->stream_size.size, c->negated);
    } else if (c->kind == CONDITION_IP_REPUTATION)
        write_reputation(w, &c->reputation);
    else
        writer_text(w, "a condition of the packet holds");
}

static void write_counter(struct writer *w, const struct rule_condition *c)
{
    writer_format(w, "the %s %s are ",
                  c->kind == CONDITION_FLOW_PACKETS ? "packets" : "bytes",
                  side_of_counter(c->counter.side));
    explain_range(w, &c->counter.value, c->negated);
}

static void write_checksum(struct writer *w, const struct checksum_test *test)
{
    writer_format(w, "the checksum of IPv%u%s is %s", test->ip_version,
                  test->protocol ? "'s content" : "",
                  test->wants_valid ? "right" : "wrong");
}

/* Kinds that are neither a number, a name nor plain. */
static void write_other(const struct signature *set,
                        const struct rule_condition *c, struct writer *w)
{
    if (c->kind == CONDITION_FLOW_PACKETS || c->kind == CONDITION_FLOW_BYTES)
        write_counter(w, c);
    else if (c->kind == CONDITION_CHECKSUM)
        write_checksum(w, &c->checksum);
    else if (c->kind == CONDITION_VLAN_ID) {
        writer_text(w, "the VLAN is ");
        explain_range(w, &c->vlan.id, c->negated);
    } else
        write_special(set, c, w);
}

void explain_condition(const struct signature *set,
                       const struct rule_condition *condition,
                       struct writer *w)
{
    uint8_t kind = condition->kind;
    const char *number = name_of(number_names, COUNT_OF(number_names), kind);
    const char *plain = name_of(plain_names, COUNT_OF(plain_names), kind);
    const char *named = name_of(named_names, COUNT_OF(named_names), kind);

    writer_text(w, "  - ");
    if (number) {
        writer_format(w, "%s is ", number);
        explain_range(w, &condition->number, condition->negated);
    } else if (plain) {
        writer_text(w, plain);
    } else if (named) {
        writer_format(w, "%s%s %s", condition->negated ? "not: " : "", named,
                      condition->name);
    } else {
        write_other(set, condition, w);
    }
    writer_byte(w, '\n');
}

void explain_effect(const struct signature *set,
                    const struct rule_effect *effect, struct writer *w)
{
    static const char *const actions[] = {
        [BITS_SET] = "sets", [BITS_UNSET] = "takes away",
        [BITS_TOGGLE] = "turns over",
    };
    static const char *const sums[] = {
        [INTEGER_SET] = "sets", [INTEGER_ADD] = "adds to",
        [INTEGER_SUBTRACT] = "subtracts from",
    };

    if (effect->kind == EFFECT_FLOWBITS || effect->kind == EFFECT_XBITS) {
        writer_format(w, "It %s the mark ", actions[effect->bits.action]);
        write_names(&set->bits, effect->bits.bits, effect->bits.count, w);
        writer_format(w, " of %s.\n", holder(&effect->bits));
    } else if (effect->kind == EFFECT_FLOWINT) {
        writer_format(w, "It %s the flow's counter ",
                      sums[effect->integer.action]);
        write_names(&set->integers, &effect->integer.variable, 1, w);
        writer_format(w, ": %u.\n", effect->integer.value);
    } else if (effect->kind == EFFECT_DATASET) {
        writer_text(w, "It remembers the value in a set.\n");
    }
}
