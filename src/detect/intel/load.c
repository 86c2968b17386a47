/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories, what is in them, and what the user said of them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "detect/intel/list.h"

enum { PATH_SIZE_MAX = 4096, DEPTH_MAX = 8 };

/* The words before the colon. */
struct wanted {
    struct intel_columns columns;
    const char *name;
    const char *tlp;
};

static struct bytes text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return bytes_of(json_string_value(value), json_string_length(value));
}

/* Spamhaus: {"cidr": ..., "sblid": ...}, and a last line about the list. */
static void read_json_line(struct intel_place *place, const json_t *item,
                           struct intel_claim *claim)
{
    struct bytes cidr = text_of(item, "cidr");

    if (cidr.size == 0) {
        if (!json_object_get(item, "type"))
            (void)intel_refuse(place, "a line without cidr");
        return;
    }
    if (intel_add_value(place, INTEL_ADDRESS, cidr, claim))
        place->intel->counts.loaded++;
}

static void read_json_lines(struct intel_place *place, struct bytes text)
{
    static const char labels[] = "malicious-activity";
    struct intel_claim claim = {
        .labels = labels, .tlp = place->tlp, .from_ns = INT64_MIN,
        .until_ns = INT64_MAX, .pattern = INTEL_NONE,
        .confidence = INTEL_CONFIDENCE_NONE, .is_list = true,
    };
    json_error_t error;

    if (bytes_find(text, bytes_of_text("\"sblid\"")) < text.size)
        place->name = "Spamhaus DROP";
    claim.detection =
        intel_detection_new(place, place->name, place->digest, labels);
    for (size_t at = 0; at < text.size;) {
        struct bytes rest = bytes_slice(text, at, text.size);
        size_t size = bytes_find_byte(rest, '\n');
        struct bytes line = bytes_trim(bytes_slice(rest, 0, size));
        at += size + 1;
        place->line++;
        if (line.size == 0)
            continue;
        json_t *item =
            json_loadb((const char *)line.data, line.size, 0, &error);
        if (item)
            read_json_line(place, item, &claim);
        else
            (void)intel_refuse(place, "no JSON: %s", error.text);
        json_decref(item);
    }
    place->line = 0;
}

/* A feed's manifest: events by their UUID, each with its info. */
static bool is_manifest(const json_t *root)
{
    const char *key;
    json_t *value;
    union { const json_t *read; json_t *write; } object = { .read = root };

    json_object_foreach(object.write, key, value)
        return strlen(key) == 36 && json_object_get(value, "info") &&
               json_object_get(value, "Orgc");
    return false;
}

static void read_root(struct intel_place *place, const json_t *root)
{
    struct bytes type = text_of(root, "type");

    if (bytes_equal(type, bytes_of_text("bundle")))
        intel_read_bundle(place, root);
    else if (intel_is_misp(root))
        intel_read_misp(place, root);
    else if (json_is_array(json_object_get(root, "vulnerabilities")) &&
             json_object_get(root, "catalogVersion"))
        exploited_read_kev(place->intel->exploited, root);
    else if (!is_manifest(root))
        (void)intel_refuse(place, "this JSON is no STIX 2.1 bundle, MISP "
                                  "event or feed, nor KEV");
}

void intel_read_json(struct intel_place *place, struct bytes text)
{
    json_error_t error;
    size_t line = bytes_find_byte(text, '\n');

    if (text.size > INTEL_JSON_SIZE_MAX) {
        (void)intel_refuse(place, "JSON of more than %d bytes",
                           INTEL_JSON_SIZE_MAX);
        return;
    }
    if (bytes_find(bytes_slice(text, 0, line), bytes_of_text("\"cidr\"")) <
        line) {
        read_json_lines(place, text);
        return;
    }
    json_t *root = json_loadb((const char *)text.data, text.size, 0, &error);
    if (root) {
        read_root(place, root);
    } else {
        place->line = error.line > 0 ? (unsigned)error.line : 0;
        (void)intel_refuse(place, "no JSON: %s", error.text);
    }
    json_decref(root);
}

static void read_any(struct intel_place *place, struct bytes text,
                     const struct intel_columns *columns)
{
    struct bytes inside = text;

    if (bytes_start_with(inside, bytes_of_text("\xef\xbb\xbf")))
        inside = bytes_slice(inside, 3, inside.size);
    struct bytes start = bytes_trim(bytes_slice(inside, 0, 256));
    if (inside.size > 0 && memchr(inside.data, 0, inside.size)) {
        (void)intel_refuse(place, "no text: it holds zero bytes");
        return;
    }
    bool is_json = start.size > 0 &&
                   (start.data[0] == '{' || start.data[0] == '[');
    if (is_json && !columns)
        intel_read_json(place, inside);
    else
        intel_read_list(place, inside, columns);
}

static struct intel_place place_of(struct intel *intel, const char *path,
                                   struct bytes text,
                                   const struct wanted *wanted)
{
    const char *slash = strrchr(path, '/');
    const char *file = arena_copy_text(&intel->arena, bytes_of_text(path));

    return (struct intel_place){
        .intel = intel,
        .file = file,
        .name = wanted && wanted->name
                    ? wanted->name
                    : intel_intern(intel, bytes_of_text(slash ? slash + 1
                                                              : path)),
        .tlp = wanted ? wanted->tlp : NULL,
        .digest = intel_digest(intel, text),
    };
}

void intel_load_text(struct intel *intel, const char *name, struct bytes text)
{
    struct intel_place place = place_of(intel, name, text, NULL);

    read_any(&place, text, NULL);
}

static int read_whole(int descriptor, uint8_t **data, size_t *size)
{
    size_t capacity = 1 << 16;

    *data = memory_new(1, capacity);
    for (*size = 0; *size <= INTEL_LIST_SIZE_MAX;) {
        if (*size == capacity) {
            capacity *= 2;
            *data = memory_resize(*data, capacity, 1);
        }
        ssize_t got = read(descriptor, *data + *size, capacity - *size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : 0;
        *size += (size_t)got;
    }
    return ERROR_LIMIT;
}

static int load_file(struct intel *intel, const char *path,
                     const struct wanted *wanted)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t *data = NULL;
    size_t size = 0;

    if (descriptor < 0)
        return -errno;
    int result = read_whole(descriptor, &data, &size);
    (void)close(descriptor); /* Was only read. */
    if (result == 0) {
        struct bytes text = bytes_of(data, size);
        struct intel_place place = place_of(intel, path, text, wanted);
        read_any(&place, text,
                 wanted && wanted->columns.is_stated ? &wanted->columns
                                                     : NULL);
    }
    free(data);
    return result;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
    char **items;
    size_t count;
};

static int list_directory(const char *path, struct names *names)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;
    size_t capacity = 0;

    if (!directory)
        return -errno;
    while ((entry = readdir(directory)) && names->count < INTEL_FILE_MAX) {
        if (entry->d_name[0] == '.')
            continue;
        if (names->count == capacity) {
            capacity = capacity * 2 + 64;
            names->items =
                memory_resize(names->items, capacity, sizeof(char *));
        }
        names->items[names->count++] =
            memory_copy_text(bytes_of_text(entry->d_name));
    }
    int result = entry ? ERROR_LIMIT : 0;
    (void)closedir(directory); /* Was only read. */
    if (names->count > 0)
        qsort(names->items, names->count, sizeof(char *), by_name);
    return result;
}

/* A directory may hold more than indicators: its words and licence. */
static bool may_hold_indicators(const char *name)
{
    static const char *const endings[] = {
        ".json", ".jsonl", ".stix", ".csv", ".tsv", ".txt", ".list", ".lst",
        ".ipset", ".netset", ".hosts", ".rep",
    };

    for (size_t i = 0; i < COUNT_OF(endings); i++)
        if (bytes_end_with_nocase(bytes_of_text(name),
                                  bytes_of_text(endings[i])))
            return true;
    return false;
}

static bool has_name(const struct names *names, const char *wanted)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], wanted) == 0)
            return true;
    return false;
}

static int load_path(struct intel *intel, const char *path,
                     const struct wanted *wanted, unsigned depth);

static int load_directory(struct intel *intel, const char *path,
                          const struct wanted *wanted, unsigned depth)
{
    struct names names = { 0 };
    char child[PATH_SIZE_MAX];

    if (depth > DEPTH_MAX)
        return ERROR_LIMIT;
    int result = list_directory(path, &names);
    bool is_feed = has_name(&names, "manifest.json");
    for (size_t i = 0; i < names.count; i++) {
        int size =
            snprintf(child, sizeof child, "%s/%s", path, names.items[i]);
        /* In a feed the digests repeat what the events say in full. */
        bool is_double =
            is_feed && strcmp(names.items[i], "hashes.csv") == 0;
        int read = size < 0 || (size_t)size >= sizeof child ? -ENAMETOOLONG
                   : is_double || result < 0
                       ? 0
                       : load_path(intel, child, wanted, depth + 1);
        if (read < 0) {
            struct intel_place place =
                place_of(intel, child, (struct bytes){ 0 }, wanted);
            (void)intel_refuse(&place, "cannot be read: %s",
                               error_text(read)); /* One of many. */
        }
        free(names.items[i]);
    }
    free(names.items);
    return result;
}

/* A directory's depth is bounded by DEPTH_MAX. */
static int load_path(struct intel *intel, const char *path,
                     const struct wanted *wanted, unsigned depth)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return -errno;
    if (S_ISDIR(status.st_mode))
        return load_directory(intel, path, wanted, depth);
    return depth > 0 && !may_hold_indicators(path)
               ? 0 : load_file(intel, path, wanted);
}

static bool is(struct bytes text, const char *word)
{
    return bytes_equal(text, bytes_of_text(word));
}

static bool read_form(struct bytes word, struct intel_columns *columns)
{
    columns->is_stated = true;
    columns->kind = INTEL_ANY;
    columns->separator = ',';
    if (is(word, "csv"))
        columns->form = LIST_COLUMNS;
    else if (is(word, "iprep"))
        columns->form = LIST_IPREP;
    else if (is(word, "list") || is(word, "dataset"))
        columns->form = LIST_PLAIN;
    else
        columns->is_stated = false;
    return columns->is_stated || is(word, "auto");
}

/* iprep's categories: number, short name, words. */
static void read_categories(struct intel *intel, const char *path,
                            struct intel_columns *columns)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t *data = NULL;
    size_t size = 0;
    struct arena scratch;
    struct bytes fields[LIST_COLUMN_MAX];
    uint64_t number;

    if (descriptor < 0)
        return;
    int result = read_whole(descriptor, &data, &size);
    (void)close(descriptor); /* Was only read. */
    arena_init(&scratch);
    for (size_t at = 0; at < size && result == 0;) {
        struct bytes rest = bytes_of(data + at, size - at);
        size_t line = bytes_find_byte(rest, '\n');
        size_t count =
            list_split(&scratch, bytes_slice(rest, 0, line), ',', fields);
        if (count > 1 &&
            bytes_to_number(fields[0], LIST_CATEGORY_MAX - 1, &number))
            columns->categories[number] =
                intel_intern(intel, fields[count > 2 ? 2 : 1]);
        at += line + 1;
    }
    arena_clear(&scratch);
    free(data);
}

static bool read_column(struct bytes key, uint64_t number,
                        struct intel_columns *columns)
{
    if (is(key, "value"))
        columns->value = (size_t)number;
    else if (is(key, "type"))
        columns->type = (size_t)number;
    else if (is(key, "from"))
        columns->from = (size_t)number;
    else if (is(key, "until"))
        columns->until = (size_t)number;
    else if (is(key, "confidence"))
        columns->confidence = (size_t)number;
    else if (is(key, "labels") && columns->label_count < LIST_LABEL_MAX)
        columns->labels[columns->label_count++] = (size_t)number;
    else
        return false;
    return true;
}

static bool read_word(struct intel *intel, struct bytes key,
                      struct bytes value, struct wanted *wanted)
{
    struct intel_columns *columns = &wanted->columns;
    uint64_t number;

    if (is(key, "name")) {
        wanted->name = intel_intern(intel, value);
        return true;
    }
    if (is(key, "tlp")) {
        wanted->tlp = intel_tlp_of(value);
        return wanted->tlp != NULL;
    }
    if (is(key, "header")) {
        columns->has_header = true;
        return true;
    }
    if (is(key, "categories")) {
        read_categories(intel, intel_intern(intel, value), columns);
        return true;
    }
    if (bytes_to_number(value, LIST_COLUMN_MAX, &number) && number > 0)
        return read_column(key, number, columns);
    if (is(key, "type") && is(value, "string")) {
        columns->form = LIST_DATASET_STRING;
        return true;
    }
    if (is(key, "kind") || is(key, "type"))
        columns->kind = intel_kind_find(value);
    return columns->kind != INTEL_ANY;
}

/* FORMAT[,KEY=VALUE...] */
static int read_words(struct intel *intel, struct bytes words,
                      struct wanted *wanted, struct failure *failure)
{
    size_t end = bytes_find_byte(words, ',');
    struct bytes left = bytes_slice(words, end + 1, words.size);

    (void)read_form(bytes_slice(words, 0, end),
                    &wanted->columns); /* Asked before. */
    while (left.size > 0) {
        end = bytes_find_byte(left, ',');
        struct bytes word = bytes_slice(left, 0, end);
        size_t sign = bytes_find_byte(word, '=');
        if (!read_word(intel, bytes_slice(word, 0, sign),
                       bytes_slice(word, sign + 1, word.size), wanted))
            return failure_set(failure, -EINVAL,
                               "'%.*s' is not understood before the colon; "
                               "see tenet-intel(1)",
                               (int)(word.size < 60 ? word.size : 60),
                               (const char *)word.data);
        left = bytes_slice(left, end + 1, left.size);
    }
    if (wanted->columns.form == LIST_COLUMNS &&
        wanted->columns.is_stated && !wanted->columns.value)
        return failure_set(failure, -EINVAL,
                           "csv needs value=N, the column of the indicator");
    return 0;
}

int intel_load(struct intel *intel, const char *path, struct failure *failure)
{
    struct bytes whole = bytes_of_text(path);
    size_t colon = bytes_find_byte(whole, ':');
    struct bytes words = bytes_slice(whole, 0, colon);
    struct wanted wanted = { 0 };
    struct intel_columns form = { 0 };
    int result = 0;

    if (colon < whole.size && access(path, F_OK) != 0 &&
        read_form(bytes_slice(words, 0, bytes_find_byte(words, ',')),
                  &form)) {
        result = read_words(intel, words, &wanted, failure);
        path += colon + 1;
    }
    if (result < 0)
        return result;
    result = load_path(intel, path, &wanted, 0);
    if (result < 0)
        return failure_set(failure, result, "%s: cannot read indicators: %s",
                           path, error_text(result));
    return 0;
}
