/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/protocols.h"
#include "fuzz_dissector.h"

/* Multicast DNS with Matter, LLMNR and the NetBIOS name service. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_dissector(&mdns_dissector, 5353, bytes_of(data, size));
    fuzz_dissector(&llmnr_dissector, 5355, bytes_of(data, size));
    fuzz_dissector(&nbns_dissector, 137, bytes_of(data, size));
    return 0;
}
