/* SPDX-License-Identifier: Apache-2.0 */
/* Rule files and directories of them. */
#include "detect/behaviour/internal.h"
#include "detect/rule_files.h"

static bool is_rule_file(void *context, const char *path)
{
    struct bytes b = bytes_of_text(path);

    (void)context;
    return bytes_end_with_nocase(b, bytes_of_text(".yml")) ||
           bytes_end_with_nocase(b, bytes_of_text(".yaml"));
}

static void read_file(void *context, const char *path, struct bytes text)
{
    behaviour_load_text(context, path, text);
}

/* What cannot be read below the path that was named is one refusal. */
static void refuse_file(void *context, const char *path, int error)
{
    struct place place = { .behaviour = context };

    place.file = arena_copy_text(&place.behaviour->arena,
                                 bytes_of_text(path));
    (void)place_refuse(&place, 0, "cannot be read: %s", error_text(error));
}

int behaviour_load(struct behaviour *behaviour, const char *path,
                   struct failure *failure)
{
    const struct rule_file_visitor visitor = {
        .size_max = BEHAVIOUR_FILE_SIZE_MAX,
        .wants = is_rule_file,
        .read = read_file,
        .unreadable = refuse_file,
        .context = behaviour,
    };
    int result = rule_files_visit(&visitor, path);

    if (result < 0)
        return failure_set(failure, result, "%s: cannot read rules: %s", path,
                           error_text(result));
    return 0;
}
