/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Gives up every right the process does not need any more, for good: bytes
 * from the network are read afterwards, and whoever takes the process over
 * through them shall gain nothing. Files and sockets that are open stay open.
 *
 *   - no new privileges: no program it executes gets more than it has;
 *   - capabilities (capabilities(7)): all sets are emptied, so that even root
 *     opens no further packet socket and passes no file mode;
 *   - Landlock (landlock(7)): no file is opened, made, removed or executed but
 *     below the directories named here, no TCP port is bound or connected to,
 *     and no signal is sent to a process outside;
 *   - seccomp (seccomp(2)): no socket is opened or sent to, no program is
 *     executed, no other process is read, and the doors into the kernel that
 *     faults are found behind stay shut.
 *
 * What the kernel lacks is left out and reported; nothing is refused for it.
 * The process must have one thread: rights belong to threads.
 */
#include <stdbool.h>
#include <stddef.h>

enum {
    SANDBOX_DIRECTORY_MAX = 8, /* Named on each side; more is our mistake. */
    SANDBOX_TEXT_SIZE = 160,
};

struct sandbox_options {
    const char *const *writable; /* To make and change files in, and
                                 * directories below them. */
    size_t writable_count;
    const char *const *readable; /* Directories to read files of. */
    size_t readable_count;
};

/* What was achieved. */
struct sandbox {
    bool has_no_new_privileges;
    bool has_no_capabilities;
    bool is_confined;      /* Landlock holds the files. */
    bool is_filtered;      /* Seccomp refuses system calls. */
    int landlock_version;  /* Of the kernel; 0 without Landlock. */
};

/*
 * Enter the sandbox; there is no way out. What could be done is in `*sandbox`.
 * A directory that is named but not there cannot be used afterwards.
 */
void sandbox_enter(const struct sandbox_options *options,
                   struct sandbox *sandbox);

/* What is missing, for a person; null when nothing is. */
const char *sandbox_missing(const struct sandbox *sandbox,
                            char text[SANDBOX_TEXT_SIZE]);
