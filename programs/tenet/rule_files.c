/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_files.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/compiler.h"

enum { LOOK_SIZE = 64 << 10 }; /* Of a file without a telling name. */

static bool has_ending(const char *path, const char *ending)
{
    return bytes_end_with_nocase(bytes_of_text(path), bytes_of_text(ending));
}

static int language_of_name(const char *path)
{
    if (has_ending(path, ".yml") || has_ending(path, ".yaml"))
        return RULE_LANGUAGE_SIGMA;
    return has_ending(path, ".rules") ? RULE_LANGUAGE_SURICATA : 0;
}

/* A Suricata rule begins with what it does. */
static bool is_rule(struct bytes line)
{
    static const char *const actions[] = { "alert ", "drop ", "pass ",
                                           "reject", "config ", "log " };

    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (bytes_start_with(line, bytes_of_text(actions[i])))
            return true;
    return false;
}

static int language_of_text(struct bytes text)
{
    while (text.size > 0) {
        size_t end = bytes_find_byte(text, '\n');
        struct bytes line = bytes_trim(bytes_slice(text, 0, end));
        if (line.size > 0 && line.data[0] != '#')
            return is_rule(line) ? RULE_LANGUAGE_SURICATA
                                 : RULE_LANGUAGE_SIGMA;
        text = bytes_slice(text, end + 1, text.size);
    }
    return RULE_LANGUAGE_SIGMA;
}

static int language_of_file(const char *path, struct failure *failure)
{
    static char text[LOOK_SIZE];
    int language = language_of_name(path);

    if (language != 0)
        return language;
    FILE *file = fopen(path, "re");
    if (!file)
        return failure_set(failure, -errno, "cannot read %s: %s", path,
                           strerror(errno));
    size_t size = fread(text, 1, sizeof text, file);
    (void)fclose(file); /* It was only read. */
    return language_of_text(bytes_of(text, size));
}

static int languages_below(const char *path)
{
    char copy[4096];
    char *paths[] = { copy, NULL };
    int languages = 0;

    if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy)
        return 0;
    FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *entry = tree ? fts_read(tree) : NULL; entry;
         entry = fts_read(tree))
        if (entry->fts_info == FTS_F)
            languages |= language_of_name(entry->fts_name);
    if (tree)
        (void)fts_close(tree); /* What was seen is what counts. */
    return languages;
}

int rule_files_languages(const char *path, struct failure *failure)
{
    struct stat status;

    if (stat(path, &status) < 0)
        return failure_set(failure, -errno, "cannot read %s: %s", path,
                           strerror(errno));
    return S_ISDIR(status.st_mode) ? languages_below(path)
                                   : language_of_file(path, failure);
}
