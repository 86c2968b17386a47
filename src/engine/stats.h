/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an analysis has done and what it could not do, as one JSON object:
 * totals, events by type, anomalies by name, and under "dropped" every limit
 * that was reached, by name. Names with a count of zero are left out, so an
 * empty "dropped" means that nothing was.
 */
#include "base/writer.h"
#include "engine/engine.h"

void engine_stats_write(struct writer *out, const struct engine *engine,
                        const struct capture_status *status);
