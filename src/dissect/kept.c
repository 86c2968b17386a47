/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/kept.h"

#include <string.h>

static uint8_t keep(uint8_t *to, size_t room, struct bytes text)
{
    struct bytes kept = bytes_slice(text, 0, room);

    if (kept.size > 0)
        memcpy(to, kept.data, kept.size);
    return (uint8_t)kept.size;
}

void kept_name_set(struct kept_name *name, struct bytes text)
{
    name->size = keep(name->data, sizeof name->data, text);
}

void kept_path_set(struct kept_path *path, struct bytes text)
{
    path->size = keep(path->data, sizeof path->data, text);
}

struct bytes kept_name_copy(const struct kept_name *name, struct arena *arena)
{
    return arena_copy(arena, bytes_of(name->data, name->size));
}

struct bytes kept_path_copy(const struct kept_path *path, struct arena *arena)
{
    return arena_copy(arena, bytes_of(path->data, path->size));
}

void kept_login_open(struct kept_login *login, const char *protocol,
                     const struct authorization *authorization)
{
    login->protocol = protocol;
    login->method = authorization->method;
    login->is_clear = authorization->is_clear;
    kept_name_set(&login->user, authorization->user);
    kept_name_set(&login->password, authorization->password);
    if (login->attempts < UINT16_MAX)
        login->attempts++;
    login->is_open = true;
}

void kept_login_close(struct kept_login *login, const char *result,
                      struct event_list *events)
{
    if (!login->is_open)
        return;
    struct dissect_login said = {
        .protocol = login->protocol,
        .method = login->method,
        .result = result,
        .user = kept_name_copy(&login->user, events->arena),
        .password = kept_name_copy(&login->password, events->arena),
        .attempt = login->attempts,
        .clear = login->is_clear,
    };
    dissect_add_login(events, &said);
    memset(&login->password, 0, sizeof login->password);
    login->is_open = false;
}
