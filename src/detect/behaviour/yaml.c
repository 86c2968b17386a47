/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/behaviour/yaml.h"

#include <stdlib.h>
#include <yaml.h>

#include "base/check.h"
#include "base/memory.h"

struct yaml_reader {
    yaml_parser_t parser;
    struct arena *arena;
    /* Of the document being read: */
    struct yaml_node *root;
    struct yaml_node *open;     /* The list or map being filled, or null. */
    struct bytes key;           /* Waits for its value. */
    bool has_key;
    unsigned depth;
    size_t nodes;
    struct yaml_fault fault;    /* The first; `reason` is null without. */
};

struct yaml_reader *yaml_reader_new(struct arena *arena, struct bytes text)
{
    static const unsigned char empty[1];
    struct yaml_reader *reader = memory_new(1, sizeof *reader);

    reader->arena = arena;
    check(yaml_parser_initialize(&reader->parser) == 1);
    yaml_parser_set_input_string(&reader->parser,
                                 text.size > 0 ? text.data : empty,
                                 text.size);
    return reader;
}

void yaml_reader_free(struct yaml_reader *reader)
{
    if (!reader)
        return;
    yaml_parser_delete(&reader->parser);
    free(reader);
}

static unsigned line_of(const yaml_event_t *event)
{
    return (unsigned)event->start_mark.line + 1;
}

static void refuse(struct yaml_reader *reader, const yaml_event_t *event,
                   const char *reason)
{
    if (!reader->fault.reason)
        reader->fault = (struct yaml_fault){ line_of(event), reason };
}

/* A node under `parent`: a key's value, a list's item, or the root. */
static struct yaml_node *add(struct yaml_reader *reader,
                             const yaml_event_t *event, enum yaml_kind kind)
{
    struct yaml_node *parent = reader->open;
    struct yaml_node *node =
        arena_allocate_zeroed(reader->arena, 1, sizeof *node);

    node->kind = kind;
    node->line = line_of(event);
    node->parent = parent;
    if (!parent) {
        reader->root = node;
        return node;
    }
    if (parent->kind == YAML_MAP) {
        node->key = reader->key;
        reader->has_key = false;
    }
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    parent->count++;
    return node;
}

static bool wants_key(const struct yaml_reader *reader)
{
    return reader->open && reader->open->kind == YAML_MAP && !reader->has_key;
}

static struct bytes copy(struct yaml_reader *reader, const yaml_event_t *event)
{
    struct bytes text =
        bytes_of(event->data.scalar.value, event->data.scalar.length);
    const char *kept = arena_copy_text(reader->arena, text);
    return bytes_of(kept, text.size);
}

static void take_key(struct yaml_reader *reader, const yaml_event_t *event)
{
    if (event->data.scalar.length > YAML_KEY_SIZE_MAX) {
        refuse(reader, event, "a key is longer than 512 bytes");
        return;
    }
    if (reader->open->count >= YAML_MAP_MAX) {
        refuse(reader, event, "a map has more than 1024 keys");
        return;
    }
    reader->key = copy(reader, event);
    reader->has_key = true;
    for (const struct yaml_node *n = reader->open->first; n; n = n->next)
        if (bytes_equal(n->key, reader->key))
            refuse(reader, event,
                   "a key stands twice in one map; only one can count");
}

static void take_scalar(struct yaml_reader *reader, const yaml_event_t *event)
{
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    if (event->data.scalar.tag || event->data.scalar.anchor) {
        refuse(reader, event, "anchors and tags are not used in Sigma rules; "
                              "write the value out");
    } else if (wants_key(reader)) {
        take_key(reader, event);
    } else {
        struct yaml_node *node = add(reader, event, YAML_SCALAR);
        node->text = copy(reader, event);
        node->plain = plain;
    }
}

static void open_node(struct yaml_reader *reader, const yaml_event_t *event,
                      enum yaml_kind kind)
{
    bool is_map = kind == YAML_MAP;
    const void *tag = is_map ? event->data.mapping_start.tag
                             : event->data.sequence_start.tag;
    const void *anchor = is_map ? event->data.mapping_start.anchor
                                : event->data.sequence_start.anchor;

    if (tag || anchor)
        refuse(reader, event, "anchors and tags are not used in Sigma rules; "
                              "write the value out");
    else if (wants_key(reader))
        refuse(reader, event, "a key must be text");
    else if (reader->depth >= YAML_DEPTH_MAX)
        refuse(reader, event, "nested deeper than 16 levels");
    if (reader->fault.reason)
        return;
    reader->open = add(reader, event, kind);
    reader->depth++;
}

static void close_node(struct yaml_reader *reader)
{
    check(reader->open);
    reader->open = reader->open->parent;
    reader->depth--;
}

/* After a fault the rest of the document is read over. */
static void take(struct yaml_reader *reader, const yaml_event_t *event)
{
    if (event->type == YAML_ALIAS_EVENT)
        refuse(reader, event, "aliases are not used in Sigma rules; "
                              "write the value out");
    if (++reader->nodes > YAML_NODE_MAX)
        refuse(reader, event, "more than 100,000 values in one document");
    if (reader->fault.reason)
        return;
    switch ((int)event->type) {
    case YAML_SCALAR_EVENT:
        take_scalar(reader, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        open_node(reader, event, YAML_LIST);
        break;
    case YAML_MAPPING_START_EVENT:
        open_node(reader, event, YAML_MAP);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_node(reader);
        break;
    default:
        break; /* Stream and document starts. */
    }
}

static enum yaml_result broken(struct yaml_reader *reader,
                               struct yaml_fault *fault)
{
    const char *problem = reader->parser.problem;

    fault->line = (unsigned)reader->parser.problem_mark.line + 1;
    fault->reason =
        problem ? arena_copy_text(reader->arena, bytes_of_text(problem))
                : "this is not YAML";
    return YAML_BROKEN;
}

static void begin_document(struct yaml_reader *reader)
{
    reader->root = NULL;
    reader->open = NULL;
    reader->has_key = false;
    reader->depth = 0;
    reader->nodes = 0;
    reader->fault = (struct yaml_fault){ 0 };
}

enum yaml_result yaml_read(struct yaml_reader *reader, struct yaml_node **root,
                           struct yaml_fault *fault)
{
    begin_document(reader);
    for (;;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event))
            return broken(reader, fault);
        yaml_event_type_t type = event.type;
        if (type != YAML_DOCUMENT_END_EVENT && type != YAML_NO_EVENT)
            take(reader, &event);
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT || type == YAML_NO_EVENT)
            return YAML_END;
        if (type == YAML_DOCUMENT_END_EVENT)
            break;
    }
    if (reader->fault.reason) {
        *fault = reader->fault;
        return YAML_REFUSED;
    }
    *root = reader->root;
    return YAML_DOCUMENT;
}

const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key)
{
    if (!map || map->kind != YAML_MAP)
        return NULL;
    for (const struct yaml_node *node = map->first; node; node = node->next)
        if (bytes_equal(node->key, bytes_of_text(key)))
            return node;
    return NULL;
}

/* The core schema of YAML 1.2.2, section 10.3.2. */
bool yaml_is_null(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && node->plain &&
           (node->text.size == 0 || yaml_is_text(node, "~") ||
            yaml_is_text(node, "null") || yaml_is_text(node, "Null") ||
            yaml_is_text(node, "NULL"));
}

bool yaml_is_text(const struct yaml_node *node, const char *text)
{
    return node->kind == YAML_SCALAR &&
           bytes_equal(node->text, bytes_of_text(text));
}

bool yaml_to_flag(const struct yaml_node *node, bool *flag)
{
    if (node->kind != YAML_SCALAR)
        return false;
    bool yes = bytes_equal_nocase(node->text, bytes_of_text("true"));
    bool no = bytes_equal_nocase(node->text, bytes_of_text("false"));
    if (yes || no)
        *flag = yes;
    return yes || no;
}
