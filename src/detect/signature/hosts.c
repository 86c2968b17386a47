/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/hosts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define SECOND_NS INT64_C(1000000000)

void host_bits_init(struct host_bits *bits, struct hash_key key)
{
    *bits = (struct host_bits){
        .bits = memory_new(HOST_BIT_MAX, sizeof *bits->bits),
        .key = key,
    };
}

void host_bits_clear(struct host_bits *bits)
{
    free(bits->bits);
    *bits = (struct host_bits){ 0 };
}

static uint64_t hash_of(const struct host_bits *bits, enum bits_track track,
                        uint64_t name, const struct host_pair *hosts)
{
    uint64_t words[6] = { name, (uint64_t)track };
    struct ip ips[2];

    memset(ips, 0, sizeof ips);
    bool in_order = ip_compare(hosts->source, hosts->destination) <= 0;
    if (track == BITS_TRACK_DESTINATION) {
        ips[0] = hosts->destination;
    } else if (track == BITS_TRACK_PAIR) {
        ips[0] = in_order ? hosts->source : hosts->destination;
        ips[1] = in_order ? hosts->destination : hosts->source;
    } else {
        ips[0] = hosts->source;
    }
    /* What one rule sets for a source, another asks of a destination. */
    if (track == BITS_TRACK_DESTINATION)
        words[1] = BITS_TRACK_SOURCE;
    memcpy(&words[2], ips, sizeof ips);
    uint64_t hash = hash_words(bits->key, words, COUNT_OF(words));
    return hash ? hash : 1;
}

static struct host_bit *find(const struct host_bits *bits, uint64_t hash)
{
    size_t set = hash % (HOST_BIT_MAX / HOST_BIT_WAYS) * HOST_BIT_WAYS;

    for (size_t i = set; i < set + HOST_BIT_WAYS; i++)
        if (bits->bits[i].hash == hash)
            return &bits->bits[i];
    return NULL;
}

bool host_bits_has(const struct host_bits *bits, enum bits_track track,
                   uint64_t name, const struct host_pair *hosts)
{
    const struct host_bit *bit =
        find(bits, hash_of(bits, track, name, hosts));

    return bit && bit->expires_ns > hosts->now_ns;
}

void host_bits_set(struct host_bits *bits, const struct bits_test *test,
                   uint64_t name, const struct host_pair *hosts)
{
    uint64_t hash =
        hash_of(bits, (enum bits_track)test->track, name, hosts);
    size_t set = hash % (HOST_BIT_MAX / HOST_BIT_WAYS) * HOST_BIT_WAYS;
    struct host_bit *place = find(bits, hash);
    uint32_t seconds = test->expires_s ? test->expires_s : HOST_BIT_EXPIRES_S;

    for (size_t i = set; !place && i < set + HOST_BIT_WAYS; i++)
        if (bits->bits[i].expires_ns <= hosts->now_ns)
            place = &bits->bits[i];
    if (!place) {
        bits->refused++;
        place = &bits->bits[set];
        for (size_t i = set; i < set + HOST_BIT_WAYS; i++)
            if (bits->bits[i].expires_ns < place->expires_ns)
                place = &bits->bits[i];
    }
    *place = (struct host_bit){
        hash, hosts->now_ns + (int64_t)seconds * SECOND_NS
    };
}

void host_bits_unset(struct host_bits *bits, enum bits_track track,
                     uint64_t name, const struct host_pair *hosts)
{
    struct host_bit *bit = find(bits, hash_of(bits, track, name, hosts));

    if (bit)
        *bit = (struct host_bit){ 0 };
}
