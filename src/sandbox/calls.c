/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A seccomp filter (seccomp(2)): a short program that the kernel runs over
 * each system call's number. It names what is refused, not what is allowed: a
 * new C library may make calls that nobody here has heard of, and must not
 * stop for it. Landlock has no word for sockets other than TCP, which is why
 * all of them are refused here.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/compiler.h"
#include "sandbox/internal.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARMEL__)
#define ARCHITECTURE AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#define ARCHITECTURE 0u
#endif

enum {
    CALL_X32 = 0x40000000, /* From here on, x86-64 has a second set. */
    FRAME_SIZE = 6,        /* Instructions around the list. */
};

static const unsigned denied[] = {
    /* Programs and other processes. */
    SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv,
    SYS_process_vm_writev, SYS_kcmp,
    /* Talk to anybody. */
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept4,
    SYS_sendto, SYS_sendmsg, SYS_sendmmsg,
    /* Another view of the system. */
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_setns,
    SYS_unshare, SYS_open_by_handle_at,
    /* Wide doors into the kernel; io_uring makes calls that no filter sees. */
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_init_module,
    SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_keyctl,
    SYS_add_key, SYS_request_key, SYS_reboot, SYS_swapon,
    425, /* io_uring_setup, the same everywhere. */
};

static struct sock_filter load(size_t offset)
{
    return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                        (unsigned)offset);
}

static struct sock_filter answer(unsigned verdict)
{
    return (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict);
}

/* Jump over `yes` or `no` instructions. */
static struct sock_filter compare(unsigned short how, unsigned number,
                                  size_t yes, size_t no)
{
    return (struct sock_filter)BPF_JUMP(
        (unsigned short)(BPF_JMP | how | BPF_K), number, (unsigned char)yes,
        (unsigned char)no);
}

bool calls_deny(void)
{
    struct sock_filter filter[COUNT_OF(denied) + FRAME_SIZE];
    const size_t count = COUNT_OF(denied);
    size_t at = 0;

    filter[at++] = load(offsetof(struct seccomp_data, arch));
    filter[at++] = compare(BPF_JEQ, ARCHITECTURE, 0, count + 3);
    filter[at++] = load(offsetof(struct seccomp_data, nr));
    filter[at++] = compare(BPF_JGE, CALL_X32, count + 1, 0);
    for (size_t i = 0; i < count; i++)
        filter[at++] = compare(BPF_JEQ, denied[i], count - i, 0);
    filter[at++] = answer(SECCOMP_RET_ALLOW);
    filter[at++] = answer(SECCOMP_RET_ERRNO | EPERM);
    struct sock_fprog program = {
        .len = (unsigned short)at,
        .filter = filter,
    };
    return ARCHITECTURE != 0u &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
