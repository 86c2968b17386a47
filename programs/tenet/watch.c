/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "command.h"
#include "detections.h"
#include "engine/engine.h"
#include "engine/stats.h"
#include "event/eve.h"
#include "ledger/sealing.h"
#include "net/vendor.h"
#include "report/report.h"
#include "sandbox/sandbox.h"

enum {
    EVE_BUFFER_SIZE = 1 << 20,
    EVE_FLUSH_SIZE = 1 << 16,
    PROGRESS_FRAMES = 1 << 16, /* Look at the clock this often. */
    TICK_FRAMES = 256,         /* Live and busy: look at the clock. */
    TICK_MS = 100,             /* Live: time passes in steps of this. */
    COMMIT_MS = 500,           /* Live: the ledger is that far behind. */
};

struct watch_options {
    const char *sources[CAPTURE_SOURCE_MAX];
    size_t source_count;
    const char *eve;
    const char *ledger;
    const char *filter;
    struct detection_words detections;
    bool as_json;
    bool no_ledger;
    bool no_seal;
    bool verify_checksums;
    bool hash_files;
    bool no_progress;
};

/* All that one run holds, released in one place. */
struct watch {
    struct watch_options options;
    struct detections detections;
    struct vendor_list *vendors;
    struct capture *capture;
    struct capture_status status; /* When all was read. */
    struct engine *engine;
    struct ledger *ledger;
    int64_t run;
    FILE *eve;
    struct writer line;
    struct failure failure;
    int64_t progress_ns;   /* When progress was last shown. */
    int64_t start_ns;
    int64_t tick_ns;       /* When time was last let pass. */
    int64_t ledger_ns;     /* When the ledger was last brought up to date. */
    uint64_t warnings_said; /* Live: of the capture's. */
    bool shows_progress;
    bool eve_failed;
    bool ledger_failed;    /* The last time; it was said. */
};

static volatile sig_atomic_t stop_asked;
static volatile sig_atomic_t reload_asked;

static void ask_to_reload(int number)
{
    (void)number;
    reload_asked = 1;
}

static void ask_to_stop(int number)
{
    (void)number;
    stop_asked = 1;
}

static int64_t clock_ns(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now); /* Cannot fail for these clocks. */
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool parse(int count, char **words, struct watch_options *options)
{
    static const struct option known[] = {
        { "json", no_argument, NULL, 'j' },
        { "eve", required_argument, NULL, 'e' },
        { "ledger", required_argument, NULL, 'l' },
        { "no-ledger", no_argument, NULL, 'n' },
        { "no-seal", no_argument, NULL, 's' },
        DETECTION_OPTIONS,
        { "filter", required_argument, NULL, 'f' },
        { "checksums", no_argument, NULL, 'c' },
        { "hash-files", no_argument, NULL, 'h' },
        { "no-progress", no_argument, NULL, 'q' },
        { 0 },
    };
    int option;

    while ((option = getopt_long(count, words, "", known, NULL)) != -1) {
        switch (option) {
        case 'j': options->as_json = true; break;
        case 'e': options->eve = optarg; break;
        case 'l': options->ledger = optarg; break;
        case 'n': options->no_ledger = true; break;
        case 's': options->no_seal = true; break;
        case 'f': options->filter = optarg; break;
        case 'c': options->verify_checksums = true; break;
        case 'q': options->no_progress = true; break;
        case 'h': options->hash_files = true; break;
        default:
            if (!detections_take(&options->detections, option, optarg))
                return false;
        }
    }
    for (; optind < count; optind++) {
        if (options->source_count == CAPTURE_SOURCE_MAX)
            return false;
        options->sources[options->source_count++] = words[optind];
    }
    bool both = options->as_json && options->eve &&
                strcmp(options->eve, "-") == 0;
    return options->source_count > 0 && !both;
}

static void on_event(void *context, const struct event *event)
{
    struct watch *watch = context;

    eve_write(&watch->line, event);
    if (watch->line.size < EVE_FLUSH_SIZE && !capture_is_live(watch->capture))
        return;
    if (fwrite(watch->line.data, 1, watch->line.size, watch->eve) !=
        watch->line.size)
        watch->eve_failed = true;
    writer_reset(&watch->line);
}

/* A finding goes to the ledger at once, with its frames, so that the evidence
 * store never fills with what is kept already. Live, so does how far it has
 * grown; of files the end is enough. */
static int keep_finding(struct watch *watch, const struct finding *finding,
                        bool is_new)
{
    const struct evidence_store *evidence = engine_evidence(watch->engine);

    if (capture_is_live(watch->capture))
        return ledger_add_finding(watch->ledger, finding, evidence,
                                  &watch->failure);
    return is_new ? ledger_begin_finding(watch->ledger, finding, evidence,
                                         &watch->failure)
                  : ledger_add_evidence(watch->ledger, finding, evidence,
                                        &watch->failure);
}

/* Live, a full disk stops the keeping but not the watching: it is said once. */
static void say_trouble(struct watch *watch)
{
    if (!watch->ledger_failed)
        fprintf(stderr, "tenet: warning: %s\n", watch->failure.text);
    watch->ledger_failed = true;
}

/* Live, a new finding is said at once too; growth is for the summary. */
static void on_finding(void *context, const struct finding *finding,
                       bool is_new)
{
    struct watch *watch = context;
    char time[REPORT_TIME_SIZE];

    bool is_kept = keep_finding(watch, finding, is_new) >= 0;
    if (!is_kept && !capture_is_live(watch->capture))
        stop_asked = 1;
    else if (!is_kept)
        say_trouble(watch);
    /* What cannot be kept now may be at its next growth: its packets stay. */
    if (is_kept)
        engine_release(watch->engine, finding);
    if (!is_new || !capture_is_live(watch->capture) || watch->options.as_json)
        return;
    fprintf(stderr, "%s  %-8s %s\n", report_time(finding->last_ns, time),
            severity_name(finding->severity), finding->sentence);
}

static int random_key(struct watch *watch, struct hash_key *key)
{
    /* A stranger on a live network must not know where keys collide; a file
     * must give the same result everywhere, and hash order never shows. */
    if (capture_is_live(watch->capture) &&
        getrandom(key, sizeof *key, 0) != (ssize_t)sizeof *key)
        return failure_set(&watch->failure, -errno,
                           "the system gives no random numbers");
    return 0;
}

static int load_detections(struct watch *watch)
{
    struct hash_key key = { 0x74656e6574, 0x32 };
    char *data = data_directory();
    int result = random_key(watch, &key);

    if (result >= 0)
        result = detections_load(&watch->detections,
                                 &watch->options.detections, data, key,
                                 &watch->failure);
    free(data);
    return result;
}

static struct bytes vendor_of(const void *context, struct mac mac)
{
    return vendor_list_find(context, mac);
}

static int make_engine(struct watch *watch)
{
    struct engine_options options = {
        .key = { 0x74656e6574, 0x31 },
        .behaviour = watch->detections.behaviour,
        .signature = watch->detections.signatures[0],
        .allowed = watch->detections.allowed,
        .intel = watch->detections.intel,
        .texts = watch->detections.texts,
        .vendor = watch->vendors ? vendor_of : NULL,
        .vendor_context = watch->vendors,
        .on_event = watch->eve ? on_event : NULL,
        .on_finding = on_finding,
        .context = watch,
        .verify_checksums = watch->options.verify_checksums,
        .hash_files = watch->options.hash_files,
    };

    int result = random_key(watch, &options.key);
    if (result == 0)
        watch->engine = engine_new(&options);
    return result;
}

static int open_eve(struct watch *watch)
{
    const char *name = watch->options.eve;

    if (!name)
        return 0;
    watch->eve = strcmp(name, "-") == 0 ? stdout : fopen(name, "w");
    if (!watch->eve)
        return failure_set(&watch->failure, -errno, "cannot write %s: %s",
                           name, strerror(errno));
    return 0;
}

/* What findings of this run are made by. */
static int add_ruleset(struct watch *watch)
{
    struct writer w;

    writer_init(&w, SIZE_MAX);
    detections_describe(&watch->detections, &w);
    int result = ledger_add_ruleset(watch->ledger, writer_view(&w),
                                    &watch->failure);
    writer_clear(&w);
    return result;
}

static int open_ledger(struct watch *watch)
{
    char *directory = watch->options.ledger
                          ? memory_copy_text(
                                bytes_of_text(watch->options.ledger))
                          : default_ledger();
    struct ledger_run run = {
        .source = watch->options.sources[0],
        .program = "tenet " TENET_VERSION,
    };
    int result = ledger_open(
        directory, watch->options.no_ledger ? LEDGER_MEMORY : LEDGER_WRITE,
        &watch->ledger, &watch->failure);

    free(directory);
    if (result == 0 && !watch->options.no_seal)
        result = ledger_seal(watch->ledger, run.program, &watch->failure);
    if (result == 0) {
        watch->run = ledger_begin_run(watch->ledger, &run, &watch->failure);
        result = watch->run < 0 ? (int)watch->run : 0;
    }
    return result < 0 ? result : add_ruleset(watch);
}

static int open_all(struct watch *watch)
{
    const struct watch_options *options = &watch->options;
    struct capture_options capture = { .filter = options->filter };
    struct failure ignored = { 0 };
    int result = capture_open(options->sources, options->source_count,
                              &capture, &watch->capture, &watch->failure);

    if (result >= 0)
        result = load_detections(watch);
    /* Without the list devices are shown without their maker. */
    if (vendor_list_load(IEEE_DATA_DIRECTORY, &watch->vendors, &ignored) < 0)
        watch->vendors = NULL;
    if (result >= 0)
        result = open_eve(watch);
    if (result >= 0)
        result = open_ledger(watch);
    if (result >= 0)
        result = make_engine(watch);
    return result;
}

/* What comes from the network must not meet rights that are not needed. */
static void drop_rights(struct watch *watch)
{
    const char *ledger = ledger_directory(watch->ledger);
    const struct detection_words *words = &watch->options.detections;
    struct sandbox_options options = {
        .writable = &ledger,
        .writable_count = ledger ? 1 : 0,
        .readable = words->rules, /* They may be read again. */
        .readable_count = words->rule_count < SANDBOX_DIRECTORY_MAX
                              ? words->rule_count
                              : SANDBOX_DIRECTORY_MAX,
    };
    struct sandbox sandbox;
    char text[SANDBOX_TEXT_SIZE];

    if (!capture_is_live(watch->capture))
        return;
    sandbox_enter(&options, &sandbox);
    const char *missing = sandbox_missing(&sandbox, text);
    if (missing)
        fprintf(stderr, "tenet: warning: this system lacks %s: a fault in "
                        "this program could do more harm\n", missing);
}

static void close_all(struct watch *watch)
{
    engine_free(watch->engine);
    ledger_close(watch->ledger);
    if (watch->eve && watch->eve != stdout && fclose(watch->eve) != 0)
        watch->eve_failed = true;
    writer_clear(&watch->line);
    capture_free(watch->capture);
    vendor_list_free(watch->vendors);
    detections_clear(&watch->detections);
}

static void show_progress(struct watch *watch, bool is_last)
{
    struct capture_status status;
    int64_t now_ns = clock_ns(CLOCK_MONOTONIC);

    if (!watch->shows_progress ||
        (!is_last && now_ns - watch->progress_ns < 250000000))
        return;
    watch->progress_ns = now_ns;
    capture_read_status(watch->capture, &status);
    double seconds = (double)(now_ns - watch->start_ns) / 1e9;
    double rate = seconds > 0 ? (double)status.frames / seconds : 0;
    fprintf(stderr, "\r\x1b[K%llu packets, %.1f MB, %.0f packets/s",
            (unsigned long long)status.frames,
            (double)status.bytes_read / 1e6, rate);
    if (status.bytes_total > 0 && status.bytes_read > 0) {
        double share =
            (double)status.bytes_read / (double)status.bytes_total;
        fprintf(stderr, ", %.0f%%, %.0f s left", share * 100,
                seconds / share - seconds);
    }
    if (is_last)
        fprintf(stderr, "\r\x1b[K");
}

static int keep_ledger(struct watch *watch, int64_t now_ns)
{
    struct ledger_moment now = { clock_ns(CLOCK_REALTIME), now_ns };
    struct capture_status status;

    capture_read_status(watch->capture, &status);
    ledger_note_traffic(watch->ledger, status.frames, status.kernel_drops);
    int result = ledger_tick(watch->ledger, now, &watch->failure);
    if (result >= 0)
        result = ledger_commit(watch->ledger, &watch->failure);
    return result < 0 ? result
                      : ledger_integrate(watch->ledger, &watch->failure);
}

/* Live: what was found is on disk within a second. */
static int keep_up(struct watch *watch)
{
    int64_t now_ns = clock_ns(CLOCK_MONOTONIC);

    if (now_ns - watch->ledger_ns < COMMIT_MS * 1000000LL)
        return 0;
    watch->ledger_ns = now_ns;
    if (watch->eve)
        (void)fflush(watch->eve); /* The next write says it. */
    if (keep_ledger(watch, now_ns) < 0) {
        say_trouble(watch);
    } else if (watch->ledger_failed) {
        fprintf(stderr, "tenet: the ledger can be written again\n");
        watch->ledger_failed = false;
    }
    return 0;
}

/* Live: all frames up to `seen_ns` were analysed. */
/* SIGHUP: packets wait in the kernel while the rules are read again. */
static void reload(struct watch *watch)
{
    const struct signature *set = detections_reload(
        &watch->detections, &watch->options.detections);

    reload_asked = 0;
    if (set)
        engine_replace_signature(watch->engine, set);
}

/* Live: an interface that went is said when it goes, not at the end. */
static void say_warnings(struct watch *watch)
{
    struct capture_status status;

    capture_read_status(watch->capture, &status);
    if (status.warnings > watch->warnings_said)
        fprintf(stderr, "tenet: warning: %s\n", status.warning);
    watch->warnings_said = status.warnings;
}

static int let_time_pass(struct watch *watch, int64_t seen_ns)
{
    int64_t now_ns = clock_ns(CLOCK_MONOTONIC);

    if (now_ns - watch->tick_ns < TICK_MS * 1000000LL)
        return 0;
    watch->tick_ns = now_ns;
    say_warnings(watch);
    engine_advance(watch->engine, watch->capture, seen_ns);
    return keep_up(watch);
}

/* There is no frame now, so none is older than the capture's lag. */
static int wait_for_frames(struct watch *watch)
{
    struct pollfd descriptor = {
        .fd = capture_descriptor(watch->capture),
        .events = POLLIN,
    };
    int result = let_time_pass(watch, clock_ns(CLOCK_REALTIME) -
                                          CAPTURE_LAG_MS * 1000000LL);

    show_progress(watch, false);
    if (result >= 0)
        (void)poll(&descriptor, 1, TICK_MS); /* Either way we look again. */
    return result;
}

static int analyse(struct watch *watch)
{
    struct frame frames[ENGINE_BATCH_MAX];
    bool is_live = capture_is_live(watch->capture);
    uint64_t count = 0;
    int result = 0;

    while (!stop_asked && result >= 0) {
        if (reload_asked)
            reload(watch);
        result = capture_next_frames(watch->capture, frames, COUNT_OF(frames),
                                     &watch->failure);
        if (result == -EAGAIN) {
            result = wait_for_frames(watch);
            continue;
        }
        if (result <= 0)
            break;
        size_t taken = (size_t)result;
        uint64_t before = count;
        engine_frames(watch->engine, watch->capture, frames, taken);
        count += taken;
        if (is_live || before / PROGRESS_FRAMES != count / PROGRESS_FRAMES)
            show_progress(watch, false);
        if (is_live && before / TICK_FRAMES != count / TICK_FRAMES)
            result = let_time_pass(watch, frames[taken - 1].mark.time_ns);
    }
    engine_finish(watch->engine, watch->capture);
    show_progress(watch, true);
    return result;
}

static int keep_results(struct watch *watch, const char *stats)
{
    const struct device_table *devices = engine_devices(watch->engine);
    const struct finding_table *findings = engine_findings(watch->engine);
    int result = 0;

    for (uint32_t i = 0; i < device_count(devices) && result >= 0; i++) {
        const struct device *device = device_get(devices, i);
        const char *same_as =
            device->same_as == DEVICE_NONE
                ? NULL
                : device_get(devices, device->same_as)->id;
        if (device->has_sent)
            result = ledger_add_device(watch->ledger, device, same_as,
                                       &watch->failure);
    }
    for (uint32_t i = 0; i < finding_count(findings) && result >= 0; i++)
        result = ledger_add_finding(
            watch->ledger, finding_get(findings, i),
            engine_evidence(watch->engine), &watch->failure);
    return result < 0 ? result
                      : ledger_end_run(watch->ledger, stats, &watch->failure);
}

static void write_heading(struct watch *watch, struct writer *out)
{
    const struct capture_status *status = &watch->status;
    struct engine_counters counters;
    char first[REPORT_TIME_SIZE];
    char last[REPORT_TIME_SIZE];

    engine_read_counters(watch->engine, &counters);
    writer_format(out, "%llu packets, %llu flows, %s to %s UTC\n",
                  (unsigned long long)counters.packets,
                  (unsigned long long)counters.flows,
                  report_time(counters.first_ns, first),
                  report_time(counters.last_ns, last));
    if (status->kernel_drops > 0)
        writer_format(out, "%llu packets were missed: the machine was busy\n",
                      (unsigned long long)status->kernel_drops);
    if (status->warnings > 0)
        writer_format(out, "warning: %s\n", status->warning);
}

static int write_summary(struct watch *watch, struct writer *out)
{
    struct report_style style = {
        .colour = !watch->options.eve && wants_colour(),
        .run = watch->run,
        .ledger = watch->options.ledger,
        .keeps_nothing = watch->options.no_ledger,
    };

    write_heading(watch, out);
    writer_text(out, "\nFindings by device, worst first\n\n");
    int count =
        report_findings(out, watch->ledger, &style, &watch->failure);
    if (count == 0)
        writer_text(out, "  nothing found\n");
    if (count < 0)
        return count;
    count = report_other_devices(out, watch->ledger, &style, &watch->failure);
    if (count >= 0 && ledger_directory(watch->ledger))
        writer_format(out, "\nKept in %s\n",
                      ledger_directory(watch->ledger));
    return count;
}

/* The summary goes where events do not. */
static int print_result(struct watch *watch, const char *stats)
{
    FILE *place = watch->eve == stdout ? stderr : stdout;
    struct writer out;
    int result;

    command_output(&out, place);
    if (watch->options.as_json)
        result = report_json(&out, watch->ledger, watch->run, stats,
                             &watch->failure);
    else
        result = write_summary(watch, &out);
    if (result >= 0 && (!writer_drain(&out) || fflush(place) != 0))
        result = failure_set(&watch->failure, -EIO,
                             "cannot write the result");
    writer_clear(&out);
    return result;
}

/* Every frame was read: the room of their history is for the result. */
static void end_capture(struct watch *watch)
{
    capture_read_status(watch->capture, &watch->status);
    ledger_note_traffic(watch->ledger, watch->status.frames,
                        watch->status.kernel_drops);
    capture_free(watch->capture);
    watch->capture = NULL;
}

static int finish(struct watch *watch)
{
    struct writer stats;

    if (watch->eve && watch->line.size > 0 &&
        fwrite(watch->line.data, 1, watch->line.size, watch->eve) !=
            watch->line.size)
        watch->eve_failed = true;
    writer_reset(&watch->line);
    writer_init(&stats, 1 << 20);
    end_capture(watch);
    engine_stats_write(&stats, watch->engine, &watch->status);
    int result = keep_results(watch, writer_as_text(&stats));
    if (result >= 0)
        result = print_result(watch, writer_as_text(&stats));
    writer_clear(&stats);
    if (result >= 0 && watch->eve_failed)
        result = failure_set(&watch->failure, -EIO, "cannot write all of %s",
                             watch->options.eve);
    return result;
}

static int run(const struct command *command, int count, char **words)
{
    struct watch watch = { 0 };
    int status;

    if (!parse(count, words, &watch.options))
        return command_usage(command);
    writer_init(&watch.line, EVE_BUFFER_SIZE);
    watch.shows_progress =
        isatty(STDERR_FILENO) && !watch.options.no_progress;
    watch.start_ns = clock_ns(CLOCK_MONOTONIC);
    (void)signal(SIGINT, ask_to_stop);
    (void)signal(SIGTERM, ask_to_stop);
    (void)signal(SIGHUP, ask_to_reload);
    int result = open_all(&watch);
    if (result >= 0) {
        drop_rights(&watch);
        int read_result = analyse(&watch);
        struct failure first = watch.failure;
        result = finish(&watch);
        if (result >= 0 && read_result < 0) {
            watch.failure = first;
            result = read_result;
        }
    }
    status = result < 0 ? command_fail(&watch.failure, EXIT_UNREADABLE)
             : finding_count(engine_findings(watch.engine)) > 0
                 ? EXIT_FOUND
                 : EXIT_NOTHING;
    close_all(&watch);
    return status;
}

const struct command watch_command = {
    .name = "watch",
    .words = "[OPTIONS] CAPTURE|DIRECTORY|-|INTERFACE...",
    .summary = "Analyse a capture or live interfaces: devices and findings",
    .help = "  --json           one JSON object instead of the summary\n"
            "  --eve FILE|-     every event as EVE JSON\n"
            "  --ledger DIR     keep findings and evidence there\n"
            "  --no-ledger      keep nothing\n"
            "  --no-seal        keep it, but sign nothing\n"
            "  --intel PATH     indicators: STIX, MISP, lists; repeatable\n"
            "  --rules PATH     Sigma or Suricata rules besides our own, a\n"
            "                   file or a directory; repeatable; SIGHUP\n"
            "                   reads Suricata rules again\n"
            "  --home-net NETS  networks that Suricata rules call home\n"
            "  --variable N=V   another variable of theirs; repeatable\n"
            "  --filter BPF     live: only packets that match\n"
            "  --mud MAC=FILE|FILE|DIR   hold devices against MUD files\n"
            "  --mud-ca FILE    authorities that sign MUD files, PEM\n"
            "  --mud-controller CLASS=ADDRESS   a host of a class of them\n"
            "  --mud-import     read dialects of MUD files too\n"
            "  --checksums      verify checksums and count bad ones\n"
            "  --hash-files     digests of files that pass in the clear\n"
            "  --no-progress    no progress on a terminal\n",
    .run = run,
};
