/* SPDX-License-Identifier: Apache-2.0 */
#include "device/device.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/text.h"
#include "device/internal.h"

static struct device_claim *find_claim(struct device *device,
                                       enum device_claim_kind kind,
                                       const char *source,
                                       struct bytes value)
{
    for (uint8_t i = 0; i < device->claim_count; i++) {
        struct device_claim *claim = &device->claims[i];
        if (claim->kind == kind && strcmp(claim->source, source) == 0 &&
            bytes_equal(bytes_of_text(claim->value), value))
            return claim;
    }
    return NULL;
}

/* The latest value of this kind from this source. */
static const char *latest(const struct device *device,
                          enum device_claim_kind kind, const char *source)
{
    const struct device_claim *best = NULL;

    for (uint8_t i = 0; i < device->claim_count; i++) {
        const struct device_claim *claim = &device->claims[i];
        if (claim->kind == kind && strcmp(claim->source, source) == 0 &&
            (!best || claim->last_ns >= best->last_ns))
            best = claim;
    }
    return best ? best->value : NULL;
}

static int64_t newest_ns(const struct device *device,
                         enum device_claim_kind kind, const char *source)
{
    int64_t newest = INT64_MIN;

    for (uint8_t i = 0; i < device->claim_count; i++) {
        const struct device_claim *claim = &device->claims[i];
        if (claim->kind == kind && strcmp(claim->source, source) == 0 &&
            claim->last_ns > newest)
            newest = claim->last_ns;
    }
    return newest;
}

static struct device_claim *room_for_claim(struct device *device)
{
    if (device->claim_count >= DEVICE_CLAIM_MAX) {
        device->claims_dropped++;
        return NULL;
    }
    if (device->claim_count == 0 ||
        (device->claim_count >= DEVICE_CLAIM_FIRST &&
         (device->claim_count & (device->claim_count - 1)) == 0)) {
        size_t room = device->claim_count ? device->claim_count * 2u
                                          : (size_t)DEVICE_CLAIM_FIRST;
        device->claims =
            memory_resize(device->claims, room, sizeof *device->claims);
    }
    return &device->claims[device->claim_count++];
}

/* The claim of `value` as it is shown, made now if there was none; null when
 * there is no room. */
static struct device_claim *find_shown(struct device_table *table,
                                       struct device *device,
                                       const struct device_claim *like,
                                       struct bytes value)
{
    struct writer shown;

    writer_init(&shown, 4 * DEVICE_CLAIM_SIZE_MAX + 1);
    text_escape(&shown, value);
    struct device_claim *claim =
        find_claim(device, like->kind, like->source, writer_view(&shown));
    if (!claim && (claim = room_for_claim(device)))
        *claim = (struct device_claim){
            .kind = like->kind,
            .source = like->source,
            .value = arena_copy_text(&table->texts, writer_view(&shown)),
            .first_ns = table->now_ns,
        };
    writer_clear(&shown);
    return claim;
}

const char *device_claim_add(struct device_table *table, uint32_t index,
                             enum device_claim_kind kind, const char *source,
                             struct bytes value)
{
    struct device *device = table->devices[index];

    value = bytes_trim(bytes_slice(value, 0, DEVICE_CLAIM_SIZE_MAX));
    if (value.size == 0)
        return NULL;
    /* Found as it came, it needs no escapes. */
    struct device_claim *claim = find_claim(device, kind, source, value);
    if (claim && claim->last_ns == newest_ns(device, kind, source)) {
        claim->last_ns = table->now_ns;
        return NULL;
    }
    const char *before = latest(device, kind, source);
    if (!claim)
        claim = find_shown(table, device, &(struct device_claim){
            .kind = kind, .source = source }, value);
    if (!claim)
        return before;
    claim->last_ns = table->now_ns;
    return claim->value == before ? NULL : before;
}

const struct device_claim *device_claim_of(const struct device *device,
                                           enum device_claim_kind kind)
{
    const struct device_claim *best = NULL;

    for (uint8_t i = 0; i < device->claim_count; i++)
        if (device->claims[i].kind == kind &&
            (!best || device->claims[i].last_ns > best->last_ns))
            best = &device->claims[i];
    return best;
}

const char *device_claim_kind_name(enum device_claim_kind kind)
{
    static const char *const names[] = {
        [DEVICE_CLAIM_VENDOR] = "vendor",
        [DEVICE_CLAIM_NAME] = "name",
        [DEVICE_CLAIM_MODEL] = "model",
        [DEVICE_CLAIM_SOFTWARE] = "software",
        [DEVICE_CLAIM_SERVICE] = "service",
        [DEVICE_CLAIM_FINGERPRINT] = "fingerprint",
        [DEVICE_CLAIM_CLIENT_ID] = "client_id",
        [DEVICE_CLAIM_MUD_URL] = "mud_url",
    };
    check((size_t)kind < COUNT_OF(names));
    return names[kind];
}
