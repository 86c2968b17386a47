/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a line of a Telnet server's means, by its words: prompts and outcomes
 * as devices, routers and systems put them, in the languages seen most.
 */
#include "base/bytes.h"

enum telnet_prompt {
    TELNET_PROMPT_NONE,
    TELNET_PROMPT_USER,
    TELNET_PROMPT_PASSWORD,
    TELNET_PROMPT_SHELL,
};

/* What the server waits for, by the unfinished line it stopped at. */
enum telnet_prompt telnet_prompt(struct bytes tail);

/* "success" or "failure" when `line` says so after a password; else null. */
const char *telnet_outcome(struct bytes line);
bool telnet_is_success(const char *outcome);

/* Printable, or a control character or byte over 127 that terminals get. */
bool telnet_is_text(struct bytes data);
