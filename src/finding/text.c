/* SPDX-License-Identifier: Apache-2.0 */
#include "finding/text.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/reader.h"

struct text_catalogue {
    json_t *root;
};

struct rendering {
    struct writer *out;
    text_argument_function *argument;
    const void *context;
    bool is_check;         /* Go through every choice, not only one. */
};

static bool render(const struct rendering *rendering, struct bytes pattern,
                   struct bytes number_shown, int depth);

static bool nothing_known(const void *context, struct bytes name,
                          struct writer *shown, double *number)
{
    (void)context;
    (void)name;
    (void)shown;
    (void)number;
    return false;
}

static bool is_well_formed(const char *pattern)
{
    struct writer scratch;

    writer_init(&scratch, TEXT_PATTERN_MAX * 4);
    const struct rendering check = { &scratch, nothing_known, NULL, true };
    bool ok = render(&check, bytes_of_text(pattern), (struct bytes){ 0 }, 0);
    writer_clear(&scratch);
    return ok;
}

static int check_patterns(json_t *root, const char *path,
                          struct failure *failure)
{
    const char *key;
    json_t *value;

    if (!json_is_object(root))
        return failure_set(failure, ERROR_FORMAT,
                           "%s: expected an object of text keys", path);
    json_object_foreach(root, key, value)
    {
        if (!json_is_string(value))
            return failure_set(failure, ERROR_FORMAT,
                               "%s: text \"%s\" is not a string", path, key);
        if (json_string_length(value) > TEXT_PATTERN_MAX ||
            !is_well_formed(json_string_value(value)))
            return failure_set(
                failure, ERROR_FORMAT,
                "%s: text \"%s\" is not a message pattern: check its braces",
                path, key);
    }
    return 0;
}

int text_catalogue_load(const char *path, struct text_catalogue **catalogue,
                        struct failure *failure)
{
    json_error_t error;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);

    if (!root)
        return failure_set(failure, ERROR_FORMAT, "%s:%d: %s", path,
                           error.line, error.text);
    int result = check_patterns(root, path, failure);
    if (result < 0) {
        json_decref(root);
        return result;
    }
    *catalogue = memory_new(1, sizeof **catalogue);
    (*catalogue)->root = root;
    return 0;
}

void text_catalogue_free(struct text_catalogue *catalogue)
{
    if (!catalogue)
        return;
    json_decref(catalogue->root);
    free(catalogue);
}

const char *text_pattern(const struct text_catalogue *catalogue,
                         const char *key)
{
    return json_string_value(json_object_get(catalogue->root, key));
}

void text_write_number(struct writer *out, uint64_t number)
{
    if (number >= 1000) {
        text_write_number(out, number / 1000);
        writer_format(out, ",%03u", (unsigned)(number % 1000));
    } else {
        writer_number(out, number);
    }
}

/* The text up to the brace that closes what was opened before `r`. */
static struct bytes take_group(struct reader *r)
{
    struct bytes whole = bytes_of(r->next, reader_left(r));
    int depth = 1;
    size_t size = 0;

    while (reader_left(r) > 0) {
        uint8_t byte = reader_u8(r);
        depth += (byte == '{') - (byte == '}');
        if (depth == 0)
            return bytes_of(whole.data, size);
        size++;
    }
    reader_fail(r);
    return (struct bytes){ 0 };
}

/* Does `selector` ("=0", "one", "other") fit the number? English rules; other
 * languages' forms fall back to "other" until their catalogues exist. */
static bool selector_fits(struct bytes selector, double number)
{
    uint64_t exact;

    if (bytes_start_with(selector, bytes_of_text("=")))
        return bytes_to_number(bytes_slice(selector, 1, selector.size),
                               UINT32_MAX, &exact) &&
               number >= (double)exact && number <= (double)exact;
    if (bytes_equal(selector, bytes_of_text("one")))
        return number >= 1 && number <= 1;
    return bytes_equal(selector, bytes_of_text("other"));
}

static bool render_plural(const struct rendering *rendering,
                          struct bytes choices, struct bytes shown,
                          double number, int depth)
{
    struct reader r = reader_of(choices);
    const struct bytes other = bytes_of_text("other");
    bool done = false;
    bool has_other = false;

    while (bytes_trim(bytes_of(r.next, reader_left(&r))).size > 0) {
        struct bytes selector =
            bytes_trim(reader_until(&r, '{', TEXT_PATTERN_MAX));
        struct bytes choice = take_group(&r);
        if (!reader_ok(&r))
            return false;
        has_other |= bytes_equal(selector, other);
        if (!rendering->is_check &&
            (done || !selector_fits(selector, number)))
            continue;
        done = true;
        if (!render(rendering, choice, shown, depth + 1))
            return false;
    }
    return rendering->is_check ? has_other : done;
}

static bool render_argument(const struct rendering *rendering,
                            struct bytes group, int depth)
{
    size_t comma = bytes_find_byte(group, ',');
    struct bytes name = bytes_trim(bytes_slice(group, 0, comma));
    struct bytes rest = bytes_slice(group, comma + 1, group.size);
    struct writer shown;
    double number = 0;
    bool ok = name.size > 0;

    writer_init(&shown, TEXT_PATTERN_MAX);
    if (!rendering->argument(rendering->context, name, &shown, &number))
        writer_text(&shown, "?");
    if (comma == group.size) {
        writer_bytes(rendering->out, writer_view(&shown));
    } else {
        comma = bytes_find_byte(rest, ',');
        struct bytes kind = bytes_trim(bytes_slice(rest, 0, comma));
        ok = ok && bytes_equal(kind, bytes_of_text("plural")) &&
             render_plural(rendering, bytes_slice(rest, comma + 1, rest.size),
                           writer_view(&shown), number, depth);
    }
    writer_clear(&shown);
    return ok;
}

static bool render(const struct rendering *rendering, struct bytes pattern,
                   struct bytes number_shown, int depth)
{
    struct reader r = reader_of(pattern);

    if (depth > TEXT_DEPTH_MAX)
        return false;
    while (reader_left(&r) > 0) {
        uint8_t byte = reader_u8(&r);
        if (byte == '}')
            return false;
        if (byte == '#' && depth > 0) {
            writer_bytes(rendering->out, number_shown);
        } else if (byte == '{') {
            struct bytes group = take_group(&r);
            if (!reader_ok(&r) ||
                !render_argument(rendering, group, depth))
                return false;
        } else {
            writer_byte(rendering->out, byte);
        }
    }
    return true;
}

bool text_render(struct writer *out, struct bytes pattern,
                 text_argument_function *argument, const void *context)
{
    const struct rendering rendering = { out, argument, context, false };

    return render(&rendering, pattern, (struct bytes){ 0 }, 0);
}
