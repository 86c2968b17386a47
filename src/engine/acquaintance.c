/* SPDX-License-Identifier: Apache-2.0 */

/* Who knows whom, and from where. */
#include "engine/internal.h"

enum { WAY_OUT_S = 3600 }; /* How long what a server named is held against
                            * others. */

/* A controller's clients are few and stay: is this one of them? */
static void stamp_client(struct engine *engine, struct event *event)
{
    const struct event_context *context = &event->context;
    struct clients_answer client =
        clients_note(&engine->controllers, context->destination,
                     context->source, context->time_ns);
    event_set_number(event, FIELD_MODBUS_CLIENTS_BEFORE, client.before);
    event_set_number(event, FIELD_MODBUS_CLIENT_AGE,
                     (uint64_t)(client.since_ns / 1000000000));
    event_set_number(event, FIELD_MODBUS_SECONDS_BEFORE,
                     (uint64_t)(client.before_ns / 1000000000));
}

/* CNAMEs and the like do not parse as addresses, and are passed over. */
static void note_answers(struct engine *engine, const struct event *event)
{
    const struct event_value *value;
    size_t from = 0;
    struct ip address;

    if (!event_get(event, FIELD_DNS_QR))
        return;
    while ((value = event_next(event, FIELD_DNS_ANSWER_DATA, &from)))
        if (ip_parse(value->text, &address))
            named_note(&engine->named, event->context.source, address,
                       event->context.time_ns);
}

static void stamp_unnamed(struct engine *engine, struct event *event)
{
    const struct event_context *context = &event->context;

    if (context->has_ip && !context->destination_local &&
        named_is_unnamed(&engine->named, context->source,
                         context->destination))
        event_set_flag(event, FIELD_FLOW_UNNAMED, true);
}

static bool forwards(struct engine *engine, struct ip router)
{
    uint32_t device = device_find_ip(engine->devices, router);

    return device != DEVICE_NONE &&
           device_get(engine->devices, device)->is_gateway;
}

/* The entry of `server`, or the one to give up for it; and in `*other` one
 * that named another router lately, or null. */
static struct way_out *way_out_of(struct engine *engine,
                                  const struct way_out *now,
                                  const struct way_out **other)
{
    struct way_out *place = &engine->ways_out[0];

    *other = NULL;
    for (size_t i = 0; i < ENGINE_WAY_OUT_MAX; i++) {
        struct way_out *way = &engine->ways_out[i];
        bool is_own = way->last_ns != 0 && ip_equal(way->server, now->server);
        if (is_own || (way->last_ns < place->last_ns &&
                       !ip_equal(place->server, now->server)))
            place = way;
        if (!is_own && way->last_ns != 0 &&
            now->last_ns - way->last_ns < WAY_OUT_S * 1000000000LL &&
            !ip_equal(way->router, now->router))
            *other = way;
    }
    return place;
}

/* Two servers that name different routers: who is right is shown by which of
 * the routers forwards. */
static void stamp_way_out(struct engine *engine, struct event *event)
{
    const struct event_value *server = event_get(event, FIELD_DHCP_SERVER_ID);
    const struct event_value *router = event_get(event, FIELD_DHCP_ROUTER);
    const struct way_out *other;

    if (!server || !router ||
        !bytes_equal(event_text(event, FIELD_DHCP_TYPE),
                     bytes_of_text("reply")))
        return;
    const struct way_out now = { server->ip, router->ip,
                                 event->context.time_ns };
    struct way_out *place = way_out_of(engine, &now, &other);
    if (other) {
        event_set_ip(event, FIELD_DHCP_OTHER_SERVER, other->server);
        event_set_ip(event, FIELD_DHCP_OTHER_ROUTER, other->router);
        if (forwards(engine, now.router) && !forwards(engine, other->router))
            event_set_flag(event, FIELD_DHCP_ROUTER_PROVEN, true);
    }
    *place = now;
}

void acquaintance_stamp(struct engine *engine, struct event *event)
{
    switch ((int)event->type) {
    case EVENT_MODBUS:
        stamp_client(engine, event);
        break;
    case EVENT_DHCP:
        stamp_way_out(engine, event);
        break;
    case EVENT_DNS:
        note_answers(engine, event);
        break;
    case EVENT_FLOW:
        stamp_unnamed(engine, event);
        break;
    case EVENT_ACTIVITY:
        if (event_get(event, FIELD_ACTIVITY_TIMES) &&
            named_has(&engine->named, event->context.destination))
            event_set_flag(event, FIELD_ACTIVITY_NAMED, true);
        break;
    default:
        break;
    }
}
