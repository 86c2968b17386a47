/* SPDX-License-Identifier: Apache-2.0 */

/* The object "ietf-mud:mud": what the file says of itself and its device. */
#include <string.h>

#include "base/text.h"
#include "mud/internal.h"

enum {
    CACHE_HOURS_DEFAULT = 48, /* RFC 8520 section 3.5. */
    CACHE_HOURS_MAX = 168,
    SYSTEMINFO_SHOWN = 60,    /* Characters, section 3.7. */
};

static void require(struct mud_reading *r, json_t *mud,
                    const char *key)
{
    if (!json_object_get(mud, key))
        mud_problem(r, MUD_REFUSED, "RFC 8520 7",
                    "'%s' is missing; every MUD file has it", key);
}

static void read_version(struct mud_reading *r, json_t *mud)
{
    uint64_t version = 0;

    require(r, mud, "mud-version");
    if (!mud_take_number(r, mud, "mud-version", 255, &version) ||
        version == 1)
        return;
    mud_enter(r, "mud-version");
    mud_problem(r, MUD_REFUSED, "RFC 8520 3.1",
                "version %llu is not known; there is only 1",
                (unsigned long long)version);
    mud_leave(r);
}

static void read_url(struct mud_reading *r, json_t *mud)
{
    struct mud_file *file = r->file;

    require(r, mud, "mud-url");
    if (!mud_take_text(r, mud, "mud-url", &file->url))
        return;
    mud_enter(r, "mud-url");
    if (!mud_is_https_url(file->url))
        mud_problem(r, MUD_REFUSED, "RFC 8520 6",
                    "'%s' is not a https URL without a user's name",
                    file->url);
    else if (r->options->url && strcmp(r->options->url, file->url) != 0)
        mud_problem(r, MUD_ASK, "RFC 8520 16",
                    "the file is of '%s' but was asked for at '%s'",
                    file->url, r->options->url);
    mud_leave(r);
}

static void read_date(struct mud_reading *r, json_t *mud)
{
    const char *text;
    int64_t seconds = 0;
    bool has_zone = false;

    require(r, mud, "last-update");
    if (!mud_take_text(r, mud, "last-update", &text))
        return;
    r->file->last_update = text;
    mud_enter(r, "last-update");
    if (!mud_date_parse(text, &seconds, &has_zone) || !has_zone)
        mud_problem(r, MUD_REFUSED, "RFC 6991 3",
                    "'%s' is not a date, a time and a zone, such as "
                    "2026-01-02T03:04:05Z", text);
    else if (r->options->now_s != 0 && seconds > r->options->now_s + 86400)
        mud_problem(r, MUD_ASK, "RFC 8520 3.4",
                    "'%s' has not come yet", text);
    mud_leave(r);
}

static void read_cache(struct mud_reading *r, json_t *mud)
{
    uint64_t hours = CACHE_HOURS_DEFAULT;

    if (mud_take_number(r, mud, "cache-validity", UINT8_MAX, &hours) &&
        (hours < 1 || hours > CACHE_HOURS_MAX)) {
        mud_enter(r, "cache-validity");
        mud_problem(r, MUD_REFUSED, "RFC 8520 3.5",
                    "%llu hours are not between 1 and %d",
                    (unsigned long long)hours, CACHE_HOURS_MAX);
        mud_leave(r);
    }
    r->file->cache_validity = (uint32_t)hours;
}

static size_t count_characters(struct bytes text, bool *has_unsafe)
{
    size_t count = 0;
    uint32_t point;

    *has_unsafe = false;
    while (text.size > 0) {
        size_t size = text_utf8_next(text, &point);
        *has_unsafe |= size == 0 || text_is_unsafe(point);
        text = bytes_slice(text, size ? size : 1, text.size);
        count++;
    }
    return count;
}

static void read_shown(struct mud_reading *r, json_t *mud,
                       const char *key, const char **text)
{
    bool has_unsafe;

    if (!mud_take_text(r, mud, key, text))
        return;
    mud_enter(r, key);
    size_t count = count_characters(bytes_of_text(*text), &has_unsafe);
    if (count > SYSTEMINFO_SHOWN && strcmp(key, "systeminfo") == 0)
        mud_problem(r, MUD_NOTICE, "RFC 8520 3.7",
                    "%zu characters; it should not exceed %d", count,
                    SYSTEMINFO_SHOWN);
    if (has_unsafe)
        mud_problem(r, MUD_NOTICE, "hardening",
                    "it has characters that hide or reorder text; they are "
                    "shown as numbers");
    mud_leave(r);
}

/* RFC 8520 section 3.8: a fixed URL and firmware that changes do not go
 * together, and nobody can see here which of them holds. */
static void read_revision(struct mud_reading *r, json_t *mud,
                          const char *key, const char **text)
{
    if (!mud_take_text(r, mud, key, text))
        return;
    mud_enter(r, key);
    mud_problem(r, MUD_NOTICE, "RFC 8520 3.8",
                "it must not be here when the device can be updated and the "
                "URL stays the same");
    mud_leave(r);
}

static void read_uri(struct mud_reading *r, json_t *mud,
                     const char *key, const char **text)
{
    if (!mud_take_text(r, mud, key, text))
        return;
    mud_enter(r, key);
    bool is_relative = (*text)[0] != 0 && !strchr(*text, ':') &&
                       !strchr(*text, ' ');
    if (!mud_is_uri(*text) && !is_relative)
        mud_problem(r, MUD_REFUSED, "RFC 8520 7",
                    "'%s' is not a URI", *text);
    mud_leave(r);
}

static void read_extensions(struct mud_reading *r, json_t *mud)
{
    json_t *names = mud_take_array(r, mud, "extensions");
    size_t index;
    json_t *name;

    mud_enter(r, "extensions");
    json_array_foreach(names, index, name) {
        mud_enter_item(r, index);
        if (!json_is_string(name))
            mud_problem(r, MUD_REFUSED, "RFC 7951",
                        "this must be a string in quotes");
        mud_leave(r);
    }
    mud_leave(r);
    r->extensions = names;
}

void mud_read_head(struct mud_reading *r, json_t *mud)
{
    static mud_names names = {
        "mud-version", "mud-url", "last-update", "mud-signature",
        "cache-validity", "is-supported", "systeminfo", "mfg-name",
        "model-name", "firmware-rev", "software-rev", "documentation",
        "extensions", "from-device-policy", "to-device-policy", NULL,
    };
    struct mud_file *file = r->file;

    read_extensions(r, mud);
    mud_check_names(r, mud, names);
    read_version(r, mud);
    read_url(r, mud);
    read_date(r, mud);
    read_cache(r, mud);
    require(r, mud, "is-supported");
    (void)mud_take_flag(r, mud, "is-supported", &file->is_supported);
    read_uri(r, mud, "mud-signature", &file->signature);
    read_uri(r, mud, "documentation", &file->documentation);
    read_shown(r, mud, "systeminfo", &file->systeminfo);
    read_shown(r, mud, "mfg-name", &file->mfg_name);
    read_shown(r, mud, "model-name", &file->model_name);
    read_revision(r, mud, "firmware-rev", &file->firmware_rev);
    read_revision(r, mud, "software-rev", &file->software_rev);
}
