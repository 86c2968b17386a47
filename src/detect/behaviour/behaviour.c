/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/behaviour/behaviour.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/writer.h"
#include "detect/behaviour/internal.h"

enum {
    REASON_SIZE_MAX = 512,
    QUOTE_SIZE_MAX = 80,
    REGEX_NEST_MAX = 50,
};

struct behaviour *behaviour_new(void)
{
    struct behaviour *behaviour = memory_new(1, sizeof *behaviour);

    arena_init(&behaviour->arena);
    arena_init(&behaviour->scratch);
    arena_init(&behaviour->compiled);
    behaviour->regex_context = pcre2_compile_context_create(NULL);
    check(behaviour->regex_context);
    (void)pcre2_set_parens_nest_limit(behaviour->regex_context,
                                      REGEX_NEST_MAX); /* Always 0. */
    return behaviour;
}

void behaviour_free(struct behaviour *behaviour)
{
    if (!behaviour)
        return;
    for (size_t i = 0; i < behaviour->regex_count; i++)
        pcre2_code_free(behaviour->regexes[i]);
    pcre2_compile_context_free(behaviour->regex_context);
    free(behaviour->regexes);
    free(behaviour->rules);
    free(behaviour->refusals);
    free(behaviour->correlations);
    arena_clear(&behaviour->arena);
    arena_clear(&behaviour->scratch);
    arena_clear(&behaviour->compiled);
    free(behaviour);
}

bool place_refuse(struct place *place, unsigned line, const char *format, ...)
{
    struct behaviour *behaviour = place->behaviour;
    char text[REASON_SIZE_MAX];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (behaviour->refusal_count == behaviour->refusal_capacity) {
        behaviour->refusal_capacity = behaviour->refusal_capacity * 2 + 16;
        behaviour->refusals =
            memory_resize(behaviour->refusals, behaviour->refusal_capacity,
                          sizeof *behaviour->refusals);
    }
    behaviour->refusals[behaviour->refusal_count++] =
        (struct behaviour_refusal){
            .file = place->file,
            .line = line,
            .rule = place->title,
            .reason =
                arena_copy_text(&behaviour->arena, bytes_of_text(text)),
        };
    place->refused = true;
    return false;
}

const char *place_quote(struct place *place, struct bytes text)
{
    struct writer w;

    writer_init(&w, 4 * QUOTE_SIZE_MAX + 16);
    writer_byte(&w, '"');
    text_escape(&w, bytes_slice(text, 0, QUOTE_SIZE_MAX));
    if (text.size > QUOTE_SIZE_MAX)
        writer_text(&w, "...");
    writer_byte(&w, '"');
    const char *quoted =
        arena_copy_text(&place->behaviour->arena, writer_view(&w));
    writer_clear(&w);
    return quoted;
}

/* A file becomes as many rules as it has good documents. */
void behaviour_load_text(struct behaviour *behaviour, const char *name,
                         struct bytes text)
{
    struct place place = { .behaviour = behaviour };
    struct yaml_node *root;
    struct yaml_fault fault;
    enum yaml_result result;

    place.file = arena_copy_text(&behaviour->arena, bytes_of_text(name));
    if (text.size > BEHAVIOUR_FILE_SIZE_MAX) {
        (void)place_refuse(&place, 1, "the file is larger than %d bytes",
                           BEHAVIOUR_FILE_SIZE_MAX);
        return;
    }
    arena_reset(&behaviour->scratch);
    struct yaml_reader *reader = yaml_reader_new(&behaviour->scratch, text);
    while ((result = yaml_read(reader, &root, &fault)) != YAML_END) {
        place.title = NULL;
        place.type = EVENT_COMMON;
        if (result == YAML_DOCUMENT && root && !yaml_is_null(root))
            document_read(&place, root);
        if (result == YAML_REFUSED || result == YAML_BROKEN)
            (void)place_refuse(&place, fault.line, "%s", fault.reason);
        if (result == YAML_BROKEN)
            break;
    }
    yaml_reader_free(reader);
    arena_reset(&behaviour->scratch);
}

void behaviour_compile(struct behaviour *behaviour)
{
    arena_reset(&behaviour->compiled);
    correlation_resolve(behaviour);
    for (size_t i = 0; i < EVENT_TYPE_COUNT; i++)
        type_index_build(behaviour, (enum event_type)i);
}

size_t behaviour_detection_count(const struct behaviour *behaviour)
{
    return behaviour->rule_count;
}

const struct detection *behaviour_detection(const struct behaviour *behaviour,
                                            size_t index)
{
    check(index < behaviour->rule_count);
    return &behaviour->rules[index]->detection;
}

size_t behaviour_refusal_count(const struct behaviour *behaviour)
{
    return behaviour->refusal_count;
}

const struct behaviour_refusal *
behaviour_refusal(const struct behaviour *behaviour, size_t index)
{
    check(index < behaviour->refusal_count);
    return &behaviour->refusals[index];
}

bool behaviour_wants(const struct behaviour *behaviour, enum event_type type)
{
    return type < EVENT_TYPE_COUNT && behaviour->types[type].rule_count > 0;
}

bool behaviour_wants_unanswered(const struct behaviour *behaviour)
{
    return behaviour->types[EVENT_FLOW].wants_unanswered;
}
