/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What stands in the data of a record, as text for people and rules: an
 * address, a name, "10 5 8080 host" for SRV, "1 . alpn=h2,h3" for HTTPS. A
 * type that is not decoded (keys and signatures) has no text.
 */
#include "dissect/dns_message.h"
#include "net/address.h"

/* The data as text, in the arena or a view into the message; false when the
 * type is not decoded or the data are malformed. */
bool dns_rdata_text(const struct dns_message *message,
                    const struct dns_record *record, struct bytes *text);

/* A or AAAA: the address. */
bool dns_rdata_address(const struct dns_message *message,
                       const struct dns_record *record, struct ip *ip);

/* SRV (RFC 2782). */
struct dns_srv {
    struct dns_name host;
    uint16_t priority;
    uint16_t weight;
    uint16_t port;
};
bool dns_rdata_srv(const struct dns_message *message,
                   const struct dns_record *record, struct dns_srv *srv);

/* A type that is one name: CNAME, NS, PTR, DNAME. */
bool dns_rdata_name(const struct dns_message *message,
                    const struct dns_record *record, struct dns_name *name);
