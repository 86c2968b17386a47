/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What every protocol on a flow looks like to the engine: one constant each,
 * one table of them, nothing registered at run time.
 *
 * A protocol is recognised by what it says. Ports are hints: they decide who
 * is asked first, and may settle a case that the bytes leave open.
 */
#include "dissect/view.h"
#include "event/event.h"
#include "flow/flow.h"

enum {
    DISSECT_STATE_MAX = 4608,        /* Bytes of state a flow may need: QUIC
                                      * and HTTP do, the others under 1 KiB. */
    DISSECT_RECOGNISE_MAX = 4096,    /* Bytes after which nobody claims it. */
    DISSECT_MESSAGE_MAX = 64 << 10,  /* Longest message waited for. */
    VIEW_READER_STATE_MAX = 1024,    /* Bytes a flow, while rules ask. */
};

enum dissect_verdict {
    DISSECT_NOT_MINE,  /* Offer the flow to the next dissector; from feed(),
                        * what follows `used`, as after HTTP's CONNECT. */
    DISSECT_MORE,      /* Call again with at least `needed` bytes. */
    DISSECT_DONE,      /* `used` bytes are understood. */
    DISSECT_MALFORMED, /* Not what the protocol allows; a TCP flow is left,
                        * a UDP flow after several in a row. */
    DISSECT_FINISHED,  /* Nothing further on this flow is of interest. */
};

struct dissect_result {
    enum dissect_verdict verdict;
    size_t used;   /* DONE: bytes consumed, more than 0 unless at the end;
                    * NOT_MINE: bytes that still were its own. */
    size_t needed; /* MORE: bytes wanted in all; 0 for "any more". */
    const char *anomaly; /* MALFORMED: its name, "dns_truncated". */
};

struct certificate_cache;

struct dissect_input {
    struct bytes data;      /* TCP: in order, unconsumed. UDP: a datagram. */
    enum flow_side side;    /* Who sent it. */
    const struct flow *flow;
    int64_t time_ns;
    uint64_t offset;        /* TCP: of data in this side's stream. */
    uint64_t gap;           /* TCP: bytes lost just before data. */
    bool end;               /* TCP: nothing follows data on this side. */
    bool port_matches;      /* The responder's port is one of the hints. */
    bool hash_files;        /* Somebody wants digests of what passes. */
    struct arena *arena;    /* Lives as long as the packet. */
    struct view_list *views; /* Parts for rules; null when none asks. */
    struct certificate_cache *certificates; /* Of all flows, or null. */
    struct view_memory *view_memory; /* For view readers; else null. */
};

/*
 * Reads the parts that rules look into where that needs more patience or more
 * memory than feed() may have: a body has to be decoded, and what is broken is
 * read as lenient ends read it. It gets each new byte of a TCP flow in order
 * once, from the first on, also after feed() gave the flow up.
 */
struct view_reader {
    size_t state_size;       /* Zeroed; at most VIEW_READER_STATE_MAX. */
    void (*read)(void *state, const struct dissect_input *input,
                 struct event_list *events);
    /* Give back what the state holds of the memory. */
    void (*release)(void *state, struct view_memory *memory);
};

struct dissector {
    const char *name;         /* As EVE's app_proto says it: "http". */
    uint8_t transport;        /* IP_PROTOCOL_TCP or IP_PROTOCOL_UDP */
    const uint16_t *ports;    /* Hints, ends with 0; null for none. */
    size_t state_size;        /* Per flow, zeroed, at most the maximum. */
    bool encrypts;            /* After FINISHED nothing can be read. */
    const struct view_reader *reader; /* Null: feed() appends the views. */

    /*
     * Whose is this? Given the first bytes that either side sent, without
     * state: NOT_MINE, MORE (cannot say yet), or DONE (it is mine).
     */
    enum dissect_verdict (*recognise)(const struct dissect_input *input);

    /*
     * Read on: understand as much of `input` as possible, one message or
     * several, and append what was seen to `events`. Called again at once
     * with what is left while it answers DONE and used some of it.
     */
    struct dissect_result (*feed)(void *state,
                                  const struct dissect_input *input,
                                  struct event_list *events);
};

/* For feed(): the common answers. */
struct dissect_result dissect_done(size_t used);
struct dissect_result dissect_more(size_t needed);
struct dissect_result dissect_malformed(const char *anomaly);
struct dissect_result dissect_finished(void);
struct dissect_result dissect_hand_over(size_t used);

/* A number for the transaction that a message is by itself: different for
 * each message of the flow. */
uint32_t dissect_transaction(const struct dissect_input *input);

/* All dissectors, in the order they are asked without a hint; ends with null.
 */
extern const struct dissector *const dissector_table[];

/* Append an EVENT_LOGIN: what was tried and what came of it. Empty views and
 * null texts are left out. */
struct dissect_login {
    const char *protocol;
    const char *method;
    const char *result;
    struct bytes user;
    struct bytes password;
    uint32_t attempt;
    bool clear;
};
void dissect_add_login(struct event_list *events,
                       const struct dissect_login *login);

/* Append an EVENT_FILE for the start of a file's content. */
struct dissect_file {
    const char *protocol;
    struct bytes name;
    struct bytes start;     /* The first bytes; at least 20 for a machine. */
    uint64_t size;          /* Valid with has_size. */
    bool has_size;
    bool to_originator;
    bool is_turned;         /* The responder asked, as in TFTP's transfers. */
};
void dissect_add_file(struct event_list *events,
                      const struct dissect_file *file);

/* "elf", "gzip", ... by the first bytes; null for a kind not known. */
const char *dissect_file_magic(struct bytes start);
