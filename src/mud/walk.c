/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The walk through the tree: where it stands, what was wrong there, and
 * members taken with their type checked (RFC 7951 says how YANG's types look
 * in JSON).
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/text.h"
#include "mud/internal.h"

enum { PROBLEM_TEXT_MAX = 1024 };

void mud_enter(struct mud_reading *r, const char *key)
{
    check(r->depth < MUD_PATH_MAX);
    r->path[r->depth++] = (struct json_step){ .key = key };
}

void mud_enter_item(struct mud_reading *r, size_t index)
{
    check(r->depth < MUD_PATH_MAX);
    r->path[r->depth++] = (struct json_step){ .index = index };
}

void mud_leave(struct mud_reading *r)
{
    check(r->depth > 0);
    r->depth--;
}

static void write_path(struct writer *w, const struct mud_reading *r)
{
    for (size_t i = 0; i < r->depth; i++) {
        if (r->path[i].key) {
            writer_byte(w, '/');
            text_escape(w, bytes_of_text(r->path[i].key));
        } else {
            writer_format(w, "[%zu]", r->path[i].index);
        }
    }
    if (r->depth == 0)
        writer_byte(w, '/');
}

static struct mud_problem *new_problem(struct mud_file *file,
                                       enum mud_level level)
{
    if (level > file->level)
        file->level = level;
    if (file->problem_count == MUD_PROBLEM_MAX) {
        file->problems_dropped++;
        return NULL;
    }
    if (!file->problems)
        file->problems =
            memory_new(MUD_PROBLEM_MAX, sizeof *file->problems);
    return &file->problems[file->problem_count++];
}

void mud_problem(struct mud_reading *r, enum mud_level level,
                 const char *rule, const char *format, ...)
{
    struct mud_problem *problem = new_problem(r->file, level);
    char raw[PROBLEM_TEXT_MAX];
    struct writer shown;
    va_list arguments;

    if (!problem)
        return;
    va_start(arguments, format);
    (void)vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    writer_init(&shown, 8 * PROBLEM_TEXT_MAX);
    text_escape(&shown, bytes_of_text(raw));
    *problem = (struct mud_problem){
        .level = level,
        .line = r->text.size > 0 ? json_place(r->text, r->path, r->depth) : 0,
        .rule = rule,
        .text = arena_copy_text(&r->file->texts, writer_view(&shown)),
    };
    writer_reset(&shown);
    write_path(&shown, r);
    problem->path = arena_copy_text(&r->file->texts, writer_view(&shown));
    writer_clear(&shown);
}

static bool is_named(mud_names names, const char *key)
{
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], key) == 0)
            return true;
    return false;
}

/* The modules whose nodes we know: what they do not define is wrong. */
static bool is_of_known_module(const char *key)
{
    static const char *const modules[] = {
        "ietf-mud:", "ietf-access-control-list:", "ietf-acldns:", NULL,
    };

    if (!strchr(key, ':'))
        return true; /* Without a name: of the parent's module. */
    for (size_t i = 0; modules[i]; i++)
        if (strncmp(key, modules[i], strlen(modules[i])) == 0)
            return true;
    return false;
}

static bool is_declared(const struct mud_reading *r, const char *key)
{
    size_t size = strcspn(key, ":");
    size_t index;
    json_t *name;

    json_array_foreach(r->extensions, index, name)
        if (json_is_string(name) && json_string_length(name) == size &&
            strncmp(json_string_value(name), key, size) == 0)
            return true;
    return false;
}

void mud_check_names(struct mud_reading *r, json_t *object,
                     mud_names names)
{
    for (void *at = json_object_iter(object); at;
         at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        if (is_named(names, key))
            continue;
        if (r->depth == MUD_PATH_MAX)
            continue;
        mud_enter(r, key);
        if (is_of_known_module(key))
            mud_problem(r, MUD_REFUSED, "RFC 8520 7, RFC 8519 4.1",
                        "the standard has no '%s' here; take it out", key);
        else if (is_declared(r, key))
            mud_problem(r, MUD_NOTICE, "RFC 8520 3.9",
                        "'%s' is of an extension that is not known here; it "
                        "was ignored", key);
        else
            mud_problem(r, MUD_NOTICE, "RFC 8520 3.9",
                        "'%s' is of an extension that 'extensions' does not "
                        "name; it was ignored", key);
        mud_leave(r);
    }
}

static bool is_type(struct mud_reading *r, json_t *value,
                    json_type type, const char *wanted)
{
    if (json_typeof(value) == type)
        return true;
    mud_problem(r, MUD_REFUSED, "RFC 7951", "this must be %s", wanted);
    return false;
}

bool mud_take_text(struct mud_reading *r, json_t *object,
                   const char *key, const char **text)
{
    json_t *value = json_object_get(object, key);
    bool is_good = false;

    if (!value)
        return false;
    mud_enter(r, key);
    if (is_type(r, value, JSON_STRING, "a string in quotes")) {
        size_t size = json_string_length(value);
        const char *data = json_string_value(value);
        is_good = size <= MUD_TEXT_MAX && strlen(data) == size;
        if (is_good)
            *text = arena_copy_text(&r->file->texts, bytes_of(data, size));
        else
            mud_problem(r, MUD_REFUSED, "limit",
                        "the text is longer than %d bytes or has a zero byte",
                        MUD_TEXT_MAX);
    }
    mud_leave(r);
    return is_good;
}

bool mud_take_number(struct mud_reading *r, json_t *object,
                     const char *key, uint64_t max, uint64_t *number)
{
    json_t *value = json_object_get(object, key);
    bool is_good = false;

    if (!value)
        return false;
    mud_enter(r, key);
    if (is_type(r, value, JSON_INTEGER, "a whole number without quotes")) {
        json_int_t given = json_integer_value(value);
        is_good = given >= 0 && (uint64_t)given <= max;
        if (is_good)
            *number = (uint64_t)given;
        else
            mud_problem(r, MUD_REFUSED, "RFC 8519 4.2",
                        "%lld is not between 0 and %llu", (long long)given,
                        (unsigned long long)max);
    }
    mud_leave(r);
    return is_good;
}

bool mud_take_flag(struct mud_reading *r, json_t *object,
                   const char *key, bool *flag)
{
    json_t *value = json_object_get(object, key);
    bool is_good;

    if (!value)
        return false;
    mud_enter(r, key);
    is_good = json_is_boolean(value);
    if (is_good)
        *flag = json_is_true(value);
    else
        mud_problem(r, MUD_REFUSED, "RFC 7951 6.3",
                    "this must be true or false, without quotes");
    mud_leave(r);
    return is_good;
}

bool mud_take_empty(struct mud_reading *r, json_t *object,
                    const char *key)
{
    json_t *value = json_object_get(object, key);

    if (!value)
        return false;
    bool is_good = json_is_array(value) && json_array_size(value) == 1 &&
                   json_is_null(json_array_get(value, 0));
    mud_enter(r, key);
    if (!is_good)
        mud_problem(r, MUD_REFUSED, "RFC 7951 6.9",
                    "a leaf without a value is written [null]");
    mud_leave(r);
    return is_good;
}

static json_t *take(struct mud_reading *r, json_t *object,
                    const char *key, json_type type)
{
    json_t *value = json_object_get(object, key);

    if (!value)
        return NULL;
    mud_enter(r, key);
    if (!is_type(r, value, type,
                 type == JSON_OBJECT ? "an object" : "an array"))
        value = NULL;
    mud_leave(r);
    return value;
}

json_t *mud_take_object(struct mud_reading *r, json_t *object,
                        const char *key)
{
    return take(r, object, key, JSON_OBJECT);
}

json_t *mud_take_array(struct mud_reading *r, json_t *object,
                       const char *key)
{
    return take(r, object, key, JSON_ARRAY);
}

const char *mud_identity(const char *text, const char *module)
{
    size_t size = strlen(module);

    if (strncmp(text, module, size) == 0 && text[size] == ':')
        return text + size + 1;
    return text;
}
