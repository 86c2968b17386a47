/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dns_views.h"

#include "dissect/dns_rdata.h"

enum {
    NOT_SHOWN = VIEW_END,
    OPCODE_UNASSIGNED = 7, /* IANA: the first that means nothing. */
};

/* By section: questions, answers, authorities, additionals; and all names of
 * a response. */
static const struct {
    uint16_t names[1 + DNS_SECTION_COUNT];
    uint16_t response;
} view_ids[] = {
    [DNS_VIEWS_DNS] = { { VIEW_DNS_QUERIES_RRNAME, VIEW_DNS_ANSWERS_RRNAME,
                          VIEW_DNS_AUTHORITIES_RRNAME,
                          VIEW_DNS_ADDITIONALS_RRNAME },
                        VIEW_DNS_RESPONSE_RRNAME },
    [DNS_VIEWS_MDNS] = { { VIEW_MDNS_QUERIES_RRNAME,
                           VIEW_MDNS_ANSWERS_RRNAME, NOT_SHOWN, NOT_SHOWN },
                         VIEW_MDNS_RESPONSE_RRNAME },
    [DNS_VIEWS_LLMNR] = { { VIEW_LLMNR_QUERIES_RRNAME,
                            VIEW_LLMNR_ANSWERS_RRNAME, NOT_SHOWN, NOT_SHOWN },
                          VIEW_LLMNR_RESPONSE_RRNAME },
};

/* Escapes of dns_name back to bytes: "\." and "\065". */
static struct bytes plain_name(struct bytes name, struct arena *arena)
{
    uint8_t *out;
    size_t size = 0;

    if (name.size == 1 && name.data[0] == '.')
        return (struct bytes){ 0 }; /* The root has no labels. */
    if (bytes_find_byte(name, '\\') == name.size)
        return name;
    out = arena_allocate(arena, name.size);
    for (size_t i = 0; i < name.size; i++) {
        uint64_t code;
        if (name.data[i] != '\\') {
            out[size++] = name.data[i];
        } else if (i + 3 < name.size &&
                   bytes_to_number(bytes_slice(name, i + 1, 3), 255, &code)) {
            out[size++] = (uint8_t)code;
            i += 3;
        } else if (i + 1 < name.size) {
            out[size++] = name.data[++i];
        }
    }
    return bytes_of(out, size);
}

/* One transaction's names. */
struct showing {
    const struct dissect_input *input;
    const struct dns_message *message;
    uint32_t transaction;
    bool is_response;
    uint16_t response_id;
};

static void show_name(const struct showing *showing, unsigned id,
                      struct bytes name)
{
    struct view_list *views = showing->input->views;
    struct bytes text = plain_name(name, showing->input->arena);

    if (id < NOT_SHOWN)
        view_add_text(views, (enum view_id)id, showing->input->side,
                      showing->transaction, text);
    if (showing->is_response)
        view_add_text(views, (enum view_id)showing->response_id,
                      showing->input->side, showing->transaction, text);
}

static void show_type(const struct showing *showing, uint16_t type)
{
    view_add_number(showing->input->views, VIEW_DNS_RRTYPE,
                    showing->input->side, showing->transaction, type);
}

static void show_header(const struct showing *showing)
{
    struct view_list *views = showing->input->views;
    uint16_t flags = showing->message->flags;

    if (flags & DNS_FLAG_Z)
        view_note(views, "dns_z_flag_set");
    if (dns_opcode(showing->message) >= OPCODE_UNASSIGNED)
        view_note(views, "dns_invalid_opcode");
    view_add_number(views, VIEW_DNS_OPCODE, showing->input->side,
                    showing->transaction, dns_opcode(showing->message));
    view_add_number(views, VIEW_DNS_RCODE, showing->input->side,
                    showing->transaction, flags & 15);
}

static void show_questions(const struct showing *showing, unsigned id,
                           bool is_dns)
{
    const struct dns_message *message = showing->message;

    for (uint16_t i = 0; i < message->question_count; i++) {
        const struct dns_question *question = &message->questions[i];
        if (is_dns && !showing->is_response)
            view_add_text(showing->input->views, VIEW_DNS_QUERY,
                          showing->input->side, showing->transaction,
                          plain_name(question->name.text,
                                     showing->input->arena));
        show_name(showing, id, question->name.text);
        if (is_dns && !showing->is_response)
            show_type(showing, question->type);
    }
}

static void show_records(const struct showing *showing,
                         const uint16_t ids[1 + DNS_SECTION_COUNT],
                         bool is_dns)
{
    const struct dns_message *message = showing->message;

    for (uint16_t i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];
        struct dns_name name;
        if (record->type == DNS_TYPE_OPT)
            continue;
        show_name(showing, ids[1 + record->section], record->name.text);
        if (is_dns && showing->is_response &&
            record->section == DNS_SECTION_ANSWER)
            show_type(showing, record->type);
        if (showing->is_response &&
            dns_rdata_name(message, record, &name))
            show_name(showing, NOT_SHOWN, name.text);
    }
}

void dns_views(const struct dissect_input *input,
               const struct dns_message *message, enum dns_views_kind kind)
{
    struct showing showing = {
        .input = input,
        .message = message,
        .is_response = message->flags & DNS_FLAG_QR,
        .response_id = view_ids[kind].response,
    };
    bool is_dns = kind == DNS_VIEWS_DNS;

    if (!input->views)
        return;
    showing.transaction = dissect_transaction(input);
    if (is_dns)
        show_header(&showing);
    show_questions(&showing, view_ids[kind].names[0], is_dns);
    show_records(&showing, view_ids[kind].names, is_dns);
    view_end(input->views, input->side, showing.transaction);
    view_end(input->views, !input->side, showing.transaction);
}
