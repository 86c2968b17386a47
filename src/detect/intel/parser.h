/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the reading of a pattern: what comparison.c and parse.c share. Rows
 * grow in heap memory and are copied into the pattern's arena at the end.
 */
#include "base/writer.h"
#include "detect/intel/lexer.h"
#include "detect/intel/pattern.h"

struct stix_parser {
    struct arena *arena;
    struct stix_lexer lexer;
    struct stix_token token;   /* The one that is looked at. */
    enum stix_strictness strictness;
    struct failure *failure;
    bool failed;
    struct stix_test *tests;
    size_t test_count;
    size_t test_capacity;
    struct writer row;         /* uint32_t: the leaf being read. */
};

/* Refuse the pattern at the token that is looked at; answers false. */
bool stix_parser_refuse(struct stix_parser *parser, const char *format, ...)
    PRINTF_LIKE(2, 3);

void stix_parser_advance(struct stix_parser *parser);
bool stix_parser_take(struct stix_parser *parser, enum stix_token_kind kind,
                      const char *what);

/* Read what stands in brackets, up to the closing one, into `leaf`. */
bool stix_leaf_read(struct stix_parser *parser, struct stix_leaf *leaf);

/* Compile for MATCHES; null when it is no regular expression. */
const struct stix_regex *stix_regex_new(struct arena *arena,
                                        struct bytes text);
