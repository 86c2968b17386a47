/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "detect/signature/grams.h"
#include "detect/signature/names.h"
#include "detect/signature/ranges.h"
#include "judge_fixture.h"

enum { PATTERNS = 400, TEXT_SIZE = 600, TURNS = 300 };

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static void fill(uint8_t *data, size_t size, uint64_t *seed)
{
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)("aAbBcC/."[next_random(seed) % 8]);
}

static bool occurs(const struct gram_pattern *pattern, struct bytes text,
                   size_t from)
{
    for (size_t at = 0; at + pattern->data.size <= text.size; at++) {
        struct bytes there = bytes_slice(text, at, pattern->data.size);
        if (at + pattern->data.size <= from)
            continue;
        if (pattern->is_nocase ? bytes_equal_nocase(there, pattern->data)
                               : bytes_equal(there, pattern->data))
            return true;
    }
    return false;
}

/* Every pattern that occurs is found, and no short one that does not. */
static void finds_what_a_plain_search_finds(void **state)
{
    static uint8_t bytes[PATTERNS][12];
    static uint8_t text[TEXT_SIZE];
    struct gram_pattern patterns[PATTERNS];
    struct candidates found;
    uint64_t seed = 42;
    size_t hits = 0;

    (void)state;
    for (uint32_t i = 0; i < PATTERNS; i++) {
        size_t size = 4 + next_random(&seed) % 9;
        fill(bytes[i], size, &seed);
        patterns[i] = (struct gram_pattern){ { bytes[i], size },
                                             i % 2 == 0, i };
        for (size_t k = 0; patterns[i].is_nocase && k < size; k++)
            if (bytes[i][k] >= 'A' && bytes[i][k] <= 'Z')
                bytes[i][k] |= 0x20;
    }
    struct gram_filter *filter = gram_filter_new(patterns, PATTERNS);
    candidates_init(&found, PATTERNS);
    for (int turn = 0; turn < TURNS; turn++) {
        size_t from = next_random(&seed) % TEXT_SIZE;
        fill(text, sizeof text, &seed);
        candidates_begin(&found);
        gram_filter_scan(filter, bytes_of(text, sizeof text), from, &found);
        for (uint32_t i = 0; i < PATTERNS; i++) {
            bool is_found = found.stamps[i] == found.epoch;
            bool there =
                occurs(&patterns[i], bytes_of(text, sizeof text), from);
            assert_int_equal(is_found, there);
            hits += there;
        }
    }
    assert_true(hits > 1000);
    assert_int_equal(found.stopped, 0);
    candidates_clear(&found);
    gram_filter_free(filter);
}

/* All patterns have one gram only, the same, and a sender repeats it. */
static void comparisons_are_capped(void **state)
{
    static uint8_t bytes[3000][6];
    static uint8_t text[5000];
    static struct gram_pattern patterns[3000];
    struct candidates found;

    (void)state;
    memset(text, 'a', sizeof text);
    for (uint32_t i = 0; i < COUNT_OF(patterns); i++) {
        memset(bytes[i], 'a', sizeof bytes[i]);
        bytes[i][3] = (uint8_t)(i % 2 ? 'a' : 'A');
        for (uint32_t k = 0; k < 6; k++)
            bytes[i][k] = (uint8_t)(i >> k & 1 ? 'a' : 'A');
        patterns[i] = (struct gram_pattern){ { bytes[i], 4 + i % 3 }, false,
                                             i };
    }
    struct gram_filter *filter =
        gram_filter_new(patterns, COUNT_OF(patterns));
    candidates_init(&found, COUNT_OF(patterns));
    candidates_begin(&found);
    gram_filter_scan(filter, bytes_of(text, sizeof text), 0, &found);
    assert_true(gram_filter_chain(filter) > GRAM_CHAIN_MAX);
    assert_int_equal(found.stopped, 1);
    candidates_clear(&found);
    gram_filter_free(filter);
    assert_null(gram_filter_new(patterns, 0));
}

static void names_whole_and_by_suffix(void **state)
{
    static const struct name_rule names[] = {
        { { (const uint8_t *)"evil.example", 12 }, 0 },
        { { (const uint8_t *)".bad.test", 9 }, 1 },
        { { (const uint8_t *)".test", 5 }, 2 },
        { { (const uint8_t *)"Evil.Example", 12 }, 3 },
    };
    static const struct {
        const char *name;
        uint32_t rules; /* As bits. */
    } vectors[] = {
        { "evil.example", 1 | 8 }, { "EVIL.example", 1 | 8 },
        { "x.evil.example", 0 },   { "a.bad.test", 2 | 4 },
        { ".bad.test", 2 | 4 },    { "bad.test", 4 },
        { "test", 0 },             { "", 0 },
        { "..", 0 },
    };
    struct candidates found;
    struct name_set *set = name_set_new(names, COUNT_OF(names));

    (void)state;
    candidates_init(&found, COUNT_OF(names));
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        uint32_t bits = 0;
        candidates_begin(&found);
        name_set_find(set, bytes_of_text(vectors[i].name), &found);
        for (uint32_t k = 0; k < found.count; k++)
            bits |= 1u << found.rules[k];
        if (bits != vectors[i].rules)
            fail_msg("%s: %x", vectors[i].name, bits);
    }
    candidates_clear(&found);
    name_set_free(set);
}

static struct address_range range(const char *low, const char *high)
{
    return (struct address_range){ fixture_ip(low), fixture_ip(high) };
}

static void addresses_by_interval(void **state)
{
    const struct address_range first[] = {
        range("10.0.0.1", "10.0.0.1"), range("10.0.0.5", "10.0.0.9")
    };
    const struct address_range second[] = {
        range("10.0.0.8", "10.0.0.20"),
        range("255.255.255.255", "255.255.255.255")
    };
    const struct address_set sets[] = { { first, 2, 0 }, { second, 2, 1 } };
    const struct range_rule rules[] = { { &sets[0], 0 }, { &sets[1], 1 } };
    static const struct {
        const char *ip;
        uint32_t rules;
    } vectors[] = {
        { "10.0.0.0", 0 }, { "10.0.0.1", 1 },  { "10.0.0.2", 0 },
        { "10.0.0.5", 1 }, { "10.0.0.8", 3 },  { "10.0.0.9", 3 },
        { "10.0.0.10", 2 }, { "10.0.0.20", 2 }, { "10.0.0.21", 0 },
        { "255.255.255.255", 2 }, { "2001:db8::1", 0 },
    };
    struct candidates found;
    struct range_index *index = range_index_new(rules, 2);

    (void)state;
    candidates_init(&found, 2);
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        uint32_t bits = 0;
        candidates_begin(&found);
        range_index_find(index, fixture_ip(vectors[i].ip), &found);
        for (uint32_t k = 0; k < found.count; k++)
            bits |= 1u << found.rules[k];
        if (bits != vectors[i].rules)
            fail_msg("%s: %x", vectors[i].ip, bits);
        for (size_t k = 0; k < 2; k++)
            assert_int_equal(
                address_set_has(&sets[k], fixture_ip(vectors[i].ip)),
                vectors[i].rules >> k & 1);
    }
    candidates_clear(&found);
    range_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_a_plain_search_finds),
        cmocka_unit_test(comparisons_are_capped),
        cmocka_unit_test(names_whole_and_by_suffix),
        cmocka_unit_test(addresses_by_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
