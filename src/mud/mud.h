/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a manufacturer usage description says (RFC 8520), free of the JSON it
 * was written in: access control lists (RFC 8519) for the packets a device
 * sends and for those it gets. Made by mud_read(), never changed after but by
 * mud_merge(); the file owns its texts, which are raw: escape them before
 * showing.
 */
#include "base/arena.h"
#include "base/error.h"
#include "net/address.h"

enum {
    MUD_FILE_SIZE_MAX = 4 << 20, /* The largest published one has 100 KiB. */
    MUD_ACL_MAX = 64,            /* Published files have up to 4. */
    MUD_ACE_MAX = 4096,          /* Published files have up to 200. */
    MUD_TEXT_MAX = 1024,         /* Of one value. */
    MUD_PROBLEM_MAX = 128,       /* Kept; all are counted. */
    MUD_DIGEST_SIZE = 32,        /* SHA-256 of the file as it was. */
};

enum mud_policy {
    MUD_FROM_DEVICE, /* from-device-policy: packets the device sends. */
    MUD_TO_DEVICE,   /* to-device-policy: packets sent to it. */
};

/* What an address-family a rule is for. */
enum mud_family {
    MUD_FAMILY_ANY,
    MUD_FAMILY_IPV4 = 4,
    MUD_FAMILY_IPV6 = 6,
    MUD_FAMILY_LINK = 2, /* About frames: never about a flow. */
};

enum mud_initiated {
    MUD_INITIATED_ANY,
    MUD_INITIATED_FROM_DEVICE,
    MUD_INITIATED_TO_DEVICE,
};

/* Ports from `low` to `high`; those outside when `is_not`. */
struct mud_ports {
    uint16_t low;
    uint16_t high;
    bool is_set;
    bool is_not;
};

/*
 * One access control entry. All that is set must hold. The peer is the end
 * that is not the device; who it may be is said by any of the members below
 * it (RFC 8520 section 4), seldom by more than one.
 */
struct mud_ace {
    const char *name;
    uint32_t line;           /* In the file; 0 when it is not known. */
    uint8_t family;          /* enum mud_family */
    uint8_t initiated;       /* enum mud_initiated; TCP only. */
    bool accepts;
    bool is_local;           /* local-networks */
    bool is_same_maker;      /* same-manufacturer */
    bool is_my_controller;
    bool reads_packets;      /* Needs what a flow does not show: DSCP, TTL,
                              * TCP flags, ... */
    bool has_protocol;
    bool has_icmp_type;
    bool has_icmp_code;
    bool has_network;
    bool has_own_network;
    uint8_t protocol;        /* IANA number. */
    uint8_t icmp_type;
    uint8_t icmp_code;
    const char *name_of_peer; /* src- or dst-dnsname; "*.x" by import only. */
    const char *controller;   /* A class of hosts, a URI. */
    const char *manufacturer; /* Authority of the peer's MUD URL. */
    const char *model;        /* The peer's MUD URL. */
    struct ip_prefix network; /* The peer's. */
    struct ip_prefix own_network; /* The device's. */
    struct mud_ports peer_port;
    struct mud_ports own_port;
};

struct mud_acl {
    const char *name;
    uint8_t family;      /* enum mud_family */
    uint8_t policies;    /* One bit: enum mud_policy it is used in, or 0. */
    bool is_twin;        /* The list of that name before it, for the other
                          * policy: there the peer is the other end. */
    uint32_t first;      /* Its entries: position and number. */
    uint32_t count;
};

/* How much a problem weighs; the heaviest decides. */
enum mud_level {
    MUD_NOTICE,   /* Worth telling; the file is used. */
    MUD_IMPORTED, /* Not RFC 8520; read all the same, as it was asked. */
    MUD_ASK,      /* Used once a person has agreed. */
    MUD_REFUSED,  /* Not used. */
};

struct mud_problem {
    enum mud_level level;
    uint32_t line;    /* Where in the file, from 1; 0 when it is not known. */
    const char *path; /* "/ietf-mud:mud/mud-url" */
    const char *rule; /* Which rule says so: "RFC 8520 3.5". */
    const char *text; /* What is wrong and what would be right; printable. */
};

struct mud_file {
    struct arena texts;
    const char *source;       /* File it came from. */
    const char *url;          /* Empty when the file has none. */
    const char *last_update;
    const char *signature;    /* A URI, perhaps relative; empty without. */
    const char *systeminfo;
    const char *documentation;
    const char *mfg_name;
    const char *model_name;
    const char *firmware_rev;
    const char *software_rev;
    uint32_t cache_validity;  /* Hours. */
    bool is_supported;
    bool is_imported;         /* Read by import, with changes. */
    uint8_t digest[MUD_DIGEST_SIZE];
    struct mud_acl *acls;
    uint32_t acl_count;
    struct mud_ace *aces;
    uint32_t ace_count;
    uint32_t policy[2][MUD_ACL_MAX]; /* ACLs by enum mud_policy, in order. */
    uint32_t policy_count[2];
    struct mud_problem *problems;
    uint32_t problem_count;   /* Kept. */
    uint32_t problems_dropped;
    enum mud_level level;     /* The heaviest met. */
};

void mud_file_free(struct mud_file *file);

const char *mud_level_name(enum mud_level level);

/* The authority (host, and port if there is one) of a URL; empty without. */
struct bytes mud_authority(struct bytes url);
