/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/pcapng_writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "capture/capture.h"
#include "test.h"

enum { SAMPLES = 40, OUT_MAX = 1 << 20, NOT_FOUND = 127 };

/* Frames of three link types and two interfaces, some cut by the capture. */
static struct frame sample(uint64_t i)
{
    static const uint16_t link_types[] = { 1, 101, 113 };
    static uint8_t data[SAMPLES];

    memset(data, (int)i, sizeof data);
    return (struct frame){
        .data = bytes_of(data, i),
        .mark = {
            .number = i + 1,
            .time_ns = 1700000000123456789 + (int64_t)i * 1000000007,
            .captured_size = (uint32_t)i,
            .original_size = (uint32_t)(i + i % 3),
            .link_type = link_types[i % 3],
            .interface = (uint16_t)(i % 2),
        },
    };
}

static void write_samples(struct writer *out)
{
    struct pcapng_writer pcapng;

    writer_init(out, OUT_MAX);
    pcapng_writer_init(&pcapng, out);
    for (uint64_t i = 0; i < SAMPLES; i++) {
        struct frame frame = sample(i);
        size_t place =
            pcapng_writer_frame(&pcapng, &frame, i % 5 ? NULL : "a comment");
        assert_int_equal(out->data[place], 6); /* The frame's own block. */
    }
}

static void what_it_writes_is_read_back(void **state)
{
    (void)state;
    struct writer out;
    struct frame frame;
    struct failure failure;

    write_samples(&out);
    struct capture *capture = capture_of_memory(writer_view(&out));
    for (uint64_t i = 0; i < SAMPLES; i++) {
        struct frame expected = sample(i);
        if (capture_next(capture, &frame, &failure) != 1)
            fail_msg("%s", failure.text);
        assert_true(bytes_equal(frame.data, expected.data));
        assert_true(frame.mark.time_ns == expected.mark.time_ns);
        assert_int_equal(frame.mark.original_size,
                         expected.mark.original_size);
        assert_int_equal(frame.mark.link_type, expected.mark.link_type);
    }
    assert_int_equal(capture_next(capture, &frame, &failure), 0);
    capture_free(capture);
    writer_clear(&out);
}

static void the_same_frames_give_the_same_bytes(void **state)
{
    (void)state;
    struct writer first;
    struct writer second;

    write_samples(&first);
    write_samples(&second);
    assert_true(bytes_equal(writer_view(&first), writer_view(&second)));
    writer_clear(&first);
    writer_clear(&second);
}

/* At its limit and one past it: a known link type shares a description. */
static void interfaces_past_the_limit_share_a_description(void **state)
{
    (void)state;
    struct pcapng_writer pcapng;
    struct writer out;
    struct frame frame = sample(5);
    struct failure failure;

    writer_init(&out, OUT_MAX);
    pcapng_writer_init(&pcapng, &out);
    for (uint16_t i = 0; i <= PCAPNG_WRITER_INTERFACE_MAX; i++) {
        frame.mark.interface = i;
        (void)pcapng_writer_frame(&pcapng, &frame, NULL);
        assert_int_equal(pcapng.interface_count,
                         i < PCAPNG_WRITER_INTERFACE_MAX
                             ? i + 1
                             : PCAPNG_WRITER_INTERFACE_MAX);
    }
    struct capture *capture = capture_of_memory(writer_view(&out));
    for (uint16_t i = 0; i <= PCAPNG_WRITER_INTERFACE_MAX; i++) {
        assert_int_equal(capture_next(capture, &frame, &failure), 1);
        assert_int_equal(frame.mark.link_type, 113);
        assert_int_equal(frame.mark.interface,
                         i < PCAPNG_WRITER_INTERFACE_MAX ? i : i - 1);
    }
    capture_free(capture);
    writer_clear(&out);
}

/* One line a frame from tshark; it exits with NOT_FOUND when there is none. */
static FILE *start_tshark(const char *path, pid_t *child)
{
    int ends[2];

    check(pipe(ends) == 0);
    *child = fork();
    if (*child == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        if (!freopen("/dev/null", "w", stderr))
            _exit(NOT_FOUND);
        (void)execlp("tshark", "tshark", "-n", "-r", path, "-T", "fields",
                     "-e", "frame.time_epoch", "-e", "frame.len", "-e",
                     "frame.cap_len", "-e", "frame.interface_id", "-e",
                     "frame.comment", (char *)NULL);
        _exit(NOT_FOUND);
    }
    check(close(ends[1]) == 0);
    FILE *lines = fdopen(ends[0], "r");
    check(lines);
    return lines;
}

/* What another program makes of the file. */
static void tshark_reads_the_same(void **state)
{
    (void)state;
    char path[] = "/tmp/pcapng-writer-XXXXXX";
    char line[512];
    struct writer out;
    pid_t child;
    int status;

    write_samples(&out);
    int file = mkstemp(path);
    check(file >= 0);
    check(write(file, out.data, out.size) == (ssize_t)out.size);
    check(close(file) == 0);
    FILE *pipe = start_tshark(path, &child);
    int first = fgetc(pipe);
    if (first == EOF && waitpid(child, &status, 0) == child &&
        WEXITSTATUS(status) == NOT_FOUND) {
        print_message("# tshark is not installed: not compared\n");
        check(unlink(path) == 0);
        check(fclose(pipe) == 0);
        writer_clear(&out);
        skip();
    }
    check(ungetc(first, pipe) == first);
    for (uint64_t i = 0; i < SAMPLES; i++) {
        char expected[256];
        struct frame frame = sample(i);
        (void)snprintf(expected, sizeof expected,
                       "%" PRId64 ".%09" PRId64 "\t%u\t%zu\t",
                       frame.mark.time_ns / 1000000000,
                       frame.mark.time_ns % 1000000000,
                       frame.mark.original_size, frame.data.size);
        assert_non_null(fgets(line, sizeof line, pipe));
        if (strncmp(line, expected, strlen(expected)) != 0)
            fail_msg("frame %" PRIu64 ": expected %s, tshark read %s", i,
                     expected, line);
        assert_int_equal(strstr(line, "a comment") != NULL, i % 5 == 0);
    }
    assert_null(fgets(line, sizeof line, pipe));
    check(fclose(pipe) == 0);
    check(waitpid(child, &status, 0) == child);
    assert_int_equal(status, 0);
    check(unlink(path) == 0);
    writer_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_writes_is_read_back),
        cmocka_unit_test(the_same_frames_give_the_same_bytes),
        cmocka_unit_test(interfaces_past_the_limit_share_a_description),
        cmocka_unit_test(tshark_reads_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
