/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One message in the format of RFC 1035, section 4: DNS, multicast DNS, LLMNR
 * and the NetBIOS name service all use it. Names are put into the arena as
 * text; record data stay views into the message. Nothing outlives either.
 *
 * Names: compression pointers go only backwards, so reading one ends. Bytes of
 * a label that do not print, dots and backslashes are escaped (RFC 4343,
 * section 2.1), so that two different names never give the same text.
 */
#include "base/arena.h"
#include "base/compiler.h"
#include "base/reader.h"

enum {
    DNS_HEADER_SIZE = 12,
    DNS_NAME_WIRE_MAX = 255,   /* RFC 1035 section 3.1 */
    DNS_LABEL_MAX = 63,
    DNS_NAME_TEXT_MAX = 4 * DNS_NAME_WIRE_MAX, /* All of it escaped. */
    DNS_JUMPS_MAX = 127,       /* As many as a name can have labels. */
    DNS_QUESTIONS_MAX = 16,    /* More are counted; real messages ask one. */
    DNS_RECORDS_MAX = 64,      /* Kept of all sections; more are counted. */
};

enum dns_section {
    DNS_SECTION_ANSWER,
    DNS_SECTION_AUTHORITY,
    DNS_SECTION_ADDITIONAL,
    DNS_SECTION_COUNT,
};

enum dns_flag {
    DNS_FLAG_QR = 0x8000,
    DNS_FLAG_AA = 0x0400,
    DNS_FLAG_TC = 0x0200,
    DNS_FLAG_RD = 0x0100,
    DNS_FLAG_RA = 0x0080,
    DNS_FLAG_Z = 0x0040,
    DNS_FLAG_AD = 0x0020,
    DNS_FLAG_CD = 0x0010,
};

enum dns_type {
    DNS_TYPE_A = 1,
    DNS_TYPE_NS = 2,
    DNS_TYPE_CNAME = 5,
    DNS_TYPE_SOA = 6,
    DNS_TYPE_NULL = 10,
    DNS_TYPE_PTR = 12,
    DNS_TYPE_MX = 15,
    DNS_TYPE_TXT = 16,
    DNS_TYPE_AAAA = 28,
    DNS_TYPE_SRV = 33,
    DNS_TYPE_NAPTR = 35,
    DNS_TYPE_DNAME = 39,
    DNS_TYPE_OPT = 41,
    DNS_TYPE_SVCB = 64,
    DNS_TYPE_HTTPS = 65,
    DNS_TYPE_CAA = 257,
};

/* How label bytes beyond printable ASCII become text. */
enum dns_style {
    DNS_STYLE_ASCII,   /* RFC 4343: everything else is \DDD. */
    DNS_STYLE_UNICODE, /* RFC 6763 section 4.1.3: UTF-8 and spaces stay. */
};

struct dns_name {
    struct bytes text;    /* Without the final dot; "." for the root. */
    struct bytes first;   /* Labels as they are on the wire. */
    struct bytes longest;
    uint8_t labels;
};

struct dns_question {
    struct dns_name name;
    uint16_t type;
    uint16_t class;
};

struct dns_record {
    struct dns_name name;
    uint16_t type;
    uint16_t class;
    uint32_t ttl;
    uint16_t section;     /* enum dns_section */
    uint16_t data_size;
    size_t data_at;       /* Where the data begin in the message. */
};

struct dns_message {
    struct bytes wire;
    struct arena *arena;
    const struct dns_question *questions;
    const struct dns_record *records;
    const char *anomaly;  /* Why it could not be read. */
    size_t used;          /* Bytes of `wire` that the counts cover. */
    uint32_t more;        /* Questions and records past the limits. */
    uint16_t id;
    uint16_t flags;
    uint16_t counts[1 + DNS_SECTION_COUNT]; /* As the header says. */
    uint16_t question_count;                /* As kept. */
    uint16_t record_count;
    enum dns_style style;
};

/* Read the header alone; false when there are not enough bytes. */
bool dns_header_parse(struct bytes wire, struct dns_message *message);

/* Read all of `wire`; false with message->anomaly set when it is malformed.
 * Bytes after the last record are left, see message->used. */
bool dns_message_parse(struct bytes wire, enum dns_style style,
                       struct arena *arena, struct dns_message *message);

/* Reads within a message and knows where it is, for compressed names. */
struct dns_cursor {
    const struct dns_message *message;
    struct reader reader;
    size_t end;
};

/* At the data of `record`, and ending with them. */
struct dns_cursor dns_cursor_at(const struct dns_message *message,
                                const struct dns_record *record);

/* Take a name; false (and the reader has failed) when it is malformed. */
bool dns_name_read(struct dns_cursor *cursor, struct dns_name *name);

/* The text of a name that stands by itself, as other protocols carry it: whole
 * in `wire` and without pointers; a missing root is allowed (RFC 4702 2.3.1).
 * `*used` is how many bytes it took. */
bool dns_name_parse(struct bytes wire, struct arena *arena, struct bytes *text,
                    size_t *used);

struct bytes dns_record_data(const struct dns_message *message,
                             const struct dns_record *record);
unsigned dns_opcode(const struct dns_message *message);

/* Mnemonics of the IANA registry; TYPE123, CLASS5, RCODE24 (as RFC 3597) for
 * others, made in `arena`. */
struct bytes dns_type_name(uint16_t type, struct arena *arena);
struct bytes dns_class_name(uint16_t class, struct arena *arena);
struct bytes dns_rcode_name(unsigned rcode, struct arena *arena);
struct bytes dns_opcode_name(unsigned opcode, struct arena *arena);
bool dns_type_is_known(uint16_t type);
