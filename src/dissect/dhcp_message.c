/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dhcp.h"

#include "base/arena_writer.h"
#include "base/reader.h"

enum {
    DHCP_COOKIE = 0x63825363, /* RFC 2131 section 3 */
    DHCP_HARDWARE_SIZE = 16,
    DHCP_SNAME_SIZE = 64,
    DHCP_FILE_SIZE = 128,
    OPTION_PAD = 0,
    OPTION_OVERLOAD = 52,
    OPTION_END = 255,
    OVERLOAD_FILE = 1,
    OVERLOAD_SNAME = 2,
};

static void keep(struct dhcp_message *message, uint8_t code, struct bytes data)
{
    if (message->count == DHCP_OPTIONS_MAX) {
        message->more++;
        return;
    }
    message->options[message->count++] =
        (struct dhcp_option){ .code = code, .data = data };
}

/* Options until END or the end; false when one is cut. */
static bool take_options(struct reader *r, struct dhcp_message *message)
{
    while (reader_left(r) > 0) {
        uint8_t code = reader_u8(r);

        if (code == OPTION_PAD)
            continue;
        if (code == OPTION_END)
            break;
        struct bytes data = reader_bytes(r, reader_u8(r));
        if (!reader_ok(r))
            return false;
        keep(message, code, data);
    }
    return true;
}

static uint8_t overload_of(const struct dhcp_message *message)
{
    for (uint16_t i = 0; i < message->count; i++)
        if (message->options[i].code == OPTION_OVERLOAD &&
            message->options[i].data.size == 1)
            return message->options[i].data.data[0];
    return 0;
}

/*
 *     RFC 2131, section 2
 *
 *     |     op (1)    |   htype (1)   |   hlen (1)    |   hops (1)    |
 *     |                            xid (4)                            |
 *     |           secs (2)            |           flags (2)           |
 *     |       ciaddr (4), yiaddr (4), siaddr (4), giaddr (4)          |
 *     |         chaddr (16), sname (64), file (128)                   |
 *     |                  cookie (4), options (variable)               |
 */
static struct ip take_ip(struct reader *r)
{
    return ip_of_v4(reader_u32(r));
}

static void take_header(struct reader *r, struct dhcp_message *message)
{
    message->operation = reader_u8(r);
    message->hardware_type = reader_u8(r);
    message->hardware_size = reader_u8(r);
    reader_skip(r, 1);
    message->id = reader_u32(r);
    reader_skip(r, 4);
    message->client = take_ip(r);
    message->assigned = take_ip(r);
    message->next_server = take_ip(r);
    message->relay = take_ip(r);
    message->hardware = bytes_slice(reader_bytes(r, DHCP_HARDWARE_SIZE), 0,
                                    message->hardware_size);
}

static bool refuse(struct dhcp_message *message, const char *anomaly)
{
    message->anomaly = anomaly;
    return false;
}

bool dhcp_parse(struct bytes wire, struct dhcp_message *message)
{
    struct reader r = reader_of(wire);

    message->anomaly = NULL;
    message->more = 0;
    message->count = 0;
    take_header(&r, message);
    struct reader sname = reader_sub(&r, DHCP_SNAME_SIZE);
    struct bytes file = reader_bytes(&r, DHCP_FILE_SIZE);
    uint32_t cookie = reader_u32(&r);
    if (!reader_ok(&r))
        return refuse(message, "dhcp_truncated");
    if (cookie != DHCP_COOKIE)
        return refuse(message, "dhcp_no_cookie");
    if (message->hardware_size > DHCP_HARDWARE_SIZE)
        return refuse(message, "dhcp_hardware_size");
    if (!take_options(&r, message))
        return refuse(message, "dhcp_option_truncated");
    uint8_t overload = overload_of(message);
    struct reader more = reader_of(file);
    message->file = overload & OVERLOAD_FILE
                        ? (struct bytes){ 0 }
                        : bytes_slice(file, 0, bytes_find_byte(file, 0));
    if ((overload & OVERLOAD_FILE && !take_options(&more, message)) ||
        (overload & OVERLOAD_SNAME && !take_options(&sname, message)))
        return refuse(message, "dhcp_overload_truncated");
    return true;
}

bool dhcp_option_find(const struct dhcp_message *message, uint8_t code,
                      struct arena *arena, struct bytes *data)
{
    struct bytes whole = { 0 };
    struct arena_writer w;
    unsigned parts = 0;

    for (uint16_t i = 0; i < message->count; i++) {
        const struct dhcp_option *option = &message->options[i];

        if (option->code != code)
            continue;
        if (parts++ == 0) {
            whole = option->data;
            continue;
        }
        if (parts == 2) {
            arena_writer_init(&w, arena, 0);
            arena_writer_bytes(&w, whole);
        }
        arena_writer_bytes(&w, option->data);
        whole = arena_writer_view(&w);
    }
    if (parts > 0)
        *data = whole;
    return parts > 0;
}
