/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The requests of one HTTP connection that wait for their responses, in the
 * fixed memory of the flow. The texts of a request stand in a store shared by
 * all that wait, oldest first:
 *
 *     uint16 field | uint16 size | bytes, again and again
 *
 * A request whose turn never comes is still told: at the end, at a gap, or
 * when newer requests need its place.
 */
#include "dissect/dissector.h"
#include "dissect/file_hash.h"
#include "dissect/http_message.h"

enum {
    HTTP_WAITING_MAX = 8,      /* Pipelined requests; browsers send 1. */
    HTTP_STORE_SIZE = 3584,    /* More than the texts of one request below. */
    HTTP_URL_MAX = 1024,       /* Bytes kept of each. */
    HTTP_TEXT_MAX = 256,
    HTTP_BODY_KEPT_MAX = 512,
    HTTP_CREDENTIAL_MAX = 64,
    HTTP_FILE_START_SIZE = 20, /* What dissect_add_file() wants to see. */
    HTTP_NAME_KEPT_MAX = 96,   /* Of the file that is hashed. */
};

enum http_login_method {
    HTTP_LOGIN_NONE,
    HTTP_LOGIN_BASIC,
    HTTP_LOGIN_DIGEST,
};

struct http_request {
    uint16_t store_size;       /* Of its texts. */
    uint16_t body_at;          /* In its texts; 0 while there is no body. */
    uint8_t login_method;      /* enum http_login_method */
    bool is_head;
    bool is_connect;
    bool is_answered;          /* Kept only for the name of its file. */
    bool is_truncated;
    bool is_ambiguous;
    bool has_length;
    uint64_t length;
};

struct http_side {
    struct http_body body;
    uint32_t scanned;          /* Of the head that is coming. */
    bool is_lost;            /* After a gap, until a message begins. */
    bool awaits_file_start;
    bool is_cut;             /* Part of the body that is coming was lost. */
    bool has_file_size;
    uint64_t file_size;
};

struct http_session {
    struct http_side client;
    struct http_side server;
    bool knows_client;
    uint8_t client_side;       /* enum flow_side */
    uint8_t waiting;
    uint8_t has_ended;         /* Bit 0 the client, bit 1 the server. */
    uint16_t store_used;
    uint32_t login_count;
    uint64_t login_seen;       /* Of the last login that was told. */
    struct file_hash hash;     /* Of one body at a time, */
    bool hashes_client;        /* of this side, */
    uint8_t name_size;         /* by this name. */
    uint8_t name[HTTP_NAME_KEPT_MAX];
    struct http_request requests[HTTP_WAITING_MAX];
    uint8_t store[HTTP_STORE_SIZE];
};

/* Keep a request until its response; makes room by telling older ones. */
void http_session_push(struct http_session *session,
                       const struct http_head *head,
                       struct event_list *events);

/* More of the newest request's body. */
void http_session_add_body(struct http_session *session,
                           struct bytes content);

/* Tell the oldest request that waits, with `response`, null for none. It then
 * stays as answered until http_session_pop(). */
void http_session_tell(struct http_session *session,
                       const struct http_head *response,
                       struct event_list *events);

/* Forget the oldest request; nothing happens when there is none. */
void http_session_pop(struct http_session *session);

/* Tell and forget all that wait. */
void http_session_flush(struct http_session *session,
                        struct event_list *events);

/* The last part of the path of request `index`, without query; a view into
 * the session. */
struct bytes http_session_file_name(const struct http_session *session,
                                    size_t index);
