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

/* Copy as many whole characters as fit before `room`. */
static size_t copy_name(const char *text, char *name, size_t room)
{
    struct bytes rest = bytes_of_text(text);
    size_t used = 0;
    uint32_t point;
    size_t size;

    while ((size = text_utf8_next(rest, &point)) > 0 && used + size < room) {
        memcpy(name + used, rest.data, size);
        used += size;
        rest = bytes_slice(rest, size, rest.size);
    }
    name[used] = '\0';
    return used;
}

/* "router (192.168.1.1)" and "192.168.1.1" would pass for somebody else. */
static bool is_honest_name(const char *value)
{
    struct ip ip;

    return !ip_parse(bytes_of_text(value), &ip) && !strpbrk(value, "()");
}

static const char *own_name(const struct device *device)
{
    /* Names that people see or give; not those of certificates and brokers,
     * which are often serial numbers. */
    static const char *const sources[] = { "dhcp", "mdns", "matter", "lldp" };

    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        const char *value = latest(device, DEVICE_CLAIM_NAME, sources[i]);
        if (value && is_honest_name(value))
            return value;
    }
    return NULL;
}

const char *device_name(const struct device *device,
                        char name[DEVICE_NAME_SIZE])
{
    const char *kind = device->is_gateway ? " router" : " device";
    const char *own = own_name(device);
    const struct device_claim *vendor =
        device_claim_of(device, DEVICE_CLAIM_VENDOR);

    name[0] = '\0';
    if (own) {
        (void)copy_name(own, name, DEVICE_NAME_SIZE);
    } else if (vendor && is_honest_name(vendor->value)) {
        size_t used = copy_name(vendor->value, name,
                                DEVICE_NAME_SIZE - strlen(kind));
        memcpy(name + used, kind, strlen(kind) + 1);
    }
    return name;
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
