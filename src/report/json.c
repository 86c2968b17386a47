/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "format/json_writer.h"
#include "report/report.h"

struct walk {
    struct json_writer json;
    struct ledger *ledger;
    int64_t run;
    struct failure *failure;
};

static void text_or_null(struct json_writer *json, const char *key,
                         const char *text)
{
    json_key(json, key);
    if (text)
        json_text(json, text);
    else
        json_nothing(json);
}

static void time_value(struct json_writer *json, const char *key,
                       int64_t time_ns)
{
    char text[REPORT_TIME_SIZE];

    json_key(json, key);
    json_text(json, report_time_iso(time_ns, text));
}

/* A column that holds several texts with spaces between. */
static void word_list(struct json_writer *json, const char *key,
                      const char *words)
{
    struct bytes left = bytes_of_text(words);

    json_key(json, key);
    json_array_open(json);
    while (left.size > 0) {
        size_t space = bytes_find_byte(left, ' ');
        json_bytes(json, bytes_slice(left, 0, space));
        left = bytes_slice(left, space + 1, left.size);
    }
    json_array_close(json);
}

static int write_claim(void *context, const struct ledger_claim *claim)
{
    struct json_writer *json = &((struct walk *)context)->json;

    json_object_open(json);
    text_or_null(json, "kind", claim->kind);
    text_or_null(json, "source", claim->source);
    text_or_null(json, "value", claim->value);
    time_value(json, "first", claim->first_ns);
    time_value(json, "last", claim->last_ns);
    json_object_close(json);
    return 0;
}

static int write_address(void *context, const struct ledger_address *address)
{
    struct json_writer *json = &((struct walk *)context)->json;

    json_text(json, address->address);
    return 0;
}

static int write_address_times(void *context,
                               const struct ledger_address *address)
{
    struct json_writer *json = &((struct walk *)context)->json;

    json_object_open(json);
    text_or_null(json, "address", address->address);
    time_value(json, "first", address->first_ns);
    time_value(json, "last", address->last_ns);
    json_object_close(json);
    return 0;
}

static int write_device_lists(struct walk *walk,
                              const struct ledger_device *device)
{
    struct json_writer *json = &walk->json;

    json_key(json, "addresses");
    json_array_open(json);
    int result = ledger_each_address(walk->ledger, walk->run, device->id,
                                     write_address, walk, walk->failure);
    json_array_close(json);
    if (result < 0)
        return result;
    json_key(json, "address_history");
    json_array_open(json);
    result = ledger_each_address(walk->ledger, walk->run, device->id,
                                 write_address_times, walk, walk->failure);
    json_array_close(json);
    if (result < 0)
        return result;
    json_key(json, "identity");
    json_array_open(json);
    result = ledger_each_claim(walk->ledger, walk->run, device->id,
                               write_claim, walk, walk->failure);
    json_array_close(json);
    return result;
}

static int write_device(void *context, const struct ledger_device *device)
{
    struct walk *walk = context;
    struct json_writer *json = &walk->json;

    json_object_open(json);
    text_or_null(json, "id", device->id);
    text_or_null(json, "mac", device->mac);
    json_key(json, "random_mac");
    json_flag(json, device->is_random_mac);
    json_key(json, "gateway");
    json_flag(json, device->is_gateway);
    text_or_null(json, "same_as", device->same_as);
    time_value(json, "first", device->first_ns);
    time_value(json, "last", device->last_ns);
    json_key(json, "packets");
    json_number(json, device->packets);
    int result = write_device_lists(walk, device);
    json_object_close(json);
    return result;
}

/* Mirrored or tunnelled traffic: who carried it is part of the story. */
static void write_tunnel(struct json_writer *json,
                         const struct ledger_finding *finding)
{
    json_key(json, "tunnel");
    if (!finding->tunnel_source) {
        json_nothing(json);
        return;
    }
    json_object_open(json);
    text_or_null(json, "source", finding->tunnel_source);
    text_or_null(json, "destination", finding->tunnel_destination);
    json_object_close(json);
}

static int write_fact(void *context, const struct ledger_fact *fact)
{
    text_or_null(context, fact->name, fact->value);
    return 0;
}

static int write_facts(struct walk *walk, const struct ledger_finding *finding)
{
    json_key(&walk->json, "facts");
    json_object_open(&walk->json);
    int result = ledger_each_fact(walk->ledger, finding, write_fact,
                                  &walk->json, walk->failure);
    json_object_close(&walk->json);
    return result;
}

static int write_finding(struct walk *walk,
                         const struct ledger_finding *finding)
{
    struct json_writer *json = &walk->json;

    json_object_open(json);
    text_or_null(json, "id", finding->id);
    text_or_null(json, "detection", finding->name);
    text_or_null(json, "language", finding->language);
    text_or_null(json, "rule", finding->detection);
    text_or_null(json, "version", finding->version);
    text_or_null(json, "title", finding->title);
    text_or_null(json, "device", finding->device);
    text_or_null(json, "mac", finding->mac);
    text_or_null(json, "address", finding->address);
    text_or_null(json, "peer", finding->peer);
    write_tunnel(json, finding);
    text_or_null(json, "harm", finding->harm);
    text_or_null(json, "severity", finding->severity);
    text_or_null(json, "role", finding->role);
    word_list(json, "techniques", finding->techniques);
    word_list(json, "references", finding->references);
    time_value(json, "first", finding->first_ns);
    time_value(json, "last", finding->last_ns);
    json_key(json, "count");
    json_number(json, finding->count);
    text_or_null(json, "sentence", finding->sentence);
    json_key(json, "evidence");
    json_object_open(json);
    json_key(json, "packets");
    json_number(json, finding->packets);
    json_object_close(json);
    int result = write_facts(walk, finding);
    json_object_close(json);
    return result;
}

static int write_each_finding(void *context,
                              const struct ledger_finding *finding)
{
    return write_finding(context, finding);
}

static int write_devices(struct walk *walk)
{
    json_array_open(&walk->json);
    int result = ledger_each_device(walk->ledger, walk->run, write_device,
                                    walk, walk->failure);
    json_array_close(&walk->json);
    return result;
}

static int write_findings(struct walk *walk)
{
    json_array_open(&walk->json);
    int result = ledger_each_finding(walk->ledger, walk->run,
                                     write_each_finding, walk, walk->failure);
    json_array_close(&walk->json);
    return result;
}

static struct walk walk_of(struct writer *out, struct ledger *ledger,
                           int64_t run, struct failure *failure)
{
    struct walk walk = { .ledger = ledger, .run = run, .failure = failure };

    json_init(&walk.json, out);
    return walk;
}

int report_json(struct writer *out, struct ledger *ledger, int64_t run,
                const char *stats, struct failure *failure)
{
    struct walk walk = walk_of(out, ledger, run, failure);

    json_object_open(&walk.json);
    json_key(&walk.json, "devices");
    int result = write_devices(&walk);
    if (result < 0)
        return result;
    json_key(&walk.json, "findings");
    result = write_findings(&walk);
    if (result < 0)
        return result;
    writer_format(out, ",\"stats\":%s}\n", stats ? stats : "null");
    return result;
}

int report_devices_json(struct writer *out, struct ledger *ledger,
                        int64_t run, struct failure *failure)
{
    struct walk walk = walk_of(out, ledger, run, failure);
    int result = write_devices(&walk);

    writer_byte(out, '\n');
    return result;
}

int report_findings_json(struct writer *out, struct ledger *ledger,
                         int64_t run, struct failure *failure)
{
    struct walk walk = walk_of(out, ledger, run, failure);
    int result = write_findings(&walk);

    writer_byte(out, '\n');
    return result;
}

static int write_frame(void *context, const struct frame *frame)
{
    struct json_writer *json = &((struct walk *)context)->json;

    json_object_open(json);
    json_key(json, "number");
    json_number(json, frame->mark.number);
    time_value(json, "time", frame->mark.time_ns);
    json_key(json, "size");
    json_number(json, frame->mark.original_size);
    json_object_close(json);
    return 0;
}

int report_finding_json(struct writer *out, struct ledger *ledger,
                        const struct ledger_finding *finding,
                        struct failure *failure)
{
    struct walk walk = walk_of(out, ledger, 0, failure);

    json_object_open(&walk.json);
    json_key(&walk.json, "finding");
    int result = write_finding(&walk, finding);
    if (result < 0)
        return result;
    text_or_null(&walk.json, "description", finding->description);
    json_key(&walk.json, "frames");
    json_array_open(&walk.json);
    result = ledger_each_frame(ledger, finding->id, write_frame, &walk,
                               failure);
    json_array_close(&walk.json);
    json_object_close(&walk.json);
    writer_byte(out, '\n');
    return result;
}
