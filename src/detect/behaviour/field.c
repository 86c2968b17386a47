/* SPDX-License-Identifier: Apache-2.0 */
/* Fields by name: found, suggested when they are not, and as text. */
#include <stdio.h>
#include <string.h>

#include "detect/behaviour/internal.h"

enum { NAME_SIZE_MAX = 48 }; /* Longer names get no suggestion. */

/* `name` is `path` but for the [] that marks lists. */
static bool is_path(const char *path, struct bytes name)
{
    size_t at = 0;

    for (; *path; path++) {
        if (*path == '[' || *path == ']')
            continue;
        if (at >= name.size || name.data[at] != (uint8_t)*path)
            return false;
        at++;
    }
    return at == name.size;
}

enum event_field field_find(enum event_type type, struct bytes name)
{
    enum event_field field = event_field_find(type, name);

    for (size_t i = 0; field == FIELD_COUNT && i < FIELD_COUNT; i++) {
        const struct event_field_info *info =
            event_field_info((enum event_field)i);
        bool is_ours = info->event == (uint8_t)type ||
                       info->event == (uint8_t)EVENT_COMMON;
        if (is_ours && is_path(info->path, name))
            field = (enum event_field)i;
    }
    return field;
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 32) : byte;
}

/* Levenshtein's distance, case aside; large for names that are too long. */
static unsigned distance(struct bytes a, struct bytes b)
{
    unsigned row[NAME_SIZE_MAX + 1];

    if (a.size > NAME_SIZE_MAX || b.size > NAME_SIZE_MAX)
        return UINT32_MAX;
    for (unsigned j = 0; j <= b.size; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a.size; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            bool same = lower(a.data[i - 1]) == lower(b.data[j - 1]);
            unsigned replace = diagonal + (same ? 0 : 1);
            unsigned drop = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replace < drop ? replace : drop;
        }
    }
    return row[b.size];
}

struct nearest {
    struct bytes name;
    unsigned distance;
};

static void consider(struct nearest *nearest, struct bytes wanted,
                     struct bytes name)
{
    unsigned d = distance(wanted, name);

    if (name.size > 0 && d < nearest->distance)
        *nearest = (struct nearest){ name, d };
}

/* Half of a name may be wrong; beyond that a suggestion only confuses. */
static bool is_near(const struct nearest *nearest, struct bytes wanted)
{
    return nearest->distance <= (wanted.size + 1) / 2;
}

const char *nearest_name(struct bytes name, const char *const *names,
                         size_t count)
{
    struct nearest nearest = { .distance = UINT32_MAX };

    for (size_t i = 0; i < count; i++)
        consider(&nearest, name, bytes_of_text(names[i]));
    for (size_t i = 0; is_near(&nearest, name) && i < count; i++)
        if (bytes_equal(nearest.name, bytes_of_text(names[i])))
            return names[i];
    return NULL;
}

const char *field_suggest(struct place *place, struct bytes name)
{
    struct nearest nearest = { .distance = UINT32_MAX };

    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const struct event_field_info *info =
            event_field_info((enum event_field)i);
        if (info->event != (uint8_t)place->type &&
            info->event != (uint8_t)EVENT_COMMON)
            continue;
        consider(&nearest, name, bytes_of_text(info->path));
        struct bytes aliases = bytes_of_text(info->aliases);
        while (aliases.size > 0) {
            size_t comma = bytes_find_byte(aliases, ',');
            consider(&nearest, name, bytes_slice(aliases, 0, comma));
            aliases = bytes_slice(aliases, comma + 1, aliases.size);
        }
    }
    if (!is_near(&nearest, name))
        return NULL;
    return arena_copy_text(&place->behaviour->arena, nearest.name);
}

/* Text as it is; other kinds as EVE writes them. */
struct bytes value_render(const struct event_value *value,
                          enum event_kind kind, char text[64])
{
    switch (kind) {
    case EVENT_KIND_TEXT:
    case EVENT_KIND_PAIR:
    case EVENT_KIND_SECRET:
        return value->text;
    case EVENT_KIND_NUMBER:
        (void)snprintf(text, 64, "%llu", (unsigned long long)value->number);
        break;
    case EVENT_KIND_REAL:
        (void)snprintf(text, 64, "%.15g", value->real);
        break;
    case EVENT_KIND_FLAG:
        return bytes_of_text(value->number ? "true" : "false");
    case EVENT_KIND_IP:
        return bytes_of_text(ip_text(value->ip, text));
    case EVENT_KIND_MAC:
        return bytes_of_text(mac_text(value->mac, text));
    }
    return bytes_of_text(text);
}
