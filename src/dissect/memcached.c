/* SPDX-License-Identifier: Apache-2.0 */

/*
 * memcached, by its text commands: on TCP as they are, on UDP after eight
 * bytes (request, sequence, datagrams, zero). Only the flow is labelled, so
 * that the byte counts of a UDP flow tell of amplification.
 */
#include "dissect/dissector.h"

#include "base/compiler.h"
#include "base/reader.h"
#include "dissect/lines.h"

enum { MEMCACHED_LINE_MAX = 2048 };

static const char *const requests[] = { "stats", "get ", "gets ", "version",
                                        "set ", "flush_all" };

static const char *const responses[] = { "STAT ", "VALUE ", "END",
                                         "VERSION ", "STORED" };

static struct dissect_result memcached_feed(void *memory,
                                            const struct dissect_input *input,
                                            struct event_list *events)
{
    (void)memory;
    (void)input;
    (void)events;
    return dissect_finished();
}

static bool starts_with_any(struct bytes line, const char *const *words,
                            size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_start_with(line, bytes_of_text(words[i])))
            return true;
    return false;
}

/* A response alone does not say it on other ports: "END" is a common word. */
static enum dissect_verdict recognise_line(const struct dissect_input *input,
                                           struct bytes data)
{
    struct bytes line;

    switch (dissect_take_line(&data, MEMCACHED_LINE_MAX, &line)) {
    case LINE_WHOLE:
        break;
    case LINE_PARTIAL:
        return dissect_is_text(data) ? DISSECT_MORE : DISSECT_NOT_MINE;
    case LINE_TOO_LONG:
        return DISSECT_NOT_MINE;
    }
    bool is_known = starts_with_any(line, requests, COUNT_OF(requests)) ||
                    starts_with_any(line, responses, COUNT_OF(responses));
    return input->port_matches && is_known && dissect_is_text(line)
               ? DISSECT_DONE : DISSECT_NOT_MINE;
}

static enum dissect_verdict
memcached_recognise(const struct dissect_input *input)
{
    if (!input->port_matches)
        return DISSECT_NOT_MINE;
    return recognise_line(input, input->data);
}

static enum dissect_verdict
memcached_udp_recognise(const struct dissect_input *input)
{
    struct reader r = reader_of(input->data);

    reader_skip(&r, 4); /* Request and sequence number. */
    uint16_t count = reader_u16(&r);
    uint16_t zero = reader_u16(&r);
    if (!reader_ok(&r) || count == 0 || zero != 0 || !input->port_matches)
        return DISSECT_NOT_MINE;
    return recognise_line(input, reader_rest(&r)) == DISSECT_DONE
               ? DISSECT_DONE : DISSECT_NOT_MINE;
}

static const uint16_t memcached_ports[] = { 11211, 0 };

const struct dissector memcached_dissector = {
    .name = "memcached",
    .transport = IP_PROTOCOL_TCP,
    .ports = memcached_ports,
    .recognise = memcached_recognise,
    .feed = memcached_feed,
};

const struct dissector memcached_udp_dissector = {
    .name = "memcached",
    .transport = IP_PROTOCOL_UDP,
    .ports = memcached_ports,
    .recognise = memcached_udp_recognise,
    .feed = memcached_feed,
};
