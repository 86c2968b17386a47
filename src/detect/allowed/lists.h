/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The three lists of each device, for programs and for people: declared and
 * used, declared and never used, used and not declared; and what could not be
 * decided, with the reason.
 */
#include "base/writer.h"
#include "detect/allowed/allowed.h"

/* One JSON array of devices, in the order in which they were met. */
void allowed_write_json(struct writer *out, const struct allowed_state *state,
                        const struct device_table *devices);

void allowed_write_text(struct writer *out, const struct allowed_state *state,
                        const struct device_table *devices);
