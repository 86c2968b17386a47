/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories of rules and of what belongs to them: by their names
 * it is known what they are; what rules refer to is read before them. */
#include <string.h>

#include "detect/rule_files.h"
#include "detect/signature/config.h"
#include "detect/signature/part.h"

struct load {
    struct signature *set;
    bool rules; /* The second walk: rules; the first: all else. */
};

static struct bytes base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return bytes_of_text(slash ? slash + 1 : path);
}

static bool ends_with(const char *path, const char *end)
{
    return bytes_end_with_nocase(bytes_of_text(path), bytes_of_text(end));
}

enum file_kind {
    FILE_OTHER, FILE_RULES, FILE_CLASSES, FILE_THRESHOLDS, FILE_VARIABLES,
    FILE_CATEGORIES, FILE_REPUTATIONS,
};

static enum file_kind kind_of(const char *path)
{
    struct bytes name = base_name(path);

    if (ends_with(path, ".rules"))
        return FILE_RULES;
    if (part_is(name, "classification.config") ||
        part_is(name, "reference.config"))
        return FILE_CLASSES;
    if (part_is(name, "threshold.config") ||
        part_is(name, "thresholds.config"))
        return FILE_THRESHOLDS;
    if (part_is(name, "categories.txt"))
        return FILE_CATEGORIES;
    if (part_is(name, "iprep.list") || part_is(name, "reputation.list"))
        return FILE_REPUTATIONS;
    if (part_is(name, "suricata.yaml") || ends_with(path, "variables.yaml") ||
        ends_with(path, "vars.yaml"))
        return FILE_VARIABLES;
    return FILE_OTHER;
}

bool signature_knows_file(const char *path)
{
    return kind_of(path) != FILE_OTHER;
}

static bool wants(void *context, const char *path)
{
    const struct load *load = context;
    enum file_kind kind = kind_of(path);

    return load->rules ? kind == FILE_RULES
                       : kind != FILE_RULES && kind != FILE_OTHER;
}

/* Lists that rules name are looked for beside the file of the rule. */
static void remember_folder(struct signature *set, const char *path)
{
    struct bytes name = base_name(path);
    struct bytes folder = bytes_of_text(path);

    folder.size -= name.size;
    set->folder = signature_intern(set, folder);
}

static void read_file(void *context, const char *path, struct bytes text)
{
    struct signature *set = ((struct load *)context)->set;

    remember_folder(set, path);
    if (text.size > SIGNATURE_FILE_SIZE_MAX) {
        signature_refuse(set, &(struct signature_remark){
            .file = path, .reason = "the file is larger than 256 MiB" });
        return;
    }
    switch (kind_of(path)) {
    case FILE_CLASSES:
        config_read_classes(set, path, text);
        break;
    case FILE_THRESHOLDS:
        config_read_thresholds(set, path, text);
        break;
    case FILE_VARIABLES:
        config_read_variables(set, path, text);
        break;
    case FILE_CATEGORIES:
    case FILE_REPUTATIONS:
        config_read_reputations(set, path, text,
                                kind_of(path) == FILE_CATEGORIES);
        break;
    case FILE_RULES:
    case FILE_OTHER:
        signature_load_text(set, path, text);
        break;
    }
}

static void refuse_file(void *context, const char *path, int error)
{
    const struct load *load = context;

    signature_refuse(load->set, &(struct signature_remark){
        .file = path, .keyword = "file", .reason = error_text(error) });
}

int signature_load(struct signature *set, const char *path,
                   struct failure *failure)
{
    struct load load = { .set = set };
    const struct rule_file_visitor visitor = {
        .size_max = SIGNATURE_FILE_SIZE_MAX,
        .wants = wants,
        .read = read_file,
        .unreadable = refuse_file,
        .context = &load,
    };
    int result = 0;

    for (int walk = 0; walk < 2 && result == 0; walk++) {
        load.rules = walk == 1;
        /* A file that is named is read once, whatever it is. */
        if (walk == 0 && !rule_files_is_directory(path))
            continue;
        result = rule_files_visit(&visitor, path);
    }
    if (result < 0)
        return failure_set(failure, result, "%s: cannot read rules: %s", path,
                           error_text(result));
    return 0;
}

/* The first word of the first line that is no comment. */
bool signature_is_rules(struct bytes text)
{
    static const char *const actions[] = {
        "alert", "pass", "drop", "reject", "rejectsrc", "rejectdst",
        "rejectboth", "config",
    };
    struct bytes line, rest, word;

    while (part_next(&text, '\n', &line)) {
        while (part_skip(&line, "#"))
            continue;
        rest = line;
        if (part_word(&rest, &word) &&
            part_index(word, actions, COUNT_OF(actions)) < COUNT_OF(actions))
            return bytes_find_byte(line, '(') < line.size;
    }
    return false;
}
