/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* `tenet rules why`: on each flow of a capture, the first thing that kept one
 * rule from holding. */
#include "detect/signature/signature.h"

/* gid 0 stands for any. Answers the exit status: EXIT_FOUND when it alerted
 * nowhere. */
int rules_why(const struct signature *set, uint32_t gid, uint32_t sid,
              const char *capture);
