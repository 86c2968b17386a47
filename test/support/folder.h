/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A folder of its own for the files of one test, in $TMPDIR or /tmp. */
enum { FOLDER_PATH_SIZE = 128 };

struct folder {
    char path[FOLDER_PATH_SIZE];
};

void folder_make(struct folder *folder);

/* With all that is in it. */
void folder_remove(const struct folder *folder);
