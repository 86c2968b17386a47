/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The BitTorrent DHT (BEP 5), only so far as to label the flow and to know the
 * Mozi botnet, whose nodes hide in it: their ids begin with eight times the
 * character '8', which among random ids is one in 2^64.
 */
#include "dissect/command.h"

#include "dissect/lines.h"

enum { DHT_ID_SIZE = 20 };

struct dht_state {
    bool is_told; /* Once a flow is enough. */
};

/* The id in a query ("a") or a response ("r"), the first key there. */
static bool find_id(struct bytes message, struct bytes *id)
{
    static const char *const starts[] = { "d1:ad2:id20:", "d1:rd2:id20:" };

    for (size_t i = 0; i < 2; i++) {
        struct bytes start = bytes_of_text(starts[i]);
        struct bytes rest = bytes_slice(message, start.size, SIZE_MAX);
        if (bytes_start_with(message, start) && rest.size > DHT_ID_SIZE) {
            *id = bytes_slice(rest, 0, DHT_ID_SIZE);
            return true;
        }
    }
    return false;
}

static struct dissect_result dht_feed(void *memory,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    struct dht_state *state = memory;
    struct bytes id;

    if (find_id(input->data, &id) && !state->is_told &&
        bytes_start_with(id, bytes_of_text("88888888"))) {
        struct event *event = command_event(events, "mozi", "hello");
        event_set_text(event, FIELD_COMMAND_TEXT,
                       dissect_hex(input->arena, id));
        state->is_told = true;
    }
    return dissect_done(input->data.size);
}

static enum dissect_verdict dht_recognise(const struct dissect_input *input)
{
    struct bytes id;

    return find_id(input->data, &id) ? DISSECT_DONE : DISSECT_NOT_MINE;
}

const struct dissector dht_dissector = {
    .name = "bittorrent-dht",
    .transport = IP_PROTOCOL_UDP,
    .state_size = sizeof(struct dht_state),
    .recognise = dht_recognise,
    .feed = dht_feed,
};
