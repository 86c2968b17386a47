/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Community ID version 1: the name of a flow that other tools give it too
 * (github.com/corelight/community-id-spec). "1:" and the base64 of a SHA-1.
 */
#include "net/address.h"

enum { COMMUNITY_ID_TEXT_SIZE = 31 };

/* A flow as Community ID sees it; for ICMP the ports are type and code. */
struct community_id_input {
    struct ip source;
    struct ip destination;
    uint16_t source_port;
    uint16_t destination_port;
    uint8_t protocol;
    uint16_t seed;
};

const char *community_id_text(const struct community_id_input *input,
                              char text[COMMUNITY_ID_TEXT_SIZE]);
