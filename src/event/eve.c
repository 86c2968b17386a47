/* SPDX-License-Identifier: Apache-2.0 */
#include "event/eve.h"

#include <string.h>

#include "base/timestamp.h"
#include "format/json_writer.h"
#include "net/community_id.h"

/*
 * The values of one field, which the order of the table has put together, and
 * for fields of a list of objects how many of them are written.
 */
struct run {
    const struct event_field_info *info;
    const struct event_value **values;
    uint16_t count;
    uint16_t done;
};

/* The fields an event has, in the order of the table. */
struct eve {
    struct json_writer json;
    const struct event_value *sorted[EVENT_VALUE_MAX];
    struct run runs[EVENT_VALUE_MAX];
    size_t run_count;
};

/* Where in the tree the writer stands: `path` up to `size`, after a dot. */
struct place {
    const char *path;
    size_t size;
};

enum { IP_PROTOCOL_ICMP = 1, IP_PROTOCOL_ICMPV6 = 58 };

static bool is_icmp(const struct event_context *context)
{
    return context->protocol == IP_PROTOCOL_ICMP ||
           context->protocol == IP_PROTOCOL_ICMPV6;
}

static void write_ip(struct json_writer *json, struct ip ip)
{
    char text[IP_TEXT_SIZE];
    json_text(json, ip_text(ip, text));
}

static void write_mac(struct json_writer *json, struct mac mac)
{
    char text[MAC_TEXT_SIZE];
    json_text(json, mac_text(mac, text));
}

static void write_vlan(struct json_writer *json,
                       const struct event_context *context)
{
    if (context->vlan_count == 0)
        return;
    json_key(json, "vlan");
    json_array_open(json);
    for (size_t i = 0; i < context->vlan_count && i < EVENT_VLAN_MAX; i++)
        json_number(json, context->vlan[i]);
    json_array_close(json);
}

static void write_ends(struct json_writer *json,
                       const struct event_context *context)
{
    char text[16];

    if (!context->has_ip)
        return;
    if (!context->no_source) {
        json_key(json, "src_ip");
        write_ip(json, context->source);
    }
    if (context->has_ports) {
        json_key(json, "src_port");
        json_number(json, context->source_port);
    }
    if (!context->no_destination) {
        json_key(json, "dest_ip");
        write_ip(json, context->destination);
    }
    if (context->has_ports) {
        json_key(json, "dest_port");
        json_number(json, context->destination_port);
    }
    if (context->protocol != 0) { /* ARP has addresses, and no protocol. */
        json_key(json, "proto");
        json_text(json, event_protocol_text(context->protocol, text));
    }
    if (is_icmp(context)) {
        json_key(json, "icmp_type");
        json_number(json, context->icmp_type);
        json_key(json, "icmp_code");
        json_number(json, context->icmp_code);
    }
}

static void write_ether(struct json_writer *json,
                        const struct event_context *context)
{
    if (!context->has_mac)
        return;
    json_key(json, "ether");
    json_object_open(json);
    if (!context->no_source) {
        json_key(json, "src_mac");
        write_mac(json, context->source_mac);
    }
    if (!context->no_destination) {
        json_key(json, "dest_mac");
        write_mac(json, context->destination_mac);
    }
    json_object_close(json);
}

static void write_community_id(struct json_writer *json,
                               const struct event_context *context)
{
    struct community_id_input input = {
        .source = context->source,
        .destination = context->destination,
        .source_port = context->source_port,
        .destination_port = context->destination_port,
        .protocol = context->protocol,
    };
    char text[COMMUNITY_ID_TEXT_SIZE];

    if (!context->has_ip || context->flow_number == 0)
        return;
    if (is_icmp(context)) {
        input.source_port = context->icmp_type;
        input.destination_port = context->icmp_code;
    }
    json_key(json, "community_id");
    json_text(json, community_id_text(&input, text));
}

/* What Tenet adds to every record. */
static void write_tenet(struct json_writer *json, const struct event *event)
{
    struct event_value direction;

    if (!event_common(event, FIELD_DIRECTION, &direction))
        return;
    json_key(json, "tenet");
    json_object_open(json);
    json_key(json, "direction");
    json_bytes(json, direction.text);
    json_key(json, "src_local");
    json_flag(json, event->context.source_local);
    json_key(json, "dest_local");
    json_flag(json, event->context.destination_local);
    json_object_close(json);
}

/* The common fields, in Suricata's order. */
static void write_common(struct json_writer *json, const struct event *event)
{
    const struct event_context *context = &event->context;
    char text[TIMESTAMP_TEXT_SIZE];

    json_key(json, "timestamp");
    json_text(json, timestamp_text(context->time_ns, text));
    if (context->flow_number > 0) {
        json_key(json, "flow_id");
        json_number(json, context->flow_number);
    }
    if (context->packet_number > 0) {
        json_key(json, "pcap_cnt");
        json_number(json, context->packet_number);
    }
    json_key(json, "event_type");
    json_text(json, event_type_name(event->type));
    write_vlan(json, context);
    write_ends(json, context);
    write_ether(json, context);
    write_community_id(json, context);
    if (context->app_protocol) {
        json_key(json, "app_proto");
        json_text(json, context->app_protocol);
    }
    if (context->has_tunnel) {
        json_key(json, "tunnel");
        json_object_open(json);
        json_key(json, "src_ip");
        write_ip(json, context->tunnel_source);
        json_key(json, "dest_ip");
        write_ip(json, context->tunnel_destination);
        json_object_close(json);
    }
    write_tenet(json, event);
}

static bool is_written(const struct event_value *value)
{
    return event_field_info((enum event_field)value->field)->kind !=
           EVENT_KIND_SECRET;
}

/* How many values of each field are written; the fields of one event type
 * stand together in the table, `*first` to before `*end`. */
static void count_fields(const struct event *event, uint16_t counts[],
                         size_t *first, size_t *end)
{
    *first = FIELD_COUNT;
    *end = 0;
    for (size_t i = 0; i < event->count; i++) {
        size_t field = event->values[i].field;
        if (!is_written(&event->values[i]))
            continue;
        counts[field]++;
        *first = field < *first ? field : *first;
        *end = field >= *end ? field + 1 : *end;
    }
}

/* Sort by field, values of one field in the order they were set: count how
 * many there are of each, and give each its place. */
static void sort_by_field(struct eve *eve, const struct event *event)
{
    uint16_t next[FIELD_COUNT] = { 0 };
    size_t total = 0;
    size_t first;
    size_t end;

    count_fields(event, next, &first, &end);
    for (size_t field = first; field < end; field++) {
        uint16_t count = next[field];
        next[field] = (uint16_t)total;
        if (count == 0)
            continue;
        eve->runs[eve->run_count++] = (struct run){
            .info = event_field_info((enum event_field)field),
            .values = &eve->sorted[total],
            .count = count,
        };
        total += count;
    }
    for (size_t i = 0; i < event->count; i++)
        if (is_written(&event->values[i]))
            eve->sorted[next[event->values[i].field]++] = &event->values[i];
}

/* Within a field by item; they nearly always are already. */
static void sort_by_item(const struct run *run)
{
    const struct event_value **values = run->values;

    for (size_t i = 1; i < run->count; i++) {
        const struct event_value *value = values[i];
        size_t at = i;
        while (at > 0 && values[at - 1]->item > value->item) {
            values[at] = values[at - 1];
            at--;
        }
        values[at] = value;
    }
}

static void write_value(struct json_writer *json,
                        const struct event_field_info *info,
                        const struct event_value *value)
{
    switch ((enum event_kind)info->kind) {
    case EVENT_KIND_NUMBER:
        json_number(json, value->number);
        break;
    case EVENT_KIND_REAL:
        json_double(json, value->real);
        break;
    case EVENT_KIND_TEXT:
    case EVENT_KIND_PAIR:
        json_bytes(json, value->text);
        break;
    case EVENT_KIND_FLAG:
        json_flag(json, value->number != 0);
        break;
    case EVENT_KIND_IP:
        write_ip(json, value->ip);
        break;
    case EVENT_KIND_MAC:
        write_mac(json, value->mac);
        break;
    case EVENT_KIND_SECRET:
        json_nothing(json); /* Not reached: is_written() kept it out. */
        break;
    }
}

static struct bytes key_of(const struct event_value *pair)
{
    return bytes_slice(pair->text, 0, bytes_find_byte(pair->text, ' '));
}

/* All values of the key that stands first at `from`. */
static void write_key(struct json_writer *json, const struct run *run,
                      size_t from)
{
    struct bytes key = key_of(run->values[from]);

    json_key_bytes(json, key);
    json_array_open(json);
    for (size_t i = from; i < run->count; i++) {
        struct bytes text = run->values[i]->text;
        if (bytes_equal(key_of(run->values[i]), key))
            json_bytes(json, bytes_slice(text, key.size + 1, text.size));
    }
    json_array_close(json);
}

/* An object with a list of values for each key; rules have a few. */
static void write_pairs(struct json_writer *json, const struct run *run)
{
    json_object_open(json);
    for (size_t i = 0; i < run->count; i++) {
        size_t first = 0;
        while (!bytes_equal(key_of(run->values[first]),
                            key_of(run->values[i])))
            first++;
        if (first == i)
            write_key(json, run, i);
    }
    json_object_close(json);
}

/* `count` values of the run's field, those that come next. */
static void write_leaf(struct json_writer *json, struct run *run,
                       struct bytes name, size_t count)
{
    struct bytes brackets = bytes_of_text("[]");
    bool is_list = bytes_end_with_nocase(name, brackets);

    json_key_bytes(json, bytes_slice(name, 0, name.size - (is_list ? 2 : 0)));
    if (run->info->kind == EVENT_KIND_PAIR) {
        write_pairs(json, run);
        run->done = run->count;
        return;
    }
    if (is_list || count > 1)
        json_array_open(json);
    for (size_t i = 0; i < count; i++)
        write_value(json, run->info, run->values[run->done++]);
    if (is_list || count > 1)
        json_array_close(json);
}

/* Close the objects that are open from `size` of the path on. */
static void leave(struct json_writer *json, struct place *place, size_t size)
{
    for (size_t i = size; i < place->size; i++)
        if (place->path[i] == '.')
            json_object_close(json);
    place->size = size;
}

/* Leave the objects that `path` is not in; they end where they differ. */
static void leave_for(struct json_writer *json, struct place *place,
                      const char *path)
{
    size_t same = 0;

    for (size_t i = 0; i < place->size && path[i] == place->path[i]; i++)
        if (path[i] == '.')
            same = i + 1;
    leave(json, place, same);
    place->path = path;
}

/* Enter the objects of the path before position `to`, which is after a dot. */
static void enter(struct json_writer *json, struct place *place, size_t to)
{
    while (place->size < to) {
        struct bytes rest =
            bytes_of(place->path + place->size, to - place->size);
        size_t dot = bytes_find_byte(rest, '.');
        json_key_bytes(json, bytes_slice(rest, 0, dot));
        json_object_open(json);
        place->size += dot + 1;
    }
}

static size_t after_last_dot(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? (size_t)(dot - path) + 1 : 0;
}

static void write_field(struct json_writer *json, struct place *place,
                        struct run *run, size_t count)
{
    const char *path = run->info->path;
    size_t name = after_last_dot(path);

    leave_for(json, place, path);
    enter(json, place, name);
    write_leaf(json, run, bytes_of_text(path + name), count);
}

/* How many of the run's next values are of `item`. */
static size_t count_of_item(const struct run *run, uint16_t item)
{
    size_t at = run->done;

    while (at < run->count && run->values[at]->item == item)
        at++;
    return at - run->done;
}

/* The smallest item not written yet; false when there is none. */
static bool next_item(const struct run *runs, size_t count, uint16_t *item)
{
    bool has_item = false;

    for (size_t i = 0; i < count; i++) {
        if (runs[i].done == runs[i].count)
            continue;
        uint16_t candidate = runs[i].values[runs[i].done]->item;
        if (!has_item || candidate < *item)
            *item = candidate;
        has_item = true;
    }
    return has_item;
}

/* "dns.answers[]." and all fields in it: one object for each item. */
static void write_objects(struct json_writer *json, struct run *runs,
                          size_t count, size_t prefix)
{
    uint16_t item = 0;

    json_array_open(json);
    while (next_item(runs, count, &item)) {
        struct place place = { runs[0].info->path, prefix };
        json_object_open(json);
        for (size_t i = 0; i < count; i++) {
            size_t of_item = count_of_item(&runs[i], item);
            if (of_item > 0)
                write_field(json, &place, &runs[i], of_item);
        }
        leave(json, &place, prefix);
        json_object_close(json);
    }
    json_array_close(json);
}

/* The size of the path up to and including its first "[].", or 0. */
static size_t list_prefix(const char *path)
{
    const char *brackets = strstr(path, "[].");
    return brackets ? (size_t)(brackets - path) + 3 : 0;
}

/* The list of objects that `runs` starts with; returns how many are in it. */
static size_t write_list(struct json_writer *json, struct place *place,
                         struct run *runs, size_t left)
{
    const char *path = runs[0].info->path;
    size_t prefix = list_prefix(path);
    size_t count = 0;
    size_t name = prefix - 3; /* Without "[]." */

    while (count < left &&
           strncmp(runs[count].info->path, path, prefix) == 0)
        count++;
    leave_for(json, place, path);
    while (name > 0 && path[name - 1] != '.')
        name--;
    enter(json, place, name);
    json_key_bytes(json, bytes_of(path + name, prefix - 3 - name));
    write_objects(json, runs, count, prefix);
    return count;
}

static void write_fields(struct eve *eve)
{
    struct place place = { "", 0 };
    size_t at = 0;

    while (at < eve->run_count) {
        struct run *run = &eve->runs[at];
        if (list_prefix(run->info->path) > 0) {
            at += write_list(&eve->json, &place, run, eve->run_count - at);
        } else {
            write_field(&eve->json, &place, run, run->count);
            at++;
        }
    }
    leave(&eve->json, &place, 0);
}

void eve_write(struct writer *w, const struct event *event)
{
    struct eve eve;

    json_init(&eve.json, w);
    eve.run_count = 0;
    sort_by_field(&eve, event);
    for (size_t i = 0; i < eve.run_count; i++)
        sort_by_item(&eve.runs[i]);
    json_object_open(&eve.json);
    write_common(&eve.json, event);
    write_fields(&eve);
    json_object_close(&eve.json);
    writer_byte(w, '\n');
}
