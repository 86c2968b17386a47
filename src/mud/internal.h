/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the reader: a walk through the parsed JSON that always knows where it
 * is, so that every problem has its path and line.
 */
#include <jansson.h>

#include "format/json_place.h"
#include "mud/read.h"

enum { MUD_PATH_MAX = 16 };

struct mud_reading {
    struct mud_file *file;
    const struct mud_read_options *options;
    struct bytes text;
    struct json_step path[MUD_PATH_MAX];
    size_t depth;
    json_t *extensions;   /* Names declared, or null. */
    uint32_t ace_capacity;
    size_t item_of[MUD_ACL_MAX]; /* Which item of the array a list is. */
    bool is_full;         /* No room for another entry. */
};

/* Names of the members an object may have, null-terminated. */
typedef const char *const mud_names[];

/* Step into a member or an item, and out again. */
void mud_enter(struct mud_reading *r, const char *key);
void mud_enter_item(struct mud_reading *r, size_t index);
void mud_leave(struct mud_reading *r);

/* Note a problem where the walk stands. */
void mud_problem(struct mud_reading *r, enum mud_level level,
                 const char *rule, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Note every member of `object` that is not in `names`: a node of an
 * extension is ignored, any other is refused. */
void mud_check_names(struct mud_reading *r, json_t *object,
                     mud_names names);

/* Members of an object, with their types checked. Each answers whether it is
 * there and well formed, and notes a problem when it is malformed. */
bool mud_take_text(struct mud_reading *r, json_t *object,
                   const char *key, const char **text);
bool mud_take_number(struct mud_reading *r, json_t *object,
                     const char *key, uint64_t max, uint64_t *number);
bool mud_take_flag(struct mud_reading *r, json_t *object,
                   const char *key, bool *flag);
/* The YANG type "empty" is [null] (RFC 7951 section 6.9). */
bool mud_take_empty(struct mud_reading *r, json_t *object,
                    const char *key);
json_t *mud_take_object(struct mud_reading *r, json_t *object,
                        const char *key);
json_t *mud_take_array(struct mud_reading *r, json_t *object,
                       const char *key);

/* The value of an identity, without the module's name. */
const char *mud_identity(const char *text, const char *module);

/* The parts of a file. */
void mud_read_head(struct mud_reading *r, json_t *mud);
void mud_read_acls(struct mud_reading *r, json_t *root);
void mud_read_policy(struct mud_reading *r, json_t *mud,
                     enum mud_policy policy);
void mud_read_matches(struct mud_reading *r, json_t *matches,
                      uint8_t family, enum mud_policy policy,
                      struct mud_ace *ace);

/* The transport half of a match. */
void mud_read_transport(struct mud_reading *r, json_t *matches,
                        enum mud_policy policy, struct mud_ace *ace);

/* Rewrite a dialect in place; every change is noted. */
void mud_import(struct mud_reading *r, json_t *root);

/* Forms of values: URLs, dates, host names. */
bool mud_is_https_url(const char *url);
bool mud_is_uri(const char *uri);
bool mud_is_host_name(const char *name);
bool mud_date_parse(const char *text, int64_t *seconds, bool *has_zone);
