/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Writes a MUD file as the strict reader wants it, members always in the same
 * order: what is read from it and written again is the same text. Nodes of
 * extensions and matches that flows do not show are not kept.
 */
#include "base/writer.h"
#include "mud/mud.h"

void mud_write(struct writer *out, const struct mud_file *file);

/* One line of JSON, for journals. */
void mud_write_compact(struct writer *out, const struct mud_file *file);
