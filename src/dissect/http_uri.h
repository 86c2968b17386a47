/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A request target brought into the one form that rules are written for: what
 * a server would look up. Percent codes are decoded (%uXXXX as well, wide
 * letters as the nearest narrow one), backslashes are slashes, slashes stand
 * once, and "." and ".." are followed. RFC 3986 section 6.2.2 and what servers
 * do beyond it, as libhtp's personality "IDS" has it.
 */
#include "base/arena.h"

struct http_uri {
    struct bytes host;       /* Of an absolute target or CONNECT; may be "".*/
    struct bytes normal;     /* Path and query. */
    bool is_double_encoded;  /* What was decoded is a code again. */
};

void http_uri_read(struct http_uri *uri, struct bytes target,
                   bool is_connect, struct arena *arena);

/* "Example.COM:8080" is "example.com"; an IPv6 address keeps its brackets. */
struct bytes http_uri_host(struct bytes host, struct arena *arena);
