/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Every capture of $TENET_SHARED/captures/MANIFEST.tsv gives exactly as many
 * frames as its `packets` column says, which other programs counted.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/writer.h"
#include "capture/capture.h"
#include "capture_flows.h"
#include "test.h"

enum { LINE_MAX_SIZE = 65536 };

/* Where we differ from the count, and why. */
static const struct {
    const char *path;
    uint64_t frames;
    const char *reason;
} differences[] = {
    { "libpcap/tests/pcap-invalid-version-1.pcap", 0,
      "version 1.4 never was: libpcap refuses it, as we do" },
    { "ndpi/tests/cfgs/default/pcap/fuzz-2021-10-13.pcap", 1,
      "the frame before the broken record is whole, and used" },
};

static struct bytes take_column(struct bytes *line)
{
    size_t at = bytes_find_byte(*line, '\t');
    struct bytes column = bytes_slice(*line, 0, at);

    *line = bytes_slice(*line, at + 1, line->size);
    return column;
}

static uint64_t frames_of(const char *path, struct failure *failure)
{
    const char *const sources[] = { path };
    const struct capture_options options = { 0 };
    struct capture *capture;
    struct frame frame;
    uint64_t count = 0;

    failure->text[0] = '\0';
    if (capture_open(sources, 1, &options, &capture, failure) < 0)
        return 0;
    while (capture_next(capture, &frame, failure) == 1)
        count++;
    capture_free(capture);
    return count;
}

static uint64_t expected_of(const char *path, uint64_t packets)
{
    for (size_t i = 0; i < COUNT_OF(differences); i++)
        if (strcmp(differences[i].path, path) == 0)
            return differences[i].frames;
    return packets;
}

static void gives_exactly_the_frames_that_the_manifest_counts(void **state)
{
    (void)state;
    static char line[LINE_MAX_SIZE];
    char path[4096];
    const char *shared = capture_flows_shared();
    size_t read = 0;
    size_t wrong = 0;

    if (!shared) {
        print_message("# no shared captures: nothing to compare\n");
        skip();
    }
    (void)snprintf(path, sizeof path, "%s/captures/MANIFEST.tsv", shared);
    FILE *manifest = fopen(path, "r");
    if (!manifest)
        skip();
    while (fgets(line, sizeof line, manifest)) {
        struct bytes rest = bytes_trim(bytes_of_text(line));
        struct bytes name = take_column(&rest);
        uint64_t packets;
        struct failure failure;
        (void)take_column(&rest); /* Its size. */
        if (!bytes_to_number(take_column(&rest), UINT64_MAX, &packets))
            continue;
        (void)snprintf(path, sizeof path, "%s/captures/%.*s", shared,
                       (int)name.size, (const char *)name.data);
        FILE *file = fopen(path, "rb");
        if (!file)
            continue;
        check(fclose(file) == 0);
        uint64_t frames = frames_of(path, &failure);
        char *own = path + strlen(shared) + strlen("/captures/");
        read++;
        if (frames == expected_of(own, packets))
            continue;
        print_message("# %s: %llu packets in the manifest, %llu read; %s\n",
                      own, (unsigned long long)packets,
                      (unsigned long long)frames, failure.text);
        wrong++;
    }
    check(fclose(manifest) == 0);
    print_message("# %zu captures read\n", read);
    assert_int_equal(wrong, 0);
    assert_true(read > 0);
}

/* All there is to know of one frame, on a line. */
static void write_frames(struct writer *w, const char *path)
{
    const char *const sources[] = { path };
    const struct capture_options options = { 0 };
    struct capture *capture;
    struct frame frame;
    struct failure failure;

    if (capture_open(sources, 1, &options, &capture, &failure) < 0)
        fail_msg("%s", failure.text);
    while (capture_next(capture, &frame, &failure) == 1) {
        writer_format(w, "%lld %u %u %u ", (long long)frame.mark.time_ns,
                      frame.mark.original_size, frame.mark.link_type,
                      frame.mark.interface);
        writer_hex(w, frame.data);
        writer_byte(w, '\n');
    }
    capture_free(capture);
}

/* pcapng-testgen has every file in both byte orders. */
static void both_orders_of_the_pcapng_samples_say_the_same(void **state)
{
    (void)state;
    char pattern[4096];
    const char *shared = capture_flows_shared();
    glob_t found;
    struct writer little;
    struct writer big;

    if (!shared)
        skip();
    (void)snprintf(pattern, sizeof pattern,
                   "%s/captures/pcapng-testgen/output_le/*/*.pcapng", shared);
    if (glob(pattern, 0, NULL, &found) != 0)
        skip();
    writer_init(&little, 1 << 24);
    writer_init(&big, 1 << 24);
    size_t frames = 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *path = found.gl_pathv[i];
        writer_reset(&little);
        writer_reset(&big);
        write_frames(&little, path);
        memcpy(strstr(path, "output_le"), "output_be", strlen("output_be"));
        write_frames(&big, path);
        frames += writer_view(&little).size > 0;
        if (!bytes_equal(writer_view(&little), writer_view(&big)))
            fail_msg("%s: %s differs from %s", path, writer_as_text(&big),
                     writer_as_text(&little));
    }
    assert_true(frames > 10);
    writer_clear(&little);
    writer_clear(&big);
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_exactly_the_frames_that_the_manifest_counts),
        cmocka_unit_test(both_orders_of_the_pcapng_samples_say_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
