/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/compiler.h"
#include "test.h"

/* Two directories, one of them to be named writable, each with a file. */
struct place {
    char inside[64];
    char outside[64];
};

/* Answered by a child that has entered the sandbox. */
enum answer {
    ANSWER_HELD,       /* The sandbox held. */
    ANSWER_BROKEN,     /* It did not. */
    ANSWER_NO_KERNEL,  /* The kernel lacks what is asked about. */
};

typedef enum answer question_function(const struct place *place,
                                      const struct sandbox *sandbox);

static void make_file(const char *directory)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s/file", directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static void make_place(struct place *place)
{
    *place = (struct place){ "/tmp/tenet-inside-XXXXXX",
                             "/tmp/tenet-outside-XXXXXX" };
    assert_non_null(mkdtemp(place->inside));
    assert_non_null(mkdtemp(place->outside));
    make_file(place->inside);
    make_file(place->outside);
}

static void remove_place(const struct place *place)
{
    const char *directories[] = { place->inside, place->outside };
    const char *names[] = { "file", "new" };
    char path[128];

    for (size_t i = 0; i < COUNT_OF(directories); i++) {
        for (size_t k = 0; k < COUNT_OF(names); k++) {
            (void)snprintf(path, sizeof path, "%s/%s", directories[i],
                           names[k]);
            (void)unlink(path); /* Not every test makes both. */
        }
        (void)snprintf(path, sizeof path, "%s/below", directories[i]);
        (void)rmdir(path); /* Likewise. */
        assert_int_equal(rmdir(directories[i]), 0);
    }
}

/* Rights are given up for good, so each question has a process of its own. */
static void ask(question_function *question)
{
    struct place place;
    int status;

    make_place(&place);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const char *writable[] = { place.inside };
        struct sandbox_options options = { .writable = writable,
                                           .writable_count = 1 };
        struct sandbox sandbox;
        sandbox_enter(&options, &sandbox);
        _exit((int)question(&place, &sandbox));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    remove_place(&place);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == ANSWER_NO_KERNEL) {
        print_message("skipped: this kernel has no (or an older) Landlock\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), ANSWER_HELD);
}

static int open_in(const char *directory, const char *name, int flags)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    return open(path, flags | O_CLOEXEC, 0600);
}

static int make_directory_in(const char *directory)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s/below", directory);
    return mkdir(path, 0700);
}

static enum answer may_not_open_outside(const struct place *place,
                                        const struct sandbox *sandbox)
{
    const int flags[] = { O_RDONLY, O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC };

    if (!sandbox->is_confined)
        return ANSWER_NO_KERNEL;
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        if (open_in(place->outside, "file", flags[i]) >= 0 ||
            errno != EACCES)
            return ANSWER_BROKEN;
    if (open_in(place->outside, "new", O_WRONLY | O_CREAT) >= 0)
        return ANSWER_BROKEN;
    if (make_directory_in(place->outside) == 0 ||
        make_directory_in(place->inside) != 0)
        return ANSWER_BROKEN;
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? ANSWER_HELD
                                                         : ANSWER_BROKEN;
}

static void opens_nothing_outside(void **state)
{
    (void)state;
    ask(may_not_open_outside);
}

static enum answer may_work_inside(const struct place *place,
                                   const struct sandbox *sandbox)
{
    char path[128];
    struct stat status;

    (void)sandbox;
    (void)snprintf(path, sizeof path, "%s/new", place->inside);
    if (open_in(place->inside, "file", O_RDWR | O_TRUNC) < 0 ||
        open_in(place->inside, "new", O_RDWR | O_CREAT | O_EXCL) < 0 ||
        unlink(path) != 0 || stat(path, &status) == 0)
        return ANSWER_BROKEN;
    return ANSWER_HELD;
}

static void still_works_in_the_directory_it_names(void **state)
{
    (void)state;
    ask(may_work_inside);
}

static enum answer may_not_execute(const struct place *place,
                                   const struct sandbox *sandbox)
{
    (void)place;
    if (!sandbox->is_confined && !sandbox->is_filtered)
        return ANSWER_NO_KERNEL;
    (void)execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL);
    return errno == EACCES || errno == EPERM ? ANSWER_HELD : ANSWER_BROKEN;
}

static void executes_nothing(void **state)
{
    (void)state;
    ask(may_not_execute);
}

static enum answer may_not_connect(const struct place *place,
                                   const struct sandbox *sandbox)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(9),
                                   .sin_addr.s_addr =
                                       htonl(INADDR_LOOPBACK) };
    const void *to = &address;
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)place;
    if (sandbox->is_filtered)
        return descriptor < 0 && errno == EPERM ? ANSWER_HELD : ANSWER_BROKEN;
    if (sandbox->landlock_version < 4)
        return ANSWER_NO_KERNEL;
    return connect(descriptor, to, sizeof address) < 0 && errno == EACCES
               ? ANSWER_HELD
               : ANSWER_BROKEN;
}

static void connects_to_nobody(void **state)
{
    (void)state;
    ask(may_not_connect);
}

static enum answer may_not_signal(const struct place *place,
                                  const struct sandbox *sandbox)
{
    (void)place;
    if (sandbox->landlock_version < 6)
        return ANSWER_NO_KERNEL;
    return kill(getppid(), 0) < 0 && errno == EPERM ? ANSWER_HELD
                                                    : ANSWER_BROKEN;
}

static void sends_no_signal_outside(void **state)
{
    (void)state;
    ask(may_not_signal);
}

static enum answer has_no_rights(const struct place *place,
                                 const struct sandbox *sandbox)
{
    (void)place;
    if (!sandbox->has_no_new_privileges || !sandbox->has_no_capabilities)
        return ANSWER_BROKEN;
    return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) < 0 &&
                   errno == EPERM
               ? ANSWER_HELD
               : ANSWER_BROKEN;
}

static enum answer has_every_call_refused(const struct place *place,
                                          const struct sandbox *sandbox)
{
    (void)place;
    if (!sandbox->is_filtered)
        return ANSWER_NO_KERNEL;
    if (unshare(CLONE_NEWUSER) == 0 || errno != EPERM ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){ 0 }) == 0 ||
        errno != EPERM)
        return ANSWER_BROKEN;
    /* And what the sensor does is not: memory, time, waiting. */
    struct timespec now;
    void *memory = malloc(1 << 20);
    bool works = memory && clock_gettime(CLOCK_REALTIME, &now) == 0 &&
                 poll(NULL, 0, 1) == 0;
    free(memory);
    return works ? ANSWER_HELD : ANSWER_BROKEN;
}

static void refuses_the_calls_it_names_and_no_others(void **state)
{
    (void)state;
    ask(has_every_call_refused);
}

static void opens_no_packet_socket(void **state)
{
    (void)state;
    ask(has_no_rights);
}

static bool has_line(const char *text, const char *name, const char *value)
{
    const char *at = strstr(text, name);

    return at && strncmp(at + strlen(name), value, strlen(value)) == 0;
}

static void the_kernel_says_that_all_rights_are_gone(void **state)
{
    (void)state;
    int report = -1;
    char text[8192];
    int ends[2];
    struct sandbox sandbox;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        /* Opened before: Landlock would not let us afterwards. */
        report = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
        sandbox_enter(&(struct sandbox_options){ 0 }, &sandbox);
        ssize_t size = read(report, text, sizeof text);
        _exit(size > 0 && write(ends[1], text, (size_t)size) == size ? 0 : 1);
    }
    ssize_t size = read(ends[0], text, sizeof text - 1);
    assert_true(size > 0);
    text[size] = '\0';
    assert_true(has_line(text, "NoNewPrivs:\t", "1"));
    assert_true(has_line(text, "Seccomp:\t", "2"));
    assert_true(has_line(text, "CapEff:\t", "0000000000000000"));
    assert_true(has_line(text, "CapPrm:\t", "0000000000000000"));
    assert_true(has_line(text, "CapInh:\t", "0000000000000000"));
    assert_true(has_line(text, "CapAmb:\t", "0000000000000000"));
    if (geteuid() == 0)
        assert_true(has_line(text, "CapBnd:\t", "0000000000000000"));
    assert_int_equal(waitpid(child, NULL, 0), child);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void names_what_is_missing(void **state)
{
    static const struct {
        struct sandbox sandbox;
        const char *missing;
    } cases[] = {
        { { true, true, true, true, 1 }, NULL },
        { { true, true, false, true, 0 }, "Landlock" },
        { { false, false, false, false, 0 },
          "no_new_privs, dropping capabilities, Landlock, seccomp" },
    };
    char text[SANDBOX_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *missing = sandbox_missing(&cases[i].sandbox, text);
        if (cases[i].missing)
            assert_string_equal(missing, cases[i].missing);
        else
            assert_null(missing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_nothing_outside),
        cmocka_unit_test(still_works_in_the_directory_it_names),
        cmocka_unit_test(executes_nothing),
        cmocka_unit_test(connects_to_nobody),
        cmocka_unit_test(sends_no_signal_outside),
        cmocka_unit_test(opens_no_packet_socket),
        cmocka_unit_test(refuses_the_calls_it_names_and_no_others),
        cmocka_unit_test(the_kernel_says_that_all_rights_are_gone),
        cmocka_unit_test(names_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
