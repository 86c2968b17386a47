/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The head of an HTTP message as lenient ends read it, for rules: where a line
 * or the head ends, folded lines, names with blanks and zeros in them, fields
 * without a colon. http_message.h reads strictly, for events. What is accepted
 * is what browsers and servers were seen to accept (noxxi.de, "HTTP Evader";
 * the same that libhtp's default personality accepts).
 */
#include "base/arena.h"
#include "base/compiler.h"

enum {
    HTTP_FIELDS_MAX = 256,     /* Of one head; further ones are not looked
                                * at, and counted as http_too_many_headers. */
};

/* How far a head was looked through; zeroed at its first byte. */
struct http_scan {
    uint8_t state;
};

/* Look on through the fields of a head: the size of the part of `data` that
 * belongs to it when it ends there, SIZE_MAX while it goes on. In responses a
 * carriage return ends a line by itself. */
size_t http_scan_fields(struct http_scan *scan, struct bytes data,
                        bool is_response);

/* The same up to the end of one line, its end included. */
size_t http_scan_line(struct http_scan *scan, struct bytes data,
                      bool is_response);

struct http_field {
    struct bytes name;
    struct bytes value;        /* All of one name, joined by ", ". */
};

struct http_fields {
    struct http_field *fields; /* In an arena. */
    size_t count;
    bool has_two_lengths;
    bool is_cut;               /* More than HTTP_FIELDS_MAX. */
};

/* Read all lines of `block`. */
void http_fields_read(struct http_fields *fields, struct bytes block,
                      bool is_response, struct arena *arena);

/* The value of the field of that name, in small letters; empty without, and
 * `*is_there`, which may be null, says which. */
struct bytes http_fields_get(const struct http_fields *fields,
                             const char *name, bool *is_there);

/* Equality and search that pass over zeros and the case of letters. */
bool http_is_word(struct bytes text, const char *word);
bool http_has_word(struct bytes text, const char *word);

/* Without a line end, blanks left as they are. */
struct bytes http_chomp(struct bytes line);
