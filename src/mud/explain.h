/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A MUD file in words: what its device may do, entry by entry. Everything is
 * printable, whatever the file says.
 */
#include "base/writer.h"
#include "mud/mud.h"

/* "The device may open TCP connections to port 443 of service.example." */
void mud_explain_ace(struct writer *out, const struct mud_ace *ace,
                     enum mud_policy policy);

/* The whole file, a line an entry. */
void mud_explain(struct writer *out, const struct mud_file *file);

struct json_writer;

/* The entry of `policy` as RFC 8519 has it, as the next value. */
void mud_ace_json(struct json_writer *json, const struct mud_ace *ace,
                  enum mud_policy policy);

/* The same on one line. */
void mud_write_ace(struct writer *out, const struct mud_ace *ace,
                   enum mud_policy policy);
