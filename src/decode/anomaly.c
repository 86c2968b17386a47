/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/anomaly.h"

#include <assert.h>

static_assert(ANOMALY_COUNT <= 128, "struct anomaly_set has 128 bits");

static const char *const names[] = {
#define ANOMALY(id, name, text) [ANOMALY_##id] = name,
#include "decode/anomalies.def"
#undef ANOMALY
};

static const char *const texts[] = {
#define ANOMALY(id, name, text) [ANOMALY_##id] = text,
#include "decode/anomalies.def"
#undef ANOMALY
};

void anomaly_add(struct anomaly_set *set, enum anomaly anomaly)
{
    set->bits[anomaly / 64] |= UINT64_C(1) << (anomaly % 64);
}

bool anomaly_has(const struct anomaly_set *set, enum anomaly anomaly)
{
    return set->bits[anomaly / 64] >> (anomaly % 64) & 1;
}

bool anomaly_none(const struct anomaly_set *set)
{
    return (set->bits[0] | set->bits[1]) == 0;
}

const char *anomaly_name(enum anomaly anomaly)
{
    return names[anomaly];
}

const char *anomaly_text(enum anomaly anomaly)
{
    return texts[anomaly];
}
