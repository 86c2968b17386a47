/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dissector.h"

#include <stddef.h>

#include "dissect/protocols.h"

/* Strong signatures first: who is asked early should be hard to mistake. */
const struct dissector *const dissector_table[] = {
#define PROTOCOL(name) &name##_dissector,
#include "dissect/protocols.def"
#undef PROTOCOL
    NULL,
};
