/* SPDX-License-Identifier: Apache-2.0 */
#include "format/json_place.h"

#include <string.h>

#include "base/compiler.h"
#include "sweep.h"
#include "test.h"

static const char text[] = "{\n \"a\": 1,\n \"b\\\"}\": \"x]}\",\n \"c\": [\n"
                           "  {\"d\": [1, 2,\n   [3],\n   4]}, true,\n"
                           "  {\"e\":\n   null}\n ]\n}\n";

#define KEY(name) { .key = name }
#define ITEM(at) { .index = at }

static const struct {
    struct json_step steps[4];
    size_t count;
    uint32_t line;
} places[] = {
    { { { 0 } }, 0, 1 },
    { { KEY("a") }, 1, 2 },
    { { KEY("c") }, 1, 4 },
    { { KEY("c"), ITEM(0) }, 2, 5 },
    { { KEY("c"), ITEM(0), KEY("d"), ITEM(2) }, 4, 6 },
    { { KEY("c"), ITEM(0), KEY("d"), ITEM(3) }, 4, 7 },
    { { KEY("c"), ITEM(1) }, 2, 7 },
    { { KEY("c"), ITEM(2), KEY("e") }, 3, 9 },
    /* What is not there stands where its parent does. */
    { { KEY("nothing") }, 1, 1 },
    { { KEY("c"), ITEM(3) }, 2, 4 },
    { { KEY("a"), KEY("b") }, 2, 2 },
    { { KEY("c"), ITEM(2), KEY("f"), KEY("g") }, 4, 8 },
};

static void finds_the_line_of_each_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++)
        assert_int_equal(json_place(bytes_of_text(text), places[i].steps,
                                    places[i].count), places[i].line);
}

static void finds_the_lines_of_all_items_at_once(void **state)
{
    static const struct json_step path[] = { KEY("c") };
    uint32_t lines[3];

    (void)state;
    json_place_items(bytes_of_text(text), path, 1, lines, 3);
    assert_int_equal(lines[0], 5);
    assert_int_equal(lines[1], 7);
    assert_int_equal(lines[2], 8);
}

/* Any bytes give some line that they have. */
static void try_variant(struct bytes variant, void *context)
{
    static const struct json_step path[] = { KEY("c"), ITEM(2), KEY("e") };
    uint32_t lines[8];

    (void)context;
    assert_in_range(json_place(variant, path, COUNT_OF(path)), 1, 11);
    json_place_items(variant, path, 1, lines, COUNT_OF(lines));
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        assert_in_range(lines[i], 1, 12);
}

static void survives_every_truncation_and_flip(void **state)
{
    (void)state;
    sweep_truncate(bytes_of_text(text), try_variant, NULL);
    sweep_flip(bytes_of_text(text), try_variant, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_line_of_each_value),
        cmocka_unit_test(finds_the_lines_of_all_items_at_once),
        cmocka_unit_test(survives_every_truncation_and_flip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
