/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/protocols.h"
#include "fuzz_dissector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_dissector(&@name@_dissector, @PORT@, bytes_of(data, size));
    return 0;
}
