/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/protocols.h"
#include "fuzz_dissector.h"

/* DHCPv6, relayed or not. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_dissector(&dhcpv6_dissector, 547, bytes_of(data, size));
    return 0;
}
