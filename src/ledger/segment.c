/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/reader.h"
#include "capture/pcapng_writer.h"
#include "crypto/digest.h"
#include "format/pcapng.h"
#include "ledger/ledger.h"

enum {
    SEGMENT_NUMBER_MAX = 999999,
    SEGMENT_SPAN_S = 60,
    SEGMENT_BLOCK_MAX = CAPTURE_FRAME_MAX + 4096,
};

struct segment {
    char *directory;
    int descriptor;             /* Being written; -1 before the first. */
    uint32_t number;
    uint64_t size;              /* Of the file being written. */
    struct writer bytes;        /* Of the latest frame. */
    struct writer hashes;       /* Of all blocks. */
    struct tlog_edge edge;      /* The tree over them. */
    struct crypto_state digest; /* Of the file so far. */
    int64_t began_ns;           /* The time of the frame that began it. */
    int64_t first_ns;
    int64_t last_ns;
    struct pcapng_writer pcapng;
    int read_descriptor;        /* Being read; -1 for none. */
    uint32_t read_number;
    struct pcapng_section section; /* Its interfaces, */
    uint64_t learned;           /* as described before this byte. */
    uint8_t *block;             /* The block read last. */
};

struct segment *segment_new(const char *directory)
{
    struct segment *segment = memory_new(1, sizeof *segment);

    segment->directory = memory_copy_text(bytes_of_text(directory));
    segment->descriptor = -1;
    segment->read_descriptor = -1;
    segment->block = memory_new(SEGMENT_BLOCK_MAX, 1);
    writer_init(&segment->bytes, SIZE_MAX);
    writer_init(&segment->hashes, SIZE_MAX);
    return segment;
}

static void close_reading(struct segment *segment)
{
    if (segment->read_descriptor >= 0)
        (void)close(segment->read_descriptor); /* It was only read. */
    segment->read_descriptor = -1;
    segment->learned = 0;
    pcapng_section_clear(&segment->section);
}

void segment_free(struct segment *segment)
{
    if (!segment)
        return;
    close_reading(segment);
    if (segment->descriptor >= 0)
        (void)close(segment->descriptor); /* Synced when committed. */
    writer_clear(&segment->bytes);
    writer_clear(&segment->hashes);
    free(segment->directory);
    free(segment->block);
    free(segment);
}

const char *segment_path(uint32_t number, char path[SEAL_PATH_MAX])
{
    (void)snprintf(path, SEAL_PATH_MAX, "packets-%06" PRIu32 ".pcapng",
                   number); /* Always fits. */
    return path;
}

const char *segment_hashes_path(uint32_t number, char path[SEAL_PATH_MAX])
{
    (void)snprintf(path, SEAL_PATH_MAX, "packets-%06" PRIu32 ".hashes",
                   number); /* Always fits. */
    return path;
}

static char *path_of(const struct segment *segment, uint32_t number)
{
    char name[SEAL_PATH_MAX];
    struct writer path;

    writer_init(&path, 8192);
    writer_format(&path, "%s/%s", segment->directory,
                  segment_path(number, name));
    char *text = memory_copy_text(writer_view(&path));
    writer_clear(&path);
    return text;
}

/* The first number that no file has yet; O_EXCL settles a race. */
static int create(struct segment *segment, struct failure *failure)
{
    for (uint32_t number = segment->number + 1; number <= SEGMENT_NUMBER_MAX;
         number++) {
        char *path = path_of(segment, number);
        int descriptor =
            open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        int code = errno;
        free(path);
        if (descriptor >= 0) {
            /* Who finds it locked leaves it to its writer. It is new: nobody
             * else can hold it. */
            (void)flock(descriptor, LOCK_EX | LOCK_NB);
            segment->number = number;
            return descriptor;
        }
        if (code != EEXIST)
            return failure_set(failure, -code,
                               "ledger %s: cannot begin a packet segment: %s",
                               segment->directory, strerror(code));
    }
    return failure_set(failure, ERROR_LIMIT,
                       "ledger %s: no segment number is left",
                       segment->directory);
}

static int begin(struct segment *segment, int64_t time_ns,
                 struct failure *failure)
{
    close_reading(segment);
    if (segment->descriptor >= 0)
        (void)close(segment->descriptor); /* Synced when committed. */
    segment->descriptor = -1;
    int descriptor = create(segment, failure);
    if (descriptor < 0)
        return descriptor;
    segment->descriptor = descriptor;
    segment->size = 0;
    segment->edge.size = 0;
    segment->began_ns = time_ns;
    segment->first_ns = time_ns;
    segment->last_ns = time_ns;
    writer_reset(&segment->hashes);
    crypto_sha256_init(&segment->digest);
    pcapng_writer_init(&segment->pcapng, &segment->bytes);
    return 0;
}

static int write_all(struct segment *segment, struct failure *failure)
{
    size_t done = 0;

    while (done < segment->bytes.size) {
        ssize_t count = pwrite(segment->descriptor, segment->bytes.data + done,
                               segment->bytes.size - done,
                               (off_t)(segment->size + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return failure_set(failure, count < 0 ? -errno : -EIO,
                               "cannot keep evidence: %s", strerror(errno));
        done += (size_t)count;
    }
    return 0;
}

/* The blocks that were just written are leaves; the last is the frame's. */
static void grow_tree(struct segment *segment, struct tlog_hash *hash)
{
    struct bytes left = writer_view(&segment->bytes);

    crypto_sha256_add(&segment->digest, left);
    while (left.size >= PCAPNG_BLOCK_SIZE_MIN) {
        struct reader r = reader_of(left);
        reader_skip(&r, 4);
        size_t size = reader_u32_le(&r); /* As this writer wrote it. */
        *hash = tlog_hash_leaf(bytes_slice(left, 0, size));
        tlog_edge_append(&segment->edge, hash);
        writer_bytes(&segment->hashes,
                     bytes_of(hash->bytes, sizeof hash->bytes));
        left = bytes_slice(left, size, left.size);
    }
}

int segment_append(struct segment *segment, const struct frame *frame,
                   struct segment_place *place, struct failure *failure)
{
    int64_t time_ns = frame->mark.time_ns;
    int result = 0;

    if (segment->descriptor < 0 || segment->size > LEDGER_SEGMENT_SIZE_MAX)
        result = begin(segment, time_ns, failure);
    if (result < 0)
        return result;
    const struct pcapng_writer before = segment->pcapng;
    writer_reset(&segment->bytes);
    size_t offset = pcapng_writer_frame(&segment->pcapng, frame, NULL);
    result = write_all(segment, failure);
    if (result < 0) {
        segment->pcapng = before; /* What it described is not there. */
        return result;
    }
    grow_tree(segment, &place->hash);
    place->number = segment->number;
    place->offset = segment->size + offset;
    place->block = segment->edge.size - 1;
    segment->size += segment->bytes.size;
    segment->first_ns =
        time_ns < segment->first_ns ? time_ns : segment->first_ns;
    segment->last_ns =
        time_ns > segment->last_ns ? time_ns : segment->last_ns;
    return 0;
}

bool segment_is_due(const struct segment *segment, int64_t time_ns)
{
    if (segment->descriptor < 0)
        return false;
    return segment->size > LEDGER_SEGMENT_SIZE_MAX ||
           (time_ns - segment->began_ns) / 1000000000 >= SEGMENT_SPAN_S;
}

int segment_end(struct segment *segment, const struct seal_folder *folder,
                struct segment_summary *summary, struct failure *failure)
{
    char path[SEAL_PATH_MAX];

    if (segment->descriptor < 0 || segment->edge.size == 0)
        return 0;
    struct segment_summary ended = {
        .number = segment->number,
        .size = segment->size,
        .blocks = segment->edge.size,
        .first_ns = segment->first_ns,
        .last_ns = segment->last_ns,
        .root = tlog_edge_root(&segment->edge),
    };
    struct crypto_state digest = segment->digest;
    crypto_sha256_finish(&digest, ended.digest);
    int result = segment_sync(segment, failure);
    if (result == 0)
        result = seal_file_write(folder,
                                 segment_hashes_path(ended.number, path),
                                 writer_view(&segment->hashes), failure);
    if (result < 0)
        return result;
    /* The reader may have learned this file; it stays as it is. */
    (void)close(segment->descriptor);
    segment->descriptor = -1;
    *summary = ended;
    return 1;
}

int segment_sync(struct segment *segment, struct failure *failure)
{
    if (segment->descriptor < 0 || fdatasync(segment->descriptor) == 0)
        return 0;
    return failure_set(failure, -errno, "cannot keep evidence on disk: %s",
                       strerror(errno));
}

static int broken(const struct segment *segment, uint32_t number,
                  uint64_t place, struct failure *failure)
{
    return failure_set(failure, ERROR_FORMAT,
                       "ledger %s: packet segment %" PRIu32
                       " has no whole block at byte %" PRIu64,
                       segment->directory, number, place);
}

/* Type and size of the block at `place` of the segment open for reading. */
static bool read_head(struct segment *segment, uint64_t place, uint32_t *type,
                      uint32_t *size)
{
    ssize_t count = pread(segment->read_descriptor, segment->block,
                          PCAPNG_BLOCK_SIZE_MIN, (off_t)place);

    return count == PCAPNG_BLOCK_SIZE_MIN &&
           pcapng_block_head(&segment->section,
                             bytes_of(segment->block, PCAPNG_BLOCK_SIZE_MIN),
                             type, size);
}

/* The same with the block itself, whole. */
static bool read_block(struct segment *segment, uint64_t place,
                       uint32_t *type, struct bytes *block)
{
    uint32_t size;

    if (!read_head(segment, place, type, &size) || size > SEGMENT_BLOCK_MAX)
        return false;
    *block = bytes_of(segment->block, size);
    return pread(segment->read_descriptor, segment->block, size,
                 (off_t)place) == (ssize_t)size;
}

/* Learn the interfaces described before `place`: they can stand anywhere. Of
 * the packets between them only the heads are read. */
static int learn_interfaces(struct segment *segment, uint32_t number,
                            uint64_t end, struct failure *failure)
{
    struct bytes block;
    uint32_t type;
    uint32_t size;

    while (segment->learned < end) {
        if (!read_head(segment, segment->learned, &type, &size))
            return broken(segment, number, segment->learned, failure);
        if (type == PCAPNG_INTERFACE &&
            (!read_block(segment, segment->learned, &type, &block) ||
             !pcapng_interface_parse(&segment->section, block)))
            return broken(segment, number, segment->learned, failure);
        segment->learned += size;
    }
    return 0;
}

static int open_reading(struct segment *segment, uint32_t number,
                        struct failure *failure)
{
    close_reading(segment);
    segment->read_number = number;
    char *path = path_of(segment, number);
    segment->read_descriptor = open(path, O_RDONLY | O_CLOEXEC);
    int result = 0;
    if (segment->read_descriptor < 0)
        result = failure_set(failure, -errno, "cannot open %s: %s", path,
                             strerror(errno));
    free(path);
    return result;
}

int segment_read(struct segment *segment, uint32_t number, uint64_t place,
                 struct frame *frame, struct failure *failure)
{
    struct bytes block;
    struct pcapng_packet packet;
    uint32_t type;
    int result = 0;

    if (segment->read_descriptor < 0 || segment->read_number != number)
        result = open_reading(segment, number, failure);
    if (result == 0)
        result = learn_interfaces(segment, number, place, failure);
    if (result < 0)
        return result;
    if (!read_block(segment, place, &type, &block) ||
        !pcapng_packet_parse(&segment->section, block, &packet))
        return broken(segment, number, place, failure);
    *frame = (struct frame){
        .data = packet.data,
        .mark = {
            .time_ns = packet.time_ns,
            .captured_size = (uint32_t)packet.data.size,
            .original_size = packet.original_size,
            .link_type =
                segment->section.interfaces[packet.interface].link_type,
            .interface = (uint16_t)packet.interface,
        },
    };
    return 0;
}
