/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/why.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "detect/signature/judging.h"
#include "detect/signature/packet_part.h"

/* Later stages are further, and so are later places within one. */
static bool is_further(struct why_note a, struct why_note b)
{
    if (a.stage != b.stage)
        return a.stage > b.stage;
    if (a.place != b.place)
        return a.place > b.place;
    return a.test > b.test;
}

static struct why_flow *find(struct why *why, uint64_t number)
{
    /* The flows of late are at the end: packets of one come close together. */
    for (size_t i = why->count; i > 0; i--)
        if (why->flows[i - 1].flow == number)
            return &why->flows[i - 1];
    return NULL;
}

void why_note(struct why *why, const struct flow *flow, struct why_note note)
{
    struct why_flow *known = find(why, flow ? flow->number : 0);

    if (known) {
        if (is_further(note, known->note))
            known->note = note;
        return;
    }
    if (why->count == WHY_FLOW_MAX) {
        why->dropped++;
        return;
    }
    if (!why->flows)
        why->flows = memory_new(WHY_FLOW_MAX, sizeof *why->flows);
    known = &why->flows[why->count++];
    *known = (struct why_flow){ .note = note };
    if (!flow)
        return;
    known->flow = flow->number;
    known->protocol = flow->protocol;
    for (size_t side = 0; side < COUNT_OF(known->address); side++) {
        known->address[side] = flow->address[side];
        known->port[side] = flow->port[side];
    }
}

void why_clear(struct why *why)
{
    free(why->flows);
    *why = (struct why){ 0 };
}

bool signature_ask_why(struct signature_state *state, uint32_t gid,
                       uint32_t sid)
{
    const struct compiled *compiled = state->compiled;

    why_clear(&state->why);
    for (uint32_t i = 0; i < compiled->rule_count; i++) {
        const struct rule *rule = compiled->rules[i].rule;
        if (rule->sid != sid || (gid != 0 && rule->gid != gid))
            continue;
        state->why.rule = i + 1;
        return true;
    }
    return false;
}

const struct why *signature_why(const struct signature_state *state)
{
    return &state->why;
}

static const char *condition_name(enum rule_condition_kind kind)
{
    static const char *const names[] = {
        [CONDITION_FLOW_SIDE] = "flow (which side)",
        [CONDITION_FLOW_ESTABLISHED] = "flow:established",
        [CONDITION_FLOW_STATELESS] = "flow:stateless",
        [CONDITION_FLOW_NOT_ESTABLISHED] = "flow:not_established",
        [CONDITION_ONLY_STREAM] = "flow:only_stream",
        [CONDITION_NO_STREAM] = "flow:no_stream",
        [CONDITION_FRAGMENT_NONE] = "flow:no_frag",
        [CONDITION_FRAGMENT_ONLY] = "flow:only_frag",
        [CONDITION_PAYLOAD_SIZE] = "dsize",
        [CONDITION_TCP_FLAGS] = "flags",
        [CONDITION_TCP_SEQUENCE] = "seq",
        [CONDITION_TCP_ACKNOWLEDGEMENT] = "ack",
        [CONDITION_TCP_WINDOW] = "window",
        [CONDITION_TCP_MSS] = "tcp.mss",
        [CONDITION_ICMP_TYPE] = "itype",
        [CONDITION_ICMP_CODE] = "icode",
        [CONDITION_ICMP_ID] = "icmp_id",
        [CONDITION_ICMP_SEQUENCE] = "icmp_seq",
        [CONDITION_ICMPV6_MTU] = "icmpv6.mtu",
        [CONDITION_IP_TTL] = "ttl",
        [CONDITION_IP_ID] = "id",
        [CONDITION_IP_TOS] = "tos",
        [CONDITION_IP_PROTOCOL] = "ip_proto",
        [CONDITION_IP_OPTION] = "ipopts",
        [CONDITION_IP_FRAGBITS] = "fragbits",
        [CONDITION_IP_FRAGOFFSET] = "fragoffset",
        [CONDITION_IP_SAME] = "sameip",
        [CONDITION_CHECKSUM] = "checksum",
        [CONDITION_STREAM_SIZE] = "stream_size",
        [CONDITION_FLOWBITS] = "flowbits",
        [CONDITION_XBITS] = "xbits",
        [CONDITION_FLOWINT] = "flowint",
        [CONDITION_IP_REPUTATION] = "iprep",
        [CONDITION_DECODE_EVENT] = "decode-event",
        [CONDITION_STREAM_EVENT] = "stream-event",
        [CONDITION_APPLICATION_EVENT] = "app-layer-event",
        [CONDITION_APPLICATION_PROTOCOL] = "app-layer-protocol",
        [CONDITION_VLAN_ID] = "vlan.id",
        [CONDITION_VLAN_LAYERS] = "vlan.layers",
        [CONDITION_FLOW_AGE] = "flow.age",
        [CONDITION_FLOW_PACKETS] = "flow.pkts",
        [CONDITION_FLOW_BYTES] = "flow.bytes",
    };

    return (size_t)kind < COUNT_OF(names) && names[kind] ? names[kind]
                                                          : "a condition";
}

static const char *test_name(enum rule_test_kind kind)
{
    static const char *const names[] = {
        [TEST_CONTENT] = "content",
        [TEST_PCRE] = "pcre",
        [TEST_IS_DATA_AT] = "isdataat",
        [TEST_BYTE_TEST] = "byte_test",
        [TEST_BYTE_JUMP] = "byte_jump",
        [TEST_BYTE_EXTRACT] = "byte_extract",
        [TEST_BYTE_MATH] = "byte_math",
        [TEST_BASE64_DECODE] = "base64_decode",
        [TEST_SIZE] = "size",
        [TEST_NUMBER] = "number",
        [TEST_DATASET] = "dataset",
        [TEST_DIGEST] = "digest",
        [TEST_EXTENSION] = "fileext",
        [TEST_FILE_SIZE] = "filesize",
        [TEST_ENTROPY] = "entropy",
        [TEST_ABSENT] = "absent",
    };

    return (size_t)kind < COUNT_OF(names) && names[kind] ? names[kind]
                                                          : "test";
}

static const char *view_name(const struct rule *rule, uint16_t place)
{
    enum view_id view = rule->inspections[place].view;

    return view < VIEW_NAMED_COUNT ? view_info_get(view)->name
                                   : packet_part_name(view);
}

static void describe_inspection(const struct rule *rule, struct why_note note,
                                struct writer *out)
{
    const struct rule_inspection *in = &rule->inspections[note.place];
    const struct rule_test *test = &in->tests[note.test];

    writer_format(out, "%s: %s%s", view_name(rule, note.place),
                  test->negated ? "!" : "",
                  test_name((enum rule_test_kind)test->kind));
    if (test->kind == TEST_CONTENT) {
        writer_text(out, " \"");
        text_escape(out, test->content.data);
        writer_text(out, "\"");
    } else if (test->kind == TEST_PCRE && test->pcre.text) {
        writer_format(out, " %s", test->pcre.text);
    }
    writer_format(out, " (test %u of %u there) does not hold",
                  note.test + 1u, in->test_count);
}

void why_describe(const struct rule *rule, struct why_note note,
                  struct writer *out)
{
    static const char *const fixed[] = {
        [WHY_NOT_TRIED] = "nothing that it looks into was there",
        [WHY_SIDE] = "only the other side sent something",
        [WHY_PROTOCOL] = "it is of another protocol",
        [WHY_ADDRESS] = "the addresses are not those of its header",
        [WHY_PORT] = "the ports are not those of its header",
        [WHY_PASSED] = "it held, and a pass rule took it out",
        [WHY_THRESHOLD] = "it held, and its threshold kept it silent",
        [WHY_SILENT] = "it held, and is not to alert",
        [WHY_ALERT] = "it alerted",
    };

    if (note.stage == WHY_CONDITION)
        writer_format(out, "%s does not hold",
                      condition_name((enum rule_condition_kind)
                                         rule->conditions[note.place]
                                             .kind));
    else if (note.stage == WHY_BUFFER_MISSING)
        writer_format(out, "there is no %s", view_name(rule, note.place));
    else if (note.stage == WHY_INSPECTION)
        describe_inspection(rule, note, out);
    else
        writer_text(out, fixed[note.stage]);
}
