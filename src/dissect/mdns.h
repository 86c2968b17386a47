/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What DNS-based service discovery (RFC 6763) says in a multicast DNS message,
 * beyond single records.
 */
#include "dissect/dns_message.h"
#include "event/event.h"

enum { MDNS_TXT_MAX = 64 }; /* TXT strings listed of one message. */

/* "<instance>.<_service._proto>.<domain>"; a subtype's name has no instance.
 * All are views into the name. */
struct mdns_service {
    struct bytes instance;
    struct bytes type;
};

/* False when `name` does not name a service. */
bool mdns_service_parse(struct bytes name, struct mdns_service *service);

/* Matter's discovery records (Matter core specification, section 4.3): an
 * EVENT_MATTER for each instance that the message describes. */
void matter_events(const struct dns_message *message,
                   struct event_list *events);
