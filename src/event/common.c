/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event.h"

#include "base/check.h"

static const char *direction_of(const struct event_context *context)
{
    if (context->source_local)
        return context->destination_local ? "internal" : "outbound";
    return context->destination_local ? "inbound" : "external";
}

static bool set_text(struct event_value *value, const char *text)
{
    if (!text)
        return false;
    value->text = bytes_of_text(text);
    return true;
}

/* Device ids are the inventory's to write; a rule compares the MAC. */
bool event_common(const struct event *event, enum event_field field,
                  struct event_value *value)
{
    const struct event_context *context = &event->context;
    char scratch[16];

    value->field = (uint16_t)field;
    value->item = 0;
    switch ((int)field) {
    case FIELD_EVENT_TYPE:
        return set_text(value, event_type_name(event->type));
    case FIELD_SRC_IP:
        value->ip = context->source;
        return context->has_ip && !context->no_source;
    case FIELD_DEST_IP:
        value->ip = context->destination;
        return context->has_ip && !context->no_destination;
    case FIELD_SRC_PORT:
        value->number = context->source_port;
        return context->has_ports;
    case FIELD_DEST_PORT:
        value->number = context->destination_port;
        return context->has_ports;
    case FIELD_PROTO:
        if (!context->has_ip || context->protocol == 0)
            return false;
        value->text = arena_copy(
            event->arena,
            bytes_of_text(event_protocol_text(context->protocol, scratch)));
        return true;
    case FIELD_APP_PROTO:
        return set_text(value, context->app_protocol);
    case FIELD_SRC_MAC:
        value->mac = context->source_mac;
        return context->has_mac && !context->no_source;
    case FIELD_DEST_MAC:
        value->mac = context->destination_mac;
        return context->has_mac && !context->no_destination;
    case FIELD_VLAN:
        value->number = context->vlan[0];
        return context->vlan_count > 0;
    case FIELD_DIRECTION:
        return context->has_ip && set_text(value, direction_of(context));
    case FIELD_SRC_LOCAL:
        value->number = context->source_local;
        return context->has_ip;
    case FIELD_DEST_LOCAL:
        value->number = context->destination_local;
        return context->has_ip;
    default:
        return false;
    }
}
