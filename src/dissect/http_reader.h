/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * HTTP/1 for rules: every part of a request or response that a Suricata rule
 * may look into, out of the bytes of a connection, as lenient ends read them.
 * The dissector (http.c) is strict and makes events; this goes on where that
 * gives up, and makes no events but named anomalies.
 *
 * A head is kept until it is whole, within VIEW_TEXT_MAX. Bodies pass through
 * in pieces: unchunked, and decoded from gzip and deflate; brotli and others
 * are passed on as they are. What is past HTTP_BODY_DEPTH is not shown.
 */
#include "dissect/dissector.h"
#include "dissect/http_fields.h"
#include "dissect/view_memory.h"

enum {
    HTTP_BODY_DEPTH = 100 << 10, /* Of one body, decoded; as in Suricata's
                                  * shipped configuration. */
    HTTP_LAYER_MAX = 3,          /* Codings on top of each other. */
    HTTP_CHUNK_LINE_SEEN = 8,    /* Bytes that show what is no chunk line. */
    HTTP_CHUNK_LINE_SIZE = 1024, /* Longer ones are none. */
    HTTP_METHOD_RING = 64,       /* Requests ahead of their responses. */
};

enum http_reader_phase {
    HTTP_READ_LINE,        /* Request or status line. */
    HTTP_READ_FIELDS,
    HTTP_READ_COUNTED,     /* `left` bytes of body. */
    HTTP_READ_CHUNK_LINE,
    HTTP_READ_CHUNK,
    HTTP_READ_CHUNK_END,
    HTTP_READ_TRAILER,
    HTTP_READ_UNTIL_CLOSE,
    HTTP_READ_LOST,        /* After a gap: up to what looks like a message. */
    HTTP_READ_TUNNEL,      /* Somebody else's bytes. */
};

struct http_reader_side {
    struct view_text text;     /* Of the head, or of a chunk's line. */
    struct http_scan scan;
    uint8_t phase;
    uint8_t layer_count;
    bool is_plain[HTTP_LAYER_MAX]; /* It was not what it was said to be. */
    bool has_output[HTTP_LAYER_MAX];
    bool has_body;             /* Something of it was shown. */
    bool is_multipart;
    bool may_be_file;          /* The body is one file as it is. */
    bool has_interim;          /* 100 Continue was seen. */
    bool is_version_1_1;
    uint32_t line_size;        /* Of the first line in `text`. */
    uint32_t transaction;
    uint64_t left;
    uint64_t shown;            /* Bytes of the body that were shown. */
    uint64_t file_shown;
    struct view_inflate *layers[HTTP_LAYER_MAX];
    struct view_text part;     /* Multipart: what may be a boundary. */
    uint8_t part_phase;
    uint8_t boundary_size;
    char boundary[70];         /* RFC 2046 section 5.1.1 */
};

struct http_reader {
    struct http_reader_side sides[2]; /* The client, the server. */
    bool knows_client;
    bool is_tunnel_asked;      /* The last request was CONNECT. */
    uint8_t client_side;
    uint64_t heads;            /* Ring of bits: the request was HEAD. */
    uint64_t connects;         /* The same: CONNECT. */
};

/* One call, about one side. */
struct http_turn {
    struct http_reader *reader;
    struct http_reader_side *side;
    const struct dissect_input *input;
    struct event_list *events;
    bool is_response;
};

/* A whole head in one piece. */
struct http_message {
    struct bytes line;         /* Without its end. */
    struct bytes raw;          /* All lines of fields, the empty one too. */
    struct http_fields fields;
    struct bytes method;       /* Request. */
    struct bytes target;
    struct bytes protocol;     /* May be empty: HTTP/0.9. */
    struct bytes status;       /* Response, as sent. */
    struct bytes reason;
};

/* http_views.c: split the first line, and show all parts of the head. */
void http_message_split(struct http_message *message, bool is_response);
void http_views_request(const struct http_turn *turn,
                        const struct http_message *message);
void http_views_response(const struct http_turn *turn,
                         const struct http_message *message);

/* http_content.c: begin a body by its head, pass on a piece, end it. */
void http_content_begin(struct http_turn *turn,
                        const struct http_message *message);
void http_content_add(struct http_turn *turn, struct bytes data);
void http_content_end(struct http_turn *turn);
void http_content_release(struct http_reader_side *side,
                          struct view_memory *memory);

/* Name what is wrong with a message, for app-layer-event. */
void http_reader_anomaly(struct http_turn *turn, const char *name);

extern const struct view_reader http_view_reader;
