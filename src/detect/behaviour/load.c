/* SPDX-License-Identifier: Apache-2.0 */
/* Rule files and directories of them, in name order. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "detect/behaviour/internal.h"

enum {
    DIRECTORY_DEPTH_MAX = 16, /* Also ends circles of links. */
    ENTRY_MAX = 100000,       /* Of one directory. */
    PATH_SIZE_MAX = 4096,
};

struct entries {
    char **names;
    size_t count;
    size_t capacity;
};

static bool is_rule_file(const char *name)
{
    struct bytes b = bytes_of_text(name);

    return bytes_end_with_nocase(b, bytes_of_text(".yml")) ||
           bytes_end_with_nocase(b, bytes_of_text(".yaml"));
}

/* All of `descriptor`, one byte more than a file may have at most. */
static int read_all(int descriptor, uint8_t *data, size_t *size)
{
    *size = 0;
    while (*size <= BEHAVIOUR_FILE_SIZE_MAX) {
        ssize_t got = read(descriptor, data + *size,
                           BEHAVIOUR_FILE_SIZE_MAX + 1 - *size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            return 0;
        *size += (size_t)got;
    }
    return 0;
}

static int load_file(struct behaviour *behaviour, const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t size;

    if (descriptor < 0)
        return -errno;
    uint8_t *data = memory_new(1, BEHAVIOUR_FILE_SIZE_MAX + 1);
    int result = read_all(descriptor, data, &size);
    (void)close(descriptor); /* Was only read. */
    if (result == 0)
        behaviour_load_text(behaviour, path, bytes_of(data, size));
    free(data);
    return result;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void entries_clear(struct entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        free(entries->names[i]);
    free(entries->names);
}

static void entries_add(struct entries *entries, const char *name)
{
    if (entries->count == entries->capacity) {
        entries->capacity = entries->capacity * 2 + 64;
        entries->names = memory_resize(entries->names, entries->capacity,
                                       sizeof *entries->names);
    }
    entries->names[entries->count++] = memory_copy_text(bytes_of_text(name));
}

static int list_directory(const char *path, struct entries *entries)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;

    if (!directory)
        return -errno;
    while ((entry = readdir(directory)) && entries->count < ENTRY_MAX)
        if (entry->d_name[0] != '.')
            entries_add(entries, entry->d_name);
    int result = entry ? ERROR_LIMIT : 0;
    (void)closedir(directory); /* Was only read. */
    if (entries->count > 0)
        qsort(entries->names, entries->count, sizeof *entries->names,
              by_name);
    return result;
}

static int load_directory(struct behaviour *behaviour, const char *path,
                          unsigned depth);

/* What cannot be read below the path that was named is one refusal. */
static void load_entry(struct behaviour *behaviour, const char *path,
                       unsigned depth)
{
    struct place place = { .behaviour = behaviour };
    struct stat status;
    int result = 0;

    if (stat(path, &status) != 0)
        result = -errno;
    else if (S_ISDIR(status.st_mode))
        result = load_directory(behaviour, path, depth + 1);
    else if (S_ISREG(status.st_mode) && is_rule_file(path))
        result = load_file(behaviour, path);
    if (result >= 0)
        return;
    place.file = arena_copy_text(&behaviour->arena, bytes_of_text(path));
    (void)place_refuse(&place, 0, "cannot be read: %s", error_text(result));
}

static int load_directory(struct behaviour *behaviour, const char *path,
                          unsigned depth)
{
    struct entries entries = { 0 };
    char child[PATH_SIZE_MAX];

    if (depth > DIRECTORY_DEPTH_MAX)
        return ERROR_LIMIT;
    int result = list_directory(path, &entries);
    for (size_t i = 0; result == 0 && i < entries.count; i++) {
        int size = snprintf(child, sizeof child, "%s/%s", path,
                            entries.names[i]);
        if (size < 0 || (size_t)size >= sizeof child)
            result = -ENAMETOOLONG;
        else
            load_entry(behaviour, child, depth);
    }
    entries_clear(&entries);
    return result;
}

int behaviour_load(struct behaviour *behaviour, const char *path,
                   struct failure *failure)
{
    struct stat status;
    int result = 0;

    if (stat(path, &status) != 0)
        result = -errno;
    else if (S_ISDIR(status.st_mode))
        result = load_directory(behaviour, path, 0);
    else
        result = load_file(behaviour, path);
    if (result < 0)
        return failure_set(failure, result, "%s: cannot read rules: %s", path,
                           error_text(result));
    return 0;
}
