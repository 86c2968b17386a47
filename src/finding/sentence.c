/* SPDX-License-Identifier: Apache-2.0 */
#include "finding/sentence.h"

#include "base/memory.h"
#include "base/text.h"

struct scene {
    const struct finding *finding;
    const struct alert *alert;
};

static void write_duration(struct writer *w, int64_t duration_ns)
{
    int64_t seconds = (duration_ns + 500000000) / 1000000000;

    if (seconds < 1)
        writer_text(w, "less than a second");
    else if (seconds < 120)
        writer_format(w, "%lld second%s", (long long)seconds,
                      seconds == 1 ? "" : "s");
    else if (seconds < 7200)
        writer_format(w, "%lld minutes", (long long)(seconds + 30) / 60);
    else if (seconds < 172800)
        writer_format(w, "%lld hours", (long long)(seconds + 1800) / 3600);
    else
        writer_format(w, "%lld days", (long long)(seconds + 43200) / 86400);
}

static void write_address(struct writer *w, bool has, struct ip ip)
{
    char text[IP_TEXT_SIZE];
    writer_text(w, has ? ip_text(ip, text) : "an unknown address");
}

/* "camera (192.168.1.20)", or the address alone when it has no name. */
static void write_named(struct writer *w, const char *name, bool has,
                        struct ip ip)
{
    if (name[0] && has) {
        text_escape(w, bytes_of_text(name));
        writer_text(w, " (");
    }
    write_address(w, has, ip);
    if (name[0] && has)
        writer_byte(w, ')');
}

static void write_host(struct writer *w, const struct finding_subject *subject)
{
    char text[MAC_TEXT_SIZE];

    if (subject->has_address)
        write_named(w, subject->name, true, subject->address);
    else if (subject->has_mac)
        writer_text(w, mac_text(subject->mac, text));
    else
        writer_text(w, "a host");
}

static void write_peer(struct writer *w, const struct finding *finding)
{
    write_named(w, finding->subject.peer_name, finding->has_peer,
                finding->peer);
}

static bool write_own(const struct scene *scene, struct bytes name,
                      struct writer *w, double *number)
{
    const struct finding *finding = scene->finding;

    if (bytes_equal(name, bytes_of_text("device"))) {
        write_host(w, &finding->subject);
    } else if (bytes_equal(name, bytes_of_text("peer"))) {
        write_peer(w, finding);
    } else if (bytes_equal(name, bytes_of_text("group"))) {
        text_escape(w, bytes_of_text(finding->group));
    } else if (bytes_equal(name, bytes_of_text("duration"))) {
        write_duration(w, finding->last_ns - finding->first_ns);
    } else if (bytes_equal(name, bytes_of_text("count"))) {
        *number = (double)finding->count;
        text_write_number(w, finding->count);
    } else if (bytes_equal(name, bytes_of_text("value"))) {
        *number = (double)scene->alert->value;
        text_write_number(w, scene->alert->value);
    } else {
        return false;
    }
    return true;
}

/* What the detection itself brought. */
static bool write_fact(const struct alert *alert, struct bytes name,
                       struct writer *w)
{
    for (size_t i = 0; i < alert->fact_count; i++) {
        if (!bytes_equal(name, bytes_of_text(alert->facts[i].name)))
            continue;
        text_escape(w, bytes_slice(alert->facts[i].value, 0, 200));
        return true;
    }
    return false;
}

/* A port is a name, not a quantity: it gets no thousands separator. */
static bool is_name(enum event_field field)
{
    return bytes_end_with_nocase(bytes_of_text(event_field_info(field)->path),
                                 bytes_of_text("port"));
}

/* Does the event say that this number is an estimate? */
static bool is_estimate(const struct event *event, enum event_field field)
{
    size_t from = 0;
    const struct event_value *value;

    while ((value = event_next(event, FIELD_ACTIVITY_ESTIMATED, &from)))
        if (bytes_end_with_nocase(bytes_of_text(event_field_info(field)->path),
                                  value->text))
            return true;
    return false;
}

static void write_number(struct writer *w, const struct event *event,
                         enum event_field field, uint64_t number)
{
    if (is_name(field)) {
        writer_number(w, number);
        return;
    }
    if (is_estimate(event, field))
        writer_text(w, "about ");
    text_write_number(w, number);
}

static void write_ip(struct writer *w, const struct finding *finding,
                     struct ip ip)
{
    if (finding->has_peer && ip_equal(finding->peer, ip))
        write_peer(w, finding);
    else
        write_address(w, true, ip);
}

static void write_value(struct writer *w, const struct scene *scene,
                        enum event_field field,
                        const struct event_value *value, double *number)
{
    char text[MAC_TEXT_SIZE];

    switch ((enum event_kind)event_field_info(field)->kind) {
    case EVENT_KIND_NUMBER:
        *number = (double)value->number;
        write_number(w, scene->alert->event, field, value->number);
        return;
    case EVENT_KIND_REAL:
        *number = value->real;
        writer_format(w, value->real < 10 ? "%.1f" : "%.0f", value->real);
        return;
    case EVENT_KIND_FLAG:
        writer_text(w, value->number ? "yes" : "no");
        return;
    case EVENT_KIND_TEXT:
    case EVENT_KIND_PAIR:
        text_escape(w, bytes_slice(value->text, 0, 200));
        return;
    case EVENT_KIND_IP:
        write_ip(w, scene->finding, value->ip);
        return;
    case EVENT_KIND_MAC:
        writer_text(w, mac_text(value->mac, text));
        return;
    case EVENT_KIND_SECRET:
        writer_text(w, "***");
        return;
    }
}

static bool argument(const void *context, struct bytes name,
                     struct writer *shown, double *number)
{
    const struct scene *scene = context;
    const struct event *event = scene->alert->event;
    struct event_value common;

    if (write_own(scene, name, shown, number) ||
        write_fact(scene->alert, name, shown))
        return true;
    enum event_field field = event_field_find(event->type, name);
    if (field == FIELD_COUNT)
        return false;
    const struct event_value *value = event_get(event, field);
    if (!value && event_common(event, field, &common))
        value = &common;
    if (value)
        write_value(shown, scene, field, value, number);
    return value != NULL;
}

char *sentence_new(const struct text_catalogue *texts,
                   const struct finding *finding, const struct alert *alert)
{
    const struct scene scene = { finding, alert };
    const char *pattern =
        texts ? text_pattern(texts, alert->text_key
                                        ? alert->text_key
                                        : alert->detection->text_key)
              : NULL;
    struct writer w;

    writer_init(&w, FINDING_SENTENCE_MAX);
    if (!pattern ||
        !text_render(&w, bytes_of_text(pattern), argument, &scene)) {
        writer_reset(&w);
        text_escape(&w, bytes_of_text(alert->detection->title));
    }
    char *sentence = memory_copy_text(writer_view(&w));
    writer_clear(&w);
    return sentence;
}
