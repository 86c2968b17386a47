/* SPDX-License-Identifier: Apache-2.0 */

/*
 * For a tired person: which device, what is wrong with it, worst first, and
 * the one command that shows the proof.
 */
#include <stdio.h>
#include <string.h>

#include "report/overview.h"
#include "report/report.h"

enum { WHAT_SIZE = 256, LABEL_SIZE = 64, ID_SHOWN = 9 };

struct walk {
    struct writer *out;
    struct ledger *ledger;
    const struct report_style *style;
    struct failure *failure;
    int count;
};

/* The best one-line answer to "what is this device?". */
struct what {
    char vendor[WHAT_SIZE];
    char name[WHAT_SIZE];
    char model[WHAT_SIZE];
    char address[LABEL_SIZE];
    unsigned addresses;
};

static const char *paint(const struct report_style *style, const char *code)
{
    return style->colour ? code : "";
}

static void keep(char *place, size_t size, const char *text)
{
    if (place[0] == '\0')
        (void)snprintf(place, size, "%s", text); /* A long one is cut. */
}

static int note_claim(void *context, const struct ledger_claim *claim)
{
    struct what *what = context;

    if (strcmp(claim->kind, "vendor") == 0)
        keep(what->vendor, sizeof what->vendor, claim->value);
    else if (strcmp(claim->kind, "name") == 0)
        keep(what->name, sizeof what->name, claim->value);
    else if (strcmp(claim->kind, "model") == 0)
        keep(what->model, sizeof what->model, claim->value);
    return 0;
}

static int note_address(void *context, const struct ledger_address *address)
{
    struct what *what = context;
    bool is_v4 = !strchr(address->address, ':');

    what->addresses++;
    if (what->address[0] == '\0' || (is_v4 && strchr(what->address, ':')))
        (void)snprintf(what->address, sizeof what->address, "%s",
                       address->address); /* Always fits. */
    return 0;
}

static int read_what(struct walk *walk, const char *device, struct what *what)
{
    *what = (struct what){ 0 };
    int result = ledger_each_claim(walk->ledger, walk->style->run, device,
                                   note_claim, what, walk->failure);
    if (result < 0)
        return result;
    return ledger_each_address(walk->ledger, walk->style->run, device,
                               note_address, what, walk->failure);
}

static void write_what(struct writer *out, const struct what *what,
                       const struct overview_device *device)
{
    const char *separator = "";

    if (what->name[0]) {
        writer_text(out, what->name);
        separator = ", ";
    }
    if (what->model[0] && strcmp(what->model, what->name) != 0) {
        writer_format(out, "%s%s", separator, what->model);
        separator = ", ";
    }
    if (what->vendor[0])
        writer_format(out, "%smade by %s", separator, what->vendor);
    else if (device->is_random_mac)
        writer_format(out, "%srandom address", separator);
    else if (!separator[0])
        writer_text(out, "not known yet");
    if (device->is_gateway)
        writer_text(out, " (router)");
    if (device->same_as)
        writer_format(out, " (same as %s)", device->same_as);
    if (what->addresses > 1)
        writer_format(out, " [%u addresses]", what->addresses);
}

static int write_device(struct walk *walk,
                        const struct overview_device *device)
{
    struct what what;
    int result = read_what(walk, device->id, &what);

    if (result < 0)
        return result;
    writer_format(walk->out, "  %-16s %-18s ",
                  what.address[0] ? what.address : "-",
                  device->mac ? device->mac : "-");
    write_what(walk->out, &what, device);
    writer_byte(walk->out, '\n');
    walk->count++;
    return 0;
}

typedef bool device_test(const struct overview_device *device);

static bool is_any(const struct overview_device *device)
{
    (void)device;
    return true;
}

static bool is_other_end_only(const struct overview_device *device)
{
    return device->is_other_end && !device->has_findings;
}

static bool is_quiet(const struct overview_device *device)
{
    return !device->is_other_end && !device->has_findings;
}

/* The devices that `test` is true of, below `title` when there are any. */
static int write_devices(struct walk *walk, const struct overview *overview,
                         device_test *test, const char *title)
{
    int before = walk->count;
    int result = 0;

    for (size_t i = 0; i < overview->device_count && result >= 0; i++) {
        if (!test(&overview->devices[i]))
            continue;
        if (walk->count == before)
            writer_text(walk->out, title);
        result = write_device(walk, &overview->devices[i]);
    }
    return result;
}

int report_devices(struct writer *out, struct ledger *ledger,
                   const struct report_style *style, struct failure *failure)
{
    struct walk walk = { out, ledger, style, failure, 0 };
    struct overview overview;
    int result = overview_init(&overview, ledger, style->run, failure);

    if (result >= 0)
        result = write_devices(&walk, &overview, is_any, "");
    overview_clear(&overview);
    return result < 0 ? result : walk.count;
}

int report_other_devices(struct writer *out, struct ledger *ledger,
                         const struct report_style *style,
                         struct failure *failure)
{
    struct walk walk = { out, ledger, style, failure, 0 };
    struct overview overview;
    int result = overview_init(&overview, ledger, style->run, failure);

    if (result >= 0)
        result = write_devices(&walk, &overview, is_other_end_only,
                               "\nDevices at the other end of a finding\n");
    if (result >= 0)
        result = write_devices(&walk, &overview, is_quiet,
                               "\nDevices with nothing found\n");
    overview_clear(&overview);
    return result < 0 ? result : walk.count;
}

static const char *severity_paint(const struct report_style *style,
                                  const char *severity)
{
    if (strcmp(severity, "urgent") == 0)
        return paint(style, "\x1b[1;31m");
    if (strcmp(severity, "warning") == 0)
        return paint(style, "\x1b[33m");
    return paint(style, "\x1b[2m");
}

static void write_command(struct writer *out, const struct report_style *style,
                          const char *id)
{
    if (style->keeps_nothing)
        return;
    writer_format(out, "           %stenet show %.*s", paint(style, "\x1b[2m"),
                  ID_SHOWN, id);
    if (style->ledger)
        writer_format(out, " --ledger %s", style->ledger);
    writer_format(out, "%s\n", paint(style, "\x1b[0m"));
}

static void write_finding(const struct walk *walk,
                          const struct overview_finding *finding)
{
    struct writer *out = walk->out;

    writer_format(out, "  %s%-8s%s %s\n",
                  severity_paint(walk->style, finding->severity),
                  finding->severity, paint(walk->style, "\x1b[0m"),
                  finding->sentence);
    write_command(out, walk->style, finding->id);
}

/* What the device is, above what was found on it. */
static int write_heading(struct walk *walk, const struct overview *overview,
                         const struct overview_finding *finding)
{
    const struct overview_device *device =
        overview_device_find(overview, finding->host);
    const struct overview_device unheard = {
        .id = finding->host, .mac = finding->mac,
    };
    struct what what;
    int result = read_what(walk, finding->host, &what);

    if (result < 0)
        return result;
    if (!device)
        device = &unheard;
    writer_text(walk->out, paint(walk->style, "\x1b[1m"));
    if (what.address[0] || device->mac)
        writer_format(walk->out, "%s%s%s  ", what.address,
                      what.address[0] && device->mac ? "  " : "",
                      device->mac ? device->mac : "");
    write_what(walk->out, &what, device);
    writer_format(walk->out, "%s\n", paint(walk->style, "\x1b[0m"));
    return 0;
}

static int write_host_heading(struct walk *walk,
                              const struct overview *overview, size_t index)
{
    const struct overview_finding *finding = &overview->findings[index];
    const struct overview_finding *before =
        index > 0 ? &overview->findings[index - 1] : NULL;
    bool is_same = before && before->is_remote == finding->is_remote &&
                   (finding->is_remote ||
                    strcmp(before->host, finding->host) == 0);

    if (is_same)
        return 0;
    if (before)
        writer_byte(walk->out, '\n');
    if (!finding->is_remote)
        return write_heading(walk, overview, finding);
    writer_format(walk->out, "%sHosts outside this network%s\n",
                  paint(walk->style, "\x1b[1m"),
                  paint(walk->style, "\x1b[0m"));
    return 0;
}

int report_findings(struct writer *out, struct ledger *ledger,
                    const struct report_style *style, struct failure *failure)
{
    struct walk walk = { out, ledger, style, failure, 0 };
    struct overview overview;
    int result = overview_init(&overview, ledger, style->run, failure);

    for (size_t i = 0; i < overview.finding_count && result >= 0; i++) {
        result = write_host_heading(&walk, &overview, i);
        write_finding(&walk, &overview.findings[i]);
        walk.count++;
    }
    overview_clear(&overview);
    return result < 0 ? result : walk.count;
}

static int write_frame(void *context, const struct frame *frame)
{
    struct walk *walk = context;
    char time[REPORT_TIME_SIZE];

    writer_format(walk->out, "  packet %-10llu %s  %u bytes\n",
                  (unsigned long long)frame->mark.number,
                  report_time_iso(frame->mark.time_ns, time),
                  frame->mark.original_size);
    walk->count++;
    return 0;
}

static void write_line(struct writer *out, const char *label, const char *text)
{
    if (text && text[0])
        writer_format(out, "%-12s %s\n", label, text);
}

static int write_fact(void *context, const struct ledger_fact *fact)
{
    char label[32];

    (void)snprintf(label, sizeof label, "%s", fact->name);
    for (char *at = label; *at; at++)
        if (*at == '_')
            *at = ' ';
    if (label[0] >= 'a' && label[0] <= 'z')
        label[0] = (char)(label[0] - 'a' + 'A');
    write_line(context, label, fact->value);
    return 0;
}

int report_finding(struct writer *out, struct ledger *ledger,
                   const struct ledger_finding *finding,
                   const struct report_style *style, struct failure *failure)
{
    struct walk walk = { out, ledger, style, failure, 0 };
    char first[REPORT_TIME_SIZE];
    char last[REPORT_TIME_SIZE];

    writer_format(out, "%s%s%s\n\n", severity_paint(style, finding->severity),
                  finding->sentence, paint(style, "\x1b[0m"));
    write_line(out, "Finding", finding->id);
    write_line(out, "Severity", finding->severity);
    write_line(out, "Device", finding->device);
    write_line(out, "MAC", finding->mac);
    write_line(out, "Address", finding->address);
    write_line(out, "Other end", finding->peer);
    write_line(out, "Carried by", finding->tunnel_source);
    writer_format(out, "%-12s %s to %s UTC\n", "When",
                  report_time(finding->first_ns, first),
                  report_time(finding->last_ns, last));
    writer_format(out, "%-12s %llu\n", "Count",
                  (unsigned long long)finding->count);
    write_line(out, "Harm", finding->harm);
    write_line(out, "Who acts", finding->role);
    write_line(out, "ATT&CK", finding->techniques);
    writer_format(out, "%-12s %s (%s, version %s)\n", "Detection",
                  finding->name, finding->detection, finding->version);
    write_line(out, "Reading", finding->references);
    int result = ledger_each_fact(ledger, finding, write_fact, out, failure);
    if (result < 0)
        return result;
    if (finding->description)
        writer_format(out, "\n%s\n", finding->description);
    writer_format(out, "\nEvidence: %llu packets kept\n",
                  (unsigned long long)finding->packets);
    result =
        ledger_each_frame(ledger, finding->id, write_frame, &walk, failure);
    return result < 0 ? result : walk.count;
}
