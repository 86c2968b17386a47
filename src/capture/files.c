/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Capture files, one after the other, as one run: packet numbers and
 * interfaces go on from file to file. A file that is not a capture is an error
 * when it was named, and a warning when it was met in a directory; a tail cut
 * off is a warning, and all before it is used.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/writer.h"
#include "capture/history.h"
#include "capture/internal.h"
#include "format/pcap.h"
#include "format/pcapng.h"

enum { FILES_INTERFACE_MAX = 0xffff };

enum shape { SHAPE_NONE, SHAPE_PCAP, SHAPE_PCAPNG };

struct files {
    char **paths;          /* Still to be read, from `next` on. */
    size_t count;
    size_t next;
    bool is_directory;
    struct source *source; /* The file being read, or null. */
    struct history *history;
    enum shape shape;
    struct pcap_header pcap;
    struct pcapng_section pcapng;
    uint32_t interface_base; /* Run-wide number of the first interface. */
    uint32_t interface_next;
    uint64_t unread;       /* Rest of a block that was larger than a view. */
    int64_t last_ns;       /* Of the packet before: simple ones have none. */
    uint64_t frames;
    uint64_t bytes_before; /* Of the files that are done with. */
    uint64_t bytes_total;
    uint64_t warnings;
    char warning[FAILURE_TEXT_MAX];
};

static void warn(struct files *files, const struct failure *failure)
{
    files->warnings++;
    memcpy(files->warning, failure->text, sizeof files->warning);
}

static void add_path(struct files *files, struct bytes path)
{
    files->paths = memory_resize(files->paths, files->count + 1,
                                 sizeof *files->paths);
    files->paths[files->count++] = memory_copy_text(path);
}

/* The regular files of a directory, in the order of their names' bytes. */
static int add_directory(struct files *files, const char *path,
                         struct failure *failure)
{
    struct dirent **entries;
    struct stat status;
    struct writer name;
    int count = scandir(path, &entries, NULL, alphasort);

    if (count < 0)
        return failure_set(failure, -errno, "%s: cannot read: %s", path,
                           strerror(errno));
    writer_init(&name, 1 << 16);
    for (int i = 0; i < count; i++) {
        writer_reset(&name);
        writer_format(&name, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' &&
            stat(writer_as_text(&name), &status) == 0 &&
            S_ISREG(status.st_mode)) {
            add_path(files, writer_view(&name));
            files->bytes_total += (uint64_t)status.st_size;
        }
        free(entries[i]);
    }
    free(entries);
    writer_clear(&name);
    files->is_directory = true;
    return 0;
}

static struct files *files_new(void)
{
    struct files *files = memory_new(1, sizeof *files);

    files->history = history_new();
    return files;
}

static void close_source(struct files *files)
{
    if (!files->source)
        return;
    files->bytes_before += source_position(files->source);
    source_free(files->source);
    files->source = NULL;
    pcapng_section_clear(&files->pcapng);
    files->shape = SHAPE_NONE;
    files->unread = 0;
    files->interface_base = files->interface_next;
}

void files_free(struct files *files)
{
    if (!files)
        return;
    close_source(files);
    for (size_t i = 0; i < files->count; i++)
        free(files->paths[i]);
    free(files->paths);
    history_free(files->history);
    free(files);
}

static int not_a_capture(struct files *files, struct bytes start,
                         struct failure *failure)
{
    struct writer found;
    int result;

    writer_init(&found, 64);
    writer_hex(&found, bytes_slice(start, 0, 8));
    result = failure_set(
        failure, ERROR_FORMAT,
        "%s: not a capture: at byte 0 expected the start of a pcap or pcapng "
        "file (or gzip or zstd around one), found %s%s",
        source_name(files->source), start.size ? "hex " : "nothing: ",
        start.size ? writer_as_text(&found) : "the file is empty");
    writer_clear(&found);
    return result;
}

/* Tell what kind of file this is by how it begins. */
static int read_header(struct files *files, struct failure *failure)
{
    struct bytes start;

    if (!history_peek(files->history, PCAP_HEADER_SIZE, &start, failure))
        return failure->code;
    if (bytes_start_with(start, bytes_of("\x0a\x0d\x0d\x0a", 4))) {
        files->shape = SHAPE_PCAPNG;
        return 0;
    }
    if (start.size < PCAP_HEADER_SIZE ||
        !pcap_header_parse(start, &files->pcap))
        return not_a_capture(files, start, failure);
    if (files->pcap.major != 2)
        return failure_set(failure, ERROR_UNSUPPORTED,
                           "%s: pcap version %u.%u at byte 4; 2.x is read",
                           source_name(files->source), files->pcap.major,
                           files->pcap.minor);
    files->shape = SHAPE_PCAP;
    files->interface_next = files->interface_base + 1;
    (void)history_skip(files->history, PCAP_HEADER_SIZE, failure);
    return 0;
}

static int open_source(struct files *files, struct failure *failure)
{
    history_attach(files->history, files->source);
    files->shape = SHAPE_NONE;
    return read_header(files, failure);
}

static int open_path(struct files *files, const char *path,
                     struct failure *failure)
{
    bool is_input = strcmp(path, "-") == 0;
    int descriptor = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

    if (descriptor < 0)
        return failure_set(failure, -errno, "%s: cannot open: %s", path,
                           strerror(errno));
    files->source =
        source_of_descriptor(descriptor, is_input ? "standard input" : path);
    if (!files->is_directory)
        files->bytes_total = source_size(files->source);
    return open_source(files, failure);
}

int files_open(const char *path, struct files **files,
               struct failure *failure)
{
    struct files *made = files_new();
    struct stat status;
    int result;

    if (strcmp(path, "-") != 0 && stat(path, &status) == 0 &&
        S_ISDIR(status.st_mode)) {
        result = add_directory(made, path, failure);
        if (result == 0 && made->count == 0)
            result = failure_set(failure, -ENOENT,
                                 "%s: there are no files in this directory",
                                 path);
    } else {
        result = open_path(made, path, failure);
    }
    if (result < 0) {
        files_free(made);
        return result;
    }
    *files = made;
    return 0;
}

struct files *files_of_memory(struct bytes memory)
{
    struct files *files = files_new();
    struct failure failure;

    files->source = source_of_memory(memory, "memory");
    files->bytes_total = memory.size;
    if (open_source(files, &failure) < 0) {
        warn(files, &failure);
        close_source(files);
    }
    return files;
}

static int truncated(struct files *files, struct failure *failure)
{
    return failure_set(
        failure, ERROR_TRUNCATED,
        "%s: ends in the middle of a record at byte %llu; all before it was "
        "used",
        source_name(files->source),
        (unsigned long long)history_offset(files->history));
}

static int too_large(struct files *files, uint64_t size,
                     struct failure *failure)
{
    return failure_set(
        failure, ERROR_FORMAT,
        "%s: a record at byte %llu claims %llu bytes; a frame has at most %d",
        source_name(files->source),
        (unsigned long long)history_offset(files->history),
        (unsigned long long)size, CAPTURE_FRAME_MAX);
}

/* A record that is whole and next: 1; 0 at the end; negative. */
static int peek_whole(struct files *files, size_t size, struct bytes *view,
                      struct failure *failure)
{
    if (!history_peek(files->history, size, view, failure))
        return failure->code;
    if (view->size == 0)
        return 0;
    return view->size == size ? 1 : truncated(files, failure);
}

/* `mark` says what the record does; its interface is number `interface` of
 * this part of the file. */
static void give_frame(struct files *files, struct bytes data,
                       const struct frame_mark *mark, uint32_t interface,
                       struct frame *frame)
{
    uint32_t number = files->interface_base + interface;

    frame->data = data;
    frame->mark = *mark;
    frame->mark.interface = (uint16_t)(number < FILES_INTERFACE_MAX
                                           ? number
                                           : (uint32_t)FILES_INTERFACE_MAX);
    frame->mark.number = ++files->frames;
    frame->mark.place = history_place(files->history, data.data);
    frame->mark.captured_size = (uint32_t)data.size;
    files->last_ns = mark->time_ns;
}

static void give_record(struct files *files, struct bytes data,
                        const struct pcap_record *record, struct frame *frame)
{
    struct frame_mark mark = {
        .time_ns = record->time_ns,
        .original_size = record->original_size,
        .link_type = files->pcap.link_type,
    };

    give_frame(files, data, &mark, 0, frame);
}

/* The next record if it was read whole already, as almost all were. */
static bool take_pcap(struct files *files, struct frame *frame)
{
    struct bytes next = history_at_hand(files->history);
    size_t head_size = files->pcap.record_size;
    struct pcap_record record;

    if (next.size < head_size ||
        !pcap_record_parse(bytes_slice(next, 0, head_size), &files->pcap,
                           &record) ||
        record.captured_size > next.size - head_size ||
        record.captured_size > CAPTURE_FRAME_MAX)
        return false;
    give_record(files, bytes_slice(next, head_size, record.captured_size),
                &record, frame);
    history_take(files->history, head_size + record.captured_size);
    return true;
}

static int next_pcap(struct files *files, struct frame *frame,
                     struct failure *failure)
{
    size_t head_size = files->pcap.record_size;
    struct pcap_record record;
    struct bytes view;

    if (take_pcap(files, frame))
        return 1;
    int result = peek_whole(files, head_size, &view, failure);
    if (result <= 0)
        return result;
    if (!pcap_record_parse(view, &files->pcap, &record))
        return truncated(files, failure);
    if (record.captured_size > CAPTURE_FRAME_MAX)
        return too_large(files, record.captured_size, failure);
    result = peek_whole(files, head_size + record.captured_size, &view,
                        failure);
    if (result <= 0)
        return result;
    give_record(files, bytes_slice(view, head_size, record.captured_size),
                &record, frame);
    history_take(files->history, view.size);
    return 1;
}

static bool is_packet(uint32_t type)
{
    return type == PCAPNG_ENHANCED_PACKET || type == PCAPNG_SIMPLE_PACKET ||
           type == PCAPNG_OLD_PACKET;
}

static int bad_block(struct files *files, const char *what,
                     struct failure *failure)
{
    return failure_set(failure, ERROR_FORMAT, "%s: %s at byte %llu",
                       source_name(files->source), what,
                       (unsigned long long)history_offset(files->history));
}

/* A packet block, given whole but perhaps for options at its end. */
static int read_packet(struct files *files, uint32_t type,
                       struct bytes block, struct frame *frame,
                       struct failure *failure)
{
    struct pcapng_packet packet;

    if (!pcapng_packet_parse(&files->pcapng, block, &packet))
        return block.size == HISTORY_VIEW_MAX
                   ? too_large(files, block.size, failure)
                   : bad_block(files,
                               "a packet block that contradicts itself",
                               failure);
    if (packet.data.size > CAPTURE_FRAME_MAX)
        return too_large(files, packet.data.size, failure);
    struct frame_mark mark = {
        .time_ns =
            type == PCAPNG_SIMPLE_PACKET ? files->last_ns : packet.time_ns,
        .original_size = packet.original_size,
        .link_type = files->pcapng.interfaces[packet.interface].link_type,
    };
    give_frame(files, packet.data, &mark, packet.interface, frame);
    return 1;
}

/*
 * A packet or an interface; 1 when it was a packet, 2 when it was not. What
 * does not fit a view are options nobody needs: they are passed over when the
 * next block is asked for.
 */
static int read_block(struct files *files, uint32_t type, uint32_t size,
                      struct frame *frame, struct failure *failure)
{
    struct bytes block;
    size_t shown = size < HISTORY_VIEW_MAX ? size : (size_t)HISTORY_VIEW_MAX;
    int result = peek_whole(files, shown, &block, failure);

    if (result <= 0)
        return result;
    if (type == PCAPNG_INTERFACE) {
        if (!pcapng_interface_parse(&files->pcapng, block))
            return bad_block(files, "a broken interface description", failure);
        files->interface_next++;
        result = 2;
    } else {
        result = read_packet(files, type, block, frame, failure);
    }
    (void)history_skip(files->history, shown, failure); /* It is there. */
    files->unread = size - shown;
    return result;
}

/* The head of the next block; 1, 0 at the end, or negative. */
static int next_head(struct files *files, uint32_t *type, uint32_t *size,
                     struct failure *failure)
{
    struct bytes view;
    int result = peek_whole(files, PCAPNG_BLOCK_SIZE_MIN, &view, failure);

    if (result <= 0)
        return result;
    if (!pcapng_block_head(&files->pcapng, view, type, size))
        return bad_block(files, "expected a pcapng block, found none",
                         failure);
    return 1;
}

/* One block; 1 when it was a packet, 2 when it was another. */
static int next_block(struct files *files, struct frame *frame,
                      struct failure *failure)
{
    uint32_t type;
    uint32_t size;
    uint64_t unread = files->unread;

    files->unread = 0;
    if (history_skip(files->history, unread, failure) != unread)
        return truncated(files, failure);
    int result = next_head(files, &type, &size, failure);
    if (result <= 0)
        return result;
    if (type == PCAPNG_SECTION)
        files->interface_base = files->interface_next;
    if (!is_packet(type) && type != PCAPNG_INTERFACE) {
        if (history_skip(files->history, size, failure) != size)
            return truncated(files, failure);
        return 2;
    }
    return read_block(files, type, size, frame, failure);
}

static int next_pcapng(struct files *files, struct frame *frame,
                       struct failure *failure)
{
    int result;

    do
        result = next_block(files, frame, failure);
    while (result == 2);
    return result;
}

static int next_of_source(struct files *files, struct frame *frame,
                          struct failure *failure)
{
    return files->shape == SHAPE_PCAP ? next_pcap(files, frame, failure)
                                      : next_pcapng(files, frame, failure);
}

/*
 * The end of one file: what it was, and whether the run goes on. A broken
 * record ends its file; the frames before it have been given out already.
 */
int files_next(struct files *files, struct frame *frame,
               struct failure *failure)
{
    for (;;) {
        int result = files->source ? next_of_source(files, frame, failure) : 0;
        if (result > 0)
            return result;
        if (result < 0)
            warn(files, failure);
        bool is_hard = result < 0 && result != ERROR_TRUNCATED &&
                       !files->is_directory;
        close_source(files);
        if (is_hard)
            return result;
        if (files->next == files->count)
            return 0;
        result = open_path(files, files->paths[files->next++], failure);
        if (result < 0) {
            warn(files, failure);
            close_source(files);
        }
    }
}

static bool is_packet_at_hand(struct files *files)
{
    struct bytes next = history_at_hand(files->history);
    uint32_t type;
    uint32_t size;

    /* A section begins with a palindrome: in either byte order it is one. */
    return files->unread == 0 && next.size >= PCAPNG_BLOCK_SIZE_MIN &&
           !bytes_start_with(next, bytes_of("\x0a\x0d\x0d\x0a", 4)) &&
           pcapng_block_head(&files->pcapng, next, &type, &size) &&
           is_packet(type) && size <= next.size;
}

int files_next_at_hand(struct files *files, struct frame *frame,
                       struct failure *failure)
{
    if (!files->source)
        return 0;
    if (files->shape == SHAPE_PCAP)
        return take_pcap(files, frame);
    return is_packet_at_hand(files) ? files_next(files, frame, failure) : 0;
}

bool files_recall(const struct files *files, const struct frame_mark *mark,
                  struct frame *frame)
{
    struct bytes data;

    if (!history_recall(files->history, mark->place, mark->captured_size,
                        &data))
        return false;
    *frame = (struct frame){ .data = data, .mark = *mark };
    return true;
}

void files_read_status(const struct files *files,
                       struct capture_status *status)
{
    status->frames = files->frames;
    status->bytes_read = files->bytes_before;
    if (files->source)
        status->bytes_read += source_position(files->source);
    status->bytes_total = files->bytes_total;
    status->warnings = files->warnings;
    memcpy(status->warning, files->warning, sizeof status->warning);
}
