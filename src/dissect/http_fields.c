/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/http_fields.h"

#include <string.h>

enum scan_state {
    AT_START,       /* Of a line. */
    IN_TEXT,
    AFTER_SPACE,    /* The line is one blank so far. */
    CR_AT_START,
    CR_IN_TEXT,
    CR_AFTER_SPACE,
    AFTER_LF,       /* A bare LF: a CR after it belongs to it. */
    AFTER_SPACE_LF, /* The line was one blank. */
};

enum scan_step {
    STEP_ON,
    STEP_LINE,        /* This byte ends a line. */
    STEP_LINE_BEFORE, /* It is the first of the next. */
    STEP_HEAD,        /* This byte ends the head. */
    STEP_HEAD_BEFORE, /* It is the first after it. */
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static enum scan_step step_at_start(struct http_scan *scan, uint8_t c)
{
    if (c == '\n')
        return STEP_HEAD;
    scan->state = c == '\r'     ? CR_AT_START
                  : is_blank(c) ? AFTER_SPACE
                                : IN_TEXT;
    return STEP_ON;
}

static enum scan_step step_after_cr(struct http_scan *scan, uint8_t c,
                                    bool is_response)
{
    bool was_start = scan->state == CR_AT_START;

    if (c == '\n') {
        scan->state = AT_START;
        return was_start ? STEP_HEAD : STEP_LINE;
    }
    scan->state = c == '\r' ? CR_IN_TEXT : IN_TEXT;
    if (!is_response || c == '\r')
        return STEP_ON;
    (void)step_at_start(scan, c);
    return STEP_LINE_BEFORE;
}

static enum scan_step step_in_line(struct http_scan *scan, uint8_t c,
                                   bool is_response)
{
    bool is_space = scan->state == AFTER_SPACE;

    if (c == '\n') {
        scan->state = is_space && is_response ? AFTER_SPACE_LF : AFTER_LF;
        return STEP_LINE;
    }
    if (c == '\r')
        scan->state = is_space ? CR_AFTER_SPACE : CR_IN_TEXT;
    else
        scan->state = IN_TEXT;
    return STEP_ON;
}

static enum scan_step step(struct http_scan *scan, uint8_t c,
                           bool is_response)
{
    switch ((enum scan_state)scan->state) {
    case AT_START:
        return step_at_start(scan, c);
    case IN_TEXT:
    case AFTER_SPACE:
        return step_in_line(scan, c, is_response);
    case CR_AT_START:
    case CR_IN_TEXT:
    case CR_AFTER_SPACE:
        return step_after_cr(scan, c, is_response);
    case AFTER_LF:
        scan->state = AT_START;
        return c == '\r' && is_response ? STEP_ON : step_at_start(scan, c);
    case AFTER_SPACE_LF:
        break;
    }
    return c == '\n' ? STEP_HEAD : STEP_HEAD_BEFORE;
}

size_t http_scan_fields(struct http_scan *scan, struct bytes data,
                        bool is_response)
{
    for (size_t i = 0; i < data.size; i++) {
        if (scan->state == IN_TEXT && data.data[i] >= ' ')
            continue;
        switch (step(scan, data.data[i], is_response)) {
        case STEP_HEAD:
            return i + 1;
        case STEP_HEAD_BEFORE:
            return i;
        case STEP_ON:
        case STEP_LINE:
        case STEP_LINE_BEFORE:
            break;
        }
    }
    return SIZE_MAX;
}

size_t http_scan_line(struct http_scan *scan, struct bytes data,
                      bool is_response)
{
    for (size_t i = 0; i < data.size; i++) {
        bool was_cr = scan->state == CR_AT_START ||
                      scan->state == CR_IN_TEXT ||
                      scan->state == CR_AFTER_SPACE;
        uint8_t c = data.data[i];
        if (c == '\n')
            return i + 1;
        if (was_cr && is_response)
            return i;
        scan->state = c == '\r' ? CR_IN_TEXT : IN_TEXT;
    }
    return SIZE_MAX;
}

struct bytes http_chomp(struct bytes line)
{
    while (line.size > 0 && (line.data[line.size - 1] == '\n' ||
                             line.data[line.size - 1] == '\r'))
        line.size--;
    return line;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* How much of `text` from `at` on is `word`, zeros passed over; 0 for not. */
static size_t word_size(struct bytes text, size_t at, const char *word)
{
    size_t from = at;

    for (; *word; word++) {
        while (at < text.size && text.data[at] == 0)
            at++;
        if (at == text.size || lower(text.data[at]) != (uint8_t)*word)
            return 0;
        at++;
    }
    return at - from;
}

bool http_is_word(struct bytes text, const char *word)
{
    size_t size = word_size(text, 0, word);

    while (size > 0 && size < text.size && text.data[size] == 0)
        size++;
    return size > 0 && size == text.size;
}

bool http_has_word(struct bytes text, const char *word)
{
    for (size_t i = 0; i < text.size; i++)
        if (word_size(text, i, word) > 0)
            return true;
    return false;
}

static struct bytes trim_blanks(struct bytes text)
{
    size_t from = 0;

    while (from < text.size && is_blank(text.data[from]))
        from++;
    while (text.size > from && is_blank(text.data[text.size - 1]))
        text.size--;
    return bytes_slice(text, from, text.size - from);
}

/* Names lose all that is blank behind them, whatever kind of blank. */
static struct bytes trim_name(struct bytes text)
{
    struct bytes name = trim_blanks(text);

    while (name.size > 0 && name.data[name.size - 1] <= ' ' &&
           name.data[name.size - 1] >= '\t')
        name.size--;
    return name;
}

static bool is_same_name(struct bytes a, struct bytes b)
{
    return a.size > 0 && bytes_equal_nocase(a, b);
}

/* One whole line, unfolded. */
static void add_line(struct http_fields *fields, struct bytes line)
{
    size_t colon = bytes_find_byte(line, ':');
    bool has_name = colon < line.size;

    if (line.size == 0)
        return;
    if (fields->count == HTTP_FIELDS_MAX) {
        fields->is_cut = true;
        return;
    }
    fields->fields[fields->count++] = (struct http_field){
        .name = has_name ? trim_name(bytes_slice(line, 0, colon))
                         : (struct bytes){ 0 },
        .value = trim_blanks(
            has_name ? bytes_slice(line, colon + 1, line.size) : line),
    };
}

/* The values of all that have the name of field `index`, ", " between. */
static struct bytes join(const struct http_fields *fields, size_t index,
                         size_t size, struct arena *arena)
{
    const struct http_field *first = &fields->fields[index];
    uint8_t *text = arena_allocate(arena, size);
    size_t used = 0;

    for (size_t i = index; i < fields->count; i++) {
        const struct http_field *field = &fields->fields[i];
        if (i > index && !is_same_name(field->name, first->name))
            continue;
        if (i > index) {
            text[used++] = ',';
            text[used++] = ' ';
        }
        if (field->value.size > 0)
            memcpy(text + used, field->value.data, field->value.size);
        used += field->value.size;
    }
    return bytes_of(text, used);
}

/* Equal names are one field, where the first stood; of lengths that differ
 * the first counts. */
static void merge(struct http_fields *fields, struct arena *arena)
{
    for (size_t i = 0; i < fields->count; i++) {
        struct http_field *first = &fields->fields[i];
        size_t size = first->value.size;
        size_t kept = i + 1;
        for (size_t k = i + 1; k < fields->count; k++)
            if (is_same_name(fields->fields[k].name, first->name))
                size += 2 + fields->fields[k].value.size;
        if (size == first->value.size)
            continue;
        if (http_is_word(first->name, "content-length"))
            fields->has_two_lengths = true;
        else
            first->value = join(fields, i, size, arena);
        for (size_t k = i + 1; k < fields->count; k++)
            if (!is_same_name(fields->fields[k].name, first->name))
                fields->fields[kept++] = fields->fields[k];
        fields->count = kept;
    }
}

static bool is_folding(struct bytes line)
{
    return line.size > 0 && (is_blank(line.data[0]) || line.data[0] == 0);
}

static struct bytes without_fold(struct bytes line)
{
    size_t from = 0;

    while (from < line.size &&
           (is_blank(line.data[from]) || line.data[from] == 0))
        from++;
    return bytes_slice(line, from, line.size);
}

static bool has_colon(struct bytes line)
{
    return bytes_find_byte(line, ':') < line.size;
}

/* What a folded line does to the one before it: true when it goes on. In a
 * response a line with a name of its own is a field of its own. */
static bool is_continued(struct bytes before, struct bytes line,
                         bool is_response)
{
    return before.size > 0 &&
           !(is_response && has_colon(before) && has_colon(line));
}

/* Lines as they are put together; all of them fit into `room`. */
struct unfolding {
    uint8_t *room;
    size_t start; /* Of the line that may go on. */
    size_t end;
};

static void append(struct unfolding *lines, struct bytes line)
{
    if (line.size > 0)
        memcpy(lines->room + lines->end, line.data, line.size);
    lines->end += line.size;
}

static struct bytes current(const struct unfolding *lines)
{
    return bytes_of(lines->room + lines->start, lines->end - lines->start);
}

void http_fields_read(struct http_fields *fields, struct bytes block,
                      bool is_response, struct arena *arena)
{
    struct unfolding lines = { .room = arena_allocate(arena,
                                                      block.size + 1) };

    *fields = (struct http_fields){
        .fields =
            arena_allocate(arena, HTTP_FIELDS_MAX * sizeof *fields->fields),
    };
    while (block.size > 0) {
        struct http_scan scan = { 0 };
        size_t size = http_scan_line(&scan, block, is_response);
        size = size > block.size ? block.size : size;
        struct bytes line = http_chomp(bytes_slice(block, 0, size));
        block = bytes_slice(block, size, block.size);
        bool is_folded = is_folding(line);
        if (is_folded)
            line = without_fold(line);
        if (!is_folded ||
            !is_continued(current(&lines), line, is_response)) {
            add_line(fields, current(&lines));
            lines.start = lines.end;
        }
        append(&lines, line);
    }
    add_line(fields, current(&lines));
    merge(fields, arena);
}

struct bytes http_fields_get(const struct http_fields *fields,
                             const char *name, bool *is_there)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (!http_is_word(fields->fields[i].name, name))
            continue;
        if (is_there)
            *is_there = true;
        return fields->fields[i].value;
    }
    if (is_there)
        *is_there = false;
    return (struct bytes){ 0 };
}
