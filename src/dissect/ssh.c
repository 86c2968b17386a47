/* SPDX-License-Identifier: Apache-2.0 */

/*
 * SSH: the banners (RFC 4253 section 4.2), the algorithms offered (section
 * 7.1), and, from the size of what follows, whether somebody got in.
 *
 *     packet: uint32 size | uint8 padding size | payload | padding
 *
 * After NEWKEYS all is encrypted. The login is judged like this. The server
 * answers the client's first encrypted packet with SERVICE_ACCEPT, which
 * carries "ssh-userauth"; every USERAUTH_FAILURE carries a list of methods and
 * is at least as long; USERAUTH_SUCCESS is one byte, the shortest packet there
 * is (RFC 4252 sections 5 and 6). So an answer shorter than the first one is
 * taken as success. So is more data, or a longer session, than an exchange of
 * passwords needs. A connection that ends after refusals only is a failure.
 */
#include "dissect/dissector.h"

#include <string.h>

#include "base/arena_writer.h"
#include "base/reader.h"
#include "crypto/md5.h"
#include "dissect/tls_fingerprint.h"

enum {
    BANNER_LINE_MAX = 255,    /* RFC 4253 section 4.2, line end included. */
    GREETING_LINE_MAX = 64,   /* Lines a server sends before its banner. */
    PACKET_SIZE_MAX = 35000,  /* Section 6.1 */
    COOKIE_SIZE = 16,
    MESSAGE_KEXINIT = 20,
    MESSAGE_NEWKEYS = 21,
    PROTO_MAX = 8,
    SOFTWARE_MAX = 96,        /* Bytes kept; banners are under 40. */
    LISTS_MAX = 1792,         /* Of one side's offer, for the choice. */
    HASSH_TEXT_SIZE = 33,
    SERVER_VOLUME = 32 << 10, /* Bytes no refused login comes to. */
    CLIENT_VOLUME = 64 << 10,
};

/* Servers close a login that takes longer; OpenSSH after 120 seconds. */
#define LOGIN_TIME_NS (180 * INT64_C(1000000000))

/* The four lists of KEXINIT that are told, in its order. */
enum list { LIST_KEX, LIST_HOST_KEY, LIST_CIPHER, LIST_MAC, LIST_COUNT };

enum { NAME_LIST_COUNT = 10 }; /* In a KEXINIT. */

enum phase { PHASE_BANNER, PHASE_PACKETS, PHASE_CIPHERED };

struct ssh_side {
    uint8_t phase;
    bool has_banner;
    bool has_offer;
    uint8_t greeting_lines;
    uint8_t proto_size;
    uint8_t software_size;
    uint8_t proto[PROTO_MAX];
    uint8_t software[SOFTWARE_MAX];
    char hassh[HASSH_TEXT_SIZE];
    uint64_t ciphered;         /* Bytes after NEWKEYS. */
};

struct ssh_session {
    struct ssh_side sides[2];  /* By enum flow_side; the originator asks. */
    bool is_emitted;
    bool has_lists;            /* One side's offer is below. */
    bool has_choice;
    uint8_t lists_side;
    uint16_t list_sizes[LIST_COUNT];
    uint8_t lists[LISTS_MAX];
    uint8_t choice_sizes[LIST_COUNT];
    uint8_t choices[LIST_COUNT][64];
    bool client_spoke;         /* Since the server last did. */
    bool is_inside;            /* The login has worked. */
    bool is_told;              /* The login event was made. */
    uint32_t first_answer;     /* Bytes of SERVICE_ACCEPT. */
    uint32_t refusals;
    int64_t ciphered_ns;       /* When the server changed keys. */
};

struct turn {
    struct ssh_session *session;
    struct ssh_side *side;
    const struct dissect_input *input;
    struct event_list *events;
};

static const uint16_t ports[] = { 22, 2222, 2022, 830, 0 };

static enum dissect_verdict ssh_recognise(const struct dissect_input *input)
{
    struct bytes start = bytes_of_text("SSH-");

    if (bytes_start_with(input->data, start))
        return DISSECT_DONE;
    return bytes_start_with(start, input->data) ? DISSECT_MORE
                                                : DISSECT_NOT_MINE;
}

static uint8_t keep(uint8_t *to, size_t max, struct bytes from)
{
    struct bytes kept = bytes_slice(from, 0, max);

    if (kept.size > 0)
        memcpy(to, kept.data, kept.size);
    return (uint8_t)kept.size;
}

static void set_kept(struct event *event, enum event_field field,
                     const void *text, size_t size)
{
    if (event && size > 0)
        event_set_text(event, field,
                       arena_copy(event->arena, bytes_of(text, size)));
}

static void emit(struct turn *turn)
{
    static const enum event_field fields[LIST_COUNT] = {
        FIELD_SSH_KEX, FIELD_SSH_HOST_KEY, FIELD_SSH_CIPHER, FIELD_SSH_MAC,
    };
    struct ssh_session *session = turn->session;
    const struct ssh_side *client = &session->sides[FLOW_ORIGINATOR];
    const struct ssh_side *server = &session->sides[FLOW_RESPONDER];

    if (session->is_emitted || (!client->has_banner && !server->has_banner))
        return;
    session->is_emitted = true;
    struct event *event = event_new(turn->events, EVENT_SSH);
    set_kept(event, FIELD_SSH_CLIENT_PROTO, client->proto,
             client->proto_size);
    set_kept(event, FIELD_SSH_CLIENT_SOFTWARE, client->software,
             client->software_size);
    set_kept(event, FIELD_SSH_CLIENT_HASSH, client->hassh,
             strlen(client->hassh));
    set_kept(event, FIELD_SSH_SERVER_PROTO, server->proto,
             server->proto_size);
    set_kept(event, FIELD_SSH_SERVER_SOFTWARE, server->software,
             server->software_size);
    set_kept(event, FIELD_SSH_SERVER_HASSH, server->hassh,
             strlen(server->hassh));
    for (size_t i = 0; i < LIST_COUNT; i++)
        set_kept(event, fields[i], session->choices[i],
                 session->choice_sizes[i]);
}

/* What came of the login, once, when anything was tried. */
static void tell_login(struct turn *turn)
{
    struct ssh_session *session = turn->session;
    const char *result = "unknown";

    if (session->is_told || session->first_answer == 0)
        return;
    if (session->is_inside)
        result = "success";
    else if (session->refusals > 0)
        result = "failure";
    session->is_told = true;
    dissect_add_login(turn->events, &(struct dissect_login){
                                        .protocol = "ssh",
                                        .method = "unknown",
                                        .result = result,
                                    });
}

static struct dissect_result leave(struct turn *turn)
{
    emit(turn);
    tell_login(turn);
    return dissect_finished();
}

/* SSH-protoversion-softwareversion SP comments */
static void take_banner(struct ssh_side *side, struct bytes line,
                        const struct dissect_input *input)
{
    struct bytes rest = bytes_slice(line, 4, line.size);
    size_t dash = bytes_find_byte(rest, '-');
    struct bytes software = bytes_slice(rest, dash + 1, rest.size);

    software = bytes_slice(software, 0, bytes_find_byte(software, ' '));
    side->has_banner = true;
    side->phase = PHASE_PACKETS;
    view_add_text(input->views, VIEW_SSH_PROTO, input->side, 0,
                  bytes_slice(rest, 0, dash));
    view_add_text(input->views, VIEW_SSH_SOFTWARE, input->side, 0, software);
    side->proto_size =
        keep(side->proto, PROTO_MAX, bytes_slice(rest, 0, dash));
    side->software_size = keep(side->software, SOFTWARE_MAX, software);
}

static struct dissect_result read_banner(struct turn *turn)
{
    struct bytes data = turn->input->data;
    struct reader r = reader_of(data);
    struct bytes line = reader_line(&r, BANNER_LINE_MAX);

    if (!reader_ok(&r)) {
        if (data.size < BANNER_LINE_MAX)
            return dissect_more(data.size + 1);
        emit(turn);
        return dissect_malformed("ssh_banner_too_long");
    }
    if (bytes_start_with(line, bytes_of_text("SSH-"))) {
        take_banner(turn->side, line, turn->input);
    } else if (++turn->side->greeting_lines > GREETING_LINE_MAX) {
        emit(turn);
        return dissect_malformed("ssh_no_banner");
    }
    bool is_old = turn->side->has_banner && turn->side->proto[0] == '1' &&
                  !bytes_equal(bytes_of(turn->side->proto,
                                        turn->side->proto_size),
                               bytes_of_text("1.99"));
    if (is_old && turn->session->sides[!turn->input->side].has_banner)
        return leave(turn);
    return dissect_done(data.size - reader_left(&r));
}

/* kex;ciphers;macs;compressions, of the direction it sends in. */
static void hash_offer(struct ssh_side *side, bool is_client,
                       const struct bytes lists[NAME_LIST_COUNT])
{
    size_t way = is_client ? 0 : 1;
    size_t parts[] = { 0, 2 + way, 4 + way, 6 + way };
    uint8_t digest[MD5_SIZE];
    struct md5 md5;

    md5_init(&md5);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (i > 0)
            md5_add(&md5, bytes_of_text(";"));
        md5_add(&md5, lists[parts[i]]);
    }
    md5_finish(&md5, digest);
    tls_fingerprint_hex(digest, sizeof digest, side->hassh);
}

/* What the hash is of, for rules. */
static void show_offer(const struct turn *turn,
                       const struct bytes lists[NAME_LIST_COUNT])
{
    const struct dissect_input *input = turn->input;
    bool is_client = input->side == FLOW_ORIGINATOR;
    size_t way = is_client ? 0 : 1;
    size_t parts[] = { 0, 2 + way, 4 + way, 6 + way };
    struct arena_writer w;

    if (!input->views)
        return;
    arena_writer_init(&w, input->arena, 1024);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (i > 0)
            arena_writer_byte(&w, ';');
        arena_writer_bytes(&w, lists[parts[i]]);
    }
    view_add_text(input->views,
                  is_client ? VIEW_SSH_HASSH : VIEW_SSH_HASSH_SERVER,
                  input->side, 0,
                  arena_copy(input->arena, bytes_of_text(turn->side->hassh)));
    view_add_text(input->views,
                  is_client ? VIEW_SSH_HASSH_STRING
                            : VIEW_SSH_HASSH_SERVER_STRING,
                  input->side, 0, arena_writer_view(&w));
    view_end(input->views, input->side, 0);
}

/* Take the first name off a comma-separated list. */
static struct bytes next_name(struct bytes *list)
{
    size_t comma = bytes_find_byte(*list, ',');
    struct bytes name = bytes_slice(*list, 0, comma);

    *list = bytes_slice(*list, comma + 1, list->size);
    return name;
}

static bool has_name(struct bytes list, struct bytes name)
{
    while (list.size > 0)
        if (bytes_equal(next_name(&list), name))
            return true;
    return false;
}

/* The first of the client's that the server has too. */
static void choose(struct ssh_session *session, enum list which,
                   struct bytes client, struct bytes server)
{
    while (client.size > 0) {
        struct bytes name = next_name(&client);
        if (name.size == 0 || !has_name(server, name))
            continue;
        session->choice_sizes[which] =
            keep(session->choices[which], sizeof session->choices[which],
                 name);
        return;
    }
}

/* KEXINIT's lists have the two directions in turn from the third on. */
static struct bytes told_list(const struct bytes lists[NAME_LIST_COUNT],
                              enum list which)
{
    static const size_t indexes[LIST_COUNT] = { 0, 1, 2, 4 };
    return lists[indexes[which]];
}

static void keep_lists(struct ssh_session *session, uint8_t side,
                       const struct bytes lists[NAME_LIST_COUNT])
{
    size_t at = 0;

    session->has_lists = true;
    session->lists_side = side;
    for (int i = 0; i < LIST_COUNT; i++) {
        struct bytes list = told_list(lists, (enum list)i);
        /* An offer too long to keep leaves its choice unsaid. */
        if (list.size > LISTS_MAX - at)
            list.size = 0;
        if (list.size > 0)
            memcpy(session->lists + at, list.data, list.size);
        session->list_sizes[i] = (uint16_t)list.size;
        at += list.size;
    }
}

static void choose_all(struct ssh_session *session,
                       const struct bytes lists[NAME_LIST_COUNT])
{
    size_t at = 0;
    bool kept_is_client = session->lists_side == FLOW_ORIGINATOR;

    session->has_choice = true;
    for (int i = 0; i < LIST_COUNT; i++) {
        struct bytes kept =
            bytes_of(session->lists + at, session->list_sizes[i]);
        struct bytes other = told_list(lists, (enum list)i);
        choose(session, (enum list)i, kept_is_client ? kept : other,
               kept_is_client ? other : kept);
        at += session->list_sizes[i];
    }
}

/* byte 20 | 16 bytes cookie | ten name-lists | ... */
static bool take_offer(struct turn *turn, struct reader *r)
{
    struct ssh_session *session = turn->session;
    struct bytes lists[NAME_LIST_COUNT];
    uint8_t side = (uint8_t)turn->input->side;

    reader_skip(r, COOKIE_SIZE);
    for (size_t i = 0; i < NAME_LIST_COUNT; i++) {
        size_t size = reader_u32(r);
        lists[i] = reader_bytes(r, size);
    }
    if (!reader_ok(r))
        return false;
    turn->side->has_offer = true;
    hash_offer(turn->side, side == FLOW_ORIGINATOR, lists);
    show_offer(turn, lists);
    if (!session->has_lists)
        keep_lists(session, side, lists);
    else if (!session->has_choice && session->lists_side != side)
        choose_all(session, lists);
    if (session->has_choice)
        emit(turn);
    return true;
}

static struct dissect_result read_packet(struct turn *turn)
{
    struct bytes data = turn->input->data;
    struct reader r = reader_of(data);
    size_t size = reader_u32(&r);

    if (!reader_ok(&r))
        return dissect_more(4);
    if (size < 2 || size > PACKET_SIZE_MAX) {
        emit(turn);
        return dissect_malformed("ssh_malformed_packet");
    }
    struct reader packet = reader_sub(&r, size);
    if (!reader_ok(&r))
        return dissect_more(4 + size);
    reader_skip(&packet, 1);
    uint8_t type = reader_u8(&packet);
    if (type == MESSAGE_KEXINIT && !turn->side->has_offer &&
        !take_offer(turn, &packet)) {
        emit(turn);
        return dissect_malformed("ssh_malformed_kexinit");
    }
    if (type == MESSAGE_NEWKEYS) {
        turn->side->phase = PHASE_CIPHERED;
        if (turn->input->side == FLOW_RESPONDER)
            turn->session->ciphered_ns = turn->input->time_ns;
    }
    return dissect_done(4 + size);
}

/* One answer of the server, as the head of this file explains. */
static void judge_answer(struct ssh_session *session, size_t size)
{
    uint32_t answer = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;

    if (!session->client_spoke)
        return;
    session->client_spoke = false;
    if (session->first_answer == 0)
        session->first_answer = answer;
    else if (answer < session->first_answer)
        session->is_inside = true;
    else
        session->refusals++;
}

static struct dissect_result read_ciphered(struct turn *turn)
{
    struct ssh_session *session = turn->session;
    size_t size = turn->input->data.size;

    turn->side->ciphered += size;
    if (turn->input->side == FLOW_ORIGINATOR)
        session->client_spoke = true;
    else
        judge_answer(session, size);
    bool is_long = session->ciphered_ns > 0 &&
                   turn->input->time_ns - session->ciphered_ns >
                       LOGIN_TIME_NS;
    if (is_long ||
        session->sides[FLOW_RESPONDER].ciphered > SERVER_VOLUME ||
        session->sides[FLOW_ORIGINATOR].ciphered > CLIENT_VOLUME)
        session->is_inside = true;
    return session->is_inside ? leave(turn) : dissect_done(size);
}

static struct dissect_result read_on(struct turn *turn)
{
    switch ((enum phase)turn->side->phase) {
    case PHASE_BANNER:
        return read_banner(turn);
    case PHASE_PACKETS:
        return read_packet(turn);
    case PHASE_CIPHERED:
        break;
    }
    return read_ciphered(turn);
}

static struct dissect_result ssh_feed(void *state,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    struct ssh_session *session = state;
    struct turn turn = { .session = session,
                         .side = &session->sides[input->side],
                         .input = input,
                         .events = events };
    struct dissect_result result = dissect_more(0);

    if (input->gap > 0 && turn.side->phase != PHASE_CIPHERED)
        return leave(&turn);
    if (input->data.size > 0)
        result = read_on(&turn);
    if (result.verdict == DISSECT_MALFORMED ||
        result.verdict == DISSECT_FINISHED)
        return result;
    bool is_all_read = result.verdict == DISSECT_MORE ||
                       result.used == input->data.size;
    return input->end && is_all_read ? leave(&turn) : result;
}

const struct dissector ssh_dissector = {
    .encrypts = true,
    .name = "ssh",
    .transport = IP_PROTOCOL_TCP,
    .ports = ports,
    .state_size = sizeof(struct ssh_session),
    .recognise = ssh_recognise,
    .feed = ssh_feed,
};
