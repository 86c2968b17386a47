/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intel/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/reader.h"
#include "detect/intel/lexer.h"

enum {
    CONFIDENCE_SIZE_MAX = 32,
    DETECTION_MAX = 32, /* One a class of harm. */
};

/* A list while it is read. */
struct list {
    struct intel_place *place;
    struct intel_columns columns;
    struct arena scratch;
    struct bytes fields[LIST_COLUMN_MAX];
    size_t field_count;
    struct detection *detections[DETECTION_MAX];
    size_t detection_count;
    const char *labels;      /* What the list is for; "" when unsaid. */
    struct intel_claim last; /* The plain claim, as most lines have it. */
    bool has_last;
};

/* Who publishes a list says so in its first lines. */
static const struct {
    const char *word;
    const char *name;
    const char *labels;
} publishers[] = {
    { "URLhaus", "URLhaus", "malware_download" },
    { "ThreatFox", "ThreatFox", "" },
    { "Feodo Tracker", "Feodo Tracker", "botnet_cc" },
    { "SSLBL", "SSLBL", "botnet_cc" },
    { "Spamhaus DROP", "Spamhaus DROP", "malicious-activity" },
    { "Spamhaus EDROP", "Spamhaus EDROP", "malicious-activity" },
    { "Spamhaus Project", "Spamhaus DROP", "malicious-activity" },
};

static void find_publisher(struct list *list, struct bytes text)
{
    struct intel_place *place = list->place;
    struct bytes head = bytes_slice(text, 0, 4096);

    list->labels = "";
    if (head.size == 0 || (head.data[0] != '#' && head.data[0] != ';'))
        return;
    for (size_t i = 0; i < COUNT_OF(publishers); i++) {
        if (bytes_find(head, bytes_of_text(publishers[i].word)) == head.size)
            continue;
        list->labels = publishers[i].labels;
        place->name = publishers[i].name;
        return;
    }
}

/* One detection a class of harm: its id is the list's name and the class. */
static const struct detection *detection_of(struct list *list,
                                            const char *labels)
{
    struct intel_place *place = list->place;
    struct intel_meaning meaning = intel_meaning_of(bytes_of_text(labels));
    struct writer id;

    for (size_t i = 0; i < list->detection_count; i++)
        if (strcmp(list->detections[i]->harm, meaning.harm) == 0)
            return list->detections[i];
    if (list->detection_count == DETECTION_MAX)
        return list->detections[0];
    writer_init(&id, 400);
    writer_format(&id, "%s/%s", place->name, meaning.harm);
    struct detection *detection = intel_detection_new(
        place, intel_intern(place->intel, writer_view(&id)), place->digest,
        labels);
    writer_clear(&id);
    list->detections[list->detection_count++] = detection;
    return detection;
}

static struct bytes field(const struct list *list, size_t column)
{
    return column > 0 && column <= list->field_count
               ? list->fields[column - 1] : (struct bytes){ 0 };
}

static struct intel_claim claim_of(struct list *list, const char *labels)
{
    return (struct intel_claim){
        .detection = detection_of(list, labels),
        .labels = labels,
        .tlp = list->place->tlp,
        .from_ns = INT64_MIN,
        .until_ns = INT64_MAX,
        .pattern = INTEL_NONE,
        .confidence = INTEL_CONFIDENCE_NONE,
        .is_passive = intel_meaning_of(bytes_of_text(labels)).is_passive,
        .is_list = true,
    };
}

/* Lines that only name a value say all the same. */
static bool add_plain(struct list *list, enum intel_kind kind,
                      struct bytes value)
{
    if (!list->has_last) {
        list->last = claim_of(list, list->labels);
        list->has_last = true;
    }
    if (!intel_add_value(list->place, kind, value, &list->last))
        return false;
    list->place->intel->counts.loaded++;
    return true;
}

static const char *labels_of(struct list *list)
{
    struct writer w;

    writer_init(&w, 400);
    for (size_t i = 0; i < list->columns.label_count; i++) {
        struct bytes text = field(list, list->columns.labels[i]);
        if (text.size == 0 || bytes_equal_nocase(text, bytes_of_text("None")))
            continue;
        if (w.size > 0)
            writer_text(&w, ", ");
        writer_bytes(&w, text);
    }
    const char *labels =
        w.size > 0 ? intel_intern(list->place->intel, writer_view(&w))
                   : list->labels;
    writer_clear(&w);
    return labels;
}

static bool read_confidence(struct list *list, struct intel_claim *claim)
{
    struct bytes text = field(list, list->columns.confidence);
    uint64_t number;

    if (text.size == 0)
        return true;
    if (!bytes_to_number(text, 100, &number))
        return intel_refuse(list->place, "a confidence is 0 to 100");
    claim->confidence = (uint8_t)number;
    return true;
}

static void read_columns(struct list *list)
{
    const struct intel_columns *columns = &list->columns;
    struct bytes value = field(list, columns->value);
    struct bytes type = field(list, columns->type);
    struct bytes from = field(list, columns->from);
    struct bytes until = field(list, columns->until);
    enum intel_kind kind = columns->kind;

    if (value.size == 0) {
        (void)intel_refuse(list->place, "there is no column %zu",
                           columns->value);
        return;
    }
    if (type.size > 0)
        kind = intel_kind_find(type);
    struct intel_claim claim = claim_of(list, labels_of(list));
    if (intel_meaning_of(bytes_of_text(claim.labels)).is_benign) {
        list->place->intel->counts.ignored++;
        return;
    }
    if (from.size > 0)
        (void)intel_time_of(from, &claim.from_ns); /* Or since ever. */
    if (until.size > 0 && !intel_time_of(until, &claim.until_ns)) {
        (void)intel_refuse(list->place, "the end of its validity is no time");
        return;
    }
    if (read_confidence(list, &claim) &&
        intel_add_value(list->place, kind, value, &claim))
        list->place->intel->counts.loaded++;
}

/* Address, category, score up to 127 (Suricata's IP reputation). */
static void read_iprep(struct list *list)
{
    uint64_t category;
    uint64_t score;
    struct writer w;

    if (list->field_count < 3 ||
        !bytes_to_number(list->fields[1], LIST_CATEGORY_MAX - 1, &category) ||
        !bytes_to_number(list->fields[2], 127, &score)) {
        (void)intel_refuse(list->place, "a line is address, category below "
                                        "%d, score to 127",
                           LIST_CATEGORY_MAX);
        return;
    }
    const char *name = list->columns.categories[category];
    writer_init(&w, 100);
    writer_format(&w, "category %u%s%s", (unsigned)category,
                  name ? ", " : "", name ? name : "");
    struct intel_claim claim =
        claim_of(list, intel_intern(list->place->intel, writer_view(&w)));
    writer_clear(&w);
    claim.confidence = (uint8_t)(score * 100 / 127);
    if (score > 0 &&
        intel_add_value(list->place, INTEL_ADDRESS, list->fields[0], &claim))
        list->place->intel->counts.loaded++;
}

static void read_rank(struct list *list)
{
    struct exploited *exploited = list->place->intel->exploited;
    struct bytes cve = field(list, list->columns.value);
    struct bytes number = field(list, list->columns.confidence);
    char text[CONFIDENCE_SIZE_MAX] = { 0 };

    if (list->columns.form == LIST_KEV) {
        if (!exploited_add_kev(exploited, cve,
                               field(list, list->columns.from)))
            (void)intel_refuse(list->place, "no CVE with a date");
        return;
    }
    if (number.size < sizeof text && number.size > 0)
        memcpy(text, number.data, number.size);
    char *end = text;
    double probability = strtod(text, &end);
    if (end == text || *end ||
        !exploited_add_epss(exploited, cve, probability))
        (void)intel_refuse(list->place, "no CVE with a probability");
}

/* "0.0.0.0 name", as files of hosts have it; else the first word. */
static struct bytes value_of_line(struct bytes line)
{
    size_t end = 0;

    while (end < line.size && line.data[end] != ' ' &&
           line.data[end] != '\t' && line.data[end] != ';')
        end++;
    struct bytes first = bytes_slice(line, 0, end);
    struct bytes rest = bytes_trim(bytes_slice(line, end, line.size));
    bool is_sink = bytes_equal(first, bytes_of_text("0.0.0.0")) ||
                   bytes_equal(first, bytes_of_text("127.0.0.1")) ||
                   bytes_equal(first, bytes_of_text("::1"));

    if (!is_sink || rest.size == 0 || rest.data[0] == '#' ||
        rest.data[0] == ';')
        return first;
    end = 0;
    while (end < rest.size && rest.data[end] != ' ' &&
           rest.data[end] != '\t' && rest.data[end] != '#')
        end++;
    return bytes_slice(rest, 0, end);
}

static void read_plain(struct list *list, struct bytes line)
{
    struct bytes value = line;
    size_t comma = bytes_find_byte(line, ',');

    if (list->columns.kind != INTEL_SOFTWARE)
        value = value_of_line(comma < line.size &&
                                      !bytes_start_with(line,
                                                        bytes_of_text("http"))
                                  ? bytes_slice(line, 0, comma) : line);
    (void)add_plain(list, list->columns.kind, value); /* It refuses. */
}

/* A Suricata data set of strings is in Base64, with a reputation perhaps. */
static void read_dataset(struct list *list, struct bytes line)
{
    struct bytes value;

    arena_reset(&list->scratch);
    line = bytes_slice(line, 0, bytes_find_byte(line, ','));
    if (!stix_decode_base64(&list->scratch, line, &value))
        (void)intel_refuse(list->place, "a data set of strings is in Base64");
    else
        (void)add_plain(list, list->columns.kind, value); /* It refuses. */
}

static void read_line(struct list *list, struct bytes line)
{
    enum list_form form = list->columns.form;

    if (form == LIST_DATASET_STRING) {
        read_dataset(list, line);
        return;
    }
    if (form == LIST_PLAIN) {
        read_plain(list, line);
        return;
    }
    list->field_count = list_split(&list->scratch, line,
                                   list->columns.separator, list->fields);
    if (form == LIST_IPREP)
        read_iprep(list);
    else if (form == LIST_KEV || form == LIST_EPSS)
        read_rank(list);
    else if (form == LIST_HASHES)
        (void)add_plain(list, INTEL_VALUE, list->fields[0]); /* It refuses. */
    else
        read_columns(list);
}

static bool is_uuid(struct bytes text)
{
    return text.size == 36 && text.data[8] == '-' && text.data[13] == '-' &&
           text.data[18] == '-' && text.data[23] == '-';
}

/* What the first line of data looks like, when nobody said it. */
static enum list_form form_of(struct list *list, struct bytes line)
{
    struct bytes *f = list->fields;
    struct intel_key key;
    uint64_t number;
    size_t count = list_split(&list->scratch, line, ',', f);

    if (count == 2 && is_uuid(f[1]) && f[0].size == 32)
        return LIST_HASHES;
    if (count == 3 && !intel_key_make(INTEL_ADDRESS, f[0], &key) &&
        bytes_to_number(f[1], 59, &number) &&
        bytes_to_number(f[2], 127, &number))
        return LIST_IPREP;
    return LIST_PLAIN;
}

/* Is this line a comment? One that names columns is read as that. */
static bool is_comment(struct list *list, struct bytes line)
{
    bool is_mark = line.data[0] == '#' || line.data[0] == ';' ||
                   line.data[0] == '!' ||
                   bytes_start_with(line, bytes_of_text("//"));

    if (!is_mark)
        return false;
    if (!list->columns.is_stated && list->columns.form == LIST_PLAIN)
        (void)list_columns_find(line, &list->columns); /* Or a remark. */
    return true;
}

static void read_lines(struct list *list, struct bytes text)
{
    struct reader r = reader_of(text);
    bool is_first = true;

    while (reader_left(&r) > 0) {
        size_t left = reader_left(&r);
        struct bytes rest = bytes_slice(text, text.size - left, left);
        size_t size = bytes_find_byte(rest, '\n');
        reader_skip(&r, size < rest.size ? size + 1 : size);
        struct bytes line = bytes_trim(bytes_slice(rest, 0, size));
        list->place->line++;
        if (line.size == 0 || is_comment(list, line))
            continue;
        if (line.size > INTEL_LINE_MAX) {
            (void)intel_refuse(list->place, "a line has at most %d bytes",
                               INTEL_LINE_MAX);
            continue;
        }
        bool is_header = is_first && list->columns.has_header;
        if (is_first && !list->columns.is_stated &&
            list->columns.form == LIST_PLAIN) {
            is_header = list_columns_find(line, &list->columns);
            if (!is_header)
                list->columns.form = form_of(list, line);
            if (list->columns.form != LIST_COLUMNS && !is_header)
                list->columns.separator = ',';
        }
        is_first = false;
        if (!is_header)
            read_line(list, line);
    }
}

void intel_read_list(struct intel_place *place, struct bytes text,
                     const struct intel_columns *columns)
{
    struct list *list = memory_new(1, sizeof *list);

    list->place = place;
    list->columns = columns ? *columns
                            : (struct intel_columns){ .kind = INTEL_ANY };
    if (!list->columns.separator)
        list->columns.separator = ',';
    arena_init(&list->scratch);
    find_publisher(list, text);
    read_lines(list, text);
    arena_clear(&list->scratch);
    free(list);
}
