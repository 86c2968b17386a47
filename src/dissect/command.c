/* SPDX-License-Identifier: Apache-2.0 */

/* The command channels of botnets (Mirai, Gafgyt), by the shape of what they
 * say: one event for each message. */
#include "dissect/command.h"

#include "base/compiler.h"

/* Indexed by enum command_family. */
static const struct {
    enum dissect_verdict (*recognise)(const struct dissect_input *input);
    struct dissect_result (*feed)(struct command_state *state,
                                  const struct dissect_input *input,
                                  struct event_list *events);
} families[] = {
    [COMMAND_MIRAI] = { command_mirai_recognise, command_mirai_feed },
    [COMMAND_MIRAI_REPORT] = { command_report_recognise,
                               command_report_feed },
    [COMMAND_GAFGYT] = { command_gafgyt_recognise, command_gafgyt_feed },
};

struct event *command_event(struct event_list *events, const char *family,
                            const char *kind)
{
    struct event *event = event_new(events, EVENT_COMMAND);

    event_set_literal(event, FIELD_COMMAND_FAMILY, family);
    event_set_literal(event, FIELD_COMMAND_KIND, kind);
    return event;
}

/* Whose the flow is; `*verdict` is the best that any family says. */
static enum command_family ask_families(const struct dissect_input *input,
                                        enum dissect_verdict *verdict)
{
    *verdict = DISSECT_NOT_MINE;
    for (size_t i = COMMAND_MIRAI; i < COUNT_OF(families); i++) {
        enum dissect_verdict said = families[i].recognise(input);
        if (said == DISSECT_NOT_MINE)
            continue;
        *verdict = said;
        if (said == DISSECT_DONE)
            return (enum command_family)i;
    }
    return COMMAND_UNKNOWN;
}

static enum dissect_verdict command_recognise(const struct dissect_input *input)
{
    enum dissect_verdict verdict;

    (void)ask_families(input, &verdict); /* Which one is for feed() to say. */
    return verdict;
}

static struct dissect_result command_feed(void *memory,
                                          const struct dissect_input *input,
                                          struct event_list *events)
{
    struct command_state *state = memory;
    enum dissect_verdict verdict;

    if (input->gap > 0)
        return dissect_finished();
    if (input->data.size == 0)
        return dissect_done(0);
    if (state->family == COMMAND_UNKNOWN)
        state->family = (uint8_t)ask_families(input, &verdict);
    /* The other side may come first; it waits until the family is known. */
    if (state->family == COMMAND_UNKNOWN)
        return input->end ? dissect_finished() : dissect_more(0);
    return families[state->family].feed(state, input, events);
}

/* Where the published bots connect to; also where Telnet is, which asks after
 * this one. */
static const uint16_t command_ports[] = { 23, 48101, 6667, 0 };

const struct dissector command_dissector = {
    .name = "command",
    .transport = IP_PROTOCOL_TCP,
    .ports = command_ports,
    .state_size = sizeof(struct command_state),
    .recognise = command_recognise,
    .feed = command_feed,
};
