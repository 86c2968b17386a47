/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every malformation the decoder knows, by name. The names are Suricata's
 * decoder events where the same thing exists, with underscores, so that a
 * reader of either finds the other.
 */
#include "base/bytes.h"

enum anomaly {
#define ANOMALY(id, name, text) ANOMALY_##id,
#include "decode/anomalies.def"
#undef ANOMALY
    ANOMALY_COUNT,
};

/* A set of them: one bit each. */
struct anomaly_set {
    uint64_t bits[2];
};

void anomaly_add(struct anomaly_set *set, enum anomaly anomaly);
bool anomaly_has(const struct anomaly_set *set, enum anomaly anomaly);
bool anomaly_none(const struct anomaly_set *set);

/* "ipv4_trunc_pkt", and one sentence for a person. */
const char *anomaly_name(enum anomaly anomaly);
const char *anomaly_text(enum anomaly anomaly);
