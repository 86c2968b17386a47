/* SPDX-License-Identifier: Apache-2.0 */
#include "device/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/text.h"
#include "device/internal.h"

struct device_table *device_table_new(const struct device_options *options)
{
    struct device_table *table = memory_new(1, sizeof *table);

    table->options = *options;
    arena_init(&table->texts);
    table->devices = memory_new(DEVICE_COUNT_MAX, sizeof *table->devices);
    table->bindings = memory_new(DEVICE_BINDING_MAX, sizeof *table->bindings);
    table_init(&table->by_mac, 256);
    table_init(&table->by_ip, 64);
    table_init(&table->bindings_by_ip, 256);
    return table;
}

void device_table_free(struct device_table *table)
{
    if (!table)
        return;
    for (uint32_t i = 0; i < table->count; i++) {
        free(table->devices[i]->claims);
        free(table->devices[i]);
    }
    free(table->devices);
    free(table->bindings);
    table_clear(&table->by_mac);
    table_clear(&table->by_ip);
    table_clear(&table->bindings_by_ip);
    arena_clear(&table->texts);
    free(table);
}

static struct device *device_make(struct device_table *table)
{
    if (table->count >= DEVICE_COUNT_MAX) {
        table->refused++;
        return NULL;
    }
    struct device *device = memory_new(1, sizeof *device);
    device->same_as = DEVICE_NONE;
    device->first_ns = table->now_ns;
    device->last_ns = table->now_ns;
    table->devices[table->count++] = device;
    return device;
}

static uint32_t make_of_mac(struct device_table *table, struct mac mac,
                            uint64_t hash)
{
    struct device *device = device_make(table);
    if (!device)
        return DEVICE_NONE;
    const uint8_t *b = mac.bytes;
    (void)snprintf(device->id, sizeof device->id,
                   "mac-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
                   b[4], b[5]); /* Always fits. */
    device->mac = mac;
    device->has_mac = true;
    device->is_random_mac = mac_is_local(mac);
    uint32_t index = table->count - 1;
    table_insert(&table->by_mac, hash, index);
    if (table->options.vendor && !device->is_random_mac) {
        struct bytes vendor =
            table->options.vendor(table->options.vendor_context, mac);
        if (vendor.size > 0)
            (void)device_claim_add(table, index, DEVICE_CLAIM_VENDOR, "ieee",
                                   vendor); /* New: no older value. */
    }
    return index;
}

uint32_t device_of_mac(struct device_table *table, struct mac mac,
                       bool may_create)
{
    uint64_t number = mac_number(mac);
    struct mac_cache *cached =
        &table->cache[(number ^ number >> 10) % DEVICE_CACHE_SIZE];

    if (LIKELY(cached->mac_plus_one == number + 1))
        return cached->device;
    uint64_t hash = hash_words(table->options.key, &number, 1);
    struct table_cursor cursor = table_seek(&table->by_mac, hash);
    uint32_t index;
    while ((index = table_next(&table->by_mac, &cursor)) != TABLE_NONE)
        if (mac_equal(table->devices[index]->mac, mac))
            break;
    if (index == TABLE_NONE && may_create)
        index = make_of_mac(table, mac, hash);
    if (index != DEVICE_NONE)
        *cached = (struct mac_cache){ number + 1, index };
    return index;
}

static uint64_t hash_ip(const struct device_table *table, struct ip ip)
{
    return hash_bytes(table->options.key,
                      bytes_of(ip.bytes, sizeof ip.bytes));
}

uint32_t device_of_ip(struct device_table *table, struct ip ip,
                      bool may_create)
{
    uint64_t hash = hash_ip(table, ip);
    struct table_cursor cursor = table_seek(&table->by_ip, hash);
    uint32_t index;
    char text[IP_TEXT_SIZE];

    while ((index = table_next(&table->by_ip, &cursor)) != TABLE_NONE)
        if (ip_equal(table->devices[index]->addresses[0].ip, ip))
            return index;
    if (!may_create)
        return DEVICE_NONE;
    struct device *device = device_make(table);
    if (!device)
        return DEVICE_NONE;
    (void)snprintf(device->id, sizeof device->id, "ip-%s",
                   ip_text(ip, text)); /* Always fits. */
    device->addresses[0] = (struct device_address){ ip, table->now_ns,
                                                    table->now_ns };
    device->address_count = 1;
    table_insert(&table->by_ip, hash, table->count - 1);
    return table->count - 1;
}

/* Bindings are never taken away, so a cached one stays true. */
static uint32_t *cache_of(struct device_table *table, struct ip ip)
{
    const uint8_t *b = ip.bytes;
    uint32_t low = (uint32_t)(b[15] | b[14] << 8) ^ (uint32_t)b[13] << 3;
    return &table->binding_cache[low % DEVICE_CACHE_SIZE];
}

struct binding *device_binding(struct device_table *table, struct ip ip)
{
    uint32_t *cached = cache_of(table, ip);
    uint32_t at;

    if (*cached > 0 && ip_equal(table->bindings[*cached - 1].ip, ip))
        return &table->bindings[*cached - 1];
    uint64_t hash = hash_ip(table, ip);
    struct table_cursor cursor = table_seek(&table->bindings_by_ip, hash);
    while ((at = table_next(&table->bindings_by_ip, &cursor)) != TABLE_NONE) {
        if (!ip_equal(table->bindings[at].ip, ip))
            continue;
        *cached = at + 1;
        return &table->bindings[at];
    }
    return NULL;
}

struct binding *device_bind(struct device_table *table, struct ip ip,
                            uint32_t device, bool proven)
{
    struct binding *binding = device_binding(table, ip);

    if (!binding) {
        if (table->binding_count >= DEVICE_BINDING_MAX) {
            table->refused++;
            return NULL;
        }
        binding = &table->bindings[table->binding_count];
        table_insert(&table->bindings_by_ip, hash_ip(table, ip),
                     table->binding_count++);
        *binding = (struct binding){ .ip = ip };
    }
    if (proven && !binding->proven && ip_is_global(ip))
        table->proven_global++;
    if (proven && !binding->proven)
        binding->holder = device;
    binding->device = device;
    binding->proven |= proven;
    binding->last_ns = table->now_ns;
    return binding;
}

void device_unprove(struct device_table *table, struct ip ip)
{
    struct binding *binding = device_binding(table, ip);

    if (!binding || !binding->proven)
        return;
    binding->proven = false;
    if (ip_is_global(ip))
        table->proven_global--;
}

void device_note_address(struct device_table *table, uint32_t index,
                         struct ip ip)
{
    struct device *device = table->devices[index];
    struct device_address *oldest = &device->addresses[0];

    for (uint8_t i = 0; i < device->address_count; i++) {
        struct device_address *address = &device->addresses[i];
        if (ip_equal(address->ip, ip)) {
            address->last_ns = table->now_ns;
            return;
        }
        if (address->last_ns < oldest->last_ns)
            oldest = address;
    }
    if (device->address_count < DEVICE_ADDRESS_MAX)
        oldest = &device->addresses[device->address_count++];
    else
        table->refused++;
    *oldest = (struct device_address){ ip, table->now_ns, table->now_ns };
}

void device_add_prefix(struct device_table *table,
                       const struct ip_prefix *prefix)
{
    for (uint32_t i = 0; i < table->prefix_count; i++)
        if (ip_equal(table->prefixes[i].address, prefix->address) &&
            table->prefixes[i].length == prefix->length)
            return;
    if (table->prefix_count < DEVICE_PREFIX_MAX)
        table->prefixes[table->prefix_count++] = *prefix;
    else
        table->refused++;
}

uint32_t device_count(const struct device_table *table)
{
    return table->count;
}

const struct device *device_get(const struct device_table *table,
                                uint32_t index)
{
    check(index < table->count);
    return table->devices[index];
}

uint32_t device_find_ip(struct device_table *table, struct ip ip)
{
    const struct binding *binding = device_binding(table, ip);
    return binding ? binding->device : DEVICE_NONE;
}

uint32_t device_holder(struct device_table *table, struct ip ip)
{
    const struct binding *binding = device_binding(table, ip);
    return binding && binding->proven ? binding->device : DEVICE_NONE;
}

uint32_t device_find_mac(struct device_table *table, struct mac mac)
{
    return device_of_mac(table, mac, false);
}

bool device_main_address(const struct device *device, struct ip *ip)
{
    const struct device_address *best = NULL;

    for (uint8_t i = 0; i < device->address_count; i++) {
        const struct device_address *a = &device->addresses[i];
        bool better_family =
            best && ip_is_v4(a->ip) && !ip_is_v4(best->ip);
        bool same_family = best && ip_is_v4(a->ip) == ip_is_v4(best->ip);
        if (!best || better_family ||
            (same_family && a->last_ns > best->last_ns))
            best = a;
    }
    if (best)
        *ip = best->ip;
    return best != NULL;
}

uint64_t device_refused(const struct device_table *table)
{
    return table->refused;
}

void device_touch(struct device_table *table, uint32_t index, int64_t time_ns)
{
    struct device *device = table->devices[index];

    device->packets_sent++;
    if (time_ns > device->last_ns)
        device->last_ns = time_ns;
}
