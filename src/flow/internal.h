/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of this room share: when a packet is of a flow, and what it
 * then does to it.
 */
#include "flow/flow.h"

/* True when the packet is of `flow`; `*side` then says who sent it. */
bool flow_key_match(const struct flow_key *key, const struct flow *flow,
                    enum flow_side *side);

/* True when the first packet seen of a flow was sent by its responder;
 * `is_early` when the question may have come before the capture began. */
bool flow_is_answer(const struct packet *packet, bool is_early);

/* Write down that the direction was turned round. */
void flow_note_flip(struct flow *flow);

/* Count `packet`, and take its flags into the history and the state. */
void flow_count_packet(struct flow *flow, enum flow_side side,
                       const struct packet *packet);

/* True when `packet` begins a new connection on the ports of a closed one. */
bool flow_is_reuse(const struct flow *flow, const struct packet *packet);
