/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the subcommands of `tenet mud` have in common. */
#include <time.h>

#include "command.h"
#include "mud/read.h"
#include "mud/signature.h"

enum { MUD_WORD_MAX = 64 };

struct mud_words {
    const char *action;
    char **words;           /* What is no option. */
    size_t count;
    const char *url;
    const char *roots;      /* --ca */
    const char *signature;
    const char *device;
    const char *out;
    const char *mud[MUD_WORD_MAX];   /* --mud */
    size_t mud_count;
    const char *members[MUD_WORD_MAX]; /* --controller */
    size_t member_count;
    const char *by;
    const char *because;
    int64_t at_s;           /* --at, or now. */
    bool as_json;
    bool is_import;
};

int mud_check(const struct mud_words *words);
int mud_explain_files(const struct mud_words *words);
int mud_conform(const struct mud_words *words);
int mud_learn(const struct mud_words *words);
int mud_accept(const struct mud_words *words);

/* Judge the signature of the file at `path`; negative when what is named
 * cannot be read. */
int mud_verify_file(const char *path, const struct mud_file *file,
                    const struct mud_words *words,
                    struct mud_signature *signature);
