/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One DHCPv4 or BOOTP message (RFC 2131): the fixed part, and the options in
 * the order they count (RFC 3396): options field, file, sname, the latter two
 * when option 52 says so. Options are views into the message.
 */
#include "base/arena.h"
#include "base/compiler.h"
#include "net/address.h"

enum {
    DHCP_HEADER_SIZE = 236, /* Up to the magic cookie. */
    DHCP_OPTIONS_MAX = 128, /* Kept of one message; more are counted. */
};

struct dhcp_option {
    uint8_t code;
    struct bytes data;
};

struct dhcp_message {
    uint8_t operation;      /* 1 request, 2 reply */
    uint8_t hardware_type;  /* 1 Ethernet */
    uint8_t hardware_size;
    uint32_t id;
    struct ip client;       /* ciaddr */
    struct ip assigned;     /* yiaddr */
    struct ip next_server;  /* siaddr */
    struct ip relay;        /* giaddr */
    struct bytes hardware;  /* chaddr, hardware_size bytes. */
    struct bytes file;      /* Empty when it holds options. */
    const char *anomaly;    /* Why it could not be read. */
    uint32_t more;          /* Options past the limit. */
    uint16_t count;
    struct dhcp_option options[DHCP_OPTIONS_MAX];
};

/* False with message->anomaly set when `wire` is malformed. */
bool dhcp_parse(struct bytes wire, struct dhcp_message *message);

/* The data of option `code`, its parts put together in `arena` when it was
 * split; false when there is none. */
bool dhcp_option_find(const struct dhcp_message *message, uint8_t code,
                      struct arena *arena, struct bytes *data);
