/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The constants that make up dissector_table, one for each line of
 * protocols.def, each defined in the file of its protocol. */
#define PROTOCOL(name) extern const struct dissector name##_dissector;
#include "dissect/protocols.def"
#undef PROTOCOL
