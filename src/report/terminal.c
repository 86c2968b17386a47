/* SPDX-License-Identifier: Apache-2.0 */

/*
 * For a tired person: what is here, what is wrong, worst first, and the one
 * command that shows the proof.
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
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
                       const struct ledger_device *device)
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
        writer_format(out, "%s%s%s", separator,
                      separator[0] ? "maker " : "made by ", what->vendor);
    else if (device->is_random_mac)
        writer_format(out, "%srandom address", separator);
    else if (!separator[0])
        writer_text(out, "not known yet");
    if (device->is_gateway)
        writer_text(out, " (router)");
    if (device->same_as)
        writer_format(out, " (same as %s)", device->same_as);
}

static int write_device(void *context, const struct ledger_device *device)
{
    struct walk *walk = context;
    struct what what;
    int result = read_what(walk, device->id, &what);

    if (result < 0)
        return result;
    walk->count++;
    writer_format(walk->out, "  %-18s %-16s ",
                  device->mac ? device->mac : "-",
                  what.address[0] ? what.address : "-");
    write_what(walk->out, &what, device);
    if (what.addresses > 1)
        writer_format(walk->out, " [%u addresses]", what.addresses);
    writer_byte(walk->out, '\n');
    return 0;
}

int report_devices(struct writer *out, struct ledger *ledger,
                   const struct report_style *style, struct failure *failure)
{
    struct walk walk = { out, ledger, style, failure, 0 };
    int result = ledger_each_device(ledger, style->run, write_device, &walk,
                                    failure);
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

static int write_finding(void *context, const struct ledger_finding *finding)
{
    struct walk *walk = context;
    struct writer *out = walk->out;

    walk->count++;
    writer_format(out, "  %s%-8s%s %s\n",
                  severity_paint(walk->style, finding->severity),
                  finding->severity, paint(walk->style, "\x1b[0m"),
                  finding->sentence);
    write_command(out, walk->style, finding->id);
    return 0;
}

int report_findings(struct writer *out, struct ledger *ledger,
                    const struct report_style *style, struct failure *failure)
{
    struct walk walk = { out, ledger, style, failure, 0 };
    int result = ledger_each_finding(ledger, style->run, write_finding,
                                     &walk, failure);
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
    if (finding->description)
        writer_format(out, "\n%s\n", finding->description);
    writer_format(out, "\nEvidence: %llu packets kept\n",
                  (unsigned long long)finding->packets);
    int result =
        ledger_each_frame(ledger, finding->id, write_frame, &walk, failure);
    return result < 0 ? result : walk.count;
}
