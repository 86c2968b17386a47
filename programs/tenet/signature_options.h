/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What every command that loads Suricata rules takes: variables of their
 * headers, and rule files by what they are. */
#include <stdbool.h>

#include "base/error.h"

struct signature;
struct behaviour;

/* `text` is NAME=VALUE. */
int signature_option_variable(struct signature *set, const char *text,
                              struct failure *failure) MUST_USE;

/* --home-net NETWORKS: the value of $HOME_NET. */
int signature_option_home_net(struct signature *set, const char *networks,
                              struct failure *failure) MUST_USE;

/* Load a file into the one set it is for, a directory into both. */
int rules_load(struct behaviour *behaviour, struct signature *set,
               const char *path, struct failure *failure) MUST_USE;
