/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"

enum { READ_SIZE = 64 << 10 };

static const char beside[] = ".new"; /* What is not whole yet. */

static int fail(const struct seal_folder *folder, const char *what,
                const char *path, struct failure *failure)
{
    int code = errno;

    return failure_set(failure, -code, "%s/%s: %s: %s", folder->name, path,
                       what, strerror(code));
}

static void step(const struct seal_folder *folder, const char *what)
{
    if (folder->step)
        folder->step(folder->context, what);
}

int seal_folder_open(const char *path, bool create,
                     struct seal_folder *folder, struct failure *failure)
{
    struct seal_folder opened = { .descriptor = -1, .name = path };

    if (create && mkdir(path, 0700) < 0 && errno != EEXIST)
        return fail(&opened, "cannot be made", "", failure);
    opened.descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened.descriptor < 0)
        return fail(&opened, "cannot be opened", "", failure);
    *folder = opened;
    return 0;
}

void seal_folder_close(struct seal_folder *folder)
{
    if (folder->descriptor >= 0)
        (void)close(folder->descriptor); /* Only read. */
    folder->descriptor = -1;
}

/* Bring the names in the directory of `path` to disk. */
static int sync_directory(const struct seal_folder *folder, const char *path,
                          struct failure *failure)
{
    char parent[SEAL_PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t size = slash ? (size_t)(slash - path) : 0;

    memcpy(parent, path, size);
    parent[size] = '\0';
    int descriptor = size > 0 ? openat(folder->descriptor, parent,
                                       O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                              : dup(folder->descriptor);
    if (descriptor < 0)
        return fail(folder, "cannot be opened", parent, failure);
    int result = fsync(descriptor) < 0
                     ? fail(folder, "cannot be synced", parent, failure)
                     : 0;
    (void)close(descriptor); /* Only read. */
    return result;
}

/* Each directory that is made is a name that must be on disk, too. */
static int make_directories(const struct seal_folder *folder,
                            const char *path, struct failure *failure)
{
    char parent[SEAL_PATH_MAX];

    for (const char *slash = strchr(path, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        size_t size = (size_t)(slash - path);
        memcpy(parent, path, size);
        parent[size] = '\0';
        if (mkdirat(folder->descriptor, parent, 0700) == 0) {
            int result = sync_directory(folder, parent, failure);
            if (result < 0)
                return result;
        } else if (errno != EEXIST) {
            return fail(folder, "cannot be made", parent, failure);
        }
    }
    return 0;
}

static int write_all(int descriptor, struct bytes content)
{
    while (content.size > 0) {
        ssize_t count = write(descriptor, content.data, content.size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return -1;
        content = bytes_slice(content, (size_t)count, content.size);
    }
    return 0;
}

/* Write a file of this name; with O_SYNC in the flags it is on disk then. */
static int fill(const struct seal_folder *folder, const char *path, int flags,
                struct bytes content, struct failure *failure)
{
    int descriptor = openat(folder->descriptor, path,
                            O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);

    if (descriptor < 0)
        return fail(folder, "cannot be made", path, failure);
    int result = 0;
    if (write_all(descriptor, content) < 0)
        result = fail(folder, "cannot be written", path, failure);
    if (close(descriptor) < 0 && result == 0)
        result = fail(folder, "cannot be written", path, failure);
    return result;
}

int seal_file_write(const struct seal_folder *folder, const char *path,
                    struct bytes content, struct failure *failure)
{
    char new_path[SEAL_PATH_MAX + sizeof beside];
    size_t size = strlen(path);

    check(size < SEAL_PATH_MAX);
    memcpy(new_path, path, size);
    memcpy(new_path + size, beside, sizeof beside);
    int result = make_directories(folder, path, failure);
    if (result < 0)
        return result;
    step(folder, "write");
    result = fill(folder, new_path, O_TRUNC | O_SYNC, content, failure);
    if (result < 0)
        return result;
    step(folder, "rename");
    if (renameat(folder->descriptor, new_path, folder->descriptor, path) < 0)
        return fail(folder, "cannot be named", path, failure);
    step(folder, "sync");
    return sync_directory(folder, path, failure);
}

int seal_file_place(const struct seal_folder *folder, const char *path,
                    struct bytes content, struct failure *failure)
{
    int result = make_directories(folder, path, failure);

    return result < 0 ? result
                      : fill(folder, path, O_TRUNC, content, failure);
}

int seal_folder_sync(const struct seal_folder *folder,
                     struct failure *failure)
{
    step(folder, "sync all");
    return syncfs(folder->descriptor) < 0
               ? fail(folder, "cannot be synced", "", failure)
               : 0;
}

int seal_file_create_secret(const struct seal_folder *folder,
                            const char *path, struct bytes content,
                            struct failure *failure)
{
    int result = make_directories(folder, path, failure);

    if (result == 0)
        result = fill(folder, path, O_EXCL | O_SYNC, content, failure);
    return result < 0 ? result : sync_directory(folder, path, failure);
}

int seal_file_read(const struct seal_folder *folder, const char *path,
                   size_t size_max, struct writer *w, struct failure *failure)
{
    uint8_t data[READ_SIZE];
    ssize_t count;
    int descriptor = openat(folder->descriptor, path, O_RDONLY | O_CLOEXEC);

    if (descriptor < 0 && errno == ENOENT)
        return -ENOENT;
    if (descriptor < 0)
        return fail(folder, "cannot be opened", path, failure);
    writer_reset(w);
    while ((count = read(descriptor, data, sizeof data)) != 0) {
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 || w->size + (size_t)count > size_max)
            break;
        writer_bytes(w, bytes_of(data, (size_t)count));
    }
    int result = 0;
    if (count < 0)
        result = fail(folder, "cannot be read", path, failure);
    else if (count > 0 || w->overflowed)
        result = failure_set(failure, ERROR_LIMIT,
                             "%s/%s: larger than its kind can be",
                             folder->name, path);
    (void)close(descriptor); /* Only read. */
    return result;
}
