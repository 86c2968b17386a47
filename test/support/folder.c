/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/compiler.h"

enum { OPEN_MAX_COUNT = 8 };

void folder_make(struct folder *folder)
{
    const char *base = getenv("TMPDIR");

    (void)snprintf(folder->path, sizeof folder->path, "%s/tenet-test-XXXXXX",
                   base ? base : "/tmp");
    check(mkdtemp(folder->path) != NULL);
}

static int remove_one(const char *path, const struct stat *status UNUSED,
                      int type UNUSED, struct FTW *at UNUSED)
{
    return remove(path);
}

void folder_remove(const struct folder *folder)
{
    check(nftw(folder->path, remove_one, OPEN_MAX_COUNT,
               FTW_DEPTH | FTW_PHYS) == 0);
}
