/* SPDX-License-Identifier: Apache-2.0 */

/* Who knows whom, and from where. */
#include "engine/internal.h"

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

void acquaintance_stamp(struct engine *engine, struct event *event)
{
    switch ((int)event->type) {
    case EVENT_MODBUS:
        stamp_client(engine, event);
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
