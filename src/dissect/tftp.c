/* SPDX-License-Identifier: Apache-2.0 */

/*
 * TFTP (RFC 1350), with options (RFC 2347). The answer to a request comes from
 * a port of its own and so on a flow of its own: `tftp` is the flow of the
 * request, `tftp_data` the flow of the transfer, known by the start of a file.
 */
#include "base/arena_writer.h"
#include "base/reader.h"
#include "dissect/file_hash.h"

#include <string.h>

enum {
    TFTP_PORT = 69,
    TFTP_NAME_MAX = 512,   /* One request is one datagram of that size. */
    TFTP_NAME_KEPT = 255,  /* Kept for the file that follows. */
    TFTP_BLOCK_SIZE = 512, /* Unless blksize says otherwise. */
    TFTP_OPTIONS_MAX = 16, /* Listed; more are counted. RFC 2347 knows 5. */
    READ_REQUEST = 1,
    WRITE_REQUEST = 2,
    DATA = 3,
    ACKNOWLEDGEMENT = 4,
    ERROR = 5,
    OPTION_ACKNOWLEDGEMENT = 6,
};

static const uint16_t tftp_ports[] = { TFTP_PORT, 0 };

struct tftp_request {
    struct bytes name;
    struct bytes mode;
    struct reader options;
    uint16_t operation;
};

/* A text that ends with a zero. */
static struct bytes take_text(struct reader *r)
{
    return reader_until(r, 0, TFTP_NAME_MAX);
}

static bool mode_is_known(struct bytes mode)
{
    return bytes_equal_nocase(mode, bytes_of_text("octet")) ||
           bytes_equal_nocase(mode, bytes_of_text("netascii")) ||
           bytes_equal_nocase(mode, bytes_of_text("mail"));
}

/* RFC 1350 section 5: operation, name, 0, mode, 0 */
static bool parse_request(struct bytes wire, struct tftp_request *request)
{
    struct reader r = reader_of(wire);
    uint16_t operation = reader_u16(&r);
    struct bytes name = take_text(&r);
    struct bytes mode = take_text(&r);

    if (!reader_ok(&r) || name.size == 0 || !mode_is_known(mode) ||
        (operation != READ_REQUEST && operation != WRITE_REQUEST))
        return false;
    *request = (struct tftp_request){ name, mode, r, operation };
    return true;
}

static void set_options(struct event *event, struct reader *r)
{
    uint32_t more = 0;

    for (int i = 0; reader_left(r) > 0; i++) {
        struct bytes name = take_text(r);
        struct bytes value = take_text(r);
        struct arena_writer w;

        if (!reader_ok(r) || name.size == 0)
            break;
        if (i >= TFTP_OPTIONS_MAX) {
            more++;
            continue;
        }
        if (!event)
            break;
        arena_writer_init(&w, event->arena, name.size + 1 + value.size);
        arena_writer_bytes(&w, name);
        arena_writer_byte(&w, '=');
        arena_writer_bytes(&w, value);
        event_set_text(event, FIELD_TFTP_OPTION, arena_writer_view(&w));
    }
    if (more > 0)
        event_set_number(event, FIELD_TFTP_OPTIONS_MORE, more);
}

/* What is known of the transfer until its first block comes. */
struct transfer {
    uint64_t size;
    bool has_size;
    bool is_reported;
    bool to_originator;
    bool is_turned;
    uint8_t name_size;
    uint8_t name[TFTP_NAME_KEPT];
    uint16_t block;        /* The last that was hashed. */
    uint16_t block_size;   /* A shorter one is the last: RFC 1350, 6. */
    struct file_hash hash;
};

static void remember(struct transfer *transfer,
                     const struct tftp_request *request, enum flow_side side)
{
    struct bytes name = bytes_slice(request->name, 0, TFTP_NAME_KEPT);
    bool is_read = request->operation == READ_REQUEST;

    memset(transfer, 0, sizeof *transfer);
    transfer->name_size = (uint8_t)name.size;
    memcpy(transfer->name, name.data, name.size);
    transfer->to_originator = is_read == (side == FLOW_ORIGINATOR);
}

static void add_request(struct transfer *transfer,
                        const struct dissect_input *input,
                        struct tftp_request *request,
                        struct event_list *events)
{
    struct event *event = event_new(events, EVENT_TFTP);

    remember(transfer, request, input->side);
    event_set_literal(event, FIELD_TFTP_PACKET,
                      request->operation == READ_REQUEST ? "read" : "write");
    event_set_text(event, FIELD_TFTP_FILE, request->name);
    event_set_text(event, FIELD_TFTP_MODE, request->mode);
    set_options(event, &request->options);
}

/* The name must outlive this call: it stands in the flow's state, which may
 * go before the packet does. */
static void add_file(struct transfer *transfer, struct bytes start,
                     const struct dissect_input *input,
                     struct event_list *events)
{
    struct bytes name = bytes_of(transfer->name, transfer->name_size);
    struct dissect_file file = {
        .protocol = "tftp",
        .name = arena_copy(input->arena, name),
        .start = start,
        .size = transfer->size,
        .has_size = transfer->has_size,
        .to_originator = transfer->to_originator,
        .is_turned = transfer->is_turned,
    };

    if (!transfer->is_reported)
        dissect_add_file(events, &file);
    transfer->is_reported = true;
}

/* Blocks in order go into the digest; the same again is a repetition, and a
 * later one says that some were lost. */
static void hash_block(struct transfer *transfer, uint16_t block,
                       struct bytes content,
                       const struct dissect_input *input,
                       struct event_list *events)
{
    uint16_t size = transfer->block_size ? transfer->block_size
                                         : TFTP_BLOCK_SIZE;
    struct bytes name = bytes_of(transfer->name, transfer->name_size);

    if (block == 1 && transfer->block == 0 && input->hash_files)
        file_hash_begin(&transfer->hash);
    if (!transfer->hash.is_active || block == transfer->block)
        return;
    if (block != (uint16_t)(transfer->block + 1)) {
        file_hash_stop(&transfer->hash);
        return;
    }
    transfer->block = block;
    file_hash_add(&transfer->hash, content);
    if (content.size < size)
        file_hash_tell(&transfer->hash,
                       &(struct dissect_file){
                           .protocol = "tftp",
                           .name = arena_copy(input->arena, name),
                           .to_originator = transfer->to_originator,
                       },
                       events);
}

/* RFC 2349 section 3: "tsize" in an acknowledgement is the file's size. */
static bool take_acknowledged(struct transfer *transfer, struct reader *r)
{
    static const char *const names[] = { "tsize", "blksize", "timeout",
                                         "windowsize" };
    bool is_known = false;

    while (reader_left(r) > 0) {
        struct bytes name = take_text(r);
        struct bytes value = take_text(r);
        uint64_t number;

        if (!reader_ok(r))
            return false;
        for (size_t i = 0; i < COUNT_OF(names); i++)
            is_known |= bytes_equal_nocase(name, bytes_of_text(names[i]));
        if (bytes_equal_nocase(name, bytes_of_text("tsize")) &&
            bytes_to_number(value, UINT64_MAX, &number)) {
            transfer->size = number;
            transfer->has_size = true;
        }
        if (bytes_equal_nocase(name, bytes_of_text("blksize")) &&
            bytes_to_number(value, UINT16_MAX, &number))
            transfer->block_size = (uint16_t)number;
    }
    return is_known;
}

/* DATA, ACK, ERROR, OACK. False when it is none of them. */
static bool take_transfer(struct transfer *transfer,
                          const struct dissect_input *input,
                          struct event_list *events)
{
    struct reader r = reader_of(input->data);
    uint16_t operation = reader_u16(&r);

    if (operation == OPTION_ACKNOWLEDGEMENT)
        return take_acknowledged(transfer, &r);
    uint16_t block = reader_u16(&r);
    if (!reader_ok(&r))
        return false;
    struct bytes content = reader_rest(&r);
    if (operation == DATA && block == 1)
        add_file(transfer, content, input, events);
    if (operation == DATA)
        hash_block(transfer, block, content, input, events);
    return operation == DATA || operation == ACKNOWLEDGEMENT ||
           operation == ERROR;
}

static enum dissect_verdict tftp_recognise(const struct dissect_input *input)
{
    struct tftp_request request;

    return parse_request(input->data, &request) ? DISSECT_DONE
                                                : DISSECT_NOT_MINE;
}

static struct dissect_result tftp_feed(void *state,
                                       const struct dissect_input *input,
                                       struct event_list *events)
{
    struct transfer *transfer = state;
    struct tftp_request request;

    if (parse_request(input->data, &request))
        add_request(transfer, input, &request, events);
    else if (!take_transfer(transfer, input, events))
        return dissect_malformed("tftp_malformed");
    return dissect_done(input->data.size);
}

const struct dissector tftp_dissector = {
    .name = "tftp",
    .transport = IP_PROTOCOL_UDP,
    .ports = tftp_ports,
    .state_size = sizeof(struct transfer),
    .recognise = tftp_recognise,
    .feed = tftp_feed,
};

/* Block 1 of a file of a known kind; or the server's first word about a
 * transfer. An ACK of block 0 alone is four bytes that prove nothing yet. */
static enum dissect_verdict data_recognise(const struct dissect_input *input)
{
    struct transfer unused = { 0 };
    struct reader r = reader_of(input->data);
    uint16_t operation = reader_u16(&r);

    if (operation == OPTION_ACKNOWLEDGEMENT)
        return reader_left(&r) > 0 && take_acknowledged(&unused, &r)
                   ? DISSECT_DONE
                   : DISSECT_NOT_MINE;
    uint16_t block = reader_u16(&r);
    if (!reader_ok(&r))
        return DISSECT_NOT_MINE;
    if (operation == ACKNOWLEDGEMENT && block == 0 && reader_left(&r) == 0)
        return DISSECT_MORE;
    return operation == DATA && block == 1 &&
                   dissect_file_magic(reader_rest(&r))
               ? DISSECT_DONE
               : DISSECT_NOT_MINE;
}

static struct dissect_result data_feed(void *state,
                                       const struct dissect_input *input,
                                       struct event_list *events)
{
    struct transfer *transfer = state;

    /* RFC 1350 section 4: the server's answer begins this flow, whether the
     * client asked to read or to write. */
    transfer->is_turned = true;
    transfer->to_originator = input->side == FLOW_RESPONDER;
    if (!take_transfer(transfer, input, events))
        return dissect_malformed("tftp_malformed");
    return transfer->is_reported && !transfer->hash.is_active
               ? dissect_finished()
               : dissect_done(input->data.size);
}

const struct dissector tftp_data_dissector = {
    .name = "tftp",
    .transport = IP_PROTOCOL_UDP,
    .state_size = sizeof(struct transfer),
    .recognise = data_recognise,
    .feed = data_feed,
};
