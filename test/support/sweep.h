/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The sweeps every reader of outside bytes goes through. Each call gets its
 * own copy of exactly the right size, so that the address sanitizer sees one
 * byte too many.
 */
#include "base/bytes.h"

/* Called with one variant of the input; asserts what it must. */
typedef void sweep_function(struct bytes variant, void *context);

/* Every prefix of `input`, the empty one and the whole included. */
void sweep_truncate(struct bytes input, sweep_function *run, void *context);

/* `input` with each single bit turned over, one at a time. */
void sweep_flip(struct bytes input, sweep_function *run, void *context);

/* Called with the two parts of `input` for every place to cut it in two. */
typedef void sweep_split_function(struct bytes first, struct bytes second,
                                  void *context);
void sweep_split(struct bytes input, sweep_split_function *run, void *context);
