/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/pcapng_writer.h"

#include "format/pcapng.h"

enum { APPLICATION_OPTION = 4, COMMENT_OPTION = 1, TSRESOL_OPTION = 9 };

void pcapng_writer_init(struct pcapng_writer *pcapng, struct writer *out)
{
    *pcapng = (struct pcapng_writer){ .out = out };
}

static uint32_t padded(size_t size)
{
    return (uint32_t)((size + 3) & ~(size_t)3);
}

static void write_padded(struct writer *w, struct bytes b)
{
    writer_bytes(w, b);
    for (size_t i = b.size; i % 4 != 0; i++)
        writer_byte(w, 0);
}

static void write_option(struct writer *w, uint16_t code, struct bytes value)
{
    writer_u16_le(w, code);
    writer_u16_le(w, (uint16_t)value.size);
    write_padded(w, value);
}

static uint32_t option_size(struct bytes value)
{
    return 4 + padded(value.size);
}

static void write_section(struct writer *w)
{
    struct bytes name = bytes_of_text("Tenet");
    uint32_t size = 28 + option_size(name) + 4;

    writer_u32_le(w, PCAPNG_SECTION);
    writer_u32_le(w, size);
    writer_u32_le(w, 0x1a2b3c4d);
    writer_u16_le(w, 1);
    writer_u16_le(w, 0);
    writer_u64_le(w, UINT64_MAX); /* Section length: not known. */
    write_option(w, APPLICATION_OPTION, name);
    writer_u32_le(w, 0);
    writer_u32_le(w, size);
}

static void write_interface(struct writer *w, uint16_t link_type)
{
    struct bytes nanoseconds = bytes_of("\x09", 1);
    uint32_t size = 20 + option_size(nanoseconds) + 4;

    writer_u32_le(w, PCAPNG_INTERFACE);
    writer_u32_le(w, size);
    writer_u16_le(w, link_type);
    writer_u16_le(w, 0);
    writer_u32_le(w, 0); /* Snapshot length: no limit. */
    write_option(w, TSRESOL_OPTION, nanoseconds);
    writer_u32_le(w, 0);
    writer_u32_le(w, size);
}

/* The interface of this frame in the file, described when it is new. Past the
 * limit frames share the last description of their link type, if any. */
static uint32_t interface_of(struct pcapng_writer *pcapng,
                             const struct frame_mark *mark)
{
    uint32_t fallback = 0;

    for (uint32_t i = 0; i < pcapng->interface_count; i++) {
        if (pcapng->interfaces[i].link_type != mark->link_type)
            continue;
        fallback = i;
        if (pcapng->interfaces[i].number == mark->interface)
            return i;
    }
    if (pcapng->interface_count == PCAPNG_WRITER_INTERFACE_MAX)
        return fallback;
    pcapng->interfaces[pcapng->interface_count].link_type = mark->link_type;
    pcapng->interfaces[pcapng->interface_count].number = mark->interface;
    write_interface(pcapng->out, mark->link_type);
    return pcapng->interface_count++;
}

size_t pcapng_writer_frame(struct pcapng_writer *pcapng,
                           const struct frame *frame, const char *comment)
{
    struct writer *w = pcapng->out;
    struct bytes note = comment ? bytes_of_text(comment) : (struct bytes){ 0 };
    uint64_t ticks = (uint64_t)frame->mark.time_ns;
    uint32_t size = 32 + padded(frame->data.size);

    if (comment)
        size += option_size(note) + 4;
    if (!pcapng->has_section)
        write_section(w);
    pcapng->has_section = true;
    uint32_t interface = interface_of(pcapng, &frame->mark);
    size_t place = w->size;
    writer_u32_le(w, PCAPNG_ENHANCED_PACKET);
    writer_u32_le(w, size);
    writer_u32_le(w, interface);
    writer_u32_le(w, (uint32_t)(ticks >> 32));
    writer_u32_le(w, (uint32_t)ticks);
    writer_u32_le(w, (uint32_t)frame->data.size);
    writer_u32_le(w, frame->mark.original_size);
    write_padded(w, frame->data);
    if (comment) {
        write_option(w, COMMENT_OPTION, note);
        writer_u32_le(w, 0);
    }
    writer_u32_le(w, size);
    return place;
}
