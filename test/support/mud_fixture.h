/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A good MUD file, and the same with something in it replaced. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/writer.h"
#include "mud/read.h"

static const char mud_good[] =
    "{\n \"ietf-mud:mud\": {\n"
    "  \"mud-version\": 1,\n"
    "  \"mud-url\": \"https://maker.example/lamp\",\n"
    "  \"last-update\": \"2026-01-02T03:04:05Z\",\n"
    "  \"cache-validity\": 48,\n"
    "  \"is-supported\": true,\n"
    "  \"systeminfo\": \"A lamp\",\n"
    "  \"from-device-policy\": {\"access-lists\": {\"access-list\": ["
    "{\"name\": \"from4\"}]}},\n"
    "  \"to-device-policy\": {\"access-lists\": {\"access-list\": ["
    "{\"name\": \"to4\"}]}}\n"
    " },\n \"ietf-access-control-list:acls\": {\"acl\": [\n"
    "  {\"name\": \"from4\", \"type\": \"ipv4-acl-type\", \"aces\": {\"ace\": "
    "[\n"
    "   {\"name\": \"cloud\", \"matches\": {\"ipv4\": "
    "{\"ietf-acldns:dst-dnsname\": \"api.maker.example\", \"protocol\": 6},\n"
    "    \"tcp\": {\"ietf-mud:direction-initiated\": \"from-device\", "
    "\"destination-port\": {\"operator\": \"eq\", \"port\": 443}}},\n"
    "    \"actions\": {\"forwarding\": \"accept\"}}]}},\n"
    "  {\"name\": \"to4\", \"type\": \"ipv4-acl-type\", \"aces\": {\"ace\": [\n"
    "   {\"name\": \"cloud\", \"matches\": {\"ipv4\": "
    "{\"ietf-acldns:src-dnsname\": \"api.maker.example\", \"protocol\": 6},\n"
    "    \"tcp\": {\"source-port\": {\"operator\": \"eq\", \"port\": 443}}},\n"
    "    \"actions\": {\"forwarding\": \"accept\"}}]}}\n"
    " ]}\n}\n";

static inline struct mud_file *mud_of(const char *text, bool is_import)
{
    struct mud_read_options options = {
        .is_import = is_import,
        .now_s = 1780000000, /* 2026-05-28 */
    };

    return mud_read(bytes_of_text(text), &options);
}

/* The good file with the first `old` replaced by `new`; the caller frees. */
static inline char *mud_edited(const char *old, const char *new)
{
    const char *at = strstr(mud_good, old);
    struct writer w;

    check(at);
    writer_init(&w, 1 << 24);
    writer_format(&w, "%.*s%s%s", (int)(at - mud_good), mud_good, new,
                  at + strlen(old));
    char *text = strdup(writer_as_text(&w));
    writer_clear(&w);
    return text;
}
