/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Link-layer and network addresses as small values, and their text forms.
 *
 * An IP address is always 16 bytes in network order; IPv4 stands in the
 * IPv4-mapped block ::ffff:0:0/96 (RFC 4291 section 2.5.5.2), so that one
 * comparison and one hash serve both.
 */
#include "base/bytes.h"
#include "base/compiler.h"

struct mac {
    uint8_t bytes[6];
};

struct ip {
    uint8_t bytes[16];
};

/* An address and how many of its 128 bits count. */
struct ip_prefix {
    struct ip address;
    uint8_t length;
};

enum {
    MAC_TEXT_SIZE = 18, /* With the final zero. */
    IP_TEXT_SIZE = 46,
};

struct mac mac_of(const uint8_t bytes[6]);
bool mac_equal(struct mac a, struct mac b);
bool mac_is_multicast(struct mac mac); /* Broadcast is one of these. */
bool mac_is_zero(struct mac mac);

/* Locally administered (IEEE 802 bit 1): chosen by software, often random. */
bool mac_is_local(struct mac mac);

/* The 48 bits as a number, the first byte the highest. */
uint64_t mac_number(struct mac mac);

/* Lower case with colons; returns `text`. */
const char *mac_text(struct mac mac, char text[MAC_TEXT_SIZE]);

/* Colons, hyphens or dots (Cisco); false when `text` is none of them. */
bool mac_parse(struct bytes text, struct mac *mac);

struct ip ip_of_v4(uint32_t host_order);
struct ip ip_of_v4_bytes(const uint8_t bytes[4]);
struct ip ip_of_v6_bytes(const uint8_t bytes[16]);

bool ip_equal(struct ip a, struct ip b);
int ip_compare(struct ip a, struct ip b);
bool ip_is_v4(struct ip ip);
bool ip_is_zero(struct ip ip); /* 0.0.0.0 or :: */
uint32_t ip_v4_number(struct ip ip);

/* The 4 or 16 bytes that stand for it on the wire; views into `*ip`. */
struct bytes ip_wire(const struct ip *ip);

/* Reserved blocks, by the IANA special-purpose registries (RFC 6890). */
bool ip_is_private(struct ip ip);   /* RFC 1918, 6598, ULA */
bool ip_is_link_local(struct ip ip);
bool ip_is_loopback(struct ip ip);
bool ip_is_multicast(struct ip ip);
bool ip_is_broadcast(struct ip ip); /* 255.255.255.255 only */

/* None of the above, not zero, not reserved: routed on the public internet. */
bool ip_is_global(struct ip ip);

/* RFC 5952 for IPv6; returns `text`. */
const char *ip_text(struct ip ip, char text[IP_TEXT_SIZE]);
bool ip_parse(struct bytes text, struct ip *ip);

/* "192.0.2.0/24", "2001:db8::/32" or a plain address. */
bool ip_prefix_parse(struct bytes text, struct ip_prefix *prefix);
bool ip_prefix_contains(const struct ip_prefix *prefix, struct ip ip);
