/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the events of DNS, multicast DNS and LLMNR have in common: questions
 * and records become lists of objects, under each protocol's own fields.
 */
#include "dissect/dns_message.h"
#include "event/event.h"

struct dns_question_fields {
    enum event_field name;
    enum event_field type;
};

struct dns_record_fields {
    enum event_field name;
    enum event_field type;
    enum event_field ttl;
    enum event_field data;
};

void dns_event_set_questions(struct event *event,
                             const struct dns_message *message,
                             const struct dns_question_fields *fields);

/* The records of one section; the pseudo-record OPT is left out. */
void dns_event_set_records(struct event *event,
                           const struct dns_message *message,
                           enum dns_section section,
                           const struct dns_record_fields *fields);

/* "request" or "response". */
const char *dns_event_type(const struct dns_message *message);

/*
 * Could this be one whole message, by its header and its questions? Strict
 * for ports that mean nothing: every count must be covered exactly, and types
 * and classes be known ones.
 */
bool dns_header_is_plausible(const struct dns_message *message);
bool dns_message_is_plausible(struct bytes wire, struct arena *arena);
