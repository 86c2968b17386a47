/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/http_login.h"

#include <string.h>

enum { FORM_PAIR_MAX = 64 }; /* Pairs looked at; logins have under 10. */

static int digit64(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

int http_login_decode(struct bytes text, uint8_t *out, size_t out_max)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t size = 0;

    while (text.size > 0 && text.data[text.size - 1] == '=')
        text.size--;
    for (size_t i = 0; i < text.size; i++) {
        int digit = digit64(text.data[i]);
        if (digit < 0)
            return -1;
        bits = bits << 6 | (uint32_t)digit;
        held += 6;
        if (held < 8)
            continue;
        if (size == out_max)
            return -1;
        held -= 8;
        out[size++] = (uint8_t)(bits >> held);
    }
    return (int)size;
}

struct bytes http_login_digest_user(struct bytes field)
{
    struct bytes key = bytes_of_text("username=\"");
    size_t at = bytes_find_nocase(field, key);
    struct bytes value = bytes_slice(field, at + key.size, field.size);

    return bytes_slice(value, 0, bytes_find_byte(value, '"'));
}

static bool is_one_of(struct bytes key, const char *const *names)
{
    for (; *names; names++)
        if (bytes_equal_nocase(key, bytes_of_text(*names)))
            return true;
    return false;
}

/* What forms of routers, cameras and common software call them. */
static bool is_user_key(struct bytes key)
{
    static const char *const names[] = {
        "username", "user",      "login",    "uname",    "usr",
        "userid",   "user_name", "user_id",  "loginuse", "login_user",
        "loginuser", "account",  "log",      "email",    NULL,
    };
    return is_one_of(key, names);
}

static bool is_password_key(struct bytes key)
{
    static const char *const names[] = {
        "password", "passwd",     "pass",      "pwd",      "psw",
        "psd",      "loginpas",   "loginpass", "login_pwd", "user_password",
        "passwort", "login_pass", "userpass",  NULL,
    };
    return is_one_of(key, names);
}

static int hex_digit(uint8_t c)
{
    uint8_t lower = c | 0x20;

    if (c >= '0' && c <= '9')
        return c - '0';
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* '+' is a space and %XX a byte; a '%' without digits stays. */
static struct bytes form_decode(struct bytes text, struct arena *arena)
{
    uint8_t *out = arena_allocate(arena, text.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < text.size; i++) {
        struct bytes digits = bytes_slice(text, i + 1, 2);
        uint8_t c = text.data[i];
        if (c == '%' && digits.size == 2 && hex_digit(digits.data[0]) >= 0 &&
            hex_digit(digits.data[1]) >= 0) {
            c = (uint8_t)(hex_digit(digits.data[0]) << 4 |
                          hex_digit(digits.data[1]));
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        out[size++] = c;
    }
    return bytes_of(out, size);
}

bool http_login_form(struct bytes pairs, struct arena *arena,
                     struct http_form_login *login, struct bytes *masked)
{
    struct bytes user = { 0 };
    struct bytes password = { 0 };
    size_t password_at = 0;
    size_t at = 0;

    for (int i = 0; i < FORM_PAIR_MAX && at < pairs.size; i++) {
        struct bytes rest = bytes_slice(pairs, at, pairs.size);
        struct bytes pair = bytes_slice(rest, 0, bytes_find_byte(rest, '&'));
        size_t equals = bytes_find_byte(pair, '=');
        struct bytes key = bytes_slice(pair, 0, equals);
        struct bytes value = bytes_slice(pair, equals + 1, pair.size);
        if (user.size == 0 && is_user_key(key))
            user = value;
        if (password.size == 0 && is_password_key(key)) {
            password = value;
            password_at = at + equals + 1;
        }
        at += pair.size + 1;
    }
    if (password.size == 0)
        return false;
    uint8_t *copy = arena_allocate(arena, pairs.size);
    memcpy(copy, pairs.data, pairs.size);
    memset(copy + password_at, '*', password.size);
    *masked = bytes_of(copy, pairs.size);
    login->user = form_decode(user, arena);
    login->password = form_decode(password, arena);
    return true;
}
