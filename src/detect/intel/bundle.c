/* SPDX-License-Identifier: Apache-2.0 */
/* STIX 2.1 bundles: indicators, and the identities and markings they name. */
#include <string.h>

#include "detect/intel/internal.h"

enum { TEXT_MAX = 400, LIST_MAX = 32 };

struct bundle {
    struct intel_place *place;
    json_t *by_id; /* Identities and marking-definitions; borrowed. */
};

static struct bytes text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return bytes_of(json_string_value(value), json_string_length(value));
}

static bool is(struct bytes text, const char *word)
{
    return bytes_equal(text, bytes_of_text(word));
}

/* A list of texts with commas between. */
static void write_list(struct writer *w, const json_t *list)
{
    size_t count = json_array_size(list);

    for (size_t i = 0; i < count && i < LIST_MAX; i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_string(item))
            continue;
        if (w->size > 0)
            writer_text(w, ", ");
        writer_bytes(w, bytes_of(json_string_value(item),
                                 json_string_length(item)));
    }
}

static void write_more(struct writer *w, struct bytes text)
{
    if (text.size == 0)
        return;
    if (w->size > 0)
        writer_text(w, ", ");
    writer_bytes(w, text);
}

/* Types, labels, and the CVE numbers of external references. */
static const char *labels_of(struct bundle *bundle, const json_t *object)
{
    const json_t *references = json_object_get(object, "external_references");
    struct writer w;

    writer_init(&w, TEXT_MAX);
    write_list(&w, json_object_get(object, "indicator_types"));
    write_list(&w, json_object_get(object, "labels"));
    for (size_t i = 0; i < json_array_size(references); i++) {
        const json_t *reference = json_array_get(references, i);
        struct bytes id = text_of(reference, "external_id");
        if (bytes_start_with_nocase(id, bytes_of_text("CVE-")))
            write_more(&w, id);
    }
    if (w.size == 0)
        write_more(&w, text_of(object, "name"));
    const char *labels = intel_intern(bundle->place->intel, writer_view(&w));
    writer_clear(&w);
    return labels ? labels : "";
}

/* TLP by reference, by name, or by the extension of TLP 2.0. */
static const char *tlp_of_marking(const struct bundle *bundle,
                                  const char *id)
{
    const json_t *marking = json_object_get(bundle->by_id, id);
    const json_t *definition = json_object_get(marking, "definition");
    const char *tlp = intel_tlp_of(bytes_of_text(id));

    if (!tlp && is(text_of(marking, "definition_type"), "tlp"))
        tlp = intel_tlp_of(text_of(definition, "tlp"));
    struct bytes name = text_of(marking, "name");
    if (!tlp && bytes_start_with_nocase(name, bytes_of_text("TLP:")))
        tlp = intel_tlp_of(name);
    return tlp;
}

static int strictness(const char *tlp)
{
    static const char *const order[] = { "clear", "green", "amber",
                                         "amber+strict", "red" };

    for (size_t i = 0; i < COUNT_OF(order); i++)
        if (tlp && strcmp(order[i], tlp) == 0)
            return (int)i;
    return -1;
}

/* The strictest of all that apply. */
static const char *tlp_of(const struct bundle *bundle, const json_t *object)
{
    const json_t *refs = json_object_get(object, "object_marking_refs");
    const char *strictest = bundle->place->tlp;

    for (size_t i = 0; i < json_array_size(refs); i++) {
        const char *id = json_string_value(json_array_get(refs, i));
        const char *tlp = id ? tlp_of_marking(bundle, id) : NULL;
        if (strictness(tlp) > strictness(strictest))
            strictest = tlp;
    }
    return strictest;
}

/* Who says it: the identity that made it, else the bundle's own name. */
static const char *source_of(struct bundle *bundle, const json_t *object)
{
    const char *id =
        json_string_value(json_object_get(object, "created_by_ref"));
    struct bytes name =
        text_of(id ? json_object_get(bundle->by_id, id) : NULL, "name");

    return name.size > 0 ? intel_intern(bundle->place->intel, name)
                         : bundle->place->name;
}

static const char *version_of(struct intel *intel, const json_t *object)
{
    struct writer w;

    writer_init(&w, STIX_PATTERN_SIZE_MAX + 4096);
    writer_bytes(&w, text_of(object, "id"));
    writer_byte(&w, 0);
    writer_bytes(&w, text_of(object, "modified"));
    writer_byte(&w, 0);
    writer_bytes(&w, text_of(object, "pattern"));
    const char *version = intel_digest(intel, writer_view(&w));
    writer_clear(&w);
    return version;
}

static bool read_times(struct bundle *bundle, const json_t *object,
                       struct intel_claim *claim)
{
    struct bytes from = text_of(object, "valid_from");
    struct bytes until = text_of(object, "valid_until");

    claim->from_ns = INT64_MIN;
    claim->until_ns = INT64_MAX;
    if (from.size == 0 || !intel_time_of(from, &claim->from_ns))
        return intel_refuse(bundle->place, "valid_from is %s",
                            from.size ? "no time" : "missing");
    if (until.size > 0 && !intel_time_of(until, &claim->until_ns))
        return intel_refuse(bundle->place, "valid_until is no time");
    if (claim->until_ns <= claim->from_ns)
        return intel_refuse(bundle->place,
                            "valid_until is not after valid_from");
    return true;
}

static bool is_usable(struct bundle *bundle, const json_t *object)
{
    struct bytes type = text_of(object, "pattern_type");
    struct bytes id = text_of(object, "id");

    if (!bytes_start_with(id, bytes_of_text("indicator--")) ||
        id.size != strlen("indicator--") + 36)
        return intel_refuse(bundle->place, "an indicator's id is "
                                           "indicator-- and a UUID");
    /* STIX 2.0 had no other language. */
    if (type.size > 0 && !is(type, "stix"))
        return intel_refuse(bundle->place, "its pattern is in another "
                                           "language than STIX");
    if (text_of(object, "pattern").size == 0)
        return intel_refuse(bundle->place, "it has no pattern");
    return true;
}

static void read_indicator(struct bundle *bundle, const json_t *object)
{
    struct intel_place *place = bundle->place;
    struct intel *intel = place->intel;
    const json_t *confidence = json_object_get(object, "confidence");
    struct intel_claim claim = {
        .pattern = INTEL_NONE, .confidence = INTEL_CONFIDENCE_NONE,
    };

    place->item = json_string_value(json_object_get(object, "id"));
    if (json_is_true(json_object_get(object, "revoked"))) {
        intel->counts.revoked++;
        return;
    }
    if (!is_usable(bundle, object) || !read_times(bundle, object, &claim))
        return;
    if (json_is_integer(confidence) && json_integer_value(confidence) >= 0 &&
        json_integer_value(confidence) <= 100)
        claim.confidence = (uint8_t)json_integer_value(confidence);
    claim.labels = labels_of(bundle, object);
    struct intel_meaning meaning =
        intel_meaning_of(bytes_of_text(claim.labels));
    if (meaning.is_benign) {
        intel->counts.ignored++;
        return;
    }
    claim.is_passive = meaning.is_passive;
    claim.tlp = tlp_of(bundle, object);
    struct detection *detection = intel_detection_new(
        place, intel_intern(intel, text_of(object, "id")),
        version_of(intel, object), claim.labels);
    detection->title = source_of(bundle, object);
    struct bytes text = text_of(object, "description");
    if (text.size == 0)
        text = text_of(object, "name");
    detection->description =
        text.size > 0 ? intel_intern(intel, text) : "";
    claim.detection = detection;
    if (intel_add_pattern(place, text_of(object, "pattern"), &claim))
        intel->counts.loaded++;
}

/* A later version of an object replaces the earlier (STIX 2.1 section 3.6):
 * by_id holds the newest. */
static void index_objects(struct bundle *bundle, const json_t *objects)
{
    for (size_t i = 0; i < json_array_size(objects); i++) {
        json_t *object = json_array_get(objects, i);
        const char *id = json_string_value(json_object_get(object, "id"));
        const json_t *known = id ? json_object_get(bundle->by_id, id) : NULL;
        if (!id || (known && bytes_compare(text_of(known, "modified"),
                                           text_of(object, "modified")) > 0))
            continue;
        (void)json_object_set(bundle->by_id, id, object); /* Or unnamed. */
    }
}

void intel_read_bundle(struct intel_place *place, const json_t *root)
{
    struct bundle bundle = { .place = place, .by_id = json_object() };
    const json_t *objects = json_object_get(root, "objects");

    index_objects(&bundle, objects);
    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *object = json_array_get(objects, i);
        const char *id = json_string_value(json_object_get(object, "id"));
        if (!is(text_of(object, "type"), "indicator"))
            continue;
        if (id && json_object_get(bundle.by_id, id) != object)
            place->intel->counts.duplicates++;
        else
            read_indicator(&bundle, object);
        place->item = NULL;
    }
    json_decref(bundle.by_id);
}
