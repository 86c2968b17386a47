/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Who lies about who he is? An address that a device proved to hold, in a
 * frame from another MAC that is no router's. Only asked of messages by which
 * others are led astray: DNS answers and redirects.
 */
#include "engine/internal.h"

static uint32_t sender_of(struct engine *engine, const struct packet *packet)
{
    return packet->has_mac
               ? device_find_mac(engine->devices, packet->source_mac)
               : DEVICE_NONE;
}

/* The device that sent the packet in the name of another; or DEVICE_NONE. */
static uint32_t find_forger(struct engine *engine,
                            const struct packet *packet)
{
    uint32_t holder = device_holder(engine->devices, packet->source);
    uint32_t sender = sender_of(engine, packet);

    if (sender == DEVICE_NONE || holder == DEVICE_NONE || sender == holder ||
        device_get(engine->devices, sender)->is_gateway ||
        !device_get(engine->devices, holder)->has_mac)
        return DEVICE_NONE;
    return sender;
}

static bool is_redirect(const struct event *event)
{
    return event->type == EVENT_ICMP ||
           (event->type == EVENT_ND &&
            bytes_equal(event_text(event, FIELD_ND_TYPE),
                        bytes_of_text("redirect")));
}

/* RFC 1812 section 5.2.7.2, RFC 4861 section 8: a router names another one
 * that is nearer, never itself. */
static void stamp_redirect(struct engine *engine,
                           const struct packet *packet, struct event *event)
{
    bool is_v4 = event->type == EVENT_ICMP;
    const struct event_value *router =
        event_get(event, is_v4 ? FIELD_ICMP_GATEWAY : FIELD_ND_TARGET);
    uint32_t sender = sender_of(engine, packet);

    if (router && sender != DEVICE_NONE &&
        (ip_equal(router->ip, packet->source) ||
         device_find_ip(engine->devices, router->ip) == sender))
        event_set_flag(event,
                       is_v4 ? FIELD_ICMP_TO_SENDER : FIELD_ND_TO_SENDER,
                       true);
}

void forged_stamp(struct engine *engine, const struct passage *passage,
                  struct event *event)
{
    struct event_context *context = &event->context;
    bool is_answer = event->type == EVENT_DNS &&
                     event_get(event, FIELD_DNS_QR);

    if (!passage->packet || (!is_answer && !is_redirect(event)))
        return;
    if (!is_answer)
        stamp_redirect(engine, passage->packet, event);
    uint32_t forger = find_forger(engine, passage->packet);
    if (forger == DEVICE_NONE)
        return;
    context->is_forged = true;
    context->forger = forger;
    event_set_flag(event,
                   is_answer                   ? FIELD_DNS_FORGED
                   : event->type == EVENT_ICMP ? FIELD_ICMP_FORGED
                                               : FIELD_ND_FORGED,
                   true);
    if (passage->flow && passage->side == FLOW_RESPONDER)
        context->destination_device = forger;
    else
        context->source_device = forger;
}
