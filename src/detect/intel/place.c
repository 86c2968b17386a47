/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a pattern goes. One that asks only whether some value is there goes
 * into the index, value by value. Of the others one value at least must often
 * be there for them to hold: that goes into the index too and leads to the
 * pattern. Only what is left is evaluated for every event of its types.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "detect/intel/view.h"

static bool is(struct bytes text, const char *word)
{
    return bytes_equal(text, bytes_of_text(word));
}

static const struct {
    const char *type;
    const char *path;
    enum intel_kind kind;
    bool is_whole; /* The value alone says it all. */
} paths[] = {
    { "ipv4-addr", "value", INTEL_ADDRESS, true },
    { "ipv6-addr", "value", INTEL_ADDRESS, true },
    { "domain-name", "value", INTEL_NAME, true },
    { "url", "value", INTEL_URL, true },
    { "file", "hashes.MD5", INTEL_DIGEST, true },
    { "file", "hashes.SHA-1", INTEL_DIGEST, true },
    { "file", "hashes.SHA-256", INTEL_DIGEST, true },
    { "x509-certificate", "hashes.MD5", INTEL_CERTIFICATE, true },
    { "x509-certificate", "hashes.SHA-1", INTEL_CERTIFICATE, true },
    { "x509-certificate", "hashes.SHA-256", INTEL_CERTIFICATE, true },
    { "mac-addr", "value", INTEL_MAC, true },
    { "email-addr", "value", INTEL_MAIL, true },
    { "software", "name", INTEL_SOFTWARE, true },
    { "network-traffic", "dst_ref.value", INTEL_ADDRESS, false },
    { "network-traffic", "src_ref.value", INTEL_ADDRESS, false },
};

/* What kind of value a path leads to; INTEL_ANY for none the index has. */
static enum intel_kind kind_of_path(const struct stix_path *path,
                                    bool *is_whole)
{
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        if (!is(path->type, paths[i].type) ||
            !is(path->text, paths[i].path))
            continue;
        *is_whole = paths[i].is_whole;
        return paths[i].kind;
    }
    return INTEL_ANY;
}

/* Text as the events here have it: names and digests in lower case, addresses
 * in their one form. */
static struct bytes normal(struct arena *arena, enum intel_kind kind,
                           struct bytes text)
{
    char shown[IP_TEXT_SIZE];
    struct ip_prefix prefix;

    if (kind == INTEL_ADDRESS && ip_prefix_parse(text, &prefix) &&
        prefix.length == 128)
        return arena_copy(arena,
                          bytes_of_text(ip_text(prefix.address, shown)));
    if (kind == INTEL_URL || kind == INTEL_SOFTWARE)
        return text;
    struct bytes copy = arena_copy(arena, text);
    uint8_t *data = arena_allocate(arena, text.size + 1);
    for (size_t i = 0; i < copy.size; i++) {
        uint8_t c = copy.data[i];
        data[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
    }
    return bytes_of(data, copy.size);
}

static bool is_equality(const struct stix_test *test)
{
    return test->op == STIX_OP_EQUAL || test->op == STIX_OP_UNEQUAL ||
           test->op == STIX_OP_IN;
}

/* "= '192.0.2.0/24'" is meant as a network (STIX 2.1 section 6.11). */
static bool is_network(const struct stix_test *test, enum intel_kind kind)
{
    struct ip_prefix prefix;

    return kind == INTEL_ADDRESS && test->value_count == 1 &&
           test->op == STIX_OP_EQUAL &&
           test->values->kind == STIX_TEXT &&
           ip_prefix_parse(test->values->text, &prefix) &&
           prefix.length < 128;
}

/* The test in the form that fits events. */
static struct stix_test fitted(struct arena *arena,
                               const struct stix_test *test)
{
    struct stix_test made = *test;
    bool is_whole = false;
    enum intel_kind kind = kind_of_path(test->path, &is_whole);
    bool is_serial = is(test->path->text, "serial_number");

    if ((kind == INTEL_ANY && !is_serial) || !is_equality(test))
        return made;
    if (is_network(test, kind)) {
        made.op = STIX_OP_ISSUBSET;
        made.has_prefix =
            ip_prefix_parse(test->values->text, &made.prefix);
        return made;
    }
    struct stix_value *values = arena_allocate_zeroed(
        arena, test->value_count + 1, sizeof *values);
    for (size_t i = 0; i < test->value_count; i++) {
        values[i] = test->values[i];
        if (values[i].kind == STIX_TEXT)
            values[i].text = normal(arena, kind, values[i].text);
    }
    made.values = values;
    return made;
}

static void fit(struct arena *arena, struct stix_pattern *pattern)
{
    struct stix_test *tests = arena_allocate_zeroed(
        arena, pattern->test_count + 1, sizeof *tests);

    for (size_t i = 0; i < pattern->test_count; i++)
        tests[i] = fitted(arena, &pattern->tests[i]);
    pattern->tests = tests;
}

/* Can the index answer the test, by values that are all there? */
static bool is_indexed(const struct stix_test *test, bool *is_whole)
{
    enum intel_kind kind = kind_of_path(test->path, is_whole);
    bool is_subset =
        test->op == STIX_OP_ISSUBSET && test->has_prefix;

    if (kind == INTEL_ANY || test->is_negated)
        return false;
    if (kind == INTEL_ADDRESS && is_subset)
        return true;
    if (test->op != STIX_OP_EQUAL && test->op != STIX_OP_IN)
        return false;
    for (size_t i = 0; i < test->value_count; i++) {
        struct intel_key key;
        if (test->values[i].kind != STIX_TEXT ||
            intel_key_make(kind, test->values[i].text, &key))
            return false;
    }
    return test->value_count > 0;
}

/* A leaf as a tree, to see which values it cannot hold without. */
struct cover {
    uint32_t *left;
    uint32_t *right;
    bool *is_covered;
    bool *is_wanted;
    uint32_t *stack;
};

static void cover_init(struct cover *cover, size_t count)
{
    cover->left = memory_new(count + 1, sizeof *cover->left);
    cover->right = memory_new(count + 1, sizeof *cover->right);
    cover->is_covered = memory_new(count + 1, sizeof *cover->is_covered);
    cover->is_wanted = memory_new(count + 1, sizeof *cover->is_wanted);
    cover->stack = memory_new(count + 1, sizeof *cover->stack);
}

static void cover_clear(struct cover *cover)
{
    free(cover->left);
    free(cover->right);
    free(cover->is_covered);
    free(cover->is_wanted);
    free(cover->stack);
}

/* Which nodes a set of values decides: tests of the index, either side of an
 * AND, both sides of an OR. Answers whether the whole leaf is one. */
static bool find_cover(const struct stix_pattern *pattern,
                       const struct stix_leaf *leaf, struct cover *cover)
{
    size_t count = 0;

    for (uint32_t i = 0; i < leaf->step_count; i++) {
        uint32_t step = leaf->steps[i];
        bool is_whole;
        if (step != STIX_AND && step != STIX_OR) {
            cover->is_covered[i] =
                is_indexed(&pattern->tests[step], &is_whole);
        } else {
            uint32_t right = cover->stack[--count];
            uint32_t left = cover->stack[--count];
            bool a = cover->is_covered[left];
            bool b = cover->is_covered[right];
            cover->left[i] = left;
            cover->right[i] = right;
            cover->is_covered[i] = step == STIX_AND ? a || b : a && b;
        }
        cover->stack[count++] = i;
    }
    return cover->is_covered[leaf->step_count - 1];
}

/* One test's values lead to `claim`. */
static bool add_test(struct intel_place *place, const struct stix_test *test,
                     const struct intel_claim *claim)
{
    bool is_whole;
    enum intel_kind kind = kind_of_path(test->path, &is_whole);
    char shown[IP_TEXT_SIZE + 8];
    bool ok = true;

    if (test->op == STIX_OP_ISSUBSET) {
        char address[IP_TEXT_SIZE];
        bool is_v4 = ip_is_v4(test->prefix.address);
        int size = snprintf(shown, sizeof shown, "%s/%d",
                            ip_text(test->prefix.address, address),
                            test->prefix.length - (is_v4 ? 96 : 0));
        return intel_add_value(place, kind,
                               bytes_of(shown, (size_t)size), claim);
    }
    for (size_t i = 0; i < test->value_count; i++)
        ok &= intel_add_value(place, kind, test->values[i].text, claim);
    return ok;
}

/* Put into the index what the leaf cannot hold without. */
static bool add_leaf(struct intel_place *place,
                     const struct stix_pattern *pattern,
                     const struct stix_leaf *leaf,
                     const struct intel_claim *claim)
{
    struct cover cover;

    cover_init(&cover, leaf->step_count);
    bool is_covered = find_cover(pattern, leaf, &cover);
    cover.is_wanted[leaf->step_count - 1] = is_covered;
    for (size_t i = leaf->step_count; i-- > 0;) {
        uint32_t step = leaf->steps[i];
        if (!cover.is_wanted[i])
            continue;
        bool takes_left = cover.is_covered[cover.left[i]];
        if (step == STIX_OR || (step == STIX_AND && takes_left))
            cover.is_wanted[cover.left[i]] = true;
        if (step == STIX_OR || (step == STIX_AND && !takes_left))
            cover.is_wanted[cover.right[i]] = true;
        if (step != STIX_AND && step != STIX_OR)
            (void)add_test(place, &pattern->tests[step],
                           claim); /* It refuses. */
    }
    cover_clear(&cover);
    return is_covered;
}

/* One leaf, only alternatives, all of the index: the values say it all. */
static bool is_plain(const struct stix_pattern *pattern)
{
    if (pattern->leaf_count != 1 || pattern->code_count != 1 ||
        pattern->group_count > 0)
        return false;
    for (size_t i = 0; i < pattern->leaves->step_count; i++) {
        uint32_t step = pattern->leaves->steps[i];
        bool is_whole = false;
        if (step == STIX_AND ||
            (step != STIX_OR &&
             (!is_indexed(&pattern->tests[step], &is_whole) || !is_whole)))
            return false;
    }
    return true;
}

static uint64_t types_of(const struct stix_pattern *pattern)
{
    uint64_t types = 0;

    for (size_t i = 0; i < pattern->test_count; i++)
        types |= intel_view_types(pattern->tests[i].path->type);
    return types;
}

static bool has_needed_objects(struct intel_place *place,
                               const struct stix_pattern *pattern)
{
    for (size_t i = 0; i < pattern->leaf_count; i++) {
        const struct stix_leaf *leaf = &pattern->leaves[i];
        uint64_t types = 0;
        struct bytes type = { 0 };
        for (size_t j = 0; j < leaf->step_count; j++) {
            uint32_t step = leaf->steps[j];
            if (step == STIX_AND || step == STIX_OR)
                continue;
            type = pattern->tests[step].path->type;
            types |= intel_view_types(type);
        }
        if (types == 0 && pattern->leaf_count == 1)
            return intel_refuse(place, "packets show no object of type %.*s",
                                (int)(type.size < 60 ? type.size : 60),
                                (const char *)type.data);
    }
    if (types_of(pattern) == 0)
        return intel_refuse(place, "packets show none of its objects");
    if (pattern->slot_count > INTEL_KEPT_MAX)
        return intel_refuse(place, "it needs %zu observations, more than the "
                                   "%d that are kept",
                            pattern->slot_count, INTEL_KEPT_MAX);
    return true;
}

static struct intel_pattern *keep(struct intel_place *place,
                                  const struct stix_pattern *pattern)
{
    struct intel *intel = place->intel;

    if (intel->pattern_count == INTEL_PATTERN_MAX) {
        (void)intel_refuse(place, "more than %d patterns",
                           INTEL_PATTERN_MAX); /* The null says it. */
        return NULL;
    }
    if (intel->pattern_count == intel->pattern_capacity) {
        intel->pattern_capacity = intel->pattern_capacity * 2 + 16;
        intel->patterns =
            memory_resize(intel->patterns, intel->pattern_capacity,
                          sizeof *intel->patterns);
    }
    struct intel_pattern *kept = &intel->patterns[intel->pattern_count++];
    *kept = (struct intel_pattern){
        .pattern = *pattern, .types = types_of(pattern),
    };
    return kept;
}

bool intel_add_pattern(struct intel_place *place, struct bytes text,
                       struct intel_claim *claim)
{
    struct intel *intel = place->intel;
    struct stix_pattern pattern;
    struct failure failure;
    struct bytes copy = arena_copy(&intel->arena, text);

    if (stix_pattern_parse(&intel->arena, copy, STIX_STRICT, &pattern,
                           &failure) < 0)
        return intel_refuse(place, "%s", failure.text);
    if (!has_needed_objects(place, &pattern))
        return false;
    fit(&intel->arena, &pattern);
    if (is_plain(&pattern))
        return add_leaf(place, &pattern, pattern.leaves, claim);
    struct intel_pattern *kept = keep(place, &pattern);
    if (!kept)
        return false;
    intel->counts.patterns++;
    kept->claim = intel_claim_of(place, claim);
    if (kept->claim == INTEL_NONE)
        return false;
    intel->claims[kept->claim].uses++;
    claim->pattern = (uint32_t)intel->pattern_count - 1;
    bool is_triggered = true;
    for (size_t i = 0; i < pattern.leaf_count; i++)
        is_triggered &= add_leaf(place, &pattern, &pattern.leaves[i], claim);
    kept->is_triggered = is_triggered;
    return true;
}
