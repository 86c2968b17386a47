/* SPDX-License-Identifier: Apache-2.0 */
#include "device/clients.h"

static struct clients_entry *set_of(struct clients *clients, struct ip server)
{
    uint64_t hash = hash_bytes(clients->key,
                               bytes_of(server.bytes, sizeof server.bytes));

    return clients->entries[hash % CLIENTS_SET_COUNT];
}

static bool is_of(const struct clients_entry *entry, struct ip server)
{
    return entry->is_used && ip_equal(entry->server, server);
}

/* The client's entry, made when there is none. */
static struct clients_entry *take(struct clients *clients,
                                  struct clients_entry *set,
                                  struct ip server, struct ip client,
                                  int64_t now_ns)
{
    struct clients_entry *place = &set[0];

    for (size_t i = 0; i < CLIENTS_SET_SIZE; i++) {
        if (is_of(&set[i], server) && ip_equal(set[i].client, client))
            return &set[i];
        bool is_better = !set[i].is_used || set[i].last_ns < place->last_ns;
        if (place->is_used && is_better)
            place = &set[i];
    }
    clients->evicted += place->is_used;
    *place = (struct clients_entry){ server, client, now_ns, now_ns, true };
    return place;
}

struct clients_answer clients_note(struct clients *clients, struct ip server,
                                   struct ip client, int64_t now_ns)
{
    struct clients_entry *set = set_of(clients, server);
    struct clients_entry *own = take(clients, set, server, client, now_ns);
    struct clients_answer answer = { .since_ns = now_ns - own->first_ns };
    int64_t first_ns = own->first_ns;

    own->last_ns = now_ns;
    for (size_t i = 0; i < CLIENTS_SET_SIZE; i++) {
        if (!is_of(&set[i], server) || &set[i] == own)
            continue;
        answer.before += set[i].first_ns < own->first_ns;
        if (set[i].first_ns < first_ns)
            first_ns = set[i].first_ns;
    }
    answer.before_ns = own->first_ns - first_ns;
    return answer;
}
