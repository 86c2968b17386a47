/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Android Debug Bridge over TCP: a root shell where it was left open, and what
 * several bots spread by. Six little-endian words, the last the complement of
 * the first, then the data; the shell's name carries the command line.
 *
 *     command, argument, argument, data size, checksum, command ^ 0xffffffff
 */
#include "dissect/command.h"

#include "base/reader.h"
#include "dissect/lines.h"

enum {
    ADB_HEAD_SIZE = 24,
    ADB_DATA_MAX = 4096,  /* Bytes of data that are read. */
    ADB_TEXT_MAX = 1024,  /* Bytes of a command line shown. */
};

/* Four letters, the first in the lowest byte. */
enum adb_command {
    ADB_AUTH = 0x48545541,
    ADB_CLSE = 0x45534c43,
    ADB_CNXN = 0x4e584e43,
    ADB_OKAY = 0x59414b4f,
    ADB_OPEN = 0x4e45504f,
    ADB_STLS = 0x534c5453,
    ADB_SYNC = 0x434e5953,
    ADB_WRTE = 0x45545257,
};

struct adb_state {
    uint32_t skip[2];
    bool is_shell; /* A shell without a command line: what is typed comes. */
};

static bool is_command(uint32_t command)
{
    switch (command) {
    case ADB_AUTH:
    case ADB_CLSE:
    case ADB_CNXN:
    case ADB_OKAY:
    case ADB_OPEN:
    case ADB_STLS:
    case ADB_SYNC:
    case ADB_WRTE:
        return true;
    default:
        return false;
    }
}

/* A service's name ends with a zero. */
static struct bytes without_zero(struct bytes text)
{
    return bytes_slice(text, 0, bytes_find_byte(text, 0));
}

static void show(struct event_list *events, const char *kind,
                 struct bytes text)
{
    struct event *event = command_event(events, "adb", kind);

    dissect_set_text(event, FIELD_COMMAND_TEXT,
                     bytes_slice(text, 0, ADB_TEXT_MAX));
}

/* "shell:line", "shell,v2,raw:line", "exec:line": the line after the colon;
 * "sync:" and others are told by name. */
static void read_open(struct adb_state *state, struct bytes data,
                      struct event_list *events)
{
    struct bytes name = without_zero(data);
    size_t colon = bytes_find_byte(name, ':');
    struct bytes line = bytes_slice(name, colon + 1, SIZE_MAX);

    if (!bytes_start_with(name, bytes_of_text("shell")) &&
        !bytes_start_with(name, bytes_of_text("exec"))) {
        show(events, "open", name);
        return;
    }
    state->is_shell = line.size == 0;
    show(events, "shell", line);
}

static void read_data(struct adb_state *state, uint32_t command,
                      struct bytes data, const struct dissect_input *input,
                      struct event_list *events)
{
    if (command == ADB_CNXN)
        show(events, "hello", without_zero(data));
    else if (command == ADB_OPEN)
        read_open(state, data, events);
    else if (command == ADB_WRTE && state->is_shell &&
             input->side == FLOW_ORIGINATOR && dissect_is_text(data))
        show(events, "shell", bytes_trim(data));
}

static struct dissect_result feed_message(struct adb_state *state,
                                          const struct dissect_input *input,
                                          struct event_list *events)
{
    struct reader r = reader_of(input->data);
    uint32_t command = reader_u32_le(&r);

    reader_skip(&r, 8); /* Two arguments: versions, stream numbers. */
    uint32_t size = reader_u32_le(&r);
    reader_skip(&r, 4); /* Checksum; newer versions leave it zero. */
    uint32_t magic = reader_u32_le(&r);
    if (!reader_ok(&r))
        return dissect_more(ADB_HEAD_SIZE);
    if (magic != (command ^ 0xffffffff) || !is_command(command))
        return dissect_malformed("adb_bad_header");
    if (command == ADB_STLS)
        return dissect_finished(); /* TLS from here on. */
    uint32_t read_size = size < ADB_DATA_MAX ? size : ADB_DATA_MAX;
    struct bytes data = reader_bytes(&r, read_size);
    if (!reader_ok(&r))
        return dissect_more(ADB_HEAD_SIZE + (size_t)read_size);
    read_data(state, command, data, input, events);
    state->skip[input->side] = size - read_size;
    return dissect_done(ADB_HEAD_SIZE + (size_t)read_size);
}

static struct dissect_result adb_feed(void *memory,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    struct adb_state *state = memory;
    uint32_t *skip = &state->skip[input->side];

    if (input->gap > *skip)
        return dissect_finished();
    *skip -= (uint32_t)input->gap;
    if (input->data.size == 0)
        return dissect_done(0);
    if (*skip == 0)
        return feed_message(state, input, events);
    size_t used = input->data.size < *skip ? input->data.size : (size_t)*skip;
    *skip -= (uint32_t)used;
    return dissect_done(used);
}

static enum dissect_verdict adb_recognise(const struct dissect_input *input)
{
    struct reader r = reader_of(input->data);
    uint32_t command = reader_u32_le(&r);

    if (input->data.size >= 4 && !is_command(command))
        return DISSECT_NOT_MINE;
    reader_skip(&r, ADB_HEAD_SIZE - 8);
    uint32_t magic = reader_u32_le(&r);
    if (!reader_ok(&r))
        return DISSECT_MORE;
    return magic == (command ^ 0xffffffff) ? DISSECT_DONE : DISSECT_NOT_MINE;
}

static const uint16_t adb_ports[] = { 5555, 0 };

const struct dissector adb_dissector = {
    .name = "adb",
    .transport = IP_PROTOCOL_TCP,
    .ports = adb_ports,
    .state_size = sizeof(struct adb_state),
    .recognise = adb_recognise,
    .feed = adb_feed,
};
