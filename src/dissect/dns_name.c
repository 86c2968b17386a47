/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dns_message.h"

#include "base/text.h"

/* The two highest bits of a length byte (RFC 1035 4.1.4). */
enum {
    LABEL_KIND = 0xc0,
    LABEL_POINTER = 0xc0,
};

/* A name as it is put together. The escapes make at most four characters of a
 * byte, and the dots stand for the length bytes. */
struct name_text {
    size_t size;
    size_t wire_size;
    enum dns_style style;
    uint8_t text[DNS_NAME_TEXT_MAX];
};

static bool is_plain(uint8_t byte)
{
    return byte > 0x20 && byte < 0x7f && byte != '.' && byte != '\\';
}

static void put_escaped(struct name_text *name, uint8_t byte)
{
    uint8_t *to = name->text + name->size;

    to[0] = '\\';
    if (byte == '.' || byte == '\\') {
        to[1] = byte;
        name->size += 2;
        return;
    }
    to[1] = (uint8_t)('0' + byte / 100);
    to[2] = (uint8_t)('0' + byte / 10 % 10);
    to[3] = (uint8_t)('0' + byte % 10);
    name->size += 4;
}

/* How many bytes at the front of `label` may stand as they are. */
static size_t legible(const struct name_text *name, struct bytes label)
{
    uint32_t point = 0;

    if (is_plain(label.data[0]))
        return 1;
    if (name->style != DNS_STYLE_UNICODE || label.data[0] == '.' ||
        label.data[0] == '\\')
        return 0;
    size_t size = text_utf8_next(label, &point);
    return size > 0 && !text_is_unsafe(point) ? size : 0;
}

/* Most labels are plain all through. */
static size_t put_plain(struct name_text *name, struct bytes label)
{
    size_t size = 0;

    while (size < label.size && is_plain(label.data[size])) {
        name->text[name->size + size] = label.data[size];
        size++;
    }
    name->size += size;
    return size;
}

static void put_label(struct name_text *name, struct bytes label)
{
    if (name->size > 0)
        name->text[name->size++] = '.';
    label = bytes_slice(label, put_plain(name, label), label.size);
    while (label.size > 0) {
        size_t size = legible(name, label);

        if (size == 0)
            put_escaped(name, label.data[0]);
        for (size_t i = 0; i < size; i++)
            name->text[name->size++] = label.data[i];
        label = bytes_slice(label, size ? size : 1, label.size);
    }
}

static void note_label(struct dns_name *name, struct bytes label)
{
    if (name->labels++ == 0)
        name->first = label;
    if (label.size > name->longest.size)
        name->longest = label;
}

/* Take labels until the root or a pointer, whose target is written. */
static bool take_labels(struct reader *r, struct name_text *text,
                        struct dns_name *name, size_t *target)
{
    for (;;) {
        uint8_t size = reader_u8(r);

        if ((size & LABEL_KIND) == LABEL_POINTER) {
            *target = (size_t)(size & ~LABEL_KIND) << 8 | reader_u8(r);
            return reader_ok(r);
        }
        text->wire_size += size + 1u;
        if (size > DNS_LABEL_MAX || text->wire_size > DNS_NAME_WIRE_MAX)
            return false;
        *target = SIZE_MAX;
        if (size == 0)
            return reader_ok(r);
        struct bytes label = reader_bytes(r, size);
        if (!reader_ok(r))
            return false;
        note_label(name, label);
        put_label(text, label);
    }
}

/* Each pointer must point before the labels that led to it, so that every
 * jump comes nearer to the front. */
static bool take_name(struct dns_cursor *cursor, struct name_text *text,
                      struct dns_name *name)
{
    struct bytes wire = cursor->message->wire;
    size_t begin = cursor->end - reader_left(&cursor->reader);
    size_t target;

    if (!take_labels(&cursor->reader, text, name, &target))
        return false;
    for (int jumps = 0; target != SIZE_MAX; jumps++) {
        if (target >= begin || jumps == DNS_JUMPS_MAX)
            return false;
        begin = target;
        struct reader r = reader_of(bytes_slice(wire, target, wire.size));
        if (!take_labels(&r, text, name, &target))
            return false;
    }
    return true;
}

bool dns_name_read(struct dns_cursor *cursor, struct dns_name *name)
{
    struct dns_name read = { 0 };
    struct name_text text;

    text.size = 0;
    text.wire_size = 0;
    text.style = cursor->message->style;
    if (!take_name(cursor, &text, &read)) {
        reader_fail(&cursor->reader);
        return false;
    }
    read.text = read.labels == 0
                    ? bytes_of_text(".")
                    : arena_copy(cursor->message->arena,
                                 bytes_of(text.text, text.size));
    *name = read;
    return true;
}

bool dns_name_parse(struct bytes wire, struct arena *arena, struct bytes *text,
                    size_t *used)
{
    struct name_text name;
    struct reader r = reader_of(wire);

    name.size = 0;
    name.wire_size = 0;
    name.style = DNS_STYLE_ASCII;
    while (reader_left(&r) > 0) {
        uint8_t size = reader_u8(&r);
        struct bytes label = reader_bytes(&r, size);

        name.wire_size += size + 1u;
        if (size > DNS_LABEL_MAX || name.wire_size > DNS_NAME_WIRE_MAX ||
            !reader_ok(&r))
            return false;
        if (size == 0)
            break;
        put_label(&name, label);
    }
    *text = arena_copy(arena, bytes_of(name.text, name.size));
    *used = wire.size - reader_left(&r);
    return true;
}
