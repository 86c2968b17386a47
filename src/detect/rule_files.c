/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/rule_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

enum { PATH_SIZE_MAX = 4096 };

struct entries {
    char **names;
    size_t count;
    size_t capacity;
};

/* Room for the file, as far as it is read. The size is only a hint: a file
 * may grow, and a pipe has none. */
static uint8_t *room_for(int descriptor, size_t size_max, size_t *room)
{
    struct stat status;

    *room = size_max + 1;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
        (uint64_t)status.st_size < size_max)
        *room = (size_t)status.st_size + 1;
    return memory_new(1, *room);
}

static int read_all(int descriptor, uint8_t *data, size_t room, size_t *size)
{
    *size = 0;
    while (*size < room) {
        ssize_t got = read(descriptor, data + *size, room - *size);
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

static int visit_file(const struct rule_file_visitor *visitor,
                      const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t size, room;

    if (descriptor < 0)
        return -errno;
    uint8_t *data = room_for(descriptor, visitor->size_max, &room);
    int result = read_all(descriptor, data, room, &size);
    (void)close(descriptor); /* Was only read. */
    if (result == 0)
        visitor->read(visitor->context, path, bytes_of(data, size));
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
    while ((entry = readdir(directory)) &&
           entries->count < RULE_FILES_ENTRY_MAX)
        if (entry->d_name[0] != '.')
            entries_add(entries, entry->d_name);
    int result = entry ? ERROR_LIMIT : 0;
    (void)closedir(directory); /* Was only read. */
    if (entries->count > 0)
        qsort(entries->names, entries->count, sizeof *entries->names,
              by_name);
    return result;
}

static int visit_directory(const struct rule_file_visitor *visitor,
                           const char *path, unsigned depth);

/* Depth is bounded by RULE_FILES_DEPTH_MAX. */
static void visit_entry(const struct rule_file_visitor *visitor,
                        const char *path, unsigned depth)
{
    struct stat status;
    int result = 0;

    if (stat(path, &status) != 0)
        result = -errno;
    else if (S_ISDIR(status.st_mode))
        result = visit_directory(visitor, path, depth + 1);
    else if (S_ISREG(status.st_mode) &&
             visitor->wants(visitor->context, path))
        result = visit_file(visitor, path);
    if (result < 0)
        visitor->unreadable(visitor->context, path, result);
}

static int visit_directory(const struct rule_file_visitor *visitor,
                           const char *path, unsigned depth)
{
    struct entries entries = { 0 };
    char child[PATH_SIZE_MAX];

    if (depth > RULE_FILES_DEPTH_MAX)
        return ERROR_LIMIT;
    int result = list_directory(path, &entries);
    for (size_t i = 0; result == 0 && i < entries.count; i++) {
        int size = snprintf(child, sizeof child, "%s/%s", path,
                            entries.names[i]);
        if (size < 0 || (size_t)size >= sizeof child)
            result = -ENAMETOOLONG;
        else
            visit_entry(visitor, child, depth);
    }
    entries_clear(&entries);
    return result;
}

bool rule_files_is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int rule_files_visit(const struct rule_file_visitor *visitor,
                     const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return -errno;
    if (S_ISDIR(status.st_mode))
        return visit_directory(visitor, path, 0);
    return visit_file(visitor, path);
}
