/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The part of ASN.1's basic encoding rules (X.690) that SNMP uses: definite
 * lengths of at most four bytes and tags of one byte. Everything else fails
 * the reader.
 */
#include "base/arena.h"
#include "base/reader.h"

enum ber_tag {
    BER_INTEGER = 0x02,
    BER_OCTETS = 0x04,
    BER_OID = 0x06,
    BER_SEQUENCE = 0x30,
};

enum { BER_OID_PARTS_MAX = 128 }; /* RFC 3416 section 2.1 */

struct ber {
    uint8_t tag;
    struct bytes value;
};

/* Take the next element, whatever its tag; an empty one after a failure. */
struct ber ber_read(struct reader *r);

/* Take the next element, which must have `tag`; else the reader fails. */
struct bytes ber_take(struct reader *r, uint8_t tag);

/* Take a constructed element as a reader of its content. */
struct reader ber_enter(struct reader *r, uint8_t tag);

/* Take an INTEGER of at most eight bytes. */
int64_t ber_take_integer(struct reader *r);

/* "1.3.6.1.2.1.1.1.0", in `arena`; false when `oid` is malformed. */
bool ber_oid_text(struct bytes oid, struct arena *arena, struct bytes *text);
