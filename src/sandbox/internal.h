/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the sandbox room. */
#include <stdbool.h>

/* Let the kernel refuse (EPERM) the system calls that a process which reads
 * packets and writes files never makes. Wants no_new_privs. False when the
 * kernel or this architecture has no such filter. */
bool calls_deny(void);
