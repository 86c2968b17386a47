/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MISP events (MISP core format): attributes for detection, alone and inside
 * objects, with the tags of attribute and event.
 */
#include <string.h>

#include "detect/intel/internal.h"

enum { LABELS_MAX = 400, TAG_MAX = 64 };

struct misp {
    struct intel_place *place;
    const json_t *event;
    const char *tlp;
    const char *labels;
    const struct detection *detection;
    uint8_t confidence;
    int64_t time_ns;
    bool is_passive;
};

static struct bytes text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return bytes_of(json_string_value(value), json_string_length(value));
}

/* misp:confidence-level="usually-confident" and its fellows. */
static uint8_t confidence_of(struct bytes tag, uint8_t before)
{
    static const struct {
        const char *word;
        uint8_t confidence;
    } known[] = {
        { "completely-confident", 100 }, { "usually-confident", 75 },
        { "fairly-confident", 50 },      { "rarely-confident", 25 },
        { "unconfident", 0 },
    };

    if (!bytes_start_with_nocase(tag, bytes_of_text("misp:confidence-level")))
        return before;
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (bytes_find_nocase(tag, bytes_of_text(known[i].word)) < tag.size)
            return known[i].confidence;
    return before;
}

/* Tags as labels; TLP and confidence are told apart. */
static void read_tags(const json_t *owner, struct writer *labels,
                      struct misp *misp)
{
    const json_t *tags = json_object_get(owner, "Tag");

    for (size_t i = 0; i < json_array_size(tags) && i < TAG_MAX; i++) {
        struct bytes tag = text_of(json_array_get(tags, i), "name");
        if (bytes_start_with_nocase(tag, bytes_of_text("tlp:"))) {
            const char *tlp = intel_tlp_of(tag);
            misp->tlp = tlp ? tlp : misp->tlp;
            continue;
        }
        misp->confidence = confidence_of(tag, misp->confidence);
        if (tag.size == 0)
            continue;
        if (labels->size > 0)
            writer_text(labels, ", ");
        writer_bytes(labels, tag);
    }
}

static bool is_for_detection(const json_t *attribute)
{
    const json_t *flag = json_object_get(attribute, "to_ids");

    return json_is_true(flag) ||
           bytes_equal(text_of(attribute, "to_ids"), bytes_of_text("1"));
}

static bool is_deleted(const json_t *item)
{
    const json_t *flag = json_object_get(item, "deleted");

    return json_is_true(flag) ||
           bytes_equal(text_of(item, "deleted"), bytes_of_text("1"));
}

/* A type of two parts, "domain|ip": which of them are looked for. */
static bool add_parts(struct intel_place *place, struct bytes type,
                      struct bytes value, const struct intel_claim *claim)
{
    size_t split = bytes_find_byte(type, '|');
    size_t middle = bytes_find_byte(value, '|');
    enum intel_kind whole = intel_kind_find(type);

    if (split == type.size || whole != INTEL_ANY) {
        if (whole == INTEL_ANY)
            return false;
        (void)intel_add_value(place, whole, value, claim); /* It refuses. */
        return true;
    }
    enum intel_kind kinds[] = {
        intel_kind_find(bytes_slice(type, 0, split)),
        intel_kind_find(bytes_slice(type, split + 1, type.size)),
    };
    struct bytes parts[] = {
        bytes_slice(value, 0, middle),
        bytes_slice(value, middle + 1, value.size),
    };
    bool is_known = false;
    for (size_t i = 0; i < 2; i++) {
        if (kinds[i] == INTEL_ANY)
            continue;
        is_known = true;
        (void)intel_add_value(place, kinds[i], parts[i],
                              claim); /* It refuses. */
    }
    return is_known;
}

static int64_t attribute_time(const struct misp *misp,
                              const json_t *attribute)
{
    static const char *const keys[] = { "first_seen", "timestamp" };
    int64_t time_ns;

    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (intel_time_of(text_of(attribute, keys[i]), &time_ns))
            return time_ns;
    return misp->time_ns;
}

static void read_attribute(const struct misp *event, const json_t *attribute)
{
    struct misp misp = *event;
    struct intel_place *place = misp.place;
    struct intel *intel = place->intel;
    struct writer labels;

    place->item = json_string_value(json_object_get(attribute, "uuid"));
    if (is_deleted(attribute)) {
        intel->counts.revoked++;
        return;
    }
    if (!is_for_detection(attribute)) {
        intel->counts.ignored++;
        return;
    }
    writer_init(&labels, LABELS_MAX);
    writer_bytes(&labels, text_of(attribute, "category"));
    writer_text(&labels, misp.labels[0] ? ", " : "");
    writer_text(&labels, misp.labels);
    read_tags(attribute, &labels, &misp);
    struct intel_claim claim = {
        .detection = misp.detection,
        .labels = intel_intern(intel, writer_view(&labels)),
        .tlp = misp.tlp,
        .from_ns = attribute_time(&misp, attribute),
        .until_ns = INT64_MAX,
        .pattern = INTEL_NONE,
        .confidence = misp.confidence,
        .is_passive = misp.is_passive,
    };
    writer_clear(&labels);
    uint64_t refused = intel->counts.refused;
    if (!add_parts(place, text_of(attribute, "type"),
                   text_of(attribute, "value"), &claim))
        (void)intel_refuse(place, "attributes of this type show in no "
                                  "packet here");
    if (intel->counts.refused == refused)
        intel->counts.loaded++;
}

static void read_attributes(const struct misp *misp, const json_t *owner)
{
    const json_t *list = json_object_get(owner, "Attribute");

    for (size_t i = 0; i < json_array_size(list); i++)
        read_attribute(misp, json_array_get(list, i));
}

static void read_event(struct intel_place *place, const json_t *event)
{
    const json_t *objects = json_object_get(event, "Object");
    const json_t *owner = json_object_get(event, "Orgc");
    struct intel *intel = place->intel;
    struct bytes name = text_of(owner, "name");
    struct bytes info = text_of(event, "info");
    struct misp misp = {
        .place = place, .event = event, .tlp = place->tlp,
        .confidence = INTEL_CONFIDENCE_NONE, .time_ns = INT64_MIN,
    };
    struct intel_place made = *place;
    struct writer labels;
    struct writer id;

    writer_init(&labels, LABELS_MAX);
    read_tags(event, &labels, &misp);
    misp.labels = intel_intern(intel, writer_view(&labels));
    misp.labels = misp.labels ? misp.labels : "";
    writer_bytes(&labels, info);
    struct intel_meaning meaning = intel_meaning_of(writer_view(&labels));
    misp.is_passive = meaning.is_passive;
    (void)intel_time_of(text_of(event, "date"),
                        &misp.time_ns); /* Or since ever. */
    made.name = name.size > 0 ? intel_intern(intel, name) : place->name;
    writer_init(&id, 256);
    writer_text(&id, "misp--");
    writer_bytes(&id, bytes_slice(text_of(event, "uuid"), 0, 64));
    struct detection *detection = intel_detection_new(
        &made, intel_intern(intel, writer_view(&id)), place->digest,
        writer_as_text(&labels));
    detection->description = info.size > 0 ? intel_intern(intel, info) : "";
    misp.detection = detection;
    writer_clear(&id);
    writer_clear(&labels);
    read_attributes(&misp, event);
    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *object = json_array_get(objects, i);
        if (!is_deleted(object))
            read_attributes(&misp, object);
    }
    place->item = NULL;
}

bool intel_is_misp(const json_t *root)
{
    const json_t *list = json_is_array(root) ? root
                                             : json_object_get(root,
                                                               "response");

    return json_object_get(root, "Event") ||
           json_object_get(json_array_get(list, 0), "Event");
}

void intel_read_misp(struct intel_place *place, const json_t *root)
{
    const json_t *list = json_is_array(root) ? root
                                             : json_object_get(root,
                                                               "response");
    const json_t *event = json_object_get(root, "Event");

    if (event)
        read_event(place, event);
    for (size_t i = 0; i < json_array_size(list); i++) {
        event = json_object_get(json_array_get(list, i), "Event");
        if (event)
            read_event(place, event);
        else
            (void)intel_refuse(place, "entry %zu is no event", i + 1);
    }
}
