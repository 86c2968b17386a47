/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dissector.h"

#include "base/reader.h"

/* What the first bytes of well-known kinds of file are. */
static const struct {
    const char *name;
    const char *start;
    uint8_t size;
} magics[] = {
    { "elf", "\x7f" "ELF", 4 },
    { "script", "#!", 2 },
    { "gzip", "\x1f\x8b", 2 },
    { "zip", "PK\x03\x04", 4 },
    { "xz", "\xfd" "7zXZ", 5 },
    { "squashfs", "hsqs", 4 },
    { "uimage", "\x27\x05\x19\x56", 4 },
    { "pe", "MZ", 2 },
    { "macho", "\xcf\xfa\xed\xfe", 4 },
    { "dex", "dex\n", 4 },
    { "pdf", "%PDF", 4 },
    { "png", "\x89PNG", 4 },
    { "jpeg", "\xff\xd8\xff", 3 },
    { "gif", "GIF8", 4 },
    { "xml", "<?xml", 5 },
    { "html", "<!DOCTYPE", 9 },
    { "html", "<html", 5 },
};

/* e_machine (System V gABI, chapter 4), as `uname -m` would put it. */
static const struct {
    uint16_t number;
    const char *name;
} machines[] = {
    { 2, "sparc" },    { 3, "x86" },      { 4, "m68k" },    { 8, "mips" },
    { 10, "mips" },    { 20, "powerpc" }, { 21, "ppc64" },  { 22, "s390" },
    { 40, "arm" },     { 42, "sh" },      { 45, "arc" },    { 62, "x86-64" },
    { 93, "arc" },     { 94, "xtensa" },  { 183, "aarch64" },
    { 195, "arc" },    { 243, "riscv" },  { 258, "loongarch" },
};

const char *dissect_file_magic(struct bytes start)
{
    for (size_t i = 0; i < COUNT_OF(magics); i++)
        if (bytes_start_with(start, bytes_of(magics[i].start, magics[i].size)))
            return magics[i].name;
    return NULL;
}

/* ELF says its byte order in byte 5 and its machine at offset 18. */
static const char *machine_of(struct bytes start)
{
    struct reader r = reader_of(start);

    reader_skip(&r, 5);
    bool is_little = reader_u8(&r) == 1;
    reader_skip(&r, 12);
    uint16_t number = is_little ? reader_u16_le(&r) : reader_u16(&r);
    if (!reader_ok(&r))
        return NULL;
    for (size_t i = 0; i < COUNT_OF(machines); i++)
        if (machines[i].number == number)
            return machines[i].name;
    return "other";
}

void dissect_add_file(struct event_list *events,
                      const struct dissect_file *file)
{
    struct event *event = event_new(events, EVENT_FILE);
    const char *magic = dissect_file_magic(file->start);
    bool is_elf = magic && bytes_start_with(file->start, bytes_of("\x7f", 1));
    const char *machine = is_elf ? machine_of(file->start) : NULL;

    if (file->name.size > 0)
        event_set_text(event, FIELD_FILE_NAME, file->name);
    event_set_literal(event, FIELD_FILE_PROTOCOL, file->protocol);
    if (magic)
        event_set_literal(event, FIELD_FILE_MAGIC, magic);
    if (machine)
        event_set_literal(event, FIELD_FILE_MACHINE, machine);
    if (file->has_size)
        event_set_number(event, FIELD_FILE_SIZE, file->size);
    event_set_flag(event, FIELD_FILE_TO_SOURCE,
                   file->to_originator != file->is_turned);
    if (event)
        event->is_turned = file->is_turned;
}
