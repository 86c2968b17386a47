/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/distinct.h"

#include <math.h>
#include <string.h>

#include "base/compiler.h"

/* 7 bits choose the register; the rank is the run of zeros in the others. */
static bool register_add(struct distinct *distinct, uint32_t hash)
{
    uint32_t at = hash & (DISTINCT_REGISTERS - 1);
    uint32_t rest = hash >> 7 | 1u << 25;
    uint8_t rank = (uint8_t)(trailing_zeros(rest) + 1);

    if (distinct->registers[at] >= rank)
        return false;
    distinct->registers[at] = rank;
    return true;
}

static void become_estimate(struct distinct *distinct)
{
    uint32_t hashes[DISTINCT_EXACT_MAX];

    memcpy(hashes, distinct->hashes, sizeof hashes);
    memset(distinct->registers, 0, sizeof distinct->registers);
    distinct->is_estimate = true;
    for (int i = 0; i < DISTINCT_EXACT_MAX; i++)
        (void)register_add(distinct, hashes[i]); /* All are new here. */
}

bool distinct_add(struct distinct *distinct, uint64_t hash)
{
    uint32_t half = (uint32_t)(hash ^ hash >> 32);

    if (distinct->is_estimate)
        return register_add(distinct, half);
    for (uint16_t i = 0; i < distinct->count; i++)
        if (distinct->hashes[i] == half)
            return false;
    if (distinct->count == DISTINCT_EXACT_MAX) {
        become_estimate(distinct);
        return register_add(distinct, half);
    }
    distinct->hashes[distinct->count++] = half;
    return true;
}

uint32_t distinct_count(const struct distinct *distinct)
{
    double sum = 0;
    uint32_t zeros = 0;
    const double m = DISTINCT_REGISTERS;

    if (!distinct->is_estimate)
        return distinct->count;
    for (int i = 0; i < DISTINCT_REGISTERS; i++) {
        sum += 1.0 / (double)(1u << distinct->registers[i]);
        zeros += distinct->registers[i] == 0;
    }
    double estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
    if (estimate <= 2.5 * m && zeros > 0)
        estimate = m * log(m / zeros);
    uint32_t count = (uint32_t)(estimate + 0.5);
    return count > DISTINCT_EXACT_MAX ? count : DISTINCT_EXACT_MAX + 1;
}

uint32_t distinct_count_of(const struct distinct *distinct, uint32_t max)
{
    uint32_t count = distinct_count(distinct);
    return count < max ? count : max;
}
