/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a flow's state keeps from one packet to the next: short copies of
 * names, and an attempt to log in whose outcome the other side has yet to
 * tell. Names longer than there is room for are cut; the limits are those of
 * what devices accept.
 */
#include "dissect/authorization.h"
#include "dissect/dissector.h"

enum {
    KEPT_NAME_MAX = 63,  /* A user name, a password, a method. */
    KEPT_PATH_MAX = 191, /* A URL, a file name. */
};

struct kept_name {
    uint8_t size;
    uint8_t data[KEPT_NAME_MAX];
};

struct kept_path {
    uint8_t size;
    uint8_t data[KEPT_PATH_MAX];
};

void kept_name_set(struct kept_name *name, struct bytes text);
void kept_path_set(struct kept_path *path, struct bytes text);

/* A copy that lives as long as the packet, for an event. */
struct bytes kept_name_copy(const struct kept_name *name, struct arena *arena);
struct bytes kept_path_copy(const struct kept_path *path, struct arena *arena);

/* An attempt that was seen; zeroed for none. */
struct kept_login {
    const char *protocol; /* A literal, as for dissect_add_login(). */
    const char *method;
    struct kept_name user;
    struct kept_name password;
    uint16_t attempts;
    bool is_open;
    bool is_clear;
};

/* An attempt begins: keep what was sent. One still open is forgotten. */
void kept_login_open(struct kept_login *login, const char *protocol,
                     const struct authorization *authorization);

/* It came to `result`: append the EVENT_LOGIN, if an attempt is open. */
void kept_login_close(struct kept_login *login, const char *result,
                      struct event_list *events);
