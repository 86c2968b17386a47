/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Measures of a name that tell one that carries data from one that names. */
#include "base/bytes.h"

/* Shannon entropy of one label in bits a character; the same bits on every
 * machine. At most DNS_LABEL_MAX bytes are counted. */
double dns_label_entropy(struct bytes label);

/* The domain somebody registered, by a rule of thumb: the last two labels, or
 * three when the last has two letters and the one before is com, co, org, net,
 * ac, gov, edu and the like. A view into `name`. */
struct bytes dns_parent_domain(struct bytes name);
