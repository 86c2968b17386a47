/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The content of HTTP messages as rules see it: decoded, and as files. A
 * coding that fails at its start was none, and what it was given is passed on
 * as it is: that is what browsers do with such answers.
 */
#include "dissect/http_reader.h"

#include <string.h>

enum {
    /* Bytes decoded for one packet, all layers together; past it the body is
     * given up. A segment of 64 KiB yields 64 MiB at deflate's best. */
    DECODED_MAX = 1 << 20,
    PART_HEAD_MAX = 4 << 10, /* Fields of one part of a form. */
};

enum part_phase {
    PART_BEFORE, /* Up to the first boundary. */
    PART_AFTER_BOUNDARY,
    PART_HEAD,
    PART_FILE,
    PART_OTHER,  /* A field of the form: no file. */
    PART_DONE,
};

/* One packet's worth. */
struct content {
    struct http_turn *turn;
    size_t decoded;
};

static void add_stream(const struct http_turn *turn, enum view_id id,
                       uint64_t offset, struct bytes data, bool is_last)
{
    if (turn->input->views)
        view_add(turn->input->views,
                 &(struct view){ .id = id,
                                 .side = turn->input->side,
                                 .transaction = turn->side->transaction,
                                 .is_last = is_last,
                                 .offset = offset,
                                 .data = data });
}

static void show_file(struct http_turn *turn, struct bytes data, bool is_last)
{
    struct http_reader_side *side = turn->side;

    if (data.size > 0 || (is_last && side->file_shown > 0))
        add_stream(turn, VIEW_FILE_DATA, side->file_shown, data, is_last);
    side->file_shown += data.size;
    if (is_last)
        side->file_shown = 0;
}

/* name="..." or name=... among the parameters of a field. */
static struct bytes parameter(struct bytes field, const char *name)
{
    size_t at = bytes_find_nocase(field, bytes_of_text(name));
    struct bytes value =
        bytes_slice(field, at + strlen(name), field.size);

    if (at == field.size)
        return (struct bytes){ 0 };
    if (value.size > 0 && value.data[0] == '"') {
        value = bytes_slice(value, 1, value.size);
        return bytes_slice(value, 0, bytes_find_byte(value, '"'));
    }
    return bytes_trim(bytes_slice(value, 0, bytes_find_byte(value, ';')));
}

/* ----- Forms: RFC 7578, RFC 2046 section 5.1 ----- */

static void begin_form(struct http_reader_side *side, struct bytes type)
{
    struct bytes boundary = parameter(type, "boundary=");

    side->is_multipart =
        bytes_start_with_nocase(type, bytes_of_text("multipart/")) &&
        boundary.size > 0 && boundary.size <= sizeof side->boundary;
    if (!side->is_multipart)
        return;
    memcpy(side->boundary, boundary.data, boundary.size);
    side->boundary_size = (uint8_t)boundary.size;
    side->part_phase = PART_BEFORE;
}

/* Where "--boundary" begins in `data`; its size when it does not. */
static size_t find_boundary(const struct http_reader_side *side,
                            struct bytes data)
{
    struct bytes name = bytes_of(side->boundary, side->boundary_size);
    size_t from = 0;

    while (from < data.size) {
        struct bytes rest = bytes_slice(data, from, data.size);
        size_t at = bytes_find(rest, name);
        if (at == rest.size)
            break;
        if (at >= 2 && rest.data[at - 1] == '-' && rest.data[at - 2] == '-')
            return from + at - 2;
        from += at + 1;
    }
    return data.size;
}

static void begin_part(struct http_turn *turn, struct bytes head)
{
    struct http_fields fields;
    struct bytes name;

    http_fields_read(&fields, head, false, turn->input->arena);
    name = parameter(http_fields_get(&fields, "content-disposition", NULL),
                     "filename=");
    turn->side->part_phase = name.size > 0 ? PART_FILE : PART_OTHER;
    turn->side->file_shown = 0;
    if (name.size > 0)
        view_add_text(turn->input->views, VIEW_FILE_NAME, turn->input->side,
                      turn->side->transaction, name);
}

/* Answers how much of `data` was used; what is left waits for more. */
static size_t read_content(struct http_turn *turn, struct bytes data,
                           bool is_last)
{
    struct http_reader_side *side = turn->side;
    size_t at = find_boundary(side, data);
    bool is_found = at < data.size;
    size_t tail = (size_t)side->boundary_size + 4;
    size_t end = is_found       ? at
                 : is_last      ? data.size
                 : data.size > tail ? data.size - tail
                                    : 0;
    struct bytes content = bytes_slice(data, 0, end);

    if (is_found && content.size > 0 && content.data[end - 1] == '\n')
        content.size--;
    if (is_found && content.size > 0 &&
        content.data[content.size - 1] == '\r')
        content.size--;
    if (side->part_phase == PART_FILE)
        show_file(turn, content, is_found);
    if (!is_found)
        return end;
    side->part_phase = PART_AFTER_BOUNDARY;
    return at + 2 + side->boundary_size;
}

/* The rest of the boundary's line: "--" there means that it was the last. */
static size_t read_boundary_end(struct http_reader_side *side,
                                struct bytes data)
{
    size_t line = bytes_find_byte(data, '\n');

    if (data.size >= 2 && data.data[0] == '-' && data.data[1] == '-') {
        side->part_phase = PART_DONE;
        return data.size;
    }
    if (line == data.size)
        return 0;
    side->part_phase = PART_HEAD;
    side->scan = (struct http_scan){ 0 };
    return line + 1;
}

static size_t read_part_head(struct http_turn *turn, struct bytes data)
{
    struct http_scan scan = { 0 };
    size_t size = http_scan_fields(&scan, data, false);

    if (size == SIZE_MAX && data.size < PART_HEAD_MAX)
        return 0;
    size = size == SIZE_MAX ? data.size : size;
    begin_part(turn, bytes_slice(data, 0, size));
    return size;
}

static size_t read_form(struct http_turn *turn, struct bytes data,
                        bool is_last)
{
    switch ((enum part_phase)turn->side->part_phase) {
    case PART_BEFORE:
    case PART_FILE:
    case PART_OTHER:
        return read_content(turn, data, is_last);
    case PART_AFTER_BOUNDARY:
        return read_boundary_end(turn->side, data);
    case PART_HEAD:
        return read_part_head(turn, data);
    case PART_DONE:
        break;
    }
    return data.size;
}

static void add_to_form(struct http_turn *turn, struct bytes data,
                        bool is_last)
{
    struct view_text *kept = &turn->side->part;
    struct view_memory *memory = turn->input->view_memory;
    uint8_t *all = arena_allocate(turn->input->arena,
                                  kept->size + data.size + 1);

    view_text_copy(kept, all);
    if (data.size > 0)
        memcpy(all + kept->size, data.data, data.size);
    struct bytes rest = bytes_of(all, kept->size + data.size);
    view_text_clear(memory, kept);
    for (;;) {
        uint8_t phase = turn->side->part_phase;
        size_t used = read_form(turn, rest, is_last);
        rest = bytes_slice(rest, used, rest.size);
        if (rest.size == 0 || phase == turn->side->part_phase)
            break;
    }
    view_text_add(memory, kept, rest);
}

/* ----- Any body ----- */

static void show(struct http_turn *turn, struct bytes data)
{
    struct http_reader_side *side = turn->side;

    if (side->shown >= HTTP_BODY_DEPTH || data.size == 0)
        return;
    data = bytes_slice(data, 0, HTTP_BODY_DEPTH - (size_t)side->shown);
    side->has_body = true;
    add_stream(turn,
               turn->is_response ? VIEW_HTTP_RESPONSE_BODY
                                 : VIEW_HTTP_REQUEST_BODY,
               side->shown, data, false);
    side->shown += data.size;
    if (side->is_multipart)
        add_to_form(turn, data, false);
    else if (side->may_be_file)
        show_file(turn, data, false);
}

static void drop_layer(struct http_turn *turn, size_t level)
{
    struct http_reader_side *side = turn->side;

    if (side->layers[level])
        view_inflate_free(turn->input->view_memory, side->layers[level]);
    side->layers[level] = NULL;
}

static void pass(struct content *content, size_t level, struct bytes data);

/* Decode `data` with this layer; true when it turned out to be plain. */
static bool decode(struct content *content, size_t level, struct bytes data)
{
    struct http_turn *turn = content->turn;
    struct arena *arena = turn->input->arena;
    struct http_reader_side *side = turn->side;
    enum view_inflate_result result = VIEW_INFLATE_FULL;

    while (result == VIEW_INFLATE_FULL ||
           (result == VIEW_INFLATE_MORE && data.size > 0)) {
        uint8_t *out = arena_allocate(arena, VIEW_INFLATE_PIECE);
        size_t size;
        result = view_inflate_step(turn->side->layers[level], &data, out,
                                   VIEW_INFLATE_PIECE, &size);
        /* What fails in its first piece was never encoded: what came out of
         * it means nothing. */
        if (result == VIEW_INFLATE_BROKEN && !side->has_output[level])
            break;
        side->has_output[level] |= size > 0;
        content->decoded += size;
        pass(content, level + 1, bytes_of(out, size));
        if (content->decoded > DECODED_MAX ||
            turn->side->shown >= HTTP_BODY_DEPTH)
            result = VIEW_INFLATE_END;
    }
    if (result == VIEW_INFLATE_END || result == VIEW_INFLATE_BROKEN)
        drop_layer(turn, level);
    return result == VIEW_INFLATE_BROKEN && !side->has_output[level];
}

/* Through the layers from `level` on; there are HTTP_LAYER_MAX at most. */
static void pass(struct content *content, size_t level, struct bytes data)
{
    struct http_reader_side *side = content->turn->side;

    if (data.size == 0)
        return;
    if (level == side->layer_count) {
        show(content->turn, data);
        return;
    }
    if (side->layers[level] && decode(content, level, data))
        side->is_plain[level] = true;
    else if (!side->is_plain[level])
        return; /* Decoded, or after the end of what was encoded. */
    pass(content, level + 1, data);
}

void http_content_add(struct http_turn *turn, struct bytes data)
{
    struct content content = { .turn = turn };

    pass(&content, 0, data);
}

static void add_layer(struct http_turn *turn)
{
    struct http_reader_side *side = turn->side;
    size_t level = side->layer_count++;

    side->layers[level] = view_inflate_new(turn->input->view_memory);
    side->is_plain[level] = !side->layers[level];
}

/* Content-Encoding: the first named is taken off first, whatever the standard
 * says: libhtp and with it rules see it so. Each layer tells by its bytes
 * what it is, so the order of gzip and deflate does not matter. */
static void begin_layers(struct http_turn *turn, struct bytes coding)
{
    while (coding.size > 0 && turn->side->layer_count < HTTP_LAYER_MAX) {
        size_t end = bytes_find_byte(coding, ',');
        struct bytes word = bytes_slice(coding, 0, end);
        if (http_has_word(word, "gzip") || http_has_word(word, "deflate"))
            add_layer(turn);
        coding = bytes_slice(coding, end + 1, coding.size);
    }
}

/* The last part of the path, as a file's name. */
static struct bytes path_name(struct bytes target)
{
    size_t end = 0;
    size_t from = 0;

    while (end < target.size && target.data[end] != '?' &&
           target.data[end] != '#') {
        if (target.data[end] == '/')
            from = end + 1;
        end++;
    }
    return bytes_slice(target, from, end - from);
}

static void name_file(struct http_turn *turn,
                      const struct http_message *message)
{
    struct bytes disposition =
        http_fields_get(&message->fields, "content-disposition", NULL);
    struct bytes name = turn->is_response
                            ? parameter(disposition, "filename=")
                            : path_name(message->target);

    if (name.size > 0)
        view_add_text(turn->input->views, VIEW_FILE_NAME, turn->input->side,
                      turn->side->transaction, name);
}

void http_content_begin(struct http_turn *turn,
                        const struct http_message *message)
{
    struct http_reader_side *side = turn->side;
    struct bytes type =
        http_fields_get(&message->fields, "content-type", NULL);

    http_content_release(side, turn->input->view_memory);
    side->has_body = false;
    side->is_multipart = false;
    side->shown = 0;
    side->file_shown = 0;
    side->may_be_file = turn->is_response ||
                        http_is_word(message->method, "post") ||
                        http_is_word(message->method, "put");
    begin_layers(turn, http_fields_get(&message->fields, "content-encoding",
                                       NULL));
    if (!turn->is_response)
        begin_form(side, type);
    if (side->may_be_file && !side->is_multipart)
        name_file(turn, message);
}

void http_content_end(struct http_turn *turn)
{
    struct http_reader_side *side = turn->side;

    if (side->is_multipart)
        add_to_form(turn, (struct bytes){ 0 }, true);
    if (side->has_body)
        add_stream(turn,
                   turn->is_response ? VIEW_HTTP_RESPONSE_BODY
                                     : VIEW_HTTP_REQUEST_BODY,
                   side->shown, (struct bytes){ 0 }, true);
    if (side->has_body && side->may_be_file)
        show_file(turn, (struct bytes){ 0 }, true);
    side->has_body = false;
    http_content_release(side, turn->input->view_memory);
}

void http_content_release(struct http_reader_side *side,
                          struct view_memory *memory)
{
    for (size_t i = 0; i < COUNT_OF(side->layers); i++) {
        if (side->layers[i])
            view_inflate_free(memory, side->layers[i]);
        side->layers[i] = NULL;
        side->is_plain[i] = false;
        side->has_output[i] = false;
    }
    side->layer_count = 0;
    view_text_clear(memory, &side->part);
}
