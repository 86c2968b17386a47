/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Judging one packet: what all its files share. Rules are tried in the order
 * packet and stream, then transactions; what holds does its effects at once,
 * so that a rule after it sees the bits, and waits in a queue. The queue is
 * read in the order of the rules: what passes first, thresholds last.
 */
#include "detect/signature/compiled.h"
#include "detect/signature/hosts.h"
#include "detect/signature/inspect.h"
#include "detect/signature/memory.h"
#include "detect/signature/quotas.h"
#include "detect/signature/signature.h"
#include "detect/signature/transform.h"
#include "detect/signature/why.h"

enum {
    ALERT_QUEUE_MAX = 256,   /* Rules that hold on one packet. */
    LENS_MEMO_SIZE = 64,     /* Buffers transformed for one packet. */
    STREAM_DEPTH_MAX = 1 << 20, /* As Suricata's stream.reassembly.depth. */
};

/* A buffer that was transformed, so that it is done once a packet. */
struct lens_memo {
    const uint8_t *data;
    size_t size;
    uint16_t lens;
    struct bytes result;
};

/* Answers of address sets for the two ends that were asked last. */
struct address_memo {
    struct ip address;
    uint32_t epoch;
    uint32_t *answers;       /* By set: epoch * 2, plus 1 when it is in. */
};

struct signature_state {
    const struct signature *set;
    const struct compiled *compiled;
    struct evidence_store *store;
    struct hash_key key;
    struct arena arena;      /* Of the packet. */
    struct inspector inspector;
    struct transformer transformer;
    struct candidates candidates;
    struct memory memory;
    struct host_bits hosts;
    struct quotas quotas;
    struct address_memo source_memo;
    struct address_memo destination_memo;
    struct lens_memo lens_memo[LENS_MEMO_SIZE];
    bool memo_used;
    uint64_t *bit_names;     /* By bit: the same for the same name. */
    uint32_t bit_name_count;
    const char *application; /* Asked for last, */
    const struct rule_list *application_rules; /* and its rules. */
    uint64_t packets;
    uint64_t candidates_tried;
    uint64_t bytes_not_inspected;
    uint64_t bits_refused;
    uint64_t alerts_dropped;
    struct why why;
};

struct judging {
    struct signature_state *state;
    const struct signature_input *input;
    const struct packet *packet;    /* Null without one. */
    struct flow_memory *memory;     /* Null while nothing is remembered. */
    enum flow_side side;            /* Whose bytes are judged. */
    enum packet_class class;
    struct ip source;
    struct ip destination;
    uint16_t source_port;
    uint16_t destination_port;
    bool is_stream;                 /* Bytes in order, not a packet's. */
    int64_t now_ns;
    uint32_t queue[ALERT_QUEUE_MAX];
    uint32_t queued;
};

/* judging.c */
/* Look at the packet from `side`: whose source, whose ports. */
void judging_face(struct judging *j, enum flow_side side);
/* Its header: what does not change on a flow. */
bool rule_concerns(struct judging *j, const struct compiled_rule *rule);
/* Header and conditions of a rule. */
bool rule_applies(struct judging *j, const struct compiled_rule *rule);
/* The conditions alone. */
bool rule_conditions_hold(struct judging *j,
                          const struct compiled_rule *rule);
/* It holds: effects now, alert later. */
void rule_holds(struct judging *j, uint32_t number);
struct flow_memory *judging_memory(struct judging *j);

/* condition.c */
bool condition_holds(struct judging *j,
                     const struct rule_condition *condition);

/* packet_condition.c: those of a packet's own header. */
bool packet_condition_holds(const struct packet *packet,
                            const struct rule_condition *condition);

/* state_condition.c: bits and counters, asked for and set. */
bool flowbits_hold(const struct judging *j, const struct bits_test *test);
bool xbits_hold(const struct judging *j, const struct bits_test *test);
bool flowint_holds(const struct judging *j, const struct integer_test *test);
void effect_apply(struct judging *j, const struct rule_effect *effect);

/* judge_payload.c */
void judge_payload(struct judging *j);
void judge_stream_end(struct judging *j, enum flow_side side);

/* transaction.c */
void judge_views(struct judging *j);
void judge_flow_end(struct judging *j);

/* alert.c */
void judging_raise(struct judging *j, const struct evidence_scene *scene,
                   struct alert_list *alerts);
