/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/protocols.h"
#include "fuzz_dissector.h"

/* DNS over both transports. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_dissector(&dns_dissector, 53, bytes_of(data, size));
    fuzz_dissector(&dns_tcp_dissector, 53, bytes_of(data, size));
    return 0;
}
