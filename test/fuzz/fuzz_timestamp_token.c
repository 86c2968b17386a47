/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "crypto/timestamp_token.h"
#include "fuzz.h"

/* A root that has signed nothing: P-256, self-signed, made for this. */
static const char root[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBejCCAR+gAwIBAgIUC1hnF8fyoxrqCpOuMye2hiDsGSYwCgYIKoZIzj0EAwIw\n"
    "ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyMjIzMDgwN1oYDzIxMjYxMDI5MjMw\n"
    "ODA3WjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AARMdXNRfyvftAz/OOAIU6Di095m83qtai8upys22n1wr9v8p2Sh2ZYHJYxINlo/\n"
    "148tgMKxd3Sr7pXAEy/lU4hxo1MwUTAdBgNVHQ4EFgQUHs99Qh5Ff/p7Z6t5r0b/\n"
    "LgMd1w4wHwYDVR0jBBgwFoAUHs99Qh5Ff/p7Z6t5r0b/LgMd1w4wDwYDVR0TAQH/\n"
    "BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAxSJ5LNA4+jcVkEs2hFNJqKEoCdFA\n"
    "04CCDG92FSEt1vgCIQDbq5D3ooB11i9WrYPxWtaEfMFyNbzuMSqYcRkvixob9g==\n"
    "-----END CERTIFICATE-----\n";

/* What is no token of that root's is never verified, however far it gets: the
 * imprint that is asked for is the one it tells. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes response = bytes_of(data, size);
    struct timestamp_terms terms = { .roots = bytes_of_text(root) };
    struct timestamp_verdict verdict;
    struct failure failure;

    if (timestamp_response_read(response, &verdict, &failure) < 0)
        return 0;
    memcpy(terms.imprint, verdict.imprint, sizeof terms.imprint);
    check(timestamp_response_check(response, &terms, &verdict, &failure) < 0);
    check(failure.text[0]);
    return 0;
}
