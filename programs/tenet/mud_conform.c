/* SPDX-License-Identifier: Apache-2.0 */

/* tenet mud conform, tenet mud learn, tenet mud accept */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/allowed/lists.h"
#include "engine/engine.h"
#include "format/json_writer.h"
#include "mud/journal.h"
#include "mud/learn.h"
#include "mud/write.h"
#include "mud_set.h"

enum { OUTPUT_MAX = 1 << 30 };

/* One capture held against a set of files. */
struct trial {
    const struct mud_words *words;
    struct allowed *allowed;
    struct capture *capture;
    struct engine *engine;
    struct failure failure;
};

static void close_trial(struct trial *trial)
{
    engine_free(trial->engine);
    capture_free(trial->capture);
    allowed_free(trial->allowed);
}

static int run_capture(struct trial *trial, const char *const *sources,
                       size_t count)
{
    struct engine_options options = {
        .key = { 0x74656e6574, 0x31 },
        .allowed = trial->allowed,
    };
    struct capture_options capture = { 0 };
    struct frame frame;
    int result = capture_open(sources, count, &capture, &trial->capture,
                              &trial->failure);

    if (result < 0)
        return result;
    if (capture_is_live(trial->capture))
        return failure_set(&trial->failure, ERROR_UNSUPPORTED,
                           "this reads captures; 'tenet watch --mud' watches "
                           "a network");
    trial->engine = engine_new(&options);
    while ((result = capture_next(trial->capture, &frame,
                                  &trial->failure)) > 0)
        engine_frame(trial->engine, trial->capture, &frame);
    engine_finish(trial->engine, trial->capture);
    return result;
}

static int open_set(struct trial *trial)
{
    const struct mud_words *words = trial->words;
    int result = 0;

    trial->allowed = allowed_new();
    for (size_t i = 0; i < words->mud_count && result >= 0; i++)
        result = mud_set_add(trial->allowed, words->mud[i], words,
                             &trial->failure);
    for (size_t i = 0; i < words->member_count && result >= 0; i++)
        result = mud_set_member(trial->allowed, words->members[i],
                                &trial->failure);
    return result;
}

static bool has_undeclared(const struct allowed_state *state)
{
    for (uint32_t i = 0; i < allowed_device_count(state); i++)
        if (allowed_device(state, i)->flows[ALLOWED_UNDECLARED] > 0)
            return true;
    return false;
}

static int print_lists(const struct trial *trial)
{
    const struct allowed_state *state = engine_allowed(trial->engine);
    const struct device_table *devices = engine_devices(trial->engine);
    struct writer out;

    command_output(&out, stdout);
    if (trial->words->as_json) {
        allowed_write_json(&out, state, devices);
        writer_byte(&out, '\n');
    } else {
        allowed_write_text(&out, state, devices);
        if (allowed_device_count(state) == 0)
            writer_text(&out, "no device of this capture has one of these "
                              "files\n");
    }
    int status = command_print(&out, has_undeclared(state) ? EXIT_FOUND
                                                           : EXIT_NOTHING);
    writer_clear(&out);
    return status;
}

int mud_conform(const struct mud_words *words)
{
    struct trial trial = { .words = words };

    if (words->mud_count == 0)
        return EXIT_USAGE;
    int result = open_set(&trial);
    if (result >= 0)
        result = run_capture(&trial, (const char *const *)words->words,
                             words->count);
    int status = result < 0 ? command_fail(&trial.failure, EXIT_UNREADABLE)
                            : print_lists(&trial);
    close_trial(&trial);
    return status;
}

/* A file that declares nothing: what it needs is what was done. */
static struct mud_file *empty_file(void)
{
    struct mud_learner *learner =
        mud_learner_new("https://learned.invalid/", "", 0);
    struct mud_file *file = mud_learner_finish(learner);

    mud_learner_free(learner);
    return file;
}

/* The record of the device that `--device` means: its id, MAC or address. */
static const struct allowed_device *find_device(const struct trial *trial)
{
    const struct allowed_state *state = engine_allowed(trial->engine);
    const struct device_table *devices = engine_devices(trial->engine);
    const char *wanted = trial->words->device;
    struct mac mac;
    struct ip ip;
    bool is_mac = mac_parse(bytes_of_text(wanted), &mac);
    bool is_ip = ip_parse(bytes_of_text(wanted), &ip);

    for (uint32_t i = 0; i < allowed_device_count(state); i++) {
        const struct allowed_device *found = allowed_device(state, i);
        const struct device *device = device_get(devices, found->device);
        bool is_it = strcmp(device->id, wanted) == 0 ||
                     (is_mac && device->has_mac &&
                      mac_equal(device->mac, mac));
        for (uint8_t j = 0; is_ip && j < device->address_count; j++)
            is_it |= ip_equal(device->addresses[j].ip, ip);
        if (is_it)
            return found;
    }
    return NULL;
}

/* What the device did beyond its file, as a file. */
static struct mud_file *learn(struct trial *trial,
                              const struct allowed_device *device,
                              struct mud_learner *learner)
{
    if (device->uses_dropped > 0) {
        (void)failure_set(&trial->failure, ERROR_LIMIT,
                          "the device did more than %d different things: a "
                          "file would be no description",
                          ALLOWED_DEVICE_USE_MAX);
        return NULL;
    }
    for (const struct allowed_use *use = device->uses; use; use = use->next)
        mud_learner_add(learner, &use->needed, use->policies);
    struct mud_file *file = mud_learner_finish(learner);
    if (!file)
        (void)failure_set(&trial->failure, ERROR_LIMIT,
                          "the file would have more than %d entries",
                          MUD_ACE_MAX);
    return file;
}

static struct mud_learner *new_learner(const struct trial *trial,
                                       const struct allowed_device *device)
{
    const struct device *known =
        device_get(engine_devices(trial->engine), device->device);
    struct engine_counters counters;
    struct writer url;
    struct writer shown;

    engine_read_counters(trial->engine, &counters);
    writer_init(&url, 256);
    writer_init(&shown, 256);
    writer_format(&url, "https://learned.invalid/%s", known->id);
    writer_format(&shown, "learned from what %s did", known->id);
    struct mud_learner *learner =
        mud_learner_new(writer_as_text(&url), writer_as_text(&shown),
                        counters.last_ns);
    writer_clear(&url);
    writer_clear(&shown);
    return learner;
}

static int write_file(const char *path, const struct mud_file *file,
                      struct failure *failure)
{
    struct writer out;
    int result = 0;

    writer_init(&out, OUTPUT_MAX);
    mud_write(&out, file);
    FILE *target = path ? fopen(path, "wb") : stdout;
    bool is_written = target &&
                      fwrite(out.data, 1, out.size, target) == out.size;
    if (target && (path ? fclose(target) : fflush(target)) != 0)
        is_written = false;
    if (!is_written)
        result = failure_set(failure, -(errno ? errno : EIO),
                             "cannot write %s", path ? path : "the file");
    writer_clear(&out);
    return result;
}

static int write_learned(struct trial *trial,
                         const struct allowed_device *device)
{
    struct mud_learner *learner = new_learner(trial, device);
    struct mud_file *file = learn(trial, device, learner);
    int result = file ? write_file(trial->words->out, file, &trial->failure)
                      : ERROR_LIMIT;

    if (result >= 0) {
        fprintf(stderr, "%u entries explain all %llu flows that nothing "
                        "allows by default\n", file->ace_count,
                (unsigned long long)(device->flows[ALLOWED_UNDECLARED] +
                                     device->flows[ALLOWED_UNDECIDED]));
        for (size_t i = 0; i < mud_learner_note_count(learner); i++)
            fprintf(stderr, "  %s\n", mud_learner_note(learner, i));
    }
    mud_file_free(file);
    mud_learner_free(learner);
    return result;
}

static int no_device(struct trial *trial)
{
    return failure_set(&trial->failure, -ENOENT,
                       "no device '%s' sent or got anything in this capture",
                       trial->words->device);
}

int mud_learn(const struct mud_words *words)
{
    struct trial trial = { .words = words };
    const struct allowed_device *device;

    if (!words->device)
        return EXIT_USAGE;
    int result = open_set(&trial);
    if (result >= 0 && !allowed_give_all(trial.allowed, empty_file()))
        result = failure_set(&trial.failure, ERROR_LIMIT,
                             "no room for another file");
    if (result >= 0)
        result = run_capture(&trial, (const char *const *)words->words,
                             words->count);
    device = result < 0 ? NULL : find_device(&trial);
    if (result >= 0)
        result = device ? write_learned(&trial, device) : no_device(&trial);
    int status = result < 0 ? command_fail(&trial.failure, EXIT_UNREADABLE)
                            : EXIT_NOTHING;
    close_trial(&trial);
    return status;
}

static int record(struct trial *trial, const struct allowed_device *device)
{
    const struct mud_words *words = trial->words;
    struct mud_learner *learner = new_learner(trial, device);
    struct mud_file *file = learn(trial, device, learner);
    struct mud_acceptance accepted = {
        .time_s = words->at_s,
        .by = words->by,
        .because = words->because,
        .of = device->file,
        .entries = file,
    };
    int result = ERROR_LIMIT;

    if (file)
        result = file->ace_count == 0
                     ? 0 : mud_journal_add(words->words[0], &accepted,
                                           &trial->failure);
    if (result >= 0)
        fprintf(stderr, "%u entries accepted, in %s.accepted\n",
                file->ace_count, words->words[0]);
    mud_file_free(file);
    mud_learner_free(learner);
    return result;
}

/* The file as it is, with what was accepted before, for the device. */
static int give_file(struct trial *trial)
{
    struct mud_read_options options = {
        .is_import = trial->words->is_import,
        .now_s = trial->words->at_s,
    };
    const char *path = trial->words->words[0];
    struct mud_file *file = mud_read_file(path, &options, &trial->failure);

    if (!file)
        return ERROR_FORMAT;
    if (file->level == MUD_REFUSED) {
        mud_file_free(file);
        return failure_set(&trial->failure, ERROR_FORMAT,
                           "%s is no good MUD file; 'tenet mud check' says "
                           "why", path);
    }
    int result = mud_journal_read(path, file, &trial->failure);
    if (result < 0 || !allowed_give_all(trial->allowed, file)) {
        mud_file_free(file);
        return result < 0 ? result : ERROR_LIMIT;
    }
    return 0;
}

int mud_accept(const struct mud_words *words)
{
    struct trial trial = { .words = words };
    const struct allowed_device *device;

    if (!words->device || !words->by || !words->because || words->count < 2)
        return EXIT_USAGE;
    int result = open_set(&trial);
    if (result >= 0)
        result = give_file(&trial);
    if (result >= 0)
        result = run_capture(&trial,
                             (const char *const *)words->words + 1,
                             words->count - 1);
    device = result < 0 ? NULL : find_device(&trial);
    if (result >= 0)
        result = device ? record(&trial, device) : no_device(&trial);
    int status = result < 0 ? command_fail(&trial.failure, EXIT_UNREADABLE)
                            : EXIT_NOTHING;
    close_trial(&trial);
    return status;
}
