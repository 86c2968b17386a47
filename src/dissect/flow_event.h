/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The record of a flow that has ended. */
#include "event/event.h"
#include "flow/flow.h"

/*
 * Append an EVENT_FLOW with its context: addresses, ports, protocol, VLAN,
 * number, devices, and the time of the last packet. Which side is local, the
 * MACs and the application protocol are the caller's to stamp.
 */
void flow_event(const struct flow *flow, struct event_list *events);
