/* SPDX-License-Identifier: Apache-2.0 */

/* What URLs, dates and host names look like. */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "mud/internal.h"

/* Every character that RFC 3986 lets stand in a URI, percent signs before
 * two hexadecimal digits. */
static bool has_uri_characters(const char *text)
{
    static const char others[] = "-._~:/?#[]@!$&'()*+,;=";

    for (size_t i = 0; text[i]; i++) {
        unsigned char at = (unsigned char)text[i];
        if (at == '%') {
            if (!isxdigit((unsigned char)text[i + 1]) ||
                !isxdigit((unsigned char)text[i + 2]))
                return false;
        } else if (at >= 0x80 || (!isalnum(at) && !strchr(others, at))) {
            return false;
        }
    }
    return true;
}

bool mud_is_uri(const char *uri)
{
    size_t scheme = strcspn(uri, ":/?#");

    return scheme > 0 && uri[scheme] == ':' &&
           isalpha((unsigned char)uri[0]) && uri[scheme + 1] &&
           has_uri_characters(uri);
}

struct bytes mud_authority(struct bytes url)
{
    size_t at = bytes_find(url, bytes_of_text("://"));
    if (at == url.size)
        return (struct bytes){ 0 };
    struct bytes rest = bytes_slice(url, at + 3, url.size);
    size_t end = 0;

    while (end < rest.size && rest.data[end] != '/' &&
           rest.data[end] != '?' && rest.data[end] != '#')
        end++;
    return bytes_slice(rest, 0, end);
}

bool mud_is_https_url(const char *url)
{
    struct bytes text = bytes_of_text(url);

    if (!bytes_start_with_nocase(text, bytes_of_text("https://")) ||
        !mud_is_uri(url))
        return false;
    struct bytes authority = mud_authority(text);
    return authority.size > 0 &&
           bytes_find_byte(authority, '@') == authority.size;
}

/* Labels of letters, digits, hyphens and underscores, 63 bytes at most, 253
 * in all (RFC 1123 section 2.1; underscores are in use). */
bool mud_is_host_name(const char *name)
{
    size_t size = strlen(name);
    size_t label = 0;

    if (size > 0 && name[size - 1] == '.')
        size--;
    if (size == 0 || size > 253)
        return false;
    for (size_t i = 0; i < size; i++) {
        unsigned char at = (unsigned char)name[i];
        if (at == '.') {
            if (label == 0)
                return false;
            label = 0;
            continue;
        }
        if (!isalnum(at) && at != '-' && at != '_')
            return false;
        if (++label > 63)
            return false;
    }
    return label > 0;
}

static bool two_digits(const char *text, unsigned *number)
{
    if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]))
        return false;
    *number = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
    return true;
}

/* "Z" or "+01:00"; seconds east of Greenwich. */
static bool zone_parse(const char *text, int64_t *offset)
{
    unsigned hours;
    unsigned minutes;

    *offset = 0;
    if (strcmp(text, "Z") == 0)
        return true;
    if (strlen(text) != 6 || (text[0] != '+' && text[0] != '-') ||
        text[3] != ':' || !two_digits(text + 1, &hours) ||
        !two_digits(text + 4, &minutes) || hours > 14 || minutes > 59)
        return false;
    *offset = (int64_t)hours * 3600 + (int64_t)minutes * 60;
    if (text[0] == '-')
        *offset = -*offset;
    return true;
}

/* "2026-01-02T03:04:05.678+01:00" (RFC 6991, date-and-time). */
bool mud_date_parse(const char *text, int64_t *seconds, bool *has_zone)
{
    struct tm parts = { 0 };
    int64_t offset = 0;
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);

    if (!rest || rest != text + 19)
        return false;
    if (*rest == '.') {
        size_t digits = strspn(rest + 1, "0123456789");
        if (digits == 0)
            return false;
        rest += 1 + digits;
    }
    if (*rest && !zone_parse(rest, &offset))
        return false;
    *has_zone = *rest != 0;
    *seconds = (int64_t)timegm(&parts) - offset;
    return true;
}
