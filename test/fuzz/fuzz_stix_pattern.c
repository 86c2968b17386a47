/* SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "detect/intel/observation.h"
#include "fuzz.h"

enum { SEEN = 24 };

static struct bytes type_of(const void *context, size_t object)
{
    (void)context;
    return bytes_of_text(object ? "file" : "a");
}

/* Any path leads to a value of each kind. */
static void each_value(const void *context, size_t object,
                       const struct stix_path *path,
                       stix_value_function *each, void *each_context)
{
    const struct stix_value values[] = {
        { .kind = STIX_NULL },
        { .kind = STIX_FLAG, .flag = true },
        { .kind = STIX_INTEGER, .integer = -5 },
        { .kind = STIX_REAL, .real = 2.5 },
        { .kind = STIX_TEXT, .text = bytes_of_text("a\xcc\xa3\xcc\x87z") },
        { .kind = STIX_TEXT, .text = bytes_of_text("\xff""bad") },
        { .kind = STIX_TEXT, .text = bytes_of_text("192.0.2.1/24") },
        { .kind = STIX_BINARY, .text = bytes_of_text("\x01\xe9") },
    };

    (void)context;
    (void)object;
    (void)path;
    for (size_t i = 0; i < COUNT_OF(values); i++)
        if (each(each_context, &values[i]))
            return;
}

/* Any text is a pattern or a refusal with words; what is read can be matched,
 * in a bounded number of steps. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct stix_matcher matcher;
    struct stix_pattern pattern;
    struct failure failure = { 0 };
    struct stix_seen seen[SEEN];
    const struct stix_observation observation = {
        .object_count = 2, .type_of = type_of, .each_value = each_value,
    };

    arena_init(&arena);
    stix_matcher_init(&matcher);
    int result =
        stix_pattern_parse(&arena, bytes_of(data, size),
                           size & 1 ? STIX_STRICT : STIX_LENIENT, &pattern,
                           &failure);
    check(result == 0 || failure.text[0]);
    if (result == 0) {
        uint64_t leaves = stix_leaves_of(&matcher, &pattern, &observation);
        for (size_t i = 0; i < SEEN; i++)
            seen[i] = (struct stix_seen){ (int64_t)i * 1000000000,
                                          (int64_t)i * 1000000000,
                                          i % 3 ? leaves : ~leaves };
        check(pattern.slot_count <= STIX_SLOT_MAX);
        (void)stix_search(&pattern, seen, SEEN, NULL); /* Any answer. */
    }
    stix_matcher_clear(&matcher);
    arena_clear(&arena);
    return 0;
}
