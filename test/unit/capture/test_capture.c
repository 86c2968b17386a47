/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/check.h"
#include "base/hash.h"
#include "capture_builder.h"
#include "folder.h"
#include "sweep.h"
#include "test.h"

enum {
    WAY_FRAMES = 3000,
    BATCH_MAX = 16,
    PATH_SIZE = 2 * FOLDER_PATH_SIZE,
};

static char *file_in(const struct folder *folder, const char *name,
                     struct bytes content)
{
    static char path[PATH_SIZE];

    (void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
    FILE *file = fopen(path, "wb");
    check(file);
    if (content.size > 0)
        check(fwrite(content.data, 1, content.size, file) == content.size);
    check(fclose(file) == 0);
    return path;
}

static int open_path(const char *path, struct capture **capture,
                     struct failure *failure)
{
    const char *const sources[] = { path };
    const struct capture_options options = { 0 };

    return capture_open(sources, 1, &options, capture, failure);
}

/* `count` frames of odd sizes, each beginning with its number. */
static void build_pcap(struct capture_builder *b, uint32_t count)
{
    static uint8_t data[40000];

    capture_builder_pcap(b, 0xa1b2c3d4, 1);
    for (uint32_t i = 1; i <= count; i++) {
        memset(data, (int)i, sizeof data);
        memcpy(data, &i, sizeof i);
        capture_builder_record(b, i, 0,
                               bytes_of(data, 4 + (i * 7919u) % 20000));
    }
}

/* A digest of all frames, and of all that each frame can recall at the end. */
struct reading {
    uint64_t frames;
    uint64_t digest;
    uint64_t recalled;
    uint64_t recalled_digest;
    int result;
    struct failure failure;
    struct capture_status status;
};

static uint64_t mix(uint64_t digest, struct bytes data, int64_t time_ns)
{
    const struct hash_key key = { digest, (uint64_t)time_ns };
    return hash_bytes(key, data);
}

static void read_frame(struct reading *reading, const struct frame *frame,
                       struct frame_mark *marks)
{
    assert_int_equal(frame->mark.number, reading->frames + 1);
    assert_int_equal(frame->mark.captured_size, frame->data.size);
    reading->digest = mix(reading->digest, frame->data, frame->mark.time_ns);
    if (reading->frames < WAY_FRAMES)
        marks[reading->frames] = frame->mark;
    reading->frames++;
}

/* In batches of 1, 2, 3 frames and so on: all of a batch are good at once. */
static struct reading read_all(struct capture *capture)
{
    static struct frame_mark marks[WAY_FRAMES];
    struct reading reading = { 0 };
    struct frame frames[BATCH_MAX];
    size_t most = 1;

    while ((reading.result = capture_next_frames(
                capture, frames, most, &reading.failure)) > 0) {
        assert_in_range(reading.result, 1, most);
        for (int i = 0; i < reading.result; i++)
            read_frame(&reading, &frames[i], marks);
        most = most % BATCH_MAX + 1;
    }
    for (size_t i = 0; i < reading.frames && i < WAY_FRAMES; i++) {
        if (!capture_recall(capture, &marks[i], &frames[0]))
            continue;
        reading.recalled++;
        reading.recalled_digest = mix(reading.recalled_digest, frames[0].data,
                                      frames[0].mark.time_ns);
    }
    capture_read_status(capture, &reading.status);
    capture_free(capture);
    return reading;
}

static struct reading read_memory(struct bytes memory)
{
    return read_all(capture_of_memory(memory));
}

static struct reading read_path(const char *path)
{
    struct capture *capture;
    struct failure failure;

    if (open_path(path, &capture, &failure) < 0)
        fail_msg("%s", failure.text);
    return read_all(capture);
}

static void assert_same(const struct reading *a, const struct reading *b)
{
    assert_int_equal(a->result, b->result);
    assert_int_equal(a->frames, b->frames);
    assert_true(a->digest == b->digest);
    assert_int_equal(a->recalled, b->recalled);
    assert_true(a->recalled_digest == b->recalled_digest);
}

/* A child writes `content` in pieces of `piece` bytes to our standard input. */
static struct reading read_pipe(struct bytes content, size_t piece)
{
    int ends[2];
    int kept = dup(STDIN_FILENO);

    check(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        (void)close(ends[0]); /* The parent's. */
        while (content.size > 0) {
            struct bytes part = bytes_slice(content, 0, piece);
            ssize_t count = write(ends[1], part.data, part.size);
            if (count <= 0)
                _exit(1);
            content = bytes_slice(content, (size_t)count, content.size);
        }
        _exit(0);
    }
    check(close(ends[1]) == 0);
    check(dup2(ends[0], STDIN_FILENO) >= 0);
    check(close(ends[0]) == 0);
    struct reading reading = read_path("-");
    int status;
    check(waitpid(child, &status, 0) == child);
    assert_int_equal(status, 0);
    check(dup2(kept, STDIN_FILENO) >= 0);
    check(close(kept) == 0);
    return reading;
}

static struct bytes gzip_of(struct bytes plain, uint8_t *out, size_t room)
{
    z_stream stream = { 0 };

    check(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8,
                       Z_DEFAULT_STRATEGY) == Z_OK);
    uint8_t *copy = malloc(plain.size + 1);
    memcpy(copy, plain.data, plain.size);
    stream.next_in = copy;
    stream.avail_in = (uInt)plain.size;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    check(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    check(deflateEnd(&stream) == Z_OK);
    free(copy);
    return bytes_of(out, room - stream.avail_out);
}

/* Without checksum, so that the last byte of input is that of a block. */
static struct bytes zstd_of(struct bytes plain, uint8_t *out, size_t room)
{
    size_t size = ZSTD_compress(out, room, plain.data, plain.size, 1);

    check(!ZSTD_isError(size));
    return bytes_of(out, size);
}

typedef struct bytes pack_function(struct bytes plain, uint8_t *out,
                                   size_t room);

/* In `parts` members or frames, one after the other. */
static struct bytes pack_parts(pack_function *pack, struct bytes plain,
                               size_t parts, uint8_t *out, size_t room)
{
    size_t size = 0;

    for (size_t i = 0; i < parts; i++) {
        size_t from = plain.size / parts * i;
        size_t to = i + 1 == parts ? plain.size : plain.size / parts * (i + 1);
        size += pack(bytes_slice(plain, from, to - from), out + size,
                     room - size).size;
    }
    return bytes_of(out, size);
}

/* 24 MB, more than the history: recall must forget the same frames too. */
static void every_way_in_gives_the_same_frames_and_recall(void **state)
{
    (void)state;
    struct capture_builder b;
    struct folder folder;

    folder_make(&folder);
    capture_builder_init(&b, false);
    build_pcap(&b, 2400);
    struct bytes plain = capture_builder_view(&b);
    size_t room = plain.size + (1 << 20);
    uint8_t *packed = malloc(room);
    struct reading memory = read_memory(plain);
    assert_int_equal(memory.result, 0);
    assert_int_equal(memory.frames, 2400);
    assert_int_equal(memory.status.frames, 2400);
    assert_int_equal(memory.status.warnings, 0);
    assert_int_equal(memory.status.bytes_read, plain.size);
    assert_int_equal(memory.status.bytes_total, plain.size);
    assert_true(memory.recalled > 1000);
    assert_true(memory.recalled < 2400);

    struct reading other = read_path(file_in(&folder, "a.pcap", plain));
    assert_same(&memory, &other);
    other = read_path(folder.path);
    assert_same(&memory, &other);
    other = read_pipe(plain, 1 << 16);
    assert_same(&memory, &other);
    other = read_pipe(plain, 7777);
    assert_same(&memory, &other);
    for (size_t parts = 1; parts <= 3; parts++) {
        other = read_memory(pack_parts(gzip_of, plain, parts, packed, room));
        assert_same(&memory, &other);
        other = read_memory(pack_parts(zstd_of, plain, parts, packed, room));
        assert_same(&memory, &other);
    }
    free(packed);
    capture_builder_clear(&b);
    folder_remove(&folder);
}

/* Whatever the size: the last bytes of a packed file are often still inside
 * the unpacker when its input has ended. */
static void packed_files_of_any_size_are_whole(void **state)
{
    (void)state;
    static uint8_t packed[3 << 20];

    for (uint32_t count = 20; count < 220; count += 9) {
        struct capture_builder b;
        capture_builder_init(&b, false);
        build_pcap(&b, count);
        struct bytes plain = capture_builder_view(&b);
        struct reading read =
            read_memory(zstd_of(plain, packed, sizeof packed));
        assert_int_equal(read.frames, count);
        assert_int_equal(read.status.warnings, 0);
        read = read_memory(gzip_of(plain, packed, sizeof packed));
        assert_int_equal(read.frames, count);
        assert_int_equal(read.status.warnings, 0);
        capture_builder_clear(&b);
    }
}

/* How many bytes come out of a packed file that was cut, by an unpacker with
 * all the room it wants. */
static size_t zstd_size_of(struct bytes packed, size_t room)
{
    ZSTD_DStream *stream = ZSTD_createDStream();
    uint8_t *plain = malloc(room);
    ZSTD_inBuffer in = { packed.data, packed.size, 0 };
    ZSTD_outBuffer out = { plain, room, 0 };
    size_t before;

    do {
        before = out.pos;
        check(!ZSTD_isError(ZSTD_decompressStream(stream, &out, &in)));
    } while (in.pos < in.size || out.pos > before);
    ZSTD_freeDStream(stream);
    free(plain);
    return out.pos;
}

static void a_packed_file_cut_short_gives_all_that_was_in_it(void **state)
{
    (void)state;
    enum { SIZE = 1000, COUNT = 6000 };
    static uint8_t data[SIZE];
    static uint8_t packed[8 << 20];
    struct capture_builder b;

    capture_builder_init(&b, false);
    capture_builder_pcap(&b, 0xa1b2c3d4, 1);
    for (uint32_t i = 0, random = 1; i < COUNT; i++) {
        for (size_t j = 0; j < SIZE; j++) {
            random = random * 1664525 + 1013904223;
            data[j] = (uint8_t)(random >> 30);
        }
        capture_builder_record(&b, i, 0, bytes_of(data, SIZE));
    }
    struct bytes plain = capture_builder_view(&b);
    struct bytes whole = zstd_of(plain, packed, sizeof packed);
    for (size_t size = 1000; size < whole.size; size += whole.size / 61) {
        struct bytes part = bytes_slice(whole, 0, size);
        size_t made = zstd_size_of(part, plain.size);
        struct reading reading = read_memory(part);
        assert_int_equal(reading.result, 0);
        assert_int_equal(reading.status.warnings, 1);
        assert_int_equal(reading.frames,
                         made < 24 ? 0 : (made - 24) / (16 + SIZE));
    }
    capture_builder_clear(&b);
}

static void recalls_what_its_blocks_still_hold_and_no_more(void **state)
{
    (void)state;
    enum { SIZE = 200000, COUNT = 100 };
    static uint8_t data[SIZE];
    static struct frame_mark marks[COUNT];
    struct capture_builder b;
    struct frame frame;
    struct failure failure;

    capture_builder_init(&b, false);
    capture_builder_pcap(&b, 0xa1b2c3d4, 1);
    for (uint32_t i = 0; i < COUNT; i++) {
        memset(data, (int)i, sizeof data);
        capture_builder_record(&b, i, 0, bytes_of(data, sizeof data));
    }
    struct capture *capture = capture_of_memory(capture_builder_view(&b));
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_int_equal(capture_next(capture, &frame, &failure), 1);
        marks[i] = frame.mark;
        for (uint32_t j = 0; j <= i; j++) {
            bool is_near = (uint64_t)(i - j + 1) * (SIZE + 16) <=
                           CAPTURE_HISTORY_SIZE - (1 << 20);
            bool is_far = (uint64_t)(i - j) * (SIZE + 16) >
                          CAPTURE_HISTORY_SIZE + (1 << 20);
            bool is_there = capture_recall(capture, &marks[j], &frame);
            assert_false(is_near && !is_there);
            assert_false(is_far && is_there);
            if (!is_there)
                continue;
            assert_int_equal(frame.data.size, SIZE);
            assert_int_equal(frame.data.data[0], j);
            assert_int_equal(frame.data.data[SIZE - 1], j);
            assert_int_equal(frame.mark.number, j + 1);
        }
    }
    struct frame_mark future = marks[COUNT - 1];
    future.place += 1ull << 32;
    assert_false(capture_recall(capture, &future, &frame));
    capture_free(capture);
    capture_builder_clear(&b);
}

/* How many records of `size` bytes after a header of 24 are whole. */
static void read_cut_pcap(struct bytes variant, void *context)
{
    (void)context;
    struct reading reading = read_memory(variant);
    size_t whole =
        variant.size < 24 ? 0 : (variant.size - 24) / (16 + 10);
    bool is_clean =
        variant.size >= 24 && (variant.size - 24) % (16 + 10) == 0;

    assert_int_equal(reading.result, 0);
    assert_int_equal(reading.frames, whole);
    assert_int_equal(reading.status.warnings, !is_clean);
    assert_int_equal(reading.status.warning[0] == '\0', is_clean);
}

static void a_tail_cut_off_is_a_warning_and_the_rest_is_used(void **state)
{
    (void)state;
    struct capture_builder b;

    capture_builder_init(&b, true);
    capture_builder_pcap(&b, 0xa1b23c4d, 1);
    for (uint32_t i = 0; i < 3; i++)
        capture_builder_record(&b, i, 0, bytes_of("0123456789", 10));
    sweep_truncate(capture_builder_view(&b), read_cut_pcap, NULL);
    capture_builder_clear(&b);
}

struct cuts {
    size_t ends[8];  /* Where blocks end, */
    size_t frames[8]; /* and how many frames are whole by then. */
    size_t count;
};

static void read_cut_pcapng(struct bytes variant, void *context)
{
    const struct cuts *cuts = context;
    struct reading reading = read_memory(variant);
    size_t whole = 0;
    bool is_clean = false;

    for (size_t i = 0; i < cuts->count; i++) {
        if (cuts->ends[i] <= variant.size)
            whole = cuts->frames[i];
        is_clean |= cuts->ends[i] == variant.size;
    }
    assert_int_equal(reading.result, 0);
    assert_int_equal(reading.frames, whole);
    assert_int_equal(reading.status.warnings, !is_clean);
}

static void the_same_for_every_byte_of_a_pcapng_file(void **state)
{
    (void)state;
    struct capture_builder b;
    struct cuts cuts = { 0 };

    capture_builder_init(&b, false);
    for (size_t i = 0; i < 6; i++) {
        if (i == 0)
            capture_builder_section(&b);
        else if (i == 1)
            capture_builder_interface(&b, 1, 0, 9);
        else if (i == 3) {
            capture_builder_open(&b, 0x0bad0bad); /* Nobody knows it. */
            writer_text(&b.out, "some content");
            capture_builder_close(&b);
        } else
            capture_builder_packet(&b, 0, i, bytes_of("abcdef", 6));
        cuts.ends[i] = b.out.size;
        cuts.frames[i] = i < 2 ? 0 : i < 4 ? 1 : i - 2;
        cuts.count++;
    }
    sweep_truncate(capture_builder_view(&b), read_cut_pcapng, &cuts);
    capture_builder_clear(&b);
}

static void read_flipped(struct bytes variant, void *context)
{
    (void)context;
    struct reading reading = read_memory(variant);
    assert_true(reading.frames <= 8);
    /* What was wrong is said, by the result, the status, or a frame less. */
    assert_true(reading.result <= 0);
}

static void survives_every_flip(void **state)
{
    (void)state;
    static uint8_t packed[4096];
    struct capture_builder b;

    capture_builder_init(&b, false);
    capture_builder_pcap(&b, 0xa1b2c3d4, 1);
    capture_builder_record(&b, 1, 2, bytes_of("abc", 3));
    capture_builder_record(&b, 1, 2, bytes_of("def", 3));
    sweep_flip(capture_builder_view(&b), read_flipped, NULL);
    sweep_flip(gzip_of(capture_builder_view(&b), packed, sizeof packed),
               read_flipped, NULL);
    sweep_flip(zstd_of(capture_builder_view(&b), packed, sizeof packed),
               read_flipped, NULL);
    capture_builder_clear(&b);
}

static void an_empty_frame_is_recalled_too(void **state)
{
    (void)state;
    struct capture_builder b;
    struct frame frame;
    struct failure failure;

    capture_builder_init(&b, false);
    capture_builder_pcap(&b, 0xa1b2c3d4, 1);
    capture_builder_record(&b, 1, 2, bytes_of(NULL, 0));
    struct capture *capture = capture_of_memory(capture_builder_view(&b));
    assert_int_equal(capture_next(capture, &frame, &failure), 1);
    assert_int_equal(frame.data.size, 0);
    struct frame_mark mark = frame.mark;
    assert_true(capture_recall(capture, &mark, &frame));
    assert_int_equal(frame.data.size, 0);
    assert_int_equal(capture_next(capture, &frame, &failure), 0);
    capture_free(capture);
    capture_builder_clear(&b);
}

/* A new section has its own order, interfaces and clocks; the run's interface
 * numbers go on, and a simple packet has the time of the one before. */
static void sections_and_interfaces_are_kept_apart(void **state)
{
    (void)state;
    static const struct {
        uint16_t link_type, interface;
        int64_t time_ns;
    } expected[] = {
        { 1, 0, 5000 }, { 113, 1, 6 }, { 1, 0, 6 }, { 101, 2, 7000 },
    };
    struct capture_builder b;
    struct frame frame;
    struct failure failure;

    capture_builder_init(&b, false);
    capture_builder_section(&b);
    capture_builder_interface(&b, 1, 0, 0);
    capture_builder_interface(&b, 113, 0, 9);
    capture_builder_packet(&b, 0, 5, bytes_of("a", 1));
    capture_builder_packet(&b, 1, 6, bytes_of("b", 1));
    capture_builder_open(&b, 3);
    capture_builder_u32(&b, 1);
    writer_text(&b.out, "c");
    capture_builder_close(&b);
    b.big = true;
    capture_builder_section(&b);
    capture_builder_interface(&b, 101, 0, 0);
    capture_builder_packet(&b, 0, 7, bytes_of("d", 1));
    struct capture *capture = capture_of_memory(capture_builder_view(&b));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_int_equal(capture_next(capture, &frame, &failure), 1);
        assert_int_equal(frame.mark.link_type, expected[i].link_type);
        assert_int_equal(frame.mark.interface, expected[i].interface);
        assert_true(frame.mark.time_ns == expected[i].time_ns);
        assert_int_equal(frame.data.data[0], 'a' + (int)i);
    }
    assert_int_equal(capture_next(capture, &frame, &failure), 0);
    capture_free(capture);
    capture_builder_clear(&b);
}

static void says_what_is_no_capture_and_why(void **state)
{
    (void)state;
    static const struct {
        struct bytes content;
        int code;
        const char *says;
    } cases[] = {
        { { NULL, 0 }, ERROR_FORMAT, "the file is empty" },
        { { (const uint8_t *)"GIF89a........................", 30 },
          ERROR_FORMAT, "found hex 4749463839612e2e" },
        { { (const uint8_t *)"\xd4\xc3\xb2\xa1\2\0\4\0", 8 }, ERROR_FORMAT,
          "not a capture" },
        { { (const uint8_t *)"\xd4\xc3\xb2\xa1\3\0\0\0\0\0\0\0\0\0\0\0"
                             "\0\0\0\0\0\0\0\0", 24 },
          ERROR_UNSUPPORTED, "pcap version 3.0" },
    };
    struct folder folder;
    struct capture *capture;
    struct failure failure;

    folder_make(&folder);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *path = file_in(&folder, "x", cases[i].content);
        assert_int_equal(open_path(path, &capture, &failure), cases[i].code);
        if (!strstr(failure.text, cases[i].says) ||
            !strstr(failure.text, path))
            fail_msg("%s", failure.text);
    }
    assert_true(open_path("no-such-capture", &capture, &failure) < 0);
    assert_non_null(strstr(failure.text, "no such file"));
    const char *const two[] = { folder.path, folder.path };
    const struct capture_options options = { 0 };
    assert_true(capture_open(two, 2, &options, &capture, &failure) < 0);
    assert_true(capture_open(two, 0, &options, &capture, &failure) < 0);
    folder_remove(&folder);
    folder_make(&folder);
    assert_true(open_path(folder.path, &capture, &failure) < 0);
    assert_non_null(strstr(failure.text, "no files"));
    folder_remove(&folder);
}

static void a_frame_of_the_largest_size_passes_and_one_byte_more_fails(
    void **state)
{
    (void)state;
    static uint8_t data[CAPTURE_FRAME_MAX + 1];

    for (size_t i = 0; i < 4; i++) {
        struct capture_builder b;
        struct bytes frame = bytes_of(data, CAPTURE_FRAME_MAX + i % 2);
        capture_builder_init(&b, false);
        if (i < 2) {
            capture_builder_pcap(&b, 0xa1b2c3d4, 1);
            capture_builder_record(&b, 0, 0, bytes_of("x", 1));
            capture_builder_record(&b, 0, 0, frame);
        } else {
            capture_builder_section(&b);
            capture_builder_interface(&b, 1, 0, 0);
            capture_builder_packet(&b, 0, 0, bytes_of("x", 1));
            capture_builder_packet(&b, 0, 0, frame);
        }
        struct reading reading = read_memory(capture_builder_view(&b));
        assert_int_equal(reading.frames, 2 - i % 2);
        assert_int_equal(reading.result, i % 2 ? ERROR_FORMAT : 0);
        if (i % 2)
            assert_non_null(strstr(reading.failure.text, "record at byte"));
        capture_builder_clear(&b);
    }
}

/* Options come after the frame and do not make it larger. */
static void a_long_comment_does_not_cost_a_large_frame(void **state)
{
    (void)state;
    static uint8_t data[CAPTURE_FRAME_MAX];
    static uint8_t comment[60000];
    struct capture_builder b;

    capture_builder_init(&b, false);
    capture_builder_section(&b);
    capture_builder_interface(&b, 1, 0, 0);
    capture_builder_open(&b, 6);
    capture_builder_u32(&b, 0);
    capture_builder_u64(&b, 0);
    capture_builder_u32(&b, sizeof data);
    capture_builder_u32(&b, sizeof data);
    writer_bytes(&b.out, bytes_of(data, sizeof data));
    capture_builder_option(&b, 1, bytes_of(comment, sizeof comment));
    capture_builder_close(&b);
    struct reading reading = read_memory(capture_builder_view(&b));
    if (reading.result < 0)
        fail_msg("%s", reading.failure.text);
    assert_int_equal(reading.frames, 1);
    capture_builder_clear(&b);
}

/* In a directory the files are one run in the order of their names; one that
 * is no capture is a warning, hidden files and folders are passed over. */
static void a_directory_is_one_run(void **state)
{
    (void)state;
    struct folder folder;
    struct capture_builder b;
    char path[PATH_SIZE];

    folder_make(&folder);
    for (uint32_t i = 0; i < 3; i++) {
        capture_builder_init(&b, i == 1);
        capture_builder_pcap(&b, 0xa1b2c3d4, 1);
        capture_builder_record(&b, i, 0, bytes_of(&"cba"[i], 1));
        (void)file_in(&folder, &"3.pcap\0002.pcap\0001.pcap"[7 * i],
                      capture_builder_view(&b));
        capture_builder_clear(&b);
    }
    (void)file_in(&folder, "2-notes.txt", bytes_of_text("not a capture"));
    (void)file_in(&folder, ".hidden", bytes_of_text("not read"));
    (void)snprintf(path, sizeof path, "%s/2-folder", folder.path);
    check(mkdir(path, 0700) == 0);

    struct capture *capture;
    struct frame frame;
    struct failure failure;
    struct capture_status status;
    assert_int_equal(open_path(folder.path, &capture, &failure), 0);
    for (uint16_t i = 0; i < 3; i++) {
        assert_int_equal(capture_next(capture, &frame, &failure), 1);
        assert_int_equal(frame.data.data[0], 'a' + i);
        assert_int_equal(frame.mark.number, i + 1);
        assert_int_equal(frame.mark.interface, i);
    }
    assert_int_equal(capture_next(capture, &frame, &failure), 0);
    assert_int_equal(capture_next(capture, &frame, &failure), 0);
    capture_read_status(capture, &status);
    assert_int_equal(status.warnings, 1);
    assert_non_null(strstr(status.warning, "2-notes.txt"));
    assert_false(capture_is_live(capture));
    assert_int_equal(capture_descriptor(capture), -1);
    capture_free(capture);
    folder_remove(&folder);
}

/* Five frames, and in a pcapng file a sixth of an interface it never named. */
static void build_five(struct capture_builder *b, bool is_pcapng)
{
    capture_builder_init(b, true);
    if (!is_pcapng) {
        capture_builder_pcap(b, 0xa1b2c3d4, 1);
        for (uint32_t i = 0; i < 5; i++)
            capture_builder_record(b, i, 0, bytes_of("abcdef", 6));
        return;
    }
    capture_builder_section(b);
    capture_builder_interface(b, 1, 0, 0);
    for (uint32_t i = 0; i < 6; i++)
        capture_builder_packet(b, i < 5 ? 0 : 9, i, bytes_of("abcdef", 6));
}

/* What is at hand comes together, whatever kind of file it is; an error after
 * it waits until it was taken, and is said once. */
static void a_batch_is_what_is_at_hand(void **state)
{
    (void)state;
    struct capture_builder b;
    struct frame frames[BATCH_MAX];
    struct failure failure = { 0 };

    for (int is_pcapng = 0; is_pcapng <= 1; is_pcapng++) {
        const int expected[] = { 3, 2, is_pcapng ? ERROR_FORMAT : 0, 0 };
        const size_t most[] = { 3, BATCH_MAX, BATCH_MAX, BATCH_MAX };
        build_five(&b, is_pcapng);
        struct capture *capture = capture_of_memory(capture_builder_view(&b));
        for (size_t i = 0; i < COUNT_OF(expected); i++)
            assert_int_equal(
                capture_next_frames(capture, frames, most[i], &failure),
                expected[i]);
        assert_int_equal(failure.text[0] != '\0', is_pcapng);
        assert_int_equal(frames[1].mark.number, 5);
        capture_free(capture);
        capture_builder_clear(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_in_gives_the_same_frames_and_recall),
        cmocka_unit_test(packed_files_of_any_size_are_whole),
        cmocka_unit_test(a_packed_file_cut_short_gives_all_that_was_in_it),
        cmocka_unit_test(recalls_what_its_blocks_still_hold_and_no_more),
        cmocka_unit_test(a_tail_cut_off_is_a_warning_and_the_rest_is_used),
        cmocka_unit_test(the_same_for_every_byte_of_a_pcapng_file),
        cmocka_unit_test(survives_every_flip),
        cmocka_unit_test(an_empty_frame_is_recalled_too),
        cmocka_unit_test(sections_and_interfaces_are_kept_apart),
        cmocka_unit_test(says_what_is_no_capture_and_why),
        cmocka_unit_test(
            a_frame_of_the_largest_size_passes_and_one_byte_more_fails),
        cmocka_unit_test(a_long_comment_does_not_cost_a_large_frame),
        cmocka_unit_test(a_directory_is_one_run),
        cmocka_unit_test(a_batch_is_what_is_at_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
