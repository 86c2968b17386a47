/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words before the options: action, protocol, addresses and ports. */
#include "detect/signature/draft.h"

bool header_read(struct draft *d, struct bytes header);

/* A dissector's name for Suricata's name of an application protocol; null,
 * with the reason in *why, when Tenet has none. */
const char *header_application(struct bytes name, const char **why);
