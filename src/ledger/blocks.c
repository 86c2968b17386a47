/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "crypto/digest.h"
#include "format/pcapng.h"

struct scan {
    int descriptor;
    uint64_t size;                 /* Of the file. */
    uint8_t *buffer;               /* BLOCK_SIZE_MAX */
    struct pcapng_section section;
    struct tlog_edge edge;
    struct crypto_state digest;
    struct block block;            /* The one read last. */
};

static bool read_at(struct scan *scan, uint64_t offset, size_t size)
{
    return offset + size <= scan->size &&
           pread(scan->descriptor, scan->buffer, size, (off_t)offset) ==
               (ssize_t)size;
}

/* The next whole block; false at the end and where there is none. */
static bool next_block(struct scan *scan, uint64_t offset)
{
    struct pcapng_packet packet;
    struct block *block = &scan->block;
    uint32_t size;

    if (!read_at(scan, offset, PCAPNG_BLOCK_SIZE_MIN) ||
        !pcapng_block_head(&scan->section,
                           bytes_of(scan->buffer, PCAPNG_BLOCK_SIZE_MIN),
                           &block->type, &size) ||
        size > BLOCK_SIZE_MAX || !read_at(scan, offset, size))
        return false;
    block->index = scan->edge.size;
    block->offset = offset;
    block->data = bytes_of(scan->buffer, size);
    block->hash = tlog_hash_leaf(block->data);
    block->time_ns = 0;
    if (block->type == PCAPNG_INTERFACE)
        return pcapng_interface_parse(&scan->section, block->data);
    if (block->type == PCAPNG_ENHANCED_PACKET &&
        pcapng_packet_parse(&scan->section, block->data, &packet))
        block->time_ns = packet.time_ns;
    return true;
}

static void see_time(struct block_walk *walk, int64_t time_ns)
{
    if (time_ns == 0)
        return;
    if (walk->first_ns == 0 || time_ns < walk->first_ns)
        walk->first_ns = time_ns;
    if (time_ns > walk->last_ns)
        walk->last_ns = time_ns;
}

static int scan_all(struct scan *scan, block_function *each, void *context,
                    struct block_walk *walk)
{
    int result = 0;

    crypto_sha256_init(&scan->digest);
    while (result >= 0 && next_block(scan, walk->size)) {
        const struct block *block = &scan->block;
        crypto_sha256_add(&scan->digest, block->data);
        tlog_edge_append(&scan->edge, &block->hash);
        see_time(walk, block->time_ns);
        walk->size += block->data.size;
        if (each)
            result = each(context, block);
    }
    walk->blocks = scan->edge.size;
    walk->rest = scan->size - walk->size;
    walk->root = tlog_edge_root(&scan->edge);
    crypto_sha256_finish(&scan->digest, walk->digest);
    return result < 0 ? result : 0;
}

int blocks_walk(const struct seal_folder *folder, const char *path,
                block_function *each, void *context, struct block_walk *walk,
                struct failure *failure)
{
    int descriptor = openat(folder->descriptor, path, O_RDONLY | O_CLOEXEC);
    struct stat status;

    if (descriptor < 0 && errno == ENOENT)
        return -ENOENT;
    if (descriptor < 0 || fstat(descriptor, &status) < 0) {
        int code = errno;
        if (descriptor >= 0)
            (void)close(descriptor); /* Only read. */
        return failure_set(failure, -code, "%s/%s: cannot be read: %s",
                           folder->name, path, strerror(code));
    }
    struct scan *scan = memory_new(1, sizeof *scan);
    scan->descriptor = descriptor;
    scan->size = (uint64_t)status.st_size;
    scan->buffer = memory_new(BLOCK_SIZE_MAX, 1);
    *walk = (struct block_walk){ 0 };
    int result = scan_all(scan, each, context, walk);
    pcapng_section_clear(&scan->section);
    (void)close(descriptor); /* Only read. */
    free(scan->buffer);
    free(scan);
    return result;
}
