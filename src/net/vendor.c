/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files have one block a paragraph; an address follows, indented:
 *
 *   20-85-93   (hex)                  IOG Products LLC
 *   B00000-BFFFFF     (base 16)       IOG Products LLC
 *
 * In oui.txt the second line has the same six digits again.
 */
#include "net/vendor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/reader.h"
#include "base/table.h"
#include "base/writer.h"

enum {
    PREFIX_BITS = 36,
    NAME_BITS = 24, /* Where the name stands in the text. */
    FILE_NAME_SIZE = 4096,
};

/* An entry is one number: 36 bits of address, 2 of block size, 24 of name. */
struct vendor_list {
    uint64_t *entries;
    size_t count;
    uint8_t *names; /* A size byte, then as many of name. */
    size_t names_size;
};

struct loader {
    uint64_t *entries;
    size_t count;
    size_t capacity;
    struct writer names;
    struct table index; /* Of names, by hash, to where they stand. */
};

static const struct hash_key name_key = { 0 }; /* The files are trusted. */

/* Bits of address that count, by the 2 bits of an entry. */
static const unsigned block_bits[] = { 24, 28, 36 };

static uint64_t entry_key(uint64_t mac_number, unsigned block)
{
    unsigned drop = 48 - block_bits[block];
    uint64_t prefix = mac_number >> drop << drop >> (48 - PREFIX_BITS);

    return (prefix << 2 | block) << NAME_BITS;
}

/* Where `name` stands in the text, written there if it is new. */
static uint32_t place_name(struct loader *loader, struct bytes name)
{
    uint64_t hash = hash_bytes(name_key, name);
    struct table_cursor cursor = table_seek(&loader->index, hash);
    struct bytes all = writer_view(&loader->names);

    for (;;) {
        uint32_t at = table_next(&loader->index, &cursor);
        if (at == TABLE_NONE)
            break;
        struct reader r = reader_of(bytes_slice(all, at, all.size));
        uint8_t size = reader_u8(&r);
        if (bytes_equal(reader_bytes(&r, size), name))
            return at;
    }
    table_insert(&loader->index, hash, (uint32_t)all.size);
    writer_byte(&loader->names, (uint8_t)name.size);
    writer_bytes(&loader->names, name);
    return (uint32_t)all.size;
}

static void add_entry(struct loader *loader, uint64_t key, struct bytes name)
{
    if (loader->count == VENDOR_COUNT_MAX || loader->names.overflowed)
        return; /* vendor_list_load() fails for it. */
    if (loader->count == loader->capacity) {
        loader->capacity = loader->capacity ? loader->capacity * 2 : 65536;
        loader->entries = memory_resize(loader->entries, loader->capacity,
                                        sizeof *loader->entries);
    }
    loader->entries[loader->count++] =
        key | place_name(loader, bytes_slice(name, 0, VENDOR_NAME_MAX));
}

/* Hexadecimal digits, hyphens between them left out; false for others. */
static bool read_hex(struct bytes text, uint64_t *number, unsigned *digits)
{
    struct reader r = reader_of(text);

    *number = 0;
    *digits = 0;
    while (reader_left(&r) > 0) {
        uint8_t c = reader_u8(&r);
        if (c == '-')
            continue;
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                           : -1;
        if (digit < 0 || ++*digits > 12)
            return false;
        *number = *number << 4 | (unsigned)digit;
    }
    return true;
}

/* Which block a range of 24 bits is: none of ours when it is no power of 16
 * that the registries give out. */
static bool find_block(uint64_t first, uint64_t last, unsigned *block)
{
    for (*block = 0; *block < COUNT_OF(block_bits); ++*block)
        if (last - first == (UINT64_C(1) << (48 - block_bits[*block])) - 1)
            return true;
    return false;
}

/* One "(base 16)" line, with the company's 24 bits from the line before. */
static void add_block(struct loader *loader, uint64_t company,
                      struct bytes range, struct bytes name)
{
    uint64_t number;
    unsigned digits;
    unsigned block = 0;

    if (!read_hex(range, &number, &digits))
        return;
    if (digits == 6 && number == company)
        add_entry(loader, entry_key(company << 24, 0), name);
    else if (digits == 12 &&
             find_block(number >> 24, number & 0xffffff, &block))
        add_entry(loader, entry_key(company << 24 | number >> 24, block),
                  name);
}

static void read_lines(struct loader *loader, struct bytes file)
{
    struct reader r = reader_of(file);
    uint64_t company = 0;

    while (reader_left(&r) > 0) {
        struct bytes line = reader_line(&r, reader_left(&r));
        size_t space = bytes_find_byte(line, ' ');
        struct bytes first = bytes_slice(line, 0, space);
        struct bytes rest = bytes_trim(bytes_slice(line, space, line.size));
        struct bytes hex = bytes_of_text("(hex)");
        struct bytes base = bytes_of_text("(base 16)");
        unsigned digits;
        uint64_t number;

        if (space == line.size || space == 0)
            continue;
        if (bytes_start_with(rest, hex) &&
            read_hex(first, &number, &digits) && digits == 6)
            company = number;
        else if (bytes_start_with(rest, base))
            add_block(loader, company, first,
                      bytes_trim(bytes_slice(rest, base.size, rest.size)));
    }
}

/* The whole of an open file, owned by the caller; negative on failure. */
static int read_all(FILE *file, uint8_t **data, size_t *size)
{
    if (fseek(file, 0, SEEK_END) != 0)
        return -errno;
    long end = ftell(file);
    if (end < 0)
        return -errno;
    if (end > VENDOR_FILE_MAX)
        return ERROR_LIMIT;
    rewind(file);
    uint8_t *read = memory_resize(NULL, (size_t)end + 1, 1);
    *size = fread(read, 1, (size_t)end, file);
    read[(*size)++] = '\n'; /* The last line may lack its end. */
    if (ferror(file)) {
        free(read);
        return -EIO;
    }
    *data = read;
    return 0;
}

static int load_file(struct loader *loader, const char *directory,
                     const char *name, struct failure *failure)
{
    char path[FILE_NAME_SIZE];
    uint8_t *data = NULL;
    size_t size = 0;

    int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return failure_set(failure, -ENAMETOOLONG, "%s: name too long",
                           directory);
    FILE *file = fopen(path, "rbe");
    if (!file)
        return failure_set(failure, -errno, "%s: %s", path,
                           error_text(-errno));
    int error = read_all(file, &data, &size);
    (void)fclose(file); /* It was only read. */
    if (error < 0)
        return failure_set(failure, error, "%s: %s", path, error_text(error));
    read_lines(loader, bytes_of(data, size));
    free(data);
    return 0;
}

/* oui.txt must be there, and make sense; the others may be missing. */
static int load_files(struct loader *loader, const char *directory,
                      struct failure *failure)
{
    static const char *const others[] = { "mam.txt", "oui36.txt", "iab.txt" };
    int error = load_file(loader, directory, "oui.txt", failure);

    if (error < 0)
        return error;
    if (loader->count == 0)
        return failure_set(failure, ERROR_FORMAT,
                           "%s/oui.txt: no line with an address block",
                           directory);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        error = load_file(loader, directory, others[i], failure);
        if (error < 0 && error != -ENOENT)
            return error;
    }
    if (loader->count == VENDOR_COUNT_MAX || loader->names.overflowed)
        return failure_set(failure, ERROR_LIMIT, "%s: too many entries",
                           directory);
    return 0;
}

static int compare_entries(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;
    return (*left > *right) - (*left < *right);
}

/* Sort, and keep no more memory than is used. */
static struct vendor_list *make_list(struct loader *loader)
{
    struct vendor_list *list = memory_new(1, sizeof *list);
    struct bytes names = writer_view(&loader->names);

    qsort(loader->entries, loader->count, sizeof *loader->entries,
          compare_entries);
    list->count = loader->count;
    list->entries = memory_resize(loader->entries, loader->count,
                                  sizeof *loader->entries);
    loader->entries = NULL;
    list->names_size = names.size;
    list->names = memory_resize(NULL, names.size, 1);
    memcpy(list->names, names.data, names.size);
    return list;
}

int vendor_list_load(const char *directory, struct vendor_list **list,
                     struct failure *failure)
{
    struct loader loader = { 0 };

    writer_init(&loader.names, (size_t)1 << NAME_BITS);
    table_init(&loader.index, 32768);
    int error = load_files(&loader, directory, failure);
    if (error == 0)
        *list = make_list(&loader);
    free(loader.entries);
    writer_clear(&loader.names);
    table_clear(&loader.index);
    return error;
}

void vendor_list_free(struct vendor_list *list)
{
    if (!list)
        return;
    free(list->entries);
    free(list->names);
    free(list);
}

/* The first entry that is not less than `key`. */
static size_t lower_bound(const struct vendor_list *list, uint64_t key)
{
    size_t low = 0;
    size_t high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->entries[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct bytes vendor_list_find(const struct vendor_list *list, struct mac mac)
{
    uint64_t number = mac_number(mac);

    for (unsigned block = COUNT_OF(block_bits); list && block > 0; block--) {
        uint64_t key = entry_key(number, block - 1);
        size_t at = lower_bound(list, key);
        if (at == list->count || list->entries[at] >> NAME_BITS !=
                                     key >> NAME_BITS)
            continue;
        size_t place = list->entries[at] & ((1u << NAME_BITS) - 1);
        return bytes_of(list->names + place + 1, list->names[place]);
    }
    return (struct bytes){ 0 };
}

size_t vendor_list_count(const struct vendor_list *list)
{
    return list->count;
}

size_t vendor_list_memory(const struct vendor_list *list)
{
    return sizeof *list + list->count * sizeof *list->entries +
           list->names_size;
}
