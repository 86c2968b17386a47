/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside: the set of files, a flow as an access control list sees it, and how
 * one entry is held against it.
 */
#include "base/pool.h"
#include "base/table.h"
#include "detect/allowed/allowed.h"
#include "detect/allowed/names.h"

enum {
    CLASS_HOST_MAX = 16,       /* DNS and NTP servers and routers noted. */
    SERVER_FLOW_MAX = 4096,    /* Flows whose server name is remembered until
                                * they end, 1 MB; a later flow in the same
                                * place takes it over. */
    DETECTION_KINDS = 4,
};

/* What was undeclared: which detection it is. */
enum undeclared_kind {
    UNDECLARED_OUTBOUND, /* To hosts outside, begun by the device. */
    UNDECLARED_INBOUND,  /* Begun by a host outside. */
    UNDECLARED_LOCAL,    /* With a host of the local network. */
    UNDECLARED_ANSWER,   /* Answers only. */
};

/* A file of the set, for whom it is, and the detections it makes. */
struct allowed_file {
    struct mud_file *file;
    struct mac mac;
    bool is_given;       /* For `mac`. */
    bool is_for_all;
    bool is_signed;
    struct detection detections[DETECTION_KINDS];
};

struct class_member {
    const char *name;
    struct ip ip;
};

struct allowed {
    struct arena texts;
    struct allowed_file *files;
    size_t file_count;
    struct class_member members[ALLOWED_MEMBER_MAX];
    size_t member_count;
};

/* Hosts of a service that the network itself names. */
struct class_hosts {
    struct ip hosts[CLASS_HOST_MAX];
    uint32_t count;
    uint32_t next;      /* The oldest, once all are taken. */
};

struct server_flow {
    uint64_t flow_number;
    char name[NAME_SIZE_MAX];
};

struct allowed_state {
    const struct allowed *allowed;
    struct names *names;
    struct class_hosts dns;
    struct class_hosts ntp;
    struct class_hosts routers;
    bool has_configuration;     /* DHCP or the like was heard. */
    struct server_flow *servers;
    uint32_t *by_device;        /* Place in `devices` plus one; see state.c. */
    uint32_t by_device_count;
    struct allowed_device *devices;
    uint32_t device_count;
    struct pool uses;
    struct allowed_use **use_list; /* By number, which by_need finds. */
    uint32_t use_count;
    struct table by_need;
    struct hash_key key;
    uint64_t devices_refused;
    uint64_t uses_refused;
};

/* One flow of one device, turned so that the device is at one end. */
struct allowed_flow {
    const struct event *event;
    struct allowed_state *state;
    struct device_table *devices;
    const struct mud_file *file;
    uint32_t device;
    uint32_t peer_device;
    bool began;           /* The device sent first. */
    bool is_sure;         /* Who began it was captured. */
    bool sent;            /* Packets from the device; */
    bool got;             /* and to it. */
    bool has_ports;
    bool is_peer_local;
    uint8_t protocol;
    struct ip own;
    struct ip peer;
    uint16_t own_port;
    uint16_t peer_port;
    int icmp_type[2];     /* By enum mud_policy; -1 when it is not known. */
    int icmp_code[2];
    int64_t start_ns;
    int64_t end_ns;
    struct bytes server_name; /* SNI or Host that names a host; or empty. */
};

enum match { MATCH_NO, MATCH_MAYBE, MATCH_YES };

/* Hold one entry against the packets of one direction. `*reason` says what is
 * missing when the answer is MATCH_MAYBE. */
enum match ace_match(const struct mud_ace *ace, enum mud_policy policy,
                     const struct allowed_flow *flow, const char **reason);

/* Is the peer of the class of controllers `name`? */
enum match class_match(const struct allowed_flow *flow, const char *name,
                       const char **reason);

/* Take what an event says of the network's own servers. */
void class_learn(struct allowed_state *state, const struct event *event);

struct decision {
    enum allowed_verdict verdict;
    const struct mud_ace *ace; /* That decided, or may have; null for none. */
    bool is_default;           /* One of RFC 8520's own. */
    const char *reason;
};

/* The policy's lists in order, then what is allowed by default. */
struct decision policy_decide(const struct allowed_flow *flow,
                              enum mud_policy policy);

/* The MUD URL a device says it has; empty without. */
struct bytes device_mud_url(const struct device_table *devices,
                            const struct allowed *allowed, uint32_t index);

/* The entry that would have declared the packets of `policies`. */
struct mud_ace needed_ace(const struct allowed_flow *flow, uint8_t policies,
                          char peer_name[256]);
bool is_same_need(const struct mud_ace *a, const struct mud_ace *b);

/* Fill in the detections that a file makes. */
void make_detections(struct allowed *allowed, struct allowed_file *file);
void alert_use(struct alert_list *alerts, const struct allowed_flow *flow,
               const struct allowed_use *use,
               const struct allowed_device *device);
