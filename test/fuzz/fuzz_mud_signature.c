/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "mud/signature.h"

/* Any bytes are a signature that does not hold: no input here was signed by
 * an authority that is given. Half of the inputs are roots, too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_of(data, size);
    struct mud_times times = { 1700000000, 1600000000 };
    struct mud_signature signature;

    mud_signature_verify(input, bytes_of_text("{}"), (struct bytes){ 0 },
                         &times, &signature);
    check(signature.reason);
    check(!mud_is_trusted(&signature));
    mud_signature_verify(input, bytes_of_text("{}"), input, &times,
                         &signature);
    check(signature.reason);
    return 0;
}
