/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dissector.h"

struct dissect_result dissect_done(size_t used)
{
    return (struct dissect_result){ .verdict = DISSECT_DONE, .used = used };
}

struct dissect_result dissect_more(size_t needed)
{
    return (struct dissect_result){ .verdict = DISSECT_MORE,
                                    .needed = needed };
}

struct dissect_result dissect_malformed(const char *anomaly)
{
    return (struct dissect_result){ .verdict = DISSECT_MALFORMED,
                                    .anomaly = anomaly };
}

struct dissect_result dissect_hand_over(size_t used)
{
    return (struct dissect_result){ .verdict = DISSECT_NOT_MINE,
                                    .used = used };
}

struct dissect_result dissect_finished(void)
{
    return (struct dissect_result){ .verdict = DISSECT_FINISHED };
}

static void set_if_any(struct event *event, enum event_field field,
                       struct bytes text)
{
    if (text.size > 0)
        event_set_text(event, field, text);
}

void dissect_add_login(struct event_list *events,
                       const struct dissect_login *login)
{
    struct event *event = event_new(events, EVENT_LOGIN);

    if (login->protocol)
        event_set_literal(event, FIELD_LOGIN_PROTOCOL, login->protocol);
    if (login->method)
        event_set_literal(event, FIELD_LOGIN_METHOD, login->method);
    set_if_any(event, FIELD_LOGIN_USER, login->user);
    set_if_any(event, FIELD_LOGIN_PASSWORD, login->password);
    if (login->result)
        event_set_literal(event, FIELD_LOGIN_RESULT, login->result);
    event_set_flag(event, FIELD_LOGIN_CLEAR, login->clear);
    if (login->attempt > 0)
        event_set_number(event, FIELD_LOGIN_ATTEMPT, login->attempt);
}

uint32_t dissect_transaction(const struct dissect_input *input)
{
    if (input->flow->protocol == IP_PROTOCOL_TCP)
        return (uint32_t)input->offset * 2 + input->side;
    return input->flow->packets[0] + input->flow->packets[1];
}
