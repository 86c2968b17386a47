/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intel/observed.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "detect/intel/lexer.h"

/* One observed-data object and the bundle that has its SCOs. */
struct sighting {
    const json_t *data;
    json_t *by_id;      /* The bundle's objects, borrowed values. */
    int64_t first_ns;
    int64_t last_ns;
    uint64_t times;
    const json_t **roots;
    size_t root_count;
    struct arena *scratch;
};

struct stix_observed {
    struct sighting *sightings;
    size_t count;
    size_t capacity;
    json_t **indexes;   /* One a bundle. */
    size_t index_count;
    struct arena arena; /* Roots; and, reset, what values decode to. */
    struct arena scratch;
    struct stix_matcher matcher;
};

/* Values reached so far, with the name of the property they stand under. */
struct reach {
    const json_t *items[STIX_REACH_MAX];
    size_t count;
};

static const json_t *resolve(const struct sighting *sighting,
                             const json_t *value)
{
    const char *id = json_string_value(value);
    const json_t *inner = json_object_get(sighting->data, "objects");

    if (!id)
        return NULL;
    const json_t *found = json_object_get(inner, id);
    return found ? found : json_object_get(sighting->by_id, id);
}

static void add(struct reach *reach, const json_t *value)
{
    if (value && reach->count < STIX_REACH_MAX)
        reach->items[reach->count++] = value;
}

static void step_key(const struct sighting *sighting, struct reach *to,
                     const json_t *from, struct bytes key)
{
    char name[256];

    if (json_is_string(from))
        from = resolve(sighting, from);
    if (!from || key.size >= sizeof name)
        return;
    memcpy(name, key.data, key.size);
    name[key.size] = 0;
    add(to, json_object_get(from, name));
}

static void step_all(struct reach *to, const json_t *from)
{
    size_t count = json_array_size(from);

    for (size_t i = 0; i < count; i++)
        add(to, json_array_get(from, i));
    if (!json_is_object(from))
        return;
    const char *key;
    json_t *value;
    /* Iteration changes nothing, but is not declared so. */
    union { const json_t *read; json_t *write; } object = { .read = from };
    json_object_foreach(object.write, key, value)
        add(to, value);
}

static void take_step(const struct sighting *sighting,
                      const struct stix_step *step, const struct reach *from,
                      struct reach *to)
{
    to->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        const json_t *item = from->items[i];
        if (step->kind == STIX_STEP_KEY)
            step_key(sighting, to, item, step->key);
        else if (step->kind == STIX_STEP_ANY)
            step_all(to, item);
        else
            add(to, json_array_get(item, (size_t)step->index));
    }
}

/* Properties named so hold bytes as text (STIX 2.1 section 2.1, 2.7). */
static struct stix_value text_value(const struct sighting *sighting,
                                    const json_t *json, struct bytes name)
{
    struct stix_value value = {
        .kind = STIX_TEXT,
        .text = bytes_of(json_string_value(json), json_string_length(json)),
    };
    struct bytes decoded;

    if ((bytes_end_with_nocase(name, bytes_of_text("_hex")) &&
         stix_decode_hex(sighting->scratch, value.text, &decoded)) ||
        (bytes_end_with_nocase(name, bytes_of_text("_bin")) &&
         stix_decode_base64(sighting->scratch, value.text, &decoded)))
        value = (struct stix_value){ .kind = STIX_BINARY, .text = decoded };
    return value;
}

static bool value_of(const struct sighting *sighting, const json_t *json,
                     struct bytes name, struct stix_value *value)
{
    *value = (struct stix_value){ .kind = STIX_NULL };
    switch (json_typeof(json)) {
    case JSON_STRING:
        *value = text_value(sighting, json, name);
        return true;
    case JSON_INTEGER:
        value->kind = STIX_INTEGER;
        value->integer = json_integer_value(json);
        return true;
    case JSON_REAL:
        value->kind = STIX_REAL;
        value->real = json_real_value(json);
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        value->kind = STIX_FLAG;
        value->flag = json_is_true(json);
        return true;
    case JSON_NULL:
        return true;
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return false;
}

static void each_value(const void *context, size_t object,
                       const struct stix_path *path,
                       stix_value_function *each, void *each_context)
{
    const struct sighting *sighting = context;
    struct reach reach[2];
    struct bytes name = { 0 };
    size_t now = 0;

    reach[0].count = 0;
    add(&reach[0], sighting->roots[object]);
    for (size_t i = 0; i < path->step_count; i++, now = !now) {
        take_step(sighting, &path->steps[i], &reach[now], &reach[!now]);
        if (path->steps[i].kind == STIX_STEP_KEY)
            name = path->steps[i].key;
    }
    for (size_t i = 0; i < reach[now].count; i++) {
        struct stix_value value;
        if (value_of(sighting, reach[now].items[i], name, &value) &&
            each(each_context, &value))
            return;
    }
}

static struct bytes type_of(const void *context, size_t object)
{
    const struct sighting *sighting = context;
    const char *type = json_string_value(
        json_object_get(sighting->roots[object], "type"));

    return bytes_of_text(type ? type : "");
}

static bool read_time(const json_t *data, const char *key, int64_t *time_ns)
{
    const char *text = json_string_value(json_object_get(data, key));
    struct stix_time time;

    if (!text || !stix_time_parse(bytes_of_text(text), &time))
        return false;
    *time_ns = stix_time_ns(time);
    return true;
}

static void read_roots(struct stix_observed *observed,
                       struct sighting *sighting)
{
    const json_t *refs = json_object_get(sighting->data, "object_refs");
    const json_t *inner = json_object_get(sighting->data, "objects");
    size_t most = json_array_size(refs) + json_object_size(inner);

    sighting->roots = arena_allocate_zeroed(&observed->arena, most + 1,
                                            sizeof *sighting->roots);
    for (size_t i = 0; i < json_array_size(refs); i++) {
        const json_t *root = resolve(sighting, json_array_get(refs, i));
        if (root)
            sighting->roots[sighting->root_count++] = root;
    }
    struct reach all = { .count = 0 };
    if (json_is_object(inner))
        step_all(&all, inner);
    for (size_t i = 0; i < all.count; i++)
        sighting->roots[sighting->root_count++] = all.items[i];
}

static int add_sighting(struct stix_observed *observed, const json_t *data,
                        json_t *by_id, struct failure *failure)
{
    const json_t *times = json_object_get(data, "number_observed");
    struct sighting sighting = {
        .data = data, .by_id = by_id, .times = 1,
        .scratch = &observed->scratch,
    };

    if (!read_time(data, "first_observed", &sighting.first_ns) ||
        !read_time(data, "last_observed", &sighting.last_ns))
        return failure_set(failure, ERROR_FORMAT,
                           "observed-data without first_observed or "
                           "last_observed");
    if (json_integer_value(times) > 1)
        sighting.times = (uint64_t)json_integer_value(times);
    read_roots(observed, &sighting);
    if (observed->count == observed->capacity) {
        observed->capacity = observed->capacity * 2 + 16;
        observed->sightings =
            memory_resize(observed->sightings, observed->capacity,
                          sizeof *observed->sightings);
    }
    observed->sightings[observed->count++] = sighting;
    return 0;
}

static int add_bundle(struct stix_observed *observed, const json_t *bundle,
                      struct failure *failure)
{
    const json_t *objects = json_object_get(bundle, "objects");
    json_t *by_id = json_object();
    int result = 0;

    observed->indexes = memory_resize(
        observed->indexes, observed->index_count + 1, sizeof(json_t *));
    observed->indexes[observed->index_count++] = by_id;
    if (!json_is_array(objects))
        return failure_set(failure, ERROR_FORMAT, "no objects in the bundle");
    for (size_t i = 0; i < json_array_size(objects); i++) {
        json_t *object = json_array_get(objects, i);
        const char *id = json_string_value(json_object_get(object, "id"));
        if (id)
            (void)json_object_set(by_id, id, object); /* Or it is missed. */
    }
    for (size_t i = 0; i < json_array_size(objects) && result == 0; i++) {
        const json_t *object = json_array_get(objects, i);
        const char *type =
            json_string_value(json_object_get(object, "type"));
        if (type && strcmp(type, "observed-data") == 0)
            result = add_sighting(observed, object, by_id, failure);
    }
    return result;
}

static int by_time(const void *a, const void *b)
{
    const struct sighting *x = a;
    const struct sighting *y = b;

    if (x->first_ns != y->first_ns)
        return x->first_ns < y->first_ns ? -1 : 1;
    return (x->last_ns > y->last_ns) - (x->last_ns < y->last_ns);
}

struct stix_observed *stix_observed_new(const json_t *bundles,
                                        struct failure *failure)
{
    struct stix_observed *observed = memory_new(1, sizeof *observed);
    int result = 0;

    arena_init(&observed->arena);
    arena_init(&observed->scratch);
    stix_matcher_init(&observed->matcher);
    if (json_is_object(bundles))
        result = add_bundle(observed, bundles, failure);
    for (size_t i = 0; i < json_array_size(bundles) && result == 0; i++)
        result = add_bundle(observed, json_array_get(bundles, i), failure);
    if (result < 0) {
        stix_observed_free(observed);
        return NULL;
    }
    if (observed->count > 0)
        qsort(observed->sightings, observed->count,
              sizeof *observed->sightings, by_time);
    return observed;
}

void stix_observed_free(struct stix_observed *observed)
{
    if (!observed)
        return;
    for (size_t i = 0; i < observed->index_count; i++)
        json_decref(observed->indexes[i]);
    free(observed->indexes);
    free(observed->sightings);
    stix_matcher_clear(&observed->matcher);
    arena_clear(&observed->arena);
    arena_clear(&observed->scratch);
    free(observed);
}

enum stix_verdict stix_observed_match(struct stix_observed *observed,
                                      const struct stix_pattern *pattern,
                                      bool *is_invalid)
{
    struct stix_seen *seen = memory_new(STIX_OBSERVED_MAX, sizeof *seen);
    size_t count = 0;

    observed->matcher.is_invalid = false;
    for (size_t i = 0; i < observed->count; i++) {
        const struct sighting *sighting = &observed->sightings[i];
        struct stix_observation observation = {
            .context = sighting, .object_count = sighting->root_count,
            .type_of = type_of, .each_value = each_value,
        };
        uint64_t leaves =
            stix_leaves_of(&observed->matcher, pattern, &observation);
        arena_reset(&observed->scratch);
        for (uint64_t n = 0; leaves && n < sighting->times &&
                             count < STIX_OBSERVED_MAX; n++)
            seen[count++] = (struct stix_seen){ sighting->first_ns,
                                                sighting->last_ns, leaves };
    }
    *is_invalid = observed->matcher.is_invalid;
    enum stix_verdict verdict = stix_search(pattern, seen, count, NULL);
    free(seen);
    return verdict;
}
