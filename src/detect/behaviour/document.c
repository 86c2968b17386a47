/* SPDX-License-Identifier: Apache-2.0 */
/* One YAML document as a rule or a correlation, and what it says of itself. */
#include <string.h>

#include "base/memory.h"
#include "detect/behaviour/internal.h"

enum { REFERENCE_MAX = 64, TITLE_SIZE_MAX = 256 };

static struct arena *memory_of(struct place *place)
{
    return &place->behaviour->arena;
}

/* The text under `key`; null in `*text` when there is none. */
static bool read_text(struct place *place, const struct yaml_node *map,
                      const char *key, const char **text)
{
    const struct yaml_node *node = yaml_find(map, key);

    *text = NULL;
    if (!node || yaml_is_null(node))
        return true;
    if (node->kind != YAML_SCALAR)
        return place_refuse(place, node->line, "%s must be text", key);
    if (memchr(node->text.data, 0, node->text.size))
        return place_refuse(place, node->line, "%s holds a zero byte", key);
    *text = arena_copy_text(memory_of(place), node->text);
    return true;
}

/* "Telnet scan (Mirai)" becomes "telnet-scan-mirai". */
static const char *kebab(struct arena *arena, const char *title)
{
    char *name = arena_allocate(arena, strlen(title) + 1);
    size_t size = 0;

    for (; *title; title++) {
        char c = *title;
        char lower = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9'))
            name[size++] = lower;
        else if (size > 0 && name[size - 1] != '-')
            name[size++] = '-';
    }
    while (size > 0 && name[size - 1] == '-')
        size--;
    name[size] = 0;
    return size > 0 ? name : "unnamed";
}

static bool read_level(struct place *place, const struct yaml_node *root,
                       struct rule *rule)
{
    static const char *const levels[] = { "informational", "low", "medium",
                                          "high", "critical" };
    static const enum severity severities[] = {
        SEVERITY_NOTICE, SEVERITY_NOTICE, SEVERITY_WARNING, SEVERITY_URGENT,
        SEVERITY_URGENT,
    };
    const struct yaml_node *node = yaml_find(root, "level");

    if (!node)
        return true;
    rule->has_level = true;
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        if (yaml_is_text(node, levels[i])) {
            rule->detection.severity = severities[i];
            return true;
        }
    }
    return place_refuse(place, node->line,
                        "level is informational, low, medium, high or "
                        "critical, not %s", place_quote(place, node->text));
}

/* attack.t1110.001 is technique T1110.001. */
static const char *technique_of(struct arena *arena, struct bytes tag)
{
    struct bytes prefix = bytes_of_text("attack.t");

    if (!bytes_start_with_nocase(tag, prefix))
        return NULL;
    struct bytes id = bytes_slice(tag, prefix.size - 1, tag.size);
    if (id.size < 5 || id.size > 9)
        return NULL;
    for (size_t i = 1; i < id.size; i++) {
        bool is_digit = id.data[i] >= '0' && id.data[i] <= '9';
        if (i == 5 ? id.data[i] != '.' : !is_digit)
            return NULL;
    }
    char *text = arena_copy_text(arena, id);
    text[0] = 'T';
    return text;
}

static bool read_tags(struct place *place, const struct yaml_node *root,
                      struct detection *detection)
{
    const struct yaml_node *tags = yaml_find(root, "tags");

    if (!tags || yaml_is_null(tags))
        return true;
    if (tags->kind != YAML_LIST)
        return place_refuse(place, tags->line, "tags must be a list");
    for (const struct yaml_node *n = tags->first; n; n = n->next) {
        if (n->kind != YAML_SCALAR)
            return place_refuse(place, n->line, "a tag must be text");
        const char *technique = technique_of(memory_of(place), n->text);
        if (!technique)
            continue; /* Tactics, CVEs and others are for people. */
        if (detection->technique_count == DETECTION_TECHNIQUE_MAX)
            return place_refuse(place, n->line,
                                "more than %d techniques",
                                DETECTION_TECHNIQUE_MAX);
        detection->techniques[detection->technique_count++] = technique;
    }
    return true;
}

static bool read_references(struct place *place, const struct yaml_node *root,
                            struct detection *detection)
{
    const struct yaml_node *list = yaml_find(root, "references");

    if (!list || yaml_is_null(list))
        return true;
    if (list->kind != YAML_LIST || list->count > REFERENCE_MAX)
        return place_refuse(place, list->line,
                            "references must be a list of at most %d",
                            REFERENCE_MAX);
    const char **references = arena_allocate_zeroed(
        memory_of(place), list->count + 1, sizeof *references);
    size_t count = 0;
    for (const struct yaml_node *n = list->first; n; n = n->next) {
        if (n->kind != YAML_SCALAR)
            return place_refuse(place, n->line, "a reference must be text");
        references[count++] = arena_copy_text(memory_of(place), n->text);
    }
    detection->references = references;
    detection->reference_count = count;
    return true;
}

/* The classes of the Reference Security Incident Taxonomy, version 1003. */
static bool is_harm(const char *harm)
{
    static const char *const classes[] = {
        "abusive-content/", "malicious-code/", "information-gathering/",
        "intrusion-attempts/", "intrusions/", "availability/",
        "information-content-security/", "fraud/", "vulnerable/", "other/",
        "test/",
    };

    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        size_t size = strlen(classes[i]);
        if (strncmp(harm, classes[i], size) == 0 && harm[size] != 0)
            return true;
    }
    return false;
}

static bool read_subject(struct place *place, const struct yaml_node *map,
                         struct detection *detection)
{
    const struct yaml_node *node = yaml_find(map, "subject");

    if (!node || yaml_is_text(node, "source"))
        return true;
    if (!yaml_is_text(node, "destination"))
        return place_refuse(place, node->line,
                            "subject is source or destination, not %s",
                            place_quote(place, node->text));
    detection->subject = SUBJECT_DESTINATION;
    return true;
}

static bool has_known_keys(struct place *place, const struct yaml_node *map)
{
    static const char *const keys[] = { "name", "harm", "role", "text",
                                        "subject" };

    for (const struct yaml_node *n = map->first; n; n = n->next) {
        bool is_known = false;
        for (size_t i = 0; i < COUNT_OF(keys); i++)
            is_known |= bytes_equal(n->key, bytes_of_text(keys[i]));
        const char *near = nearest_name(n->key, keys, COUNT_OF(keys));
        if (!is_known)
            return place_refuse(place, n->line,
                                "tenet has no key %s%s%s%s",
                                place_quote(place, n->key),
                                near ? "; did you mean \"" : "",
                                near ? near : "", near ? "\"?" : "");
    }
    return true;
}

static bool is_role(const char *role)
{
    return strcmp(role, "owner") == 0 || strcmp(role, "maker") == 0 ||
           strcmp(role, "provider") == 0;
}

/* The texts of `tenet:`; what is absent is null. */
static bool read_tenet_texts(struct place *place, const struct yaml_node *map,
                             struct detection *detection)
{
    if (!has_known_keys(place, map) ||
        !read_text(place, map, "name", &detection->name) ||
        !read_text(place, map, "harm", &detection->harm) ||
        !read_text(place, map, "role", &detection->role) ||
        !read_text(place, map, "text", &detection->text_key) ||
        !read_subject(place, map, detection))
        return false;
    if (detection->harm && !is_harm(detection->harm))
        return place_refuse(place, yaml_find(map, "harm")->line,
                            "harm is a class and type of the RSIT, like "
                            "information-gathering/scanner");
    if (detection->role && !is_role(detection->role))
        return place_refuse(place, yaml_find(map, "role")->line,
                            "role is owner, maker or provider");
    return true;
}

/* What Sigma has no words for: `tenet:` with who acts, and on what harm. */
static bool read_tenet(struct place *place, const struct yaml_node *root,
                       struct detection *detection)
{
    const struct yaml_node *map = yaml_find(root, "tenet");

    if (map && map->kind != YAML_MAP)
        return place_refuse(place, map->line, "tenet must be a map");
    if (map && !read_tenet_texts(place, map, detection))
        return false;
    if (!detection->name)
        detection->name = kebab(memory_of(place), detection->title);
    if (!detection->harm)
        detection->harm = "other/undetermined";
    if (!detection->role)
        detection->role = "owner";
    if (!detection->text_key)
        detection->text_key = detection->name;
    return true;
}

static bool read_title(struct place *place, const struct yaml_node *root,
                       struct detection *detection)
{
    if (!read_text(place, root, "title", &detection->title))
        return false;
    if (!detection->title || !detection->title[0])
        return place_refuse(place, root->line, "the rule has no title");
    if (strlen(detection->title) > TITLE_SIZE_MAX)
        return place_refuse(place, yaml_find(root, "title")->line,
                            "the title is longer than %d bytes",
                            TITLE_SIZE_MAX);
    place->title = detection->title;
    return true;
}

/* What forbids to use a rule as it stands. */
static bool is_usable(struct place *place, const struct yaml_node *root)
{
    const struct yaml_node *node;

    node = yaml_find(root, "filter");
    if (node)
        return place_refuse(place, node->line,
                            "Sigma filters are not applied here; write the "
                            "exclusion into the rule's own condition");
    node = yaml_find(root, "action");
    if (node)
        return place_refuse(place, node->line,
                            "rule collections with action were withdrawn "
                            "from Sigma; write each rule out");
    node = yaml_find(root, "status");
    if (node && yaml_is_text(node, "unsupported"))
        return place_refuse(place, node->line,
                            "the rule says of itself that it is unsupported");
    node = yaml_find(root, "taxonomy");
    if (node && !yaml_is_text(node, "sigma"))
        return place_refuse(place, node->line,
                            "only the taxonomy sigma is known");
    return true;
}

static bool read_header(struct place *place, const struct yaml_node *root,
                        struct rule *rule)
{
    struct detection *detection = &rule->detection;

    if (!read_title(place, root, detection) || !is_usable(place, root) ||
        !read_text(place, root, "id", &detection->id) ||
        !read_text(place, root, "name", &rule->name) ||
        !read_text(place, root, "description", &detection->description) ||
        !read_level(place, root, rule) ||
        !read_tags(place, root, detection) ||
        !read_references(place, root, detection) ||
        !read_tenet(place, root, detection))
        return false;
    if (!detection->description)
        detection->description = "";
    if (!detection->id)
        detection->id = detection->name;
    detection->source = place->file;
    detection->line = root->line;
    return true;
}

static bool read_plain(struct place *place, const struct yaml_node *root,
                       struct rule *rule)
{
    const struct yaml_node *logsource = yaml_find(root, "logsource");
    const struct yaml_node *detection = yaml_find(root, "detection");

    if (!logsource || !detection)
        return place_refuse(place, root->line, "the rule has no %s",
                            logsource ? "detection" : "logsource");
    if (!logsource_read(place, logsource, &rule->type))
        return false;
    place->type = rule->type;
    if (detection->kind != YAML_MAP)
        return place_refuse(place, detection->line,
                            "detection must be a map");
    struct expression *expression = condition_read(place, detection);
    if (!expression ||
        !program_build(place, expression, rule, detection->line))
        return false;
    struct arena *scratch = &place->behaviour->scratch;
    rule->detection.version =
        digest_of(memory_of(place), canonical_text(scratch, root));
    return true;
}

/* Ids and names are what correlations and findings refer to. */
static bool is_unique(struct place *place, const struct rule *rule,
                      unsigned line)
{
    const struct behaviour *behaviour = place->behaviour;

    for (size_t i = 0; i < behaviour->rule_count; i++) {
        const struct rule *other = behaviour->rules[i];
        if (strcmp(other->detection.id, rule->detection.id) == 0)
            return place_refuse(place, line,
                                "its id is also that of the rule at %s:%u",
                                other->detection.source,
                                other->detection.line);
        if (rule->name && other->name && strcmp(rule->name, other->name) == 0)
            return place_refuse(place, line,
                                "its name is also that of the rule at %s:%u",
                                other->detection.source,
                                other->detection.line);
    }
    return true;
}

static void keep(struct behaviour *behaviour, struct rule *rule)
{
    if (behaviour->rule_count == behaviour->rule_capacity) {
        behaviour->rule_capacity = behaviour->rule_capacity * 2 + 64;
        behaviour->rules =
            memory_resize(behaviour->rules, behaviour->rule_capacity,
                          sizeof(struct rule *));
    }
    rule->index = behaviour->rule_count;
    behaviour->rules[behaviour->rule_count++] = rule;
}

void document_read(struct place *place, const struct yaml_node *root)
{
    struct rule *rule =
        arena_allocate_zeroed(memory_of(place), 1, sizeof *rule);

    if (root->kind != YAML_MAP) {
        (void)place_refuse(place, root->line, "a rule is a map");
        return;
    }
    if (!read_header(place, root, rule) || !is_unique(place, rule, root->line))
        return;
    if (place->behaviour->rule_count >= BEHAVIOUR_RULE_MAX) {
        (void)place_refuse(place, root->line,
                           "more than %d rules", BEHAVIOUR_RULE_MAX);
        return;
    }
    if (yaml_find(root, "correlation")) {
        struct correlation *correlation = correlation_read(place, root);
        if (!correlation)
            return;
        correlation->rule = rule;
        rule->correlation = correlation;
    } else if (!read_plain(place, root, rule)) {
        return;
    }
    keep(place->behaviour, rule);
}
