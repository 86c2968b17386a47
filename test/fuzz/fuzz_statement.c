/* SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "fuzz.h"
#include "ledger/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct statement statement;
    uint64_t number;

    if (statement_read(bytes_of(data, size), &statement, NULL) < 0)
        return 0;
    check(statement.kind <= STATEMENT_ERASURE);
    check(json_is_object(statement.content));
    if (statement_number(&statement, "segment", &number))
        check(number <= INT64_MAX);
    (void)statement_text(&statement, "id"); /* Or null. */
    statement_clear(&statement);
    return 0;
}
