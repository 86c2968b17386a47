/* SPDX-License-Identifier: Apache-2.0 */
#include "mud_set.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "mud/journal.h"

/* Read, with what was accepted; null with a failure. */
static struct mud_file *load(const char *path, const struct mud_words *words,
                             struct failure *failure)
{
    struct mud_read_options options = {
        .is_import = words->is_import,
        .now_s = words->at_s,
    };
    struct mud_file *file = mud_read_file(path, &options, failure);

    if (file && file->level == MUD_REFUSED) {
        (void)failure_set(failure, ERROR_FORMAT,
                          "%s is no good MUD file; 'tenet mud check %s' says "
                          "why", path, path);
        mud_file_free(file);
        return NULL;
    }
    if (file && mud_journal_read(path, file, failure) < 0) {
        mud_file_free(file);
        return NULL;
    }
    return file;
}

static int give(struct allowed *allowed, struct mac mac, const char *path,
                const struct mud_words *words, struct failure *failure)
{
    struct mud_file *file = load(path, words, failure);

    if (!file)
        return ERROR_FORMAT;
    if (allowed_give(allowed, mac, file))
        return 0;
    mud_file_free(file);
    return failure_set(failure, ERROR_LIMIT, "more than %d MUD files",
                       ALLOWED_FILE_MAX);
}

static int add(struct allowed *allowed, const char *path,
               const struct mud_words *words, struct failure *failure)
{
    struct mud_file *file = load(path, words, failure);
    struct mud_signature signature;

    if (!file)
        return ERROR_FORMAT;
    if (mud_verify_file(path, file, words, &signature) < 0) {
        mud_file_free(file);
        return failure_set(failure, ERROR_FORMAT,
                           "cannot read the signature or the authorities of "
                           "%s", path);
    }
    if (signature.verdict == MUD_INVALID && !signature.is_unknown) {
        mud_file_free(file);
        return failure_set(failure, ERROR_FORMAT,
                           "%s is not used: its signature does not hold: %s",
                           path, signature.reason);
    }
    if (allowed_add(allowed, file, mud_is_trusted(&signature)))
        return 0;
    mud_file_free(file);
    return failure_set(failure, ERROR_CONFLICT,
                       "%s is not used: another file has its URL, or there "
                       "are more than %d", path, ALLOWED_FILE_MAX);
}

static int is_mud_name(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot && entry->d_name[0] != '.' &&
           (strcmp(dot, ".json") == 0 || strcmp(dot, ".mud") == 0);
}

/* One bad file does not keep the others of a folder from being used. */
static int add_folder(struct allowed *allowed, const char *path,
                      const struct mud_words *words, struct failure *failure)
{
    struct dirent **names = NULL;
    int count = scandir(path, &names, is_mud_name, alphasort);
    struct writer full;

    if (count < 0)
        return failure_set(failure, -errno, "cannot read %s: %s", path,
                           strerror(errno));
    writer_init(&full, 8192);
    for (int i = 0; i < count; i++) {
        struct failure why = { 0 };
        writer_reset(&full);
        writer_format(&full, "%s/%s", path, names[i]->d_name);
        if (add(allowed, writer_as_text(&full), words, &why) < 0)
            fprintf(stderr, "tenet: warning: %s\n", why.text);
        free(names[i]);
    }
    free(names);
    writer_clear(&full);
    return 0;
}

int mud_set_add(struct allowed *allowed, const char *word,
                const struct mud_words *words, struct failure *failure)
{
    const char *equals = strchr(word, '=');
    struct stat about;
    struct mac mac;

    if (equals &&
        mac_parse(bytes_of(word, (size_t)(equals - word)), &mac))
        return give(allowed, mac, equals + 1, words, failure);
    if (stat(word, &about) == 0 && S_ISDIR(about.st_mode))
        return add_folder(allowed, word, words, failure);
    return add(allowed, word, words, failure);
}

int mud_set_member(struct allowed *allowed, const char *word,
                   struct failure *failure)
{
    const char *equals = strrchr(word, '=');
    struct ip ip;

    if (!equals || equals == word ||
        !ip_parse(bytes_of_text(equals + 1), &ip))
        return failure_set(failure, ERROR_FORMAT,
                           "'%s' is not a class and an address, such as "
                           "https://example.com/controllers=192.0.2.1", word);
    char *name = memory_copy_text(bytes_of(word, (size_t)(equals - word)));
    bool has_room = allowed_add_member(allowed, name, ip);
    free(name);
    return has_room ? 0 : failure_set(failure, ERROR_LIMIT,
                                      "more than %d hosts of classes",
                                      ALLOWED_MEMBER_MAX);
}

bool mud_set_option(struct mud_words *words, int option, const char *value)
{
    switch (option) {
    case 'm':
        if (words->mud_count == MUD_WORD_MAX)
            return false;
        words->mud[words->mud_count++] = value;
        return true;
    case 'k':
        if (words->member_count == MUD_WORD_MAX)
            return false;
        words->members[words->member_count++] = value;
        return true;
    case 'a': words->roots = value; return true;
    case 'p': words->is_import = true; return true;
    default: return false;
    }
}

int mud_set_load(struct mud_words *words, struct allowed **allowed,
                 struct failure *failure)
{
    int result = 0;

    if (words->mud_count == 0)
        return 0;
    words->at_s = (int64_t)time(NULL);
    *allowed = allowed_new();
    for (size_t i = 0; i < words->mud_count && result >= 0; i++)
        result = mud_set_add(*allowed, words->mud[i], words, failure);
    for (size_t i = 0; i < words->member_count && result >= 0; i++)
        result = mud_set_member(*allowed, words->members[i], failure);
    return result;
}
