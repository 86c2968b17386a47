/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The tokens of the STIX patterning language (STIX 2.1 section 9 and its
 * ANTLR grammar). Keywords are case-sensitive; white space and comments stand
 * between any two tokens.
 */
#include "base/arena.h"
#include "detect/intel/value.h"

enum stix_token_kind {
    TOKEN_END,
    TOKEN_BAD,         /* `reason` says why. */
    TOKEN_NAME,        /* An identifier without hyphen. */
    TOKEN_HYPHEN_NAME, /* And one with: object types only. */
    TOKEN_LITERAL,     /* `value` */
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_FOLLOWEDBY,
    TOKEN_LIKE,
    TOKEN_MATCHES,
    TOKEN_ISSUPERSET,
    TOKEN_ISSUBSET,
    TOKEN_EXISTS,
    TOKEN_LAST,
    TOKEN_IN,
    TOKEN_START,
    TOKEN_STOP,
    TOKEN_SECONDS,
    TOKEN_WITHIN,
    TOKEN_REPEATS,
    TOKEN_TIMES,
    TOKEN_EQUAL,
    TOKEN_UNEQUAL,
    TOKEN_LESS,
    TOKEN_LESS_EQUAL,
    TOKEN_MORE,
    TOKEN_MORE_EQUAL,
    TOKEN_COLON,
    TOKEN_DOT,
    TOKEN_COMMA,
    TOKEN_OPEN,        /* ( */
    TOKEN_CLOSE,
    TOKEN_BRACKET,     /* [ */
    TOKEN_BRACKET_END,
    TOKEN_ASTERISK,
};

struct stix_token {
    enum stix_token_kind kind;
    size_t position;     /* In the pattern, from 0. */
    struct bytes text;   /* As it stands there. */
    const char *reason;
    bool is_signed;      /* A number written with + or -. */
    struct stix_value value;
};

struct stix_lexer {
    struct bytes text;
    size_t at;
    struct arena *arena; /* For what literals decode to. */
};

/* The next token. After TOKEN_END or TOKEN_BAD comes the same again. */
struct stix_token stix_lexer_next(struct stix_lexer *lexer);

/* Bytes of hexadecimal or Base64 text (RFC 4648 section 4, padded), in the
 * arena; false when it is neither. */
bool stix_decode_hex(struct arena *arena, struct bytes text,
                     struct bytes *bytes);
bool stix_decode_base64(struct arena *arena, struct bytes text,
                        struct bytes *bytes);
