/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files that are there whole or not at all, whenever the power goes: written
 * beside their name, brought to disk, then renamed. All paths are relative to
 * one directory that the caller opened.
 */
#include "base/error.h"
#include "base/writer.h"

enum { SEAL_PATH_MAX = 256 };

/* A folder of files that one owner writes. */
struct seal_folder {
    int descriptor;      /* Of the directory. */
    const char *name;    /* For messages. */
    void (*step)(void *context, const char *what); /* Null, or called before
                          * each step that the next may not outrun: tests
                          * stop the process there. */
    void *context;
};

/* Open `path`, or make it (mode 0700) with `create`. */
int seal_folder_open(const char *path, bool create,
                     struct seal_folder *folder,
                     struct failure *failure) MUST_USE;
void seal_folder_close(struct seal_folder *folder);

/* When this answers 0, `path` has exactly `content`, after a crash too.
 * Directories on the way are made. */
int seal_file_write(const struct seal_folder *folder, const char *path,
                    struct bytes content, struct failure *failure) MUST_USE;

/* Write `path` without waiting for the disk: after a crash before the next
 * seal_folder_sync() it may be there in part. For many files at once. */
int seal_file_place(const struct seal_folder *folder, const char *path,
                    struct bytes content, struct failure *failure) MUST_USE;

/* All that was placed is on disk when this answers 0. */
int seal_folder_sync(const struct seal_folder *folder,
                     struct failure *failure) MUST_USE;

/* The same for a secret (mode 0600) that must not be there yet. */
int seal_file_create_secret(const struct seal_folder *folder,
                            const char *path, struct bytes content,
                            struct failure *failure) MUST_USE;

/* Read all of a file of at most `size_max` bytes into `w`, which is reset.
 * -ENOENT, without a text, when it is not there. */
int seal_file_read(const struct seal_folder *folder, const char *path,
                   size_t size_max, struct writer *w,
                   struct failure *failure) MUST_USE;
