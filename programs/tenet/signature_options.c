/* SPDX-License-Identifier: Apache-2.0 */
#include "signature_options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "detect/behaviour/behaviour.h"
#include "detect/rule_files.h"
#include "detect/signature/signature.h"

enum { SNIFF_SIZE = 64 << 10 }; /* ET's files open with 3 KB of comments. */

int signature_option_variable(struct signature *set, const char *text,
                              struct failure *failure)
{
    struct bytes all = bytes_of_text(text);
    size_t equals = bytes_find_byte(all, '=');

    if (equals == all.size)
        return failure_set(failure, ERROR_FORMAT,
                           "%s: write NAME=VALUE, as HTTP_PORTS=[80,8080]",
                           text);
    return signature_set_variable(
        set, bytes_slice(all, 0, equals),
        bytes_slice(all, equals + 1, all.size), failure);
}

int signature_option_home_net(struct signature *set, const char *networks,
                              struct failure *failure)
{
    return signature_set_variable(set, bytes_of_text("HOME_NET"),
                                  bytes_of_text(networks), failure);
}

/* By its name, or else by what stands at its front. */
static bool is_for_signature(const char *path)
{
    uint8_t front[SNIFF_SIZE];
    FILE *file;

    if (signature_knows_file(path))
        return true;
    file = fopen(path, "re");
    if (!file)
        return false;
    size_t size = fread(front, 1, sizeof front, file);
    (void)fclose(file); /* Was only read. */
    return signature_is_rules(bytes_of(front, size));
}

int rules_load(struct behaviour *behaviour, struct signature *set,
               const char *path, struct failure *failure)
{
    int result;

    if (!rule_files_is_directory(path))
        return is_for_signature(path)
                   ? signature_load(set, path, failure)
                   : behaviour_load(behaviour, path, failure);
    result = behaviour_load(behaviour, path, failure);
    return result < 0 ? result : signature_load(set, path, failure);
}
