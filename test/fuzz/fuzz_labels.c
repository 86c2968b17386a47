/* SPDX-License-Identifier: Apache-2.0 */
#include "base/compiler.h"
#include "dissect/protocols.h"
#include "fuzz_dissector.h"

/* The protocols that are told by name only, and the DHT. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct dissector *const all[] = {
        &vnc_dissector,       &smb_dissector,           &rdp_dissector,
        &memcached_dissector, &memcached_udp_dissector, &dht_dissector,
    };
    for (size_t i = 0; i < COUNT_OF(all); i++)
        fuzz_dissector(all[i], 11211, bytes_of(data, size));
    return 0;
}
