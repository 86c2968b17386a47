/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/memory.h"

enum {
    SOURCE_INPUT_SIZE = 256 << 10,
    SOURCE_MAGIC_SIZE = 4,
    SOURCE_WINDOW_LOG_MAX = 27, /* zstd: 128 MiB, its own default bound. */
    GZIP_WINDOW_BITS = 15 + 16, /* zlib: the gzip wrapping, largest window. */
};

enum packing { PACKING_UNKNOWN, PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

struct source {
    char *name;
    int descriptor;        /* -1 for memory. */
    struct bytes memory;   /* What is left of it. */
    uint64_t position;
    uint64_t size;
    enum packing packing;
    uint8_t *input;        /* Read, not yet unpacked. */
    size_t input_start;
    size_t input_end;
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool in_member;        /* In the middle of a packed member or frame. */
    bool at_end;
};

static struct source *source_new(const char *name)
{
    struct source *source = memory_new(1, sizeof *source);

    source->name = memory_copy_text(bytes_of_text(name));
    source->input = memory_new(SOURCE_INPUT_SIZE, 1);
    source->descriptor = -1;
    return source;
}

struct source *source_of_descriptor(int descriptor, const char *name)
{
    struct source *source = source_new(name);
    struct stat status;

    source->descriptor = descriptor;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode))
        source->size = (uint64_t)status.st_size;
    return source;
}

struct source *source_of_memory(struct bytes memory, const char *name)
{
    struct source *source = source_new(name);

    source->memory = memory;
    source->size = memory.size;
    return source;
}

void source_free(struct source *source)
{
    if (!source)
        return;
    if (source->descriptor > STDIN_FILENO)
        (void)close(source->descriptor); /* It was only read from. */
    if (source->packing == PACKING_GZIP)
        (void)inflateEnd(&source->gzip); /* Frees; nothing to learn. */
    (void)ZSTD_freeDStream(source->zstd); /* Null is allowed. */
    free(source->input);
    free(source->name);
    free(source);
}

/* Bytes as stored. */
static long read_stored(struct source *source, uint8_t *data, size_t size,
                        struct failure *failure)
{
    ssize_t count;

    if (source->descriptor < 0) {
        struct bytes part = bytes_slice(source->memory, 0, size);
        if (part.size > 0)
            memcpy(data, part.data, part.size);
        source->memory =
            bytes_slice(source->memory, part.size, source->memory.size);
        source->position += part.size;
        return (long)part.size;
    }
    do
        count = read(source->descriptor, data, size);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return failure_set(failure, -errno, "%s: cannot read: %s",
                           source->name, strerror(errno));
    source->position += (uint64_t)count;
    return count;
}

/* Have some input to unpack; 0 when the file has ended. */
static long fill_input(struct source *source, struct failure *failure)
{
    if (source->input_start < source->input_end)
        return 1;
    long count =
        read_stored(source, source->input, SOURCE_INPUT_SIZE, failure);
    source->input_start = 0;
    source->input_end = count > 0 ? (size_t)count : 0;
    return count;
}

static int recognise(struct source *source, struct failure *failure)
{
    size_t have = 0;

    while (have < SOURCE_MAGIC_SIZE) {
        long count = read_stored(source, source->input + have,
                                 SOURCE_INPUT_SIZE - have, failure);
        if (count < 0)
            return (int)count;
        if (count == 0)
            break;
        have += (size_t)count;
    }
    source->input_end = have;
    struct bytes start = bytes_of(source->input, have);
    source->packing = PACKING_NONE;
    if (bytes_start_with(start, bytes_of("\x1f\x8b", 2))) {
        if (inflateInit2(&source->gzip, GZIP_WINDOW_BITS) != Z_OK)
            return failure_set(failure, -ENOMEM, "%s: no memory for gzip",
                               source->name);
        source->packing = PACKING_GZIP;
    } else if (bytes_start_with(start, bytes_of("\x28\xb5\x2f\xfd", 4))) {
        source->zstd = ZSTD_createDStream();
        (void)ZSTD_DCtx_setParameter(source->zstd, ZSTD_d_windowLogMax,
                                     SOURCE_WINDOW_LOG_MAX); /* In range. */
        source->packing = PACKING_ZSTD;
    }
    return 0;
}

static long read_plain(struct source *source, uint8_t *data, size_t size,
                       struct failure *failure)
{
    size_t waiting = source->input_end - source->input_start;

    if (waiting == 0)
        return read_stored(source, data, size, failure);
    if (waiting > size)
        waiting = size;
    memcpy(data, source->input + source->input_start, waiting);
    source->input_start += waiting;
    return (long)waiting;
}

/* One step of unpacking; bytes made, or negative. */
static long step_gzip(struct source *source, uint8_t *data, size_t size,
                      struct failure *failure)
{
    source->gzip.next_in = source->input + source->input_start;
    source->gzip.avail_in =
        (uInt)(source->input_end - source->input_start);
    source->gzip.next_out = data;
    source->gzip.avail_out = (uInt)(size < 1u << 30 ? size : 1u << 30);
    uInt room = source->gzip.avail_out;
    int result = inflate(&source->gzip, Z_NO_FLUSH);
    source->input_start = source->input_end - source->gzip.avail_in;
    source->in_member = result != Z_STREAM_END;
    if (result == Z_STREAM_END)
        (void)inflateReset(&source->gzip); /* For a member that follows. */
    else if (result != Z_OK && result != Z_BUF_ERROR)
        return failure_set(failure, ERROR_FORMAT,
                           "%s: broken gzip data before byte %llu: %s",
                           source->name,
                           (unsigned long long)source->position,
                           source->gzip.msg ? source->gzip.msg : "unknown");
    return (long)(room - source->gzip.avail_out);
}

static long step_zstd(struct source *source, uint8_t *data, size_t size,
                      struct failure *failure)
{
    ZSTD_inBuffer in = { source->input + source->input_start,
                         source->input_end - source->input_start, 0 };
    ZSTD_outBuffer out = { data, size, 0 };
    size_t result = ZSTD_decompressStream(source->zstd, &out, &in);

    if (ZSTD_isError(result))
        return failure_set(failure, ERROR_FORMAT,
                           "%s: broken zstd data before byte %llu: %s",
                           source->name,
                           (unsigned long long)source->position,
                           ZSTD_getErrorName(result));
    source->input_start += in.pos;
    source->in_member = result != 0;
    return (long)out.pos;
}

static long read_packed(struct source *source, uint8_t *data, size_t size,
                        struct failure *failure)
{
    for (;;) {
        long input = fill_input(source, failure);
        if (input < 0)
            return input;
        if (input == 0 && source->in_member)
            return failure_set(failure, ERROR_TRUNCATED,
                               "%s: the packed data ends in the middle",
                               source->name);
        if (input == 0)
            return 0;
        long made = source->packing == PACKING_GZIP
                        ? step_gzip(source, data, size, failure)
                        : step_zstd(source, data, size, failure);
        if (made != 0)
            return made;
    }
}

long source_read(struct source *source, uint8_t *data, size_t size,
                 struct failure *failure)
{
    if (source->packing == PACKING_UNKNOWN) {
        int result = recognise(source, failure);
        if (result < 0)
            return result;
    }
    if (source->at_end)
        return 0;
    long count = source->packing == PACKING_NONE
                     ? read_plain(source, data, size, failure)
                     : read_packed(source, data, size, failure);
    source->at_end = count == 0;
    return count;
}

uint64_t source_position(const struct source *source)
{
    return source->position;
}

uint64_t source_size(const struct source *source)
{
    return source->size;
}

const char *source_name(const struct source *source)
{
    return source->name;
}
