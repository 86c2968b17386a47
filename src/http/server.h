/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A small HTTP server for one purpose at a time: a handler gets a whole
 * request and gives a whole answer. One thread, so that a handler has no
 * company. It speaks no TLS and listens where it is told, which should be
 * loopback: a reverse proxy is for the rest.
 *
 * Nobody can hold it up: bodies, heads, connections and the time for a request
 * are bounded. A connection that has not brought a whole request in time is
 * cut, however steadily it drips.
 */
#include <stdio.h>

#include "base/error.h"
#include "base/writer.h"

enum {
    HTTP_SERVER_CONNECTION_MAX = 256,
    HTTP_SERVER_PER_ADDRESS_MAX = 128, /* A proxy has one address. */
    HTTP_SERVER_HEAD_MAX = 16 << 10,   /* Bytes of memory for a head. */
    HTTP_SERVER_REQUEST_TIMEOUT_S = 10,/* From its first byte, or idle. */
};

struct http_server_request {
    const char *method;      /* "GET" */
    const char *path;        /* Begins with a slash; no query. */
    struct bytes body;
};

struct http_server_answer {
    int status;
    const char *type;        /* A content type, a constant. */
    const char *allow;       /* Methods, with status 405; else null. */
    struct writer body;      /* Empty when it begins; of body_max. */
};

typedef void http_handler(void *context,
                          const struct http_server_request *request,
                          struct http_server_answer *answer);

struct http_server_options {
    const char *listen;      /* "127.0.0.1:8080", "[::1]:0" */
    size_t request_max;      /* Bytes of a body; more is answered by 413. */
    size_t answer_max;       /* Bytes of an answer's body. */
    http_handler *handle;
    void *context;
};

/* What was refused or cut. */
struct http_server_counts {
    uint64_t requests;
    uint64_t limit_body;     /* Larger than request_max. */
    uint64_t limit_time;     /* Cut because they took too long. */
};

struct http_server;

int http_server_open(const struct http_server_options *options,
                     struct http_server **server,
                     struct failure *failure) MUST_USE;
void http_server_close(struct http_server *server);

/* Where it listens: the port that the kernel chose for 0. */
unsigned http_server_port(const struct http_server *server);

/* Serve for at most so long; call it again and again. */
int http_server_run(struct http_server *server, int timeout_ms,
                    struct failure *failure) MUST_USE;

struct http_server_counts http_server_read_counts(
    const struct http_server *server);
