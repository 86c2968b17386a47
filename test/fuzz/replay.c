/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gives a fuzz target a main that feeds it every file of the directories (and
 * every file) named, each in a copy of exactly its size, and, for each, every
 * prefix of it up to a bound. A directory that is not there is an empty one.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { PREFIXES_MAX = 512, FILE_SIZE_MAX = 1 << 20 };

static void run_copy(const unsigned char *data, size_t size)
{
    unsigned char *copy = calloc(size ? size : 1, 1);

    if (!copy)
        abort();
    if (size > 0)
        memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size); /* Always 0 by contract. */
    free(copy);
}

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    unsigned char *data = malloc(FILE_SIZE_MAX);

    if (!file || !data) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    size_t size = fread(data, 1, FILE_SIZE_MAX, file);
    fclose(file);
    for (size_t prefix = 0; prefix < size && prefix < PREFIXES_MAX; prefix++)
        run_copy(data, prefix);
    run_copy(data, size);
    free(data);
    return 1;
}

static int replay(const char *path)
{
    struct stat status;
    struct dirent **entries;
    int runs = 0;

    if (stat(path, &status) != 0)
        return 0;
    if (!S_ISDIR(status.st_mode))
        return replay_file(path);
    int count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char name[4096];
        if (entries[i]->d_name[0] != '.') {
            snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
            runs += replay_file(name);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return runs;
}

int main(int count, char **names)
{
    int runs = 0;

    run_copy((const unsigned char *)"", 0);
    for (int i = 1; i < count; i++)
        runs += replay(names[i]);
    printf("replayed %d files\n", runs);
    return 0;
}
