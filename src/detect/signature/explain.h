/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A rule in plain English, for people who do not read the language: who talks
 * to whom, what must hold, what must be found where, and what follows.
 */
#include "base/writer.h"
#include "detect/signature/signature.h"

void signature_explain(const struct signature *set, const struct rule *rule,
                       struct writer *out);
