/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/protocols.h"
#include "fuzz_dissector.h"

/* NTP, and TFTP with its transfers. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_dissector(&ntp_dissector, 123, bytes_of(data, size));
    fuzz_dissector(&tftp_dissector, 69, bytes_of(data, size));
    fuzz_dissector(&tftp_data_dissector, 40001, bytes_of(data, size));
    return 0;
}
