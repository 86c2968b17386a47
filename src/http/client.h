/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Asks a server by HTTP or HTTPS, through libcurl. Nothing of the answer is
 * believed here but its shape: it has a largest size and a last moment,
 * redirects are not followed, and no other protocol is spoken.
 */
#include "base/error.h"
#include "base/writer.h"

enum {
    HTTP_CLIENT_TYPE_MAX = 128,       /* Bytes of a content type kept. */
    HTTP_CLIENT_TIMEOUT_MS = 15000,   /* Of the whole exchange. */
    HTTP_CLIENT_CONNECT_MS = 5000,
};

struct http_client_request {
    const char *url;
    const char *type;        /* Of the body; null asks by GET. */
    struct bytes body;
};

struct http_client_answer {
    int status;
    char type[HTTP_CLIENT_TYPE_MAX];
    struct writer body;      /* The caller's: its size_max is the largest
                              * that is taken. Reset at the start. */
};

/* 0 when there was an answer of whatever status. */
int http_client_ask(const struct http_client_request *request,
                    struct http_client_answer *answer,
                    struct failure *failure) MUST_USE;

/* May this be asked: does it begin with http:// or https://? */
bool http_client_takes(struct bytes url);
