/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One event as one line of EVE JSON, the record format of Suricata: the common
 * fields by its names, the rest where the field table has them. Text that is
 * not valid UTF-8 is written with each bad byte as U+FFFD; secrets never are.
 * The same event always gives the same bytes.
 */
#include "base/writer.h"
#include "event/event.h"

/* Append `event` and a line feed to `w`. */
void eve_write(struct writer *w, const struct event *event);
