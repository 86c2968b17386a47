/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dns_rdata.h"

#include "base/arena_writer.h"

enum { RDATA_TEXT_USUAL = 64 }; /* Room a text is started with. */

static void put_name(struct arena_writer *w, struct dns_cursor *cursor)
{
    struct dns_name name;

    if (dns_name_read(cursor, &name))
        arena_writer_bytes(w, name.text);
}

/* A number of the cursor, and a space or nothing after it. */
static void put_number(struct arena_writer *w, uint32_t number,
                       const char *after)
{
    arena_writer_number(w, number);
    arena_writer_text(w, after);
}

static struct bytes take_string(struct reader *r)
{
    return reader_bytes(r, reader_u8(r));
}

static void put_quoted(struct arena_writer *w, struct bytes text)
{
    arena_writer_byte(w, '"');
    arena_writer_bytes(w, text);
    arena_writer_byte(w, '"');
}

static void put_ipv4(struct arena_writer *w, struct reader *r)
{
    for (int i = 0; i < 4; i++)
        put_number(w, reader_u8(r), i < 3 ? "." : "");
}

static void put_ipv6(struct arena_writer *w, struct reader *r)
{
    char text[IP_TEXT_SIZE];
    struct bytes wire = reader_bytes(r, 16);

    if (reader_ok(r))
        arena_writer_text(w, ip_text(ip_of_v6_bytes(wire.data), text));
}

static void put_srv(struct arena_writer *w, struct dns_cursor *cursor)
{
    for (int i = 0; i < 3; i++)
        put_number(w, reader_u16(&cursor->reader), " ");
    put_name(w, cursor);
}

/* RFC 1035 section 3.3.13: two names and five numbers. */
static void put_soa(struct arena_writer *w, struct dns_cursor *cursor)
{
    put_name(w, cursor);
    arena_writer_byte(w, ' ');
    put_name(w, cursor);
    for (int i = 0; i < 5; i++) {
        arena_writer_byte(w, ' ');
        put_number(w, reader_u32(&cursor->reader), "");
    }
}

/* As other tools have it, only the host: the preference says little. */
static void put_mx(struct arena_writer *w, struct dns_cursor *cursor)
{
    reader_skip(&cursor->reader, 2);
    put_name(w, cursor);
}

/* The strings of one TXT are one text (RFC 7208 section 3.3); in service
 * discovery each is an attribute of its own (RFC 6763 section 6). */
static void put_txt(struct arena_writer *w, struct dns_cursor *cursor)
{
    bool apart = cursor->message->style == DNS_STYLE_UNICODE;

    while (reader_left(&cursor->reader) > 0) {
        if (apart && w->size > 0)
            arena_writer_byte(w, ' ');
        arena_writer_bytes(w, take_string(&cursor->reader));
    }
}

/* RFC 3403 section 4.1 */
static void put_naptr(struct arena_writer *w, struct dns_cursor *cursor)
{
    put_number(w, reader_u16(&cursor->reader), " ");
    put_number(w, reader_u16(&cursor->reader), " ");
    for (int i = 0; i < 3; i++) {
        put_quoted(w, take_string(&cursor->reader));
        arena_writer_byte(w, ' ');
    }
    put_name(w, cursor);
}

/* RFC 8659 section 4.1 */
static void put_caa(struct arena_writer *w, struct dns_cursor *cursor)
{
    put_number(w, reader_u8(&cursor->reader), " ");
    arena_writer_bytes(w, take_string(&cursor->reader));
    arena_writer_byte(w, ' ');
    put_quoted(w, reader_rest(&cursor->reader));
}

static void put_alpn(struct arena_writer *w, struct reader *value)
{
    for (bool first = true; reader_left(value) > 0; first = false) {
        if (!first)
            arena_writer_byte(w, ',');
        arena_writer_bytes(w, take_string(value));
    }
}

static void put_hints(struct arena_writer *w, struct reader *value,
                      void (*put)(struct arena_writer *w, struct reader *r))
{
    for (bool first = true; reader_left(value) > 0; first = false) {
        if (!first)
            arena_writer_byte(w, ',');
        put(w, value);
    }
}

/* RFC 9460 section 14.3.2; others by number, without their value. */
static void put_parameter(struct arena_writer *w, uint16_t key,
                          struct reader *value)
{
    enum { ALPN = 1, NO_ALPN = 2, PORT = 3, IPV4 = 4, ECH = 5, IPV6 = 6 };
    static const char *const names[] = {
        "mandatory", "alpn=", "no-default-alpn", "port=", "ipv4hint=", "ech",
        "ipv6hint=",
    };

    arena_writer_byte(w, ' ');
    if (key < COUNT_OF(names))
        arena_writer_text(w, names[key]);
    else
        arena_writer_text(w, "key");
    if (key == ALPN)
        put_alpn(w, value);
    else if (key == PORT)
        put_number(w, reader_u16(value), "");
    else if (key == IPV4 || key == IPV6)
        put_hints(w, value, key == IPV4 ? put_ipv4 : put_ipv6);
    else if (key >= COUNT_OF(names))
        put_number(w, key, "");
}

static void put_svcb(struct arena_writer *w, struct dns_cursor *cursor)
{
    struct reader *r = &cursor->reader;

    put_number(w, reader_u16(r), " ");
    put_name(w, cursor);
    while (reader_left(r) > 0) {
        uint16_t key = reader_u16(r);
        struct reader value = reader_sub(r, reader_u16(r));

        put_parameter(w, key, &value);
        if (!reader_ok(&value))
            reader_fail(r);
    }
}

static void put_a(struct arena_writer *w, struct dns_cursor *cursor)
{
    put_ipv4(w, &cursor->reader);
}

static void put_aaaa(struct arena_writer *w, struct dns_cursor *cursor)
{
    put_ipv6(w, &cursor->reader);
}

static const struct {
    uint16_t type;
    void (*put)(struct arena_writer *w, struct dns_cursor *cursor);
} writers[] = {
    { DNS_TYPE_A, put_a },         { DNS_TYPE_AAAA, put_aaaa },
    { DNS_TYPE_CNAME, put_name },  { DNS_TYPE_PTR, put_name },
    { DNS_TYPE_NS, put_name },     { DNS_TYPE_TXT, put_txt },
    { DNS_TYPE_SRV, put_srv },     { DNS_TYPE_SOA, put_soa },
    { DNS_TYPE_MX, put_mx },       { DNS_TYPE_DNAME, put_name },
    { DNS_TYPE_HTTPS, put_svcb },  { DNS_TYPE_SVCB, put_svcb },
    { DNS_TYPE_NAPTR, put_naptr }, { DNS_TYPE_CAA, put_caa },
};

bool dns_rdata_text(const struct dns_message *message,
                    const struct dns_record *record, struct bytes *text)
{
    if (record->data_size == 0)
        return false;
    if (record->type == DNS_TYPE_NULL) {
        *text = dns_record_data(message, record);
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(writers); i++) {
        if (writers[i].type != record->type)
            continue;
        struct dns_cursor cursor = dns_cursor_at(message, record);
        struct arena_writer w;
        arena_writer_init(&w, message->arena, RDATA_TEXT_USUAL);
        writers[i].put(&w, &cursor);
        *text = arena_writer_view(&w);
        return reader_finished(&cursor.reader);
    }
    return false;
}

bool dns_rdata_address(const struct dns_message *message,
                       const struct dns_record *record, struct ip *ip)
{
    struct bytes data = dns_record_data(message, record);

    if (record->type == DNS_TYPE_A && data.size == 4)
        *ip = ip_of_v4_bytes(data.data);
    else if (record->type == DNS_TYPE_AAAA && data.size == 16)
        *ip = ip_of_v6_bytes(data.data);
    else
        return false;
    return true;
}

bool dns_rdata_srv(const struct dns_message *message,
                   const struct dns_record *record, struct dns_srv *srv)
{
    struct dns_srv read = { 0 };

    if (record->type != DNS_TYPE_SRV)
        return false;
    struct dns_cursor cursor = dns_cursor_at(message, record);
    read.priority = reader_u16(&cursor.reader);
    read.weight = reader_u16(&cursor.reader);
    read.port = reader_u16(&cursor.reader);
    if (!dns_name_read(&cursor, &read.host))
        return false;
    *srv = read;
    return true;
}

bool dns_rdata_name(const struct dns_message *message,
                    const struct dns_record *record, struct dns_name *name)
{
    struct dns_cursor cursor = dns_cursor_at(message, record);

    return dns_name_read(&cursor, name);
}
