/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"
#include "test.h"

enum {
    PATH_SIZE = 256,
    ROUNDS = 200,       /* Power cuts. */
    BATCH_MAX = 9,      /* Leaves a batch while the power is cut. */
};

static struct sealed_log *open_log(const struct folder *folder, bool writes)
{
    struct sealed_log_options options = { .directory = folder->path,
                                          .may_write = writes };
    struct sealed_log *log = NULL;
    struct failure failure = { .text = "" };

    if (sealed_log_open(&options, &log, &failure) < 0)
        fail_msg("%s", failure.text);
    return log;
}

static void make_log(struct folder *folder)
{
    struct failure failure = { .text = "" };

    folder_make(folder);
    if (sealed_log_create(folder->path, "log.example/home", &failure) < 0)
        fail_msg("%s", failure.text);
}

/* Leaves that say their own number. */
static void append(struct sealed_log *log, unsigned count)
{
    char texts[512][32];
    struct bytes leaves[512];
    struct failure failure = { .text = "" };
    uint64_t at = sealed_log_head(log).size;

    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "leaf %llu",
                       (unsigned long long)(at + i));
        leaves[i] = bytes_of_text(texts[i]);
    }
    if (sealed_log_append(log, leaves, count, &failure) < 0)
        fail_msg("%s", failure.text);
}

static void assert_leaf(struct sealed_log *log, uint64_t index)
{
    struct writer w;
    char expected[32];

    writer_init(&w, SEALED_LEAF_MAX);
    (void)snprintf(expected, sizeof expected, "leaf %llu",
                   (unsigned long long)index);
    assert_int_equal(sealed_log_read(log, index, &w, NULL), 0);
    assert_string_equal(writer_as_text(&w), expected);
    writer_clear(&w);
}

/* The proof of a leaf, as somebody else verifies it. */
static void assert_proved(struct sealed_log *log, uint64_t index)
{
    struct writer leaf;
    struct writer text;
    struct tlog_proof proof;
    struct note note;
    struct checkpoint checkpoint;

    writer_init(&leaf, SEALED_LEAF_MAX);
    writer_init(&text, NOTE_SIZE_MAX);
    assert_int_equal(sealed_log_read(log, index, &leaf, NULL), 0);
    assert_int_equal(sealed_log_prove(log, index, &text, NULL), 0);
    assert_int_equal(tlog_proof_read(writer_view(&text), &proof, NULL), 0);
    assert_int_equal(checkpoint_open(proof.checkpoint, sealed_log_key(log),
                                     &note, &checkpoint, NULL),
                     0);
    struct tlog_hash hash = tlog_hash_leaf(writer_view(&leaf));
    assert_true(tlog_verify_inclusion(&hash, proof.index,
                                      checkpoint.head.size, &proof.path,
                                      &checkpoint.head.root));
    writer_clear(&leaf);
    writer_clear(&text);
}

static void assert_sound(struct sealed_log *log)
{
    struct failure failure = { .text = "" };

    if (sealed_log_check(log, &failure) < 0)
        fail_msg("%s", failure.text);
}

static void a_new_log_is_empty_and_signed(void **state)
{
    struct folder folder;
    struct stat key;
    char path[PATH_SIZE];

    (void)state;
    make_log(&folder);
    struct sealed_log *log = open_log(&folder, false);
    assert_true(sealed_log_head(log).size == 0);
    assert_sound(log);
    sealed_log_close(log);
    (void)snprintf(path, sizeof path, "%s/key", folder.path);
    assert_int_equal(stat(path, &key), 0);
    assert_int_equal(key.st_mode & 0777, 0600);
    assert_true(sealed_log_create(folder.path, "log.example/home", NULL) <
                0);
    folder_remove(&folder);
}

static void what_was_appended_is_read_and_proved(void **state)
{
    static const unsigned batches[] = { 1, 2, 250, 3, 1, 300, 255 };
    struct folder folder;
    uint64_t size = 0;

    (void)state;
    make_log(&folder);
    for (size_t i = 0; i < COUNT_OF(batches); i++) {
        struct sealed_log *log = open_log(&folder, true);
        append(log, batches[i]);
        size += batches[i];
        assert_true(sealed_log_head(log).size == size);
        sealed_log_close(log);
    }
    struct sealed_log *log = open_log(&folder, false);
    assert_sound(log);
    for (uint64_t index = 0; index < size; index += 37) {
        assert_leaf(log, index);
        assert_proved(log, index);
    }
    assert_proved(log, size - 1);
    struct writer w;
    writer_init(&w, SEALED_LEAF_MAX);
    assert_true(sealed_log_read(log, size, &w, NULL) < 0);
    writer_clear(&w);
    sealed_log_close(log);
    folder_remove(&folder);
}

static void it_is_proved_that_it_only_grew(void **state)
{
    struct folder folder;
    struct tlog_head heads[6];

    (void)state;
    make_log(&folder);
    struct sealed_log *log = open_log(&folder, true);
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        append(log, 100);
        heads[i] = sealed_log_head(log);
    }
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        struct tlog_path path;
        struct tlog_head head = sealed_log_head(log);
        assert_int_equal(
            sealed_log_prove_growth(log, heads[i].size, &path, NULL), 0);
        assert_true(tlog_verify_consistency(&heads[i], &head, &path));
    }
    sealed_log_close(log);
    folder_remove(&folder);
}

static void one_process_writes_at_a_time(void **state)
{
    struct folder folder;
    struct sealed_log *second = NULL;

    (void)state;
    make_log(&folder);
    struct sealed_log *first = open_log(&folder, true);
    struct sealed_log_options options = { .directory = folder.path,
                                          .may_write = true };
    assert_int_equal(sealed_log_open(&options, &second, NULL), -EBUSY);
    options.may_write = false;
    assert_int_equal(sealed_log_open(&options, &second, NULL), 0);
    sealed_log_close(second);
    sealed_log_close(first);
    folder_remove(&folder);
}

static void flip(const struct folder *folder, const char *name, long at)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fputc(byte ^ 1, file), byte ^ 1);
    assert_int_equal(fclose(file), 0);
}

static void a_changed_byte_is_found(void **state)
{
    static const char *const files[] = {
        "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1",
        "tile/entries/000", "tile/entries/001.p/44",
    };
    struct folder folder;

    (void)state;
    make_log(&folder);
    struct sealed_log *log = open_log(&folder, true);
    append(log, 300);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        flip(&folder, files[i], 20);
        assert_true(sealed_log_check(log, NULL) < 0);
        flip(&folder, files[i], 20);
        assert_sound(log);
    }
    sealed_log_close(log);
    flip(&folder, "checkpoint", 20);
    struct sealed_log_options options = { .directory = folder.path };
    assert_true(sealed_log_open(&options, &log, NULL) < 0);
    folder_remove(&folder);
}

static void copy(const struct folder *folder, const char *from,
                 const char *to)
{
    char path[PATH_SIZE];
    char content[4096];

    (void)snprintf(path, sizeof path, "%s/%s", folder->path, from);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(content, 1, sizeof content, file);
    assert_int_equal(fclose(file), 0);
    (void)snprintf(path, sizeof path, "%s/%s", folder->path, to);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Old files under a checkpoint that is newer: signing on would fork. */
static void a_state_of_a_backup_is_refused(void **state)
{
    struct folder folder;

    (void)state;
    make_log(&folder);
    struct sealed_log *log = open_log(&folder, true);
    append(log, 10);
    copy(&folder, "state", "state.old");
    append(log, 10);
    sealed_log_close(log);
    copy(&folder, "state.old", "state");
    struct sealed_log_options options = { .directory = folder.path,
                                          .may_write = true };
    struct failure failure = { .text = "" };
    assert_true(sealed_log_open(&options, &log, &failure) < 0);
    assert_non_null(strstr(failure.text, "backup"));
    folder_remove(&folder);
}

/* What the writer that dies tells its parent, through a pipe. */
struct cut {
    unsigned steps_left;
    int pipe;
};

static void count_down(void *context, const char *what)
{
    struct cut *cut = context;

    (void)what;
    if (cut->steps_left-- == 0)
        (void)kill(getpid(), SIGKILL);
}

/* Appends batches until it dies; each that was answered for is told. */
static void write_until_cut(const struct folder *folder, unsigned steps,
                            int pipe)
{
    struct cut cut = { .steps_left = steps, .pipe = pipe };
    struct sealed_log_options options = { .directory = folder->path,
                                          .may_write = true,
                                          .step = count_down,
                                          .context = &cut };
    struct sealed_log *log;

    if (sealed_log_open(&options, &log, NULL) < 0)
        _exit(1);
    for (unsigned batch = 1;; batch++) {
        append(log, 1 + batch * 7 % BATCH_MAX);
        struct tlog_head head = sealed_log_head(log);
        if (write(pipe, &head, sizeof head) != sizeof head)
            _exit(1);
    }
}

/* The newest head that the writer answered for before it died. */
static struct tlog_head run_until_cut(const struct folder *folder,
                                      unsigned steps)
{
    int ends[2];
    int status;
    struct tlog_head head = { .size = 0 };
    struct tlog_head last = { .size = 0 };

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        write_until_cut(folder, steps, ends[1]);
    }
    (void)close(ends[1]);
    while (read(ends[0], &head, sizeof head) == sizeof head)
        last = head;
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    return last;
}

/* Whatever the instant: nothing that was answered for is lost, and no head
 * contradicts one that was signed before. */
static void it_survives_a_power_cut_at_every_step(void **state)
{
    struct folder folder;
    struct tlog_head known = { .size = 0 };

    (void)state;
    make_log(&folder);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct tlog_head answered = run_until_cut(&folder, round % 67);
        struct sealed_log *before = open_log(&folder, false);
        struct tlog_head published = sealed_log_head(before);
        sealed_log_close(before);
        if (answered.size > known.size)
            known = answered;
        if (published.size > known.size)
            known = published;
        struct sealed_log *log = open_log(&folder, true);
        struct tlog_head head = sealed_log_head(log);
        assert_true(head.size >= known.size);
        if (known.size > 0) {
            struct tlog_path path;
            assert_int_equal(
                sealed_log_prove_growth(log, known.size, &path, NULL), 0);
            assert_true(tlog_verify_consistency(&known, &head, &path));
            assert_leaf(log, known.size - 1);
        }
        assert_sound(log);
        known = head;
        sealed_log_close(log);
    }
    assert_true(known.size > ROUNDS);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_log_is_empty_and_signed),
        cmocka_unit_test(what_was_appended_is_read_and_proved),
        cmocka_unit_test(it_is_proved_that_it_only_grew),
        cmocka_unit_test(one_process_writes_at_a_time),
        cmocka_unit_test(a_changed_byte_is_found),
        cmocka_unit_test(a_state_of_a_backup_is_refused),
        cmocka_unit_test(it_survives_a_power_cut_at_every_step),
    };

    /* Thousands of syncs: in memory, where there is a place for it. */
    if (access("/dev/shm", W_OK) == 0)
        assert_int_equal(setenv("TMPDIR", "/dev/shm", 0), 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
