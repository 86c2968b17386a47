/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A Suricata rule after it was read: every keyword checked, every variable
 * resolved, every name a number. Immutable; owned by the rule set's arena.
 *
 * A rule holds for a packet, or for a transaction of its protocol, when its
 * header fits, all its conditions hold, and each of its inspections finds
 * what it asks for in its buffer. The tests of one inspection stand in the
 * order they were written; a relative one starts where the last match ended,
 * and when it fails the earlier content is tried at its next place.
 *
 * Source: Suricata user guide, "Suricata Rules" (versions 7 and 8).
 */
#include "detect/detection.h"
#include "detect/signature/kinds.h"
#include "detect/signature/tests.h"
#include "detect/signature/threshold.h"
#include "detect/signature/values.h"
#include "dissect/view.h"

enum {
    RULE_VARIABLE_MAX = 16,   /* byte_extract and byte_math results. */
    RULE_TRANSFORM_MAX = 8,   /* Of one inspection. */
    RULE_INSPECTION_MAX = 32,
    RULE_TEST_MAX = 128,      /* Of one inspection. */
    RULE_CONTENT_MAX = 8192,  /* Bytes of one content. */
};

struct rule_condition {
    uint8_t kind;               /* enum rule_condition_kind */
    bool negated;
    union {
        enum flow_side side;
        struct number_range number;
        struct flags_test flags;
        struct stream_size_test stream_size;
        struct bits_test bits;          /* flowbits, xbits */
        struct integer_test integer;    /* flowint */
        struct reputation_test reputation;
        struct checksum_test checksum;
        struct counter_test counter;
        struct vlan_test vlan;
        const char *name;               /* events, protocols, options */
    };
};

struct rule_effect {
    uint8_t kind;
    union {
        struct bits_test bits;
        struct integer_test integer;
        struct dataset_test dataset;
    };
};

struct rule_test {
    uint8_t kind;        /* enum rule_test_kind */
    bool negated;
    bool relative;       /* To where the last match ended. */
    bool or_else;        /* ABSENT: or what the tests after it ask for. */
    union {
        struct content_test content;
        struct pcre_test pcre;
        struct position_test position;   /* isdataat */
        struct byte_test byte;           /* byte_test, _jump, _extract, _math */
        struct base64_test base64;
        struct number_range number;
        struct flags_value flags;
        struct dataset_test dataset;
        struct digest_list *digests;
        const char *text;
    };
};

struct rule_transform {
    uint8_t kind;        /* enum transform_kind */
    struct bytes key;    /* xor */
    uint8_t mode;        /* from_base64: 0 RFC 4648, 1 RFC 2045, 2 strict;
                          * subslice: 1 truncates */
    uint64_t number;     /* Offset (of subslice: an int64_t). */
    uint64_t size;       /* In bytes; 0 for all; of gunzip: of the result. */
    struct pcre_test *pcre; /* pcrexform */
};

/* What one buffer must contain. */
struct rule_inspection {
    enum view_id view;   /* VIEW_PAYLOAD for packet and stream bytes. */
    uint8_t transform_count;
    uint16_t test_count;
    struct rule_transform *transforms;
    struct rule_test *tests;
};

struct rule {
    struct detection detection; /* id "1:2008983", title is msg. */
    uint32_t gid;
    uint32_t sid;
    uint32_t revision;
    uint32_t priority;          /* 1 is the highest; from classtype or own. */
    const char *class_type;     /* "trojan-activity", or null. */
    const char *class_text;     /* Its description in classification.config. */
    uint8_t action;             /* enum rule_action */
    uint8_t scope;              /* enum rule_scope */
    uint8_t layer;              /* enum rule_layer */
    bool both_ways;             /* "<>" */
    bool whole_exchange;        /* "=>": views of both sides of one
                                 * transaction. */
    bool needs_transport;       /* "ip" with ports: TCP, UDP and SCTP only. */
    bool on_packets;            /* PAYLOAD of TCP: of each packet, */
    bool on_stream;             /* of the stream; both may be. Payload of
                                 * other protocols is of packets always. */
    bool no_alert;              /* noalert; flowbits:noalert */
    bool pass_alerts;           /* A pass rule that says "alert". */
    bool is_prefiltered;        /* prefilter keyword */
    bool target_is_source;      /* target:src_ip ... */
    bool target_is_destination;
    const char *application;    /* A dissector's name: by the header, or by
                                 * the buffers asked for; or null. */
    const struct address_set *source;      /* Null for any. */
    const struct address_set *destination;
    const struct port_set *source_ports;
    const struct port_set *destination_ports;
    struct rule_condition *conditions;
    struct rule_inspection *inspections;
    struct rule_effect *effects;
    uint16_t condition_count;
    uint16_t inspection_count;
    uint16_t effect_count;
    uint8_t variable_count;     /* Of byte_extract and byte_math. */
    bool has_fast_pattern;      /* Where the prefilter looks: */
    uint16_t fast_inspection;
    uint16_t fast_test;
    struct threshold threshold; /* kind NONE without one. */
    const struct threshold *extra_thresholds; /* Of threshold.config. */
    size_t extra_threshold_count;
    const struct rule_metadata *metadata; /* key and value pairs, in order. */
    uint16_t metadata_count;
};
