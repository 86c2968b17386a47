/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variables of a suricata.yaml: the maps `vars: address-groups:` and
 * `vars: port-groups:`. The rest of the file is not looked at.
 */
#include <string.h>
#include <yaml.h>

#include "detect/signature/config.h"
#include "detect/signature/part.h"

struct variables_reader {
    struct signature *set;
    const char *name;
    unsigned depth;
    bool is_map[VARIABLES_DEPTH_MAX + 1];
    bool has_key[VARIABLES_DEPTH_MAX + 1];
    const char *keys[VARIABLES_DEPTH_MAX + 1];
};

static void refuse(struct variables_reader *r, size_t line,
                   const char *reason)
{
    signature_refuse(r->set, &(struct signature_remark){
        .file = r->name, .line = (unsigned)line + 1, .keyword = "vars",
        .reason = reason });
}

/* vars: {address-groups|port-groups}: NAME: value */
static bool is_variable(const struct variables_reader *r)
{
    return r->depth == 3 && strcmp(r->keys[1], "vars") == 0 &&
           (strcmp(r->keys[2], "address-groups") == 0 ||
            strcmp(r->keys[2], "port-groups") == 0);
}

static void read_value(struct variables_reader *r, struct bytes value,
                       size_t line)
{
    struct failure failure;

    if (!is_variable(r))
        return;
    if (signature_set_variable(r->set, bytes_of_text(r->keys[3]), value,
                               &failure) < 0)
        refuse(r, line, failure.text);
}

static void read_scalar(struct variables_reader *r, const yaml_event_t *event)
{
    struct bytes text = bytes_of(event->data.scalar.value,
                                 event->data.scalar.length);

    if (!r->is_map[r->depth])
        return;
    if (!r->has_key[r->depth]) {
        r->keys[r->depth] = signature_intern(r->set, text);
        r->has_key[r->depth] = true;
        return;
    }
    r->has_key[r->depth] = false;
    read_value(r, text, event->start_mark.line);
}

static bool enter(struct variables_reader *r, bool is_map)
{
    if (r->depth == VARIABLES_DEPTH_MAX)
        return false;
    r->depth++;
    r->is_map[r->depth] = is_map;
    r->has_key[r->depth] = false;
    r->keys[r->depth] = "";
    return true;
}

static void leave(struct variables_reader *r)
{
    r->depth--;
    r->has_key[r->depth] = false; /* It was the value. */
}

/* False at the end of what can be read. */
static bool read_event(struct variables_reader *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_MAPPING_START_EVENT:
        return enter(r, true);
    case YAML_SEQUENCE_START_EVENT:
        return enter(r, false);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        leave(r);
        return true;
    case YAML_SCALAR_EVENT:
        read_scalar(r, event);
        return true;
    case YAML_ALIAS_EVENT:
        r->has_key[r->depth] = false;
        return true;
    case YAML_STREAM_END_EVENT:
        return false;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return true;
}

void config_read_variables(struct signature *set, const char *name,
                           struct bytes text)
{
    struct variables_reader r = { .set = set, .name = name };
    yaml_parser_t parser;
    yaml_event_t event;
    bool more = true;

    if (text.size == 0 || yaml_parser_initialize(&parser) != 1)
        return;
    yaml_parser_set_input_string(&parser, text.data, text.size);
    while (more) {
        if (yaml_parser_parse(&parser, &event) != 1) {
            refuse(&r, parser.problem_mark.line, "is no YAML");
            break;
        }
        more = read_event(&r, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}
