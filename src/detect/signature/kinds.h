/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The kinds of things a Suricata rule is made of: what rule.h and the code
 * that reads and judges rules switch on.
 */

enum rule_action {
    RULE_ALERT,
    RULE_PASS,   /* What it matches is not judged by others. */
    RULE_DROP,   /* Tenet only watches: an alert that says "drop". */
    RULE_REJECT,
};

/* What a rule is judged on. */
enum rule_scope {
    RULE_SCOPE_PACKET,      /* Headers, and payload packet by packet. */
    RULE_SCOPE_STREAM,      /* TCP payload: packet, and bytes in order. */
    RULE_SCOPE_TRANSACTION, /* Views of a dissector. */
};

/* The protocol word of the header. */
enum rule_layer {
    RULE_LAYER_IP,       /* "ip", "any" */
    RULE_LAYER_IPV4,
    RULE_LAYER_IPV6,
    RULE_LAYER_TCP,
    RULE_LAYER_TCP_PACKET, /* "tcp-pkt": never the stream */
    RULE_LAYER_TCP_STREAM, /* "tcp-stream": never single packets */
    RULE_LAYER_UDP,
    RULE_LAYER_ICMP,     /* ICMPv4 and, with "icmp", ICMPv6 */
    RULE_LAYER_ICMPV4,
    RULE_LAYER_ICMPV6,
    RULE_LAYER_SCTP,
    RULE_LAYER_PACKET,   /* "pkthdr": any packet, whatever it is */
    RULE_LAYER_ETHERNET,
    RULE_LAYER_ARP,
    RULE_LAYER_APPLICATION, /* See `application`. */
};

/* Of one packet, flow or stream: all must hold. See values.h for operands. */
enum rule_condition_kind {
    CONDITION_FLOW_SIDE,        /* to_server/from_client, to_client */
    CONDITION_FLOW_ESTABLISHED,
    CONDITION_FLOW_STATELESS,   /* Always holds. */
    CONDITION_FLOW_NOT_ESTABLISHED,
    CONDITION_ONLY_STREAM,      /* flow:only_stream */
    CONDITION_NO_STREAM,        /* flow:no_stream */
    CONDITION_FRAGMENT_NONE,    /* flow:no_frag */
    CONDITION_FRAGMENT_ONLY,    /* flow:only_frag */
    CONDITION_PAYLOAD_SIZE,     /* dsize; number */
    CONDITION_TCP_FLAGS,        /* flags */
    CONDITION_TCP_SEQUENCE,     /* seq; number */
    CONDITION_TCP_ACKNOWLEDGEMENT,
    CONDITION_TCP_WINDOW,
    CONDITION_TCP_MSS,
    CONDITION_ICMP_TYPE,
    CONDITION_ICMP_CODE,
    CONDITION_ICMP_ID,
    CONDITION_ICMP_SEQUENCE,
    CONDITION_ICMPV6_MTU,
    CONDITION_IP_TTL,
    CONDITION_IP_ID,
    CONDITION_IP_TOS,
    CONDITION_IP_PROTOCOL,
    CONDITION_IP_OPTION,        /* ipopts */
    CONDITION_IP_FRAGBITS,
    CONDITION_IP_FRAGOFFSET,
    CONDITION_IP_SAME,          /* sameip */
    CONDITION_CHECKSUM,         /* tcpv4-csum: valid|invalid, and so on */
    CONDITION_STREAM_SIZE,
    CONDITION_FLOWBITS,         /* isset, isnotset */
    CONDITION_XBITS,
    CONDITION_FLOWINT,
    CONDITION_IP_REPUTATION,    /* iprep */
    CONDITION_DECODE_EVENT,     /* Names as in decode/anomalies.def. */
    CONDITION_STREAM_EVENT,
    CONDITION_APPLICATION_EVENT,
    CONDITION_APPLICATION_PROTOCOL, /* app-layer-protocol */
    CONDITION_VLAN_ID,
    CONDITION_VLAN_LAYERS,
    CONDITION_FLOW_AGE,
    CONDITION_FLOW_PACKETS,     /* flow.pkts_toserver, _toclient */
    CONDITION_FLOW_BYTES,
};

/* Done when a rule holds, alert or not. */
enum rule_effect_kind {
    EFFECT_FLOWBITS,  /* set, unset, toggle */
    EFFECT_XBITS,
    EFFECT_FLOWINT,
    EFFECT_DATASET,   /* dataset:set */
    EFFECT_TAG,
};

enum rule_test_kind {
    TEST_CONTENT,
    TEST_PCRE,
    TEST_IS_DATA_AT,
    TEST_BYTE_TEST,
    TEST_BYTE_JUMP,
    TEST_BYTE_EXTRACT,
    TEST_BYTE_MATH,
    TEST_BASE64_DECODE,  /* The tests after it look at what was decoded. */
    TEST_SIZE,           /* bsize, urilen: number_range of the buffer */
    TEST_NUMBER,         /* A NUMBER view */
    TEST_FLAGS,          /* A NUMBER view, as bits */
    TEST_DATASET,        /* dataset:isset, isnotset; datarep */
    TEST_DIGEST,         /* filemd5, filesha1, filesha256 lists */
    TEST_MAGIC,          /* filemagic */
    TEST_EXTENSION,      /* fileext */
    TEST_FILE_SIZE,
    TEST_ENTROPY,
    TEST_ABSENT,         /* absent, absent:or_else */
};

enum transform_kind {
    TRANSFORM_TO_LOWERCASE, TRANSFORM_TO_UPPERCASE,
    TRANSFORM_TO_MD5, TRANSFORM_TO_SHA1, TRANSFORM_TO_SHA256,
    TRANSFORM_STRIP_WHITESPACE, TRANSFORM_COMPRESS_WHITESPACE,
    TRANSFORM_DOTPREFIX, TRANSFORM_DOMAIN, TRANSFORM_TLD,
    TRANSFORM_URL_DECODE, TRANSFORM_XOR, TRANSFORM_FROM_BASE64,
    TRANSFORM_PCRE, TRANSFORM_HEADER_LOWERCASE,
    TRANSFORM_STRIP_PSEUDO_HEADERS, TRANSFORM_SUBSLICE,
    TRANSFORM_GUNZIP, TRANSFORM_ZLIB_INFLATE,
};
