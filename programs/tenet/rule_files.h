/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which language are the rules at a path written in? By the names of files
 * where they say it (.yml is Sigma, .rules Suricata), else by the first line
 * that says anything; a directory may hold both.
 */
#include "base/error.h"

enum rule_language {
    RULE_LANGUAGE_SIGMA = 1,
    RULE_LANGUAGE_SURICATA = 2, /* Bits, as a directory may hold both. */
};

/* A set of enum rule_language, 0 for a directory without any; negative when
 * the path cannot be read. */
int rule_files_languages(const char *path, struct failure *failure) MUST_USE;
