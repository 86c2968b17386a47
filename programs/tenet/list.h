/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* `devices` and `findings`: the same walk over a ledger, two things shown. */
#include "ledger_options.h"

typedef int list_text_function(struct writer *out, struct ledger *ledger,
                               const struct report_style *style,
                               struct failure *failure);
typedef int list_json_function(struct writer *out, struct ledger *ledger,
                               int64_t run, struct failure *failure);

/* Parse, open, print. `*shown` is how many there were, unless the answer is
 * an error status. */
int list_run(const struct command *command, int count, char **words,
             list_text_function *as_text, list_json_function *as_json);
