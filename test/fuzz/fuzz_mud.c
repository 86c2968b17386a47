/* SPDX-License-Identifier: Apache-2.0 */
#include "base/writer.h"
#include "fuzz.h"
#include "mud/explain.h"
#include "mud/read.h"
#include "mud/write.h"

static struct mud_file *read_back(const struct writer *w)
{
    struct mud_read_options options = { 0 };

    return mud_read(writer_view(w), &options);
}

/* What was read strictly and written reads again, as the same. */
static void check_stable(const struct mud_file *file)
{
    struct writer first;
    struct writer second;

    writer_init(&first, 1 << 28);
    writer_init(&second, 1 << 28);
    mud_write(&first, file);
    struct mud_file *again = read_back(&first);
    check(again->level != MUD_REFUSED);
    mud_write(&second, again);
    check(bytes_equal(writer_view(&first), writer_view(&second)));
    mud_file_free(again);
    writer_clear(&first);
    writer_clear(&second);
}

static void try(struct bytes input, bool is_import)
{
    struct mud_read_options options = { .is_import = is_import };
    struct mud_file *file = mud_read(input, &options);
    struct writer words;

    writer_init(&words, 1 << 28);
    if (file->level == MUD_REFUSED) {
        check(file->problem_count > 0);
        check(file->ace_count == 0);
        check(file->policy_count[0] == 0);
    } else {
        mud_explain(&words, file);
        if (!is_import)
            check_stable(file);
    }
    for (uint32_t i = 0; i < file->problem_count; i++) {
        check(file->problems[i].path);
        check(file->problems[i].text);
    }
    writer_clear(&words);
    mud_file_free(file);
}

/* Any bytes are a MUD file or problems. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try(bytes_of(data, size), false);
    try(bytes_of(data, size), true);
    return 0;
}
