/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Runs one dissector over every TCP or UDP flow of a classic pcap or pcapng
 * file, for tests against real captures. It is small on purpose: TCP segments
 * are taken in order, repeats are dropped, and a hole is given as a gap as
 * soon as later bytes come. Fragments and tunnels are left out.
 */
#include "dissect.h"

enum { CAPTURE_FLOW_MAX = 8192 }; /* Flows of one file; the rest is left. */

/* Called when a flow has ended, with its events. */
typedef void capture_flow_function(struct dissect_run *run, void *context);

/*
 * How many flows `dissector` claimed, or -1 when the file cannot be read. A
 * flow that it does not recognise, by port hints or content, is not fed.
 */
int capture_flows_run(const char *path, const struct dissector *dissector,
                      capture_flow_function *done, void *context);

/* The folder of shared test data, "../shared" or $TENET_SHARED; null when it
 * is not there. */
const char *capture_flows_shared(void);
