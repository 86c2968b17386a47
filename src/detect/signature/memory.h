/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What flows remember for the rules: bits and counters, the last bytes of each
 * side's stream, transactions that are not over. All of it stands in arrays
 * and pools of fixed size, touched as they are first needed. Full means: what
 * has been quiet for longest goes first, and is counted.
 */
#include "base/pool.h"
#include "base/table.h"
#include "dissect/view.h"

enum {
    FLOW_MEMORY_MAX = 32768,  /* Flows that remember anything. */
    FLOW_BIT_MAX = 24,        /* Bits set on one flow; ET sets five. */
    FLOW_INTEGER_MAX = 8,
    WINDOW_MAX = 2048,        /* Sides of streams with bytes kept. */
    WINDOW_OVERLAP = 512,     /* Bytes before a chunk that a match may use. */
    WINDOW_CHUNK = 2560,      /* A rule alerts once in so many bytes. */
    WINDOW_SIZE = WINDOW_OVERLAP + WINDOW_CHUNK + 1536, /* And a segment. */
    TRANSACTION_MAX = 4096,   /* Open ones that hold something. */
    TRANSACTION_FLOW_MAX = 32, /* Of them on one flow. */
    TRANSACTION_RULE_MAX = 64, /* Rules that wait for more of one, or of a
                                * chunk. */
    TRANSACTION_HELD_MAX = 128, /* Buffers held for one. */
    HELD_SMALL = 256,
    HELD_MEDIUM = 2048,
    HELD_LARGE = 49152,       /* A body that is looked at as a whole, */
    HELD_OVERLAP = 16384,     /* and what is kept of a longer one. */
    HELD_SMALL_MAX = 8192,
    HELD_MEDIUM_MAX = 1024,
    HELD_LARGE_MAX = 128,
};

/* Rules by number, each once. */
struct short_list {
    uint16_t count;
    uint32_t rules[TRANSACTION_RULE_MAX];
};

/* The last bytes of one side of a stream. */
struct window {
    struct window *newer;
    struct window *older;
    struct window **owner;    /* Null while nobody has it. */
    uint64_t next_offset;     /* Of the stream: what should come next. */
    uint32_t chunk;           /* Where the chunk begins in `data`. */
    uint32_t size;
    struct short_list waiting;
    struct short_list carried; /* Waited in the chunk before already. */
    struct short_list alerted; /* In this chunk. */
    uint8_t data[WINDOW_SIZE];
};

/* A buffer of a transaction that is not over. */
struct held {
    struct held *next;
    enum view_id view;
    enum flow_side side;
    bool is_complete;
    uint64_t number;          /* NUMBER */
    uint64_t offset;          /* STREAM: of the first byte here. */
    uint64_t total;           /* STREAM: bytes seen of it. */
    size_t looked;            /* Bytes that the filter has seen. */
    size_t size;
    size_t capacity;
    uint8_t data[];
};

struct transaction {
    struct transaction *next; /* Of the same flow, newest first. */
    uint32_t number;
    uint16_t held_count;
    bool ended[2];
    struct held *held;
    struct held *last;
    struct short_list waiting[2]; /* By side. */
    struct short_list alerted;
};

struct flow_integer {
    uint16_t variable;
    uint32_t value;
};

struct flow_memory {
    uint64_t number;          /* The flow's; 0: free. */
    uint32_t newer;           /* Indices; FLOW_MEMORY_MAX for none. */
    uint32_t older;
    uint16_t bits[FLOW_BIT_MAX];
    struct flow_integer integers[FLOW_INTEGER_MAX];
    uint8_t bit_count;
    uint8_t integer_count;
    uint8_t transaction_count;
    bool is_passed;           /* A pass rule took it out. */
    bool is_told[2];          /* Its protocol, to rules that ask for it. */
    struct window *windows[2];
    struct transaction *transactions;
};

struct memory {
    struct flow_memory *flows;
    struct table index;
    uint32_t newest;
    uint32_t oldest;
    uint32_t free;            /* Linked by `older`. */
    uint32_t used;            /* Never touched from here on. */
    uint32_t count;
    struct window *windows;
    struct window *window_newest;
    struct window *window_oldest;
    uint32_t window_used;
    struct pool transactions;
    struct pool held[3];
    uint64_t flows_evicted;
    uint64_t windows_evicted;
    uint64_t transactions_refused;
    uint64_t bits_refused;
    uint64_t rules_refused;   /* No room to wait in. */
    uint64_t bytes_not_held;
};

void memory_init(struct memory *memory);
void memory_clear(struct memory *memory);

/* Null when the flow remembers nothing. */
struct flow_memory *memory_find(struct memory *memory, uint64_t flow);
struct flow_memory *memory_open(struct memory *memory, uint64_t flow);
void memory_forget(struct memory *memory, struct flow_memory *flow);

bool flow_has_bit(const struct flow_memory *flow, uint16_t bit);
bool flow_set_bit(struct flow_memory *flow, uint16_t bit);
void flow_unset_bit(struct flow_memory *flow, uint16_t bit);

/* Null when it has no such variable. */
struct flow_integer *flow_integer_find(struct flow_memory *flow,
                                       uint16_t variable);
struct flow_integer *flow_integer_open(struct flow_memory *flow,
                                       uint16_t variable);

/* The window of a side: empty when it is new. */
struct window *window_open(struct memory *memory, struct flow_memory *flow,
                           enum flow_side side);
void window_close(struct memory *memory, struct window *window);

struct transaction *transaction_find(const struct flow_memory *flow,
                                     uint32_t number);
/* Null when there is no room. */
struct transaction *transaction_open(struct memory *memory,
                                     struct flow_memory *flow,
                                     uint32_t number);
void transaction_close(struct memory *memory, struct flow_memory *flow,
                       struct transaction *transaction);

/* A copy of what a view brought, joined to what is held of the same stream.
 * Null when there is no room. */
struct held *transaction_hold(struct memory *memory,
                              struct transaction *transaction,
                              const struct view *view);

bool short_list_has(const struct short_list *list, uint32_t rule);
bool short_list_add(struct short_list *list, uint32_t rule);
