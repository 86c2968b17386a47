/* SPDX-License-Identifier: Apache-2.0 */
/* Who says what of one value. */
#include <stdio.h>

#include "detect/intel/internal.h"

struct telling {
    const struct intel *intel;
    intel_said_function *each;
    void *context;
    size_t count;
};

static void tell(struct telling *telling, uint32_t number,
                 enum intel_kind kind, const char *indicator)
{
    const struct intel_claim *claim = &telling->intel->claims[number];
    struct intel_said said = {
        .indicator = indicator,
        .kind = intel_kind_name(kind),
        .source = claim->detection->title,
        .id = claim->detection->id,
        .labels = claim->labels,
        .tlp = claim->tlp,
        .harm = claim->detection->harm,
        .confidence = claim->confidence == INTEL_CONFIDENCE_NONE
                          ? -1 : claim->confidence,
        .from_ns = claim->from_ns,
        .until_ns = claim->until_ns,
    };

    telling->each(telling->context, &said);
    telling->count++;
}

static void tell_all(struct telling *telling, enum intel_kind kind,
                     struct bytes key, struct bytes shown)
{
    const struct intel_index *index = telling->intel->index;
    struct intel_cursor cursor = intel_index_seek(index, (uint8_t)kind, key);
    struct writer w;
    uint32_t claim;

    writer_init(&w, 2 * INTEL_KEY_MAX);
    writer_bytes(&w, shown);
    while ((claim = intel_index_next(index, &cursor)) != INTEL_NONE)
        tell(telling, claim, kind, writer_as_text(&w));
    writer_clear(&w);
}

static void tell_name(struct telling *telling, struct bytes name)
{
    tell_all(telling, INTEL_NAME, name, name);
    while (name.size > 0) {
        tell_all(telling, INTEL_DOMAIN, name, name);
        name = bytes_slice(name, bytes_find_byte(name, '.') + 1, name.size);
    }
}

static void tell_networks(struct telling *telling, struct ip ip)
{
    const struct intel_index *index = telling->intel->index;
    struct intel_network_cursor cursor = intel_index_seek_network(index, ip);
    struct ip_prefix prefix;
    uint32_t claim;

    while ((claim = intel_index_next_network(index, &cursor, &prefix)) !=
           INTEL_NONE) {
        char text[IP_TEXT_SIZE];
        char shown[IP_TEXT_SIZE + 8];
        (void)snprintf(shown, sizeof shown, "%s/%d",
                       ip_text(prefix.address, text),
                       prefix.length - (ip_is_v4(prefix.address) ? 96 : 0));
        tell(telling, claim, INTEL_NETWORK, shown);
    }
}

static void tell_digest(struct telling *telling, const struct intel_key *key,
                        struct bytes value)
{
    static const enum intel_kind kinds[] = { INTEL_DIGEST, INTEL_CERTIFICATE,
                                             INTEL_JA3, INTEL_VALUE };

    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        tell_all(telling, kinds[i], intel_key_bytes(key), value);
}

size_t intel_explain(const struct intel *intel, struct bytes value,
                     intel_said_function *each, void *context)
{
    struct telling telling = { intel, each, context, 0 };
    struct intel_key key;

    if (intel_key_make(INTEL_ANY, value, &key)) {
        tell_all(&telling, INTEL_SOFTWARE, value, value);
        return telling.count;
    }
    struct bytes bytes = intel_key_bytes(&key);
    size_t query = bytes_find_byte(bytes, '?');
    if (key.kind == INTEL_NAME || key.kind == INTEL_DOMAIN) {
        tell_name(&telling, bytes);
    } else if (key.kind == INTEL_ADDRESS) {
        tell_all(&telling, INTEL_ADDRESS, bytes, value);
        tell_networks(&telling, key.network.address);
    } else if (key.kind == INTEL_NETWORK) {
        tell_networks(&telling, key.network.address);
    } else if (key.kind == INTEL_DIGEST) {
        tell_digest(&telling, &key, value);
    } else {
        tell_all(&telling, key.kind, bytes, value);
        if (key.kind == INTEL_URL && query < bytes.size)
            tell_all(&telling, INTEL_URL, bytes_slice(bytes, 0, query),
                     value);
    }
    return telling.count;
}
