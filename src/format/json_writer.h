/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Writes compact JSON (RFC 8259) front to back, without a tree. The caller
 * opens and closes in the right order; commas come by themselves. Strings are
 * always valid UTF-8: a byte that is not becomes U+FFFD. No name here is one
 * of libjansson's: a program may hold both.
 */
#include "base/writer.h"

enum { JSON_DEPTH_MAX = 32 };

struct json_writer {
    struct writer *out;
    uint32_t has_items; /* One bit a level: a comma is needed. */
    uint8_t depth;
    bool after_key;
};

void json_init(struct json_writer *json, struct writer *out);
void json_object_open(struct json_writer *json);
void json_object_close(struct json_writer *json);
void json_array_open(struct json_writer *json);
void json_array_close(struct json_writer *json);

/* The name of the next value. */
void json_key(struct json_writer *json, const char *key);
void json_key_bytes(struct json_writer *json, struct bytes key);

void json_bytes(struct json_writer *json, struct bytes text);
void json_text(struct json_writer *json, const char *text);
void json_number(struct json_writer *json, uint64_t number);
void json_signed(struct json_writer *json, int64_t number);
void json_double(struct json_writer *json, double number);
void json_flag(struct json_writer *json, bool flag);
void json_nothing(struct json_writer *json);
