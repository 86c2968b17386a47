/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The head of an HTTP/1 message (RFC 9112): its start line and the header
 * fields that are read, as views. And the body, skipped piece by piece as it
 * comes, without being kept.
 */
#include "base/bytes.h"
#include "base/compiler.h"

enum {
    HTTP_LINE_MAX = 16 << 10,   /* Servers refuse longer ones with 414. */
    HTTP_HEAD_MAX = 60 << 10,   /* Under DISSECT_MESSAGE_MAX. */
    HTTP_FIELD_COUNT_MAX = 200, /* Twice what common servers allow. */
    HTTP_CHUNK_LINE_MAX = 1024, /* Size and extensions. */
};

/* The header fields that are kept as text. */
enum http_text {
    HTTP_TEXT_HOST,
    HTTP_TEXT_USER_AGENT,
    HTTP_TEXT_REFERER,
    HTTP_TEXT_CONTENT_TYPE,
    HTTP_TEXT_CONTENT_ENCODING,
    HTTP_TEXT_SOAP_ACTION,
    HTTP_TEXT_AUTHORIZATION,
    HTTP_TEXT_WWW_AUTHENTICATE,
    HTTP_TEXT_SERVER,
    HTTP_TEXT_LOCATION,
    HTTP_TEXT_COUNT,
};

struct http_head {
    bool is_response;
    struct bytes method;         /* Request. */
    struct bytes target;
    struct bytes version;        /* "HTTP/1.1" */
    uint16_t status;             /* Response. */

    struct bytes text[HTTP_TEXT_COUNT];
    struct bytes code;           /* Request: the first line of a header field
                                  * that holds what is run as code; see
                                  * holds_code(). */
    uint64_t content_length;     /* Valid with has_length. */
    bool has_length;
    bool is_chunked;
};

/*
 * The size of the head at the front of `data`, its empty line included; 0
 * while that has not come. `*scanned` is how far was looked: start at 0, and
 * keep it while more of the same head comes.
 */
size_t http_head_size(struct bytes data, size_t *scanned);

/* Read a whole head; null when it is one, else the anomaly's name. */
const char *http_head_parse(struct bytes data, struct http_head *head)
    MUST_USE;

/* May these bytes begin a message? Else they never will. */
enum http_start { HTTP_START_NO, HTTP_START_MAYBE, HTTP_START_YES };
enum http_start http_start_of(struct bytes data);

enum http_phase {
    HTTP_PHASE_HEAD,        /* No body: the next message begins. */
    HTTP_PHASE_COUNTED,     /* `left` bytes of body. */
    HTTP_PHASE_CHUNK_LINE,
    HTTP_PHASE_CHUNK,       /* `left` bytes of this chunk. */
    HTTP_PHASE_CHUNK_END,   /* The line end after a chunk. */
    HTTP_PHASE_TRAILER,
    HTTP_PHASE_UNTIL_CLOSE,
};

struct http_body {
    uint8_t phase; /* enum http_phase */
    uint64_t left;
};

/*
 * Take the next step through a body: how many bytes of `data` it used, and in
 * `*content` the body's own among them. 0 means more is needed; SIZE_MAX that
 * it is not a chunked body.
 */
size_t http_body_step(struct http_body *body, struct bytes data,
                      struct bytes *content);

/* `gap` bytes were lost. False when what follows them cannot be placed. */
bool http_body_skip(struct http_body *body, uint64_t gap);
