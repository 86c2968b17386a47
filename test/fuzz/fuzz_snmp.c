/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/protocols.h"
#include "fuzz_dissector.h"

/* SNMP, all versions. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_dissector(&snmp_dissector, 161, bytes_of(data, size));
    return 0;
}
