/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The parts of a message in DNS's format that rules look into (Suricata user
 * guide, "DNS Keywords", "mDNS Keywords", "LLMNR"). A message is a transaction
 * of its own. Names are the bytes of the labels with dots between.
 */
#include "dissect/dissector.h"
#include "dissect/dns_message.h"

enum dns_views_kind { DNS_VIEWS_DNS, DNS_VIEWS_MDNS, DNS_VIEWS_LLMNR };

/* Nothing happens for an input without views. */
void dns_views(const struct dissect_input *input,
               const struct dns_message *message, enum dns_views_kind kind);
