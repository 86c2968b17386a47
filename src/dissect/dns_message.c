/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dns_message.h"

#include "base/memory.h"

/*
 *     RFC 1035, section 4.1.1
 *
 *       0  1  2  3  4  5  6  7  8  9  0  1  2  3  4  5
 *     +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 *     |                      ID                       |
 *     |QR|   Opcode  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
 *     |                    QDCOUNT                    |
 *     |                    ANCOUNT                    |
 *     |                    NSCOUNT                    |
 *     |                    ARCOUNT                    |
 *     +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 */
bool dns_header_parse(struct bytes wire, struct dns_message *message)
{
    struct reader r = reader_of(wire);
    uint16_t id = reader_u16(&r);
    uint16_t flags = reader_u16(&r);
    uint16_t counts[1 + DNS_SECTION_COUNT];

    for (size_t i = 0; i < COUNT_OF(counts); i++)
        counts[i] = reader_u16(&r);
    if (!reader_ok(&r))
        return false;
    *message = (struct dns_message){ .wire = wire, .id = id, .flags = flags };
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        message->counts[i] = counts[i];
    return true;
}

static bool take_question(struct dns_cursor *cursor, struct dns_question *q)
{
    if (!dns_name_read(cursor, &q->name))
        return false;
    q->type = reader_u16(&cursor->reader);
    q->class = reader_u16(&cursor->reader);
    return reader_ok(&cursor->reader);
}

static bool take_record(struct dns_cursor *cursor, struct dns_record *record)
{
    struct reader *r = &cursor->reader;

    if (!dns_name_read(cursor, &record->name))
        return false;
    record->type = reader_u16(r);
    record->class = reader_u16(r);
    record->ttl = reader_u32(r);
    record->data_size = reader_u16(r);
    record->data_at = cursor->end - reader_left(r);
    reader_skip(r, record->data_size);
    return reader_ok(r);
}

static bool take_questions(struct dns_cursor *cursor,
                           struct dns_message *message)
{
    uint16_t count = message->counts[0];
    uint16_t kept = count < DNS_QUESTIONS_MAX ? count : DNS_QUESTIONS_MAX;
    struct dns_question *questions =
        arena_allocate(message->arena, size_multiply(kept, sizeof *questions));
    struct dns_question unkept;

    for (uint16_t i = 0; i < count; i++)
        if (!take_question(cursor, i < kept ? &questions[i] : &unkept))
            return false;
    message->questions = questions;
    message->question_count = kept;
    message->more += count - kept;
    return true;
}

static bool take_records(struct dns_cursor *cursor,
                         struct dns_message *message)
{
    uint32_t total = 0;

    for (size_t i = 0; i < DNS_SECTION_COUNT; i++)
        total += message->counts[1 + i];
    uint16_t room = total < DNS_RECORDS_MAX ? (uint16_t)total
                                            : DNS_RECORDS_MAX;
    struct dns_record *records =
        arena_allocate(message->arena, size_multiply(room, sizeof *records));
    for (uint16_t section = 0; section < DNS_SECTION_COUNT; section++) {
        for (uint16_t i = 0; i < message->counts[1 + section]; i++) {
            struct dns_record unkept;
            bool keep = message->record_count < room;
            struct dns_record *record =
                keep ? &records[message->record_count] : &unkept;
            if (!take_record(cursor, record))
                return false;
            record->section = section;
            message->record_count += keep;
            message->more += !keep;
        }
    }
    message->records = records;
    return true;
}

bool dns_message_parse(struct bytes wire, enum dns_style style,
                       struct arena *arena, struct dns_message *message)
{
    if (!dns_header_parse(wire, message)) {
        *message = (struct dns_message){ .anomaly = "dns_header_truncated" };
        return false;
    }
    message->style = style;
    message->arena = arena;
    struct dns_cursor cursor = {
        .message = message,
        .reader = reader_of(wire),
        .end = wire.size,
    };
    reader_skip(&cursor.reader, DNS_HEADER_SIZE);
    if (!take_questions(&cursor, message)) {
        message->anomaly = "dns_question_malformed";
        return false;
    }
    if (!take_records(&cursor, message)) {
        message->anomaly = "dns_record_malformed";
        return false;
    }
    message->used = wire.size - reader_left(&cursor.reader);
    return true;
}

struct dns_cursor dns_cursor_at(const struct dns_message *message,
                                const struct dns_record *record)
{
    size_t end = record->data_at + record->data_size;
    struct dns_cursor cursor = {
        .message = message,
        .reader = reader_of(bytes_slice(message->wire, 0, end)),
        .end = end,
    };

    reader_skip(&cursor.reader, record->data_at);
    return cursor;
}

struct bytes dns_record_data(const struct dns_message *message,
                             const struct dns_record *record)
{
    return bytes_slice(message->wire, record->data_at, record->data_size);
}

unsigned dns_opcode(const struct dns_message *message)
{
    return message->flags >> 11 & 15;
}
