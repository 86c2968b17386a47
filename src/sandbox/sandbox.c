/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"
#include "base/compiler.h"
#include "sandbox/internal.h"

/*
 * Landlock as the kernel defines it (landlock(7)), here because the headers of
 * the C library's kernel are often older than the kernel that runs. The system
 * calls have these numbers on every architecture.
 */
enum {
    LANDLOCK_CREATE_RULESET = 444,
    LANDLOCK_ADD_RULE = 445,
    LANDLOCK_RESTRICT_SELF = 446,
    LANDLOCK_VERSION_FLAG = 1,
    LANDLOCK_PATH_BENEATH = 1,
};

enum landlock_file_right {
    FILE_EXECUTE = 1 << 0,
    FILE_WRITE = 1 << 1,
    FILE_READ = 1 << 2,
    DIRECTORY_READ = 1 << 3,
    DIRECTORY_REMOVE = 1 << 4,
    FILE_REMOVE = 1 << 5,
    DIRECTORY_MAKE = 1 << 7,
    FILE_MAKE = 1 << 8,
    FILE_RIGHTS_1 = (1 << 13) - 1, /* All that version 1 knows. */
    FILE_REFER = 1 << 13,          /* Since version 2. */
    FILE_TRUNCATE = 1 << 14,       /* 3 */
    DEVICE_IOCTL = 1 << 15,        /* 5 */
};

enum {
    TCP_RIGHTS = 3, /* Bind and connect, since version 4. */
    SCOPES = 3,     /* Abstract UNIX sockets and signals, since version 6. */
};

struct landlock_rules {
    uint64_t files;
    uint64_t network;
    uint64_t scopes;
};

struct landlock_path {
    uint64_t rights;
    int32_t directory;
};

/* What is to be denied unless a rule allows it; a kernel refuses rights that
 * it does not know. */
static struct landlock_rules rules_of(int version)
{
    struct landlock_rules rules = { .files = FILE_RIGHTS_1 };

    if (version >= 2)
        rules.files |= FILE_REFER;
    if (version >= 3)
        rules.files |= FILE_TRUNCATE;
    if (version >= 5)
        rules.files |= DEVICE_IOCTL;
    if (version >= 4)
        rules.network = TCP_RIGHTS;
    if (version >= 6)
        rules.scopes = SCOPES;
    return rules;
}

/* An older kernel wants a smaller structure. */
static size_t rules_size(int version)
{
    if (version >= 6)
        return sizeof(struct landlock_rules);
    return version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

static bool allow(int ruleset, const char *directory, uint64_t rights)
{
    struct landlock_path path = {
        .rights = rights,
        .directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC),
    };

    if (path.directory < 0)
        return true; /* Not there: nothing to allow. */
    bool done = syscall(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_PATH_BENEATH,
                        &path, 0) == 0;
    (void)close(path.directory);
    return done;
}

static bool allow_all(int ruleset, const struct sandbox_options *options,
                      uint64_t known)
{
    const uint64_t reading = FILE_READ | DIRECTORY_READ;
    const uint64_t writing = reading | FILE_WRITE | DIRECTORY_MAKE |
                             FILE_MAKE | FILE_REMOVE |
                             (FILE_TRUNCATE & known);
    bool done = true;

    for (size_t i = 0; i < options->readable_count && done; i++)
        done = allow(ruleset, options->readable[i], reading);
    for (size_t i = 0; i < options->writable_count && done; i++)
        done = allow(ruleset, options->writable[i], writing);
    return done;
}

static bool confine(const struct sandbox_options *options, int version)
{
    struct landlock_rules rules = rules_of(version);
    int ruleset = (int)syscall(LANDLOCK_CREATE_RULESET, &rules,
                               rules_size(version), 0);

    if (ruleset < 0)
        return false;
    bool done = allow_all(ruleset, options, rules.files) &&
                syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0;
    (void)close(ruleset);
    return done;
}

static bool drop_capabilities(void)
{
    struct __user_cap_header_struct header = {
        .version = _LINUX_CAPABILITY_VERSION_3,
    };
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
    struct __user_cap_data_struct left[_LINUX_CAPABILITY_U32S_3] = { 0 };

    /* The bounding set needs CAP_SETPCAP, which only root has; without it
     * there is nothing in the set that no_new_privs would let out. */
    for (int i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
        (void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &header, none) != 0 ||
        syscall(SYS_capget, &header, left) != 0)
        return false;
    return memcmp(left, none, sizeof none) == 0;
}

void sandbox_enter(const struct sandbox_options *options,
                   struct sandbox *sandbox)
{
    check(options->writable_count <= SANDBOX_DIRECTORY_MAX);
    check(options->readable_count <= SANDBOX_DIRECTORY_MAX);
    long version = syscall(LANDLOCK_CREATE_RULESET, NULL, 0,
                           LANDLOCK_VERSION_FLAG);

    *sandbox = (struct sandbox){
        .landlock_version = version > 0 ? (int)version : 0,
    };
    sandbox->has_no_new_privileges =
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    if (sandbox->landlock_version > 0 && sandbox->has_no_new_privileges)
        sandbox->is_confined = confine(options, sandbox->landlock_version);
    sandbox->has_no_capabilities = drop_capabilities();
    if (sandbox->has_no_new_privileges)
        sandbox->is_filtered = calls_deny();
}

const char *sandbox_missing(const struct sandbox *sandbox,
                            char text[SANDBOX_TEXT_SIZE])
{
    const struct {
        bool is_there;
        const char *name;
    } means[] = {
        { sandbox->has_no_new_privileges, "no_new_privs" },
        { sandbox->has_no_capabilities, "dropping capabilities" },
        { sandbox->is_confined, "Landlock" },
        { sandbox->is_filtered, "seccomp" },
    };
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < COUNT_OF(means); i++) {
        if (means[i].is_there)
            continue;
        int size = snprintf(text + used, SANDBOX_TEXT_SIZE - used, "%s%s",
                            used > 0 ? ", " : "", means[i].name);
        check(size > 0);
        used += (size_t)size;
        check(used < SANDBOX_TEXT_SIZE);
    }
    return used > 0 ? text : NULL;
}
