/* SPDX-License-Identifier: Apache-2.0 */
#include "device/named.h"

/* Clients and addresses share the table, each kind with a mark of its own. */
enum kind { KIND_CLIENT = 1, KIND_ADDRESS = 2 };

static uint64_t hash_of(const struct named *named, struct ip ip,
                        enum kind kind)
{
    struct hash_key key = { named->key.low ^ (uint64_t)kind,
                            named->key.high };

    return hash_bytes(key, bytes_of(ip.bytes, sizeof ip.bytes)) | 1;
}

static void note(struct named *named, uint64_t hash, int64_t now_ns)
{
    struct named_entry *set = named->entries[(hash >> 1) % NAMED_SET_COUNT];
    struct named_entry *place = &set[0];

    for (size_t i = 0; i < NAMED_SET_SIZE; i++) {
        if (set[i].hash == hash) {
            set[i].last_ns = now_ns;
            return;
        }
        bool is_better = set[i].hash == 0 || set[i].last_ns < place->last_ns;
        if (place->hash != 0 && is_better)
            place = &set[i];
    }
    *place = (struct named_entry){ hash, now_ns };
}

static bool has(const struct named *named, uint64_t hash)
{
    const struct named_entry *set =
        named->entries[(hash >> 1) % NAMED_SET_COUNT];

    for (size_t i = 0; i < NAMED_SET_SIZE; i++)
        if (set[i].hash == hash)
            return true;
    return false;
}

void named_note(struct named *named, struct ip client, struct ip address,
                int64_t now_ns)
{
    note(named, hash_of(named, client, KIND_CLIENT), now_ns);
    note(named, hash_of(named, address, KIND_ADDRESS), now_ns);
}

bool named_has(const struct named *named, struct ip address)
{
    return has(named, hash_of(named, address, KIND_ADDRESS));
}

bool named_is_unnamed(const struct named *named, struct ip client,
                      struct ip address)
{
    return has(named, hash_of(named, client, KIND_CLIENT)) &&
           !named_has(named, address);
}
