/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/behaviour/modifier.h"

/* `with`: what may stand in the same key. */
static const struct {
    const char *name;
    uint32_t bit;
    uint32_t with;
} table[] = {
    { "contains", MODIFIER_CONTAINS,
      (MODIFIERS_STRING & ~MODIFIERS_PLACE) | MODIFIER_FIELDREF },
    { "startswith", MODIFIER_STARTSWITH,
      (MODIFIERS_STRING & ~MODIFIERS_PLACE) | MODIFIER_FIELDREF },
    { "endswith", MODIFIER_ENDSWITH,
      (MODIFIERS_STRING & ~MODIFIERS_PLACE) | MODIFIER_FIELDREF },
    { "all", MODIFIER_ALL,
      MODIFIERS_STRING | MODIFIER_RE | MODIFIERS_FLAGS | MODIFIER_CIDR |
          MODIFIER_FIELDREF },
    { "re", MODIFIER_RE, MODIFIERS_FLAGS | MODIFIER_ALL | MODIFIER_NEQ },
    { "i", MODIFIER_RE_I,
      MODIFIER_RE | MODIFIERS_FLAGS | MODIFIER_ALL | MODIFIER_NEQ },
    { "m", MODIFIER_RE_M,
      MODIFIER_RE | MODIFIERS_FLAGS | MODIFIER_ALL | MODIFIER_NEQ },
    { "s", MODIFIER_RE_S,
      MODIFIER_RE | MODIFIERS_FLAGS | MODIFIER_ALL | MODIFIER_NEQ },
    { "cidr", MODIFIER_CIDR, MODIFIER_ALL | MODIFIER_NEQ },
    { "lt", MODIFIER_LT, MODIFIERS_TIME },
    { "lte", MODIFIER_LTE, MODIFIERS_TIME },
    { "gt", MODIFIER_GT, MODIFIERS_TIME },
    { "gte", MODIFIER_GTE, MODIFIERS_TIME },
    { "neq", MODIFIER_NEQ,
      MODIFIERS_STRING | MODIFIER_RE | MODIFIERS_FLAGS | MODIFIER_CIDR |
          MODIFIER_FIELDREF | MODIFIERS_TIME },
    { "exists", MODIFIER_EXISTS, 0 },
    { "cased", MODIFIER_CASED, MODIFIERS_STRING | MODIFIER_FIELDREF },
    { "windash", MODIFIER_WINDASH, MODIFIERS_STRING },
    { "base64", MODIFIER_BASE64, MODIFIERS_STRING & ~MODIFIER_BASE64OFFSET },
    { "base64offset", MODIFIER_BASE64OFFSET,
      MODIFIERS_STRING & ~MODIFIER_BASE64 },
    { "utf16le", MODIFIER_UTF16LE, MODIFIERS_STRING & ~MODIFIERS_UTF16 },
    { "wide", MODIFIER_UTF16LE, MODIFIERS_STRING & ~MODIFIERS_UTF16 },
    { "utf16be", MODIFIER_UTF16BE, MODIFIERS_STRING & ~MODIFIERS_UTF16 },
    { "utf16", MODIFIER_UTF16, MODIFIERS_STRING & ~MODIFIERS_UTF16 },
    { "fieldref", MODIFIER_FIELDREF,
      MODIFIERS_PLACE | MODIFIER_NEQ | MODIFIER_CASED | MODIFIER_ALL },
    { "expand", MODIFIER_EXPAND, UINT32_MAX },
    { "minute", MODIFIER_MINUTE, MODIFIERS_ORDER | MODIFIER_NEQ },
    { "hour", MODIFIER_HOUR, MODIFIERS_ORDER | MODIFIER_NEQ },
    { "day", MODIFIER_DAY, MODIFIERS_ORDER | MODIFIER_NEQ },
    { "week", MODIFIER_WEEK, MODIFIERS_ORDER | MODIFIER_NEQ },
    { "month", MODIFIER_MONTH, MODIFIERS_ORDER | MODIFIER_NEQ },
    { "year", MODIFIER_YEAR, MODIFIERS_ORDER | MODIFIER_NEQ },
};

static bool refuse_unknown(struct place *place, unsigned line,
                           struct bytes name)
{
    const char *names[COUNT_OF(table)];

    for (size_t i = 0; i < COUNT_OF(table); i++)
        names[i] = table[i].name;
    const char *near = nearest_name(name, names, COUNT_OF(table));
    return place_refuse(place, line, "unknown modifier %s%s%s%s",
                        place_quote(place, name),
                        near ? "; did you mean \"" : "", near ? near : "",
                        near ? "\"?" : "");
}

/* What must come before, in the order modifiers are applied in: the flags of
 * `re` follow it, and text is encoded before it is placed. */
static const char *wrong_order(uint32_t before, uint32_t bit)
{
    if ((bit & MODIFIERS_FLAGS) && !(before & MODIFIER_RE))
        return "i, m and s stand after re";
    if ((bit & MODIFIERS_ENCODE) && (before & MODIFIERS_PLACE))
        return "encode before contains, startswith and endswith";
    if ((bit & MODIFIERS_UTF16) && (before & MODIFIERS_BASE64))
        return "UTF-16 comes before Base64";
    return NULL;
}

static bool add(struct place *place, unsigned line, struct bytes name,
                uint32_t *modifiers)
{
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (!bytes_equal(bytes_of_text(table[i].name), name))
            continue;
        if (*modifiers & table[i].bit)
            return place_refuse(place, line, "modifier %s stands twice",
                                table[i].name);
        if (*modifiers & ~table[i].with & ~(uint32_t)MODIFIER_EXPAND)
            return place_refuse(place, line,
                                "modifier %s does not go with those before "
                                "it", table[i].name);
        const char *wrong = wrong_order(*modifiers, table[i].bit);
        if (wrong)
            return place_refuse(place, line, "modifier %s is misplaced: %s",
                                table[i].name, wrong);
        *modifiers |= table[i].bit;
        return true;
    }
    return refuse_unknown(place, line, name);
}

bool field_key_read(struct place *place, const struct yaml_node *node,
                    struct field_key *key)
{
    size_t bar = bytes_find_byte(node->key, '|');
    struct bytes rest = bytes_slice(node->key, bar + 1, node->key.size);

    *key = (struct field_key){ .name = bytes_slice(node->key, 0, bar) };
    if (bar < node->key.size && rest.size == 0)
        return place_refuse(place, node->line, "a modifier is missing after "
                                               "the bar");
    while (rest.size > 0) {
        bar = bytes_find_byte(rest, '|');
        if (!add(place, node->line, bytes_slice(rest, 0, bar),
                 &key->modifiers))
            return false;
        rest = bytes_slice(rest, bar + 1, rest.size);
    }
    if (key->modifiers & MODIFIER_EXPAND)
        return place_refuse(place, node->line,
                            "placeholders of expand are not known here; "
                            "write the values out");
    return true;
}

enum time_part modifier_time_part(uint32_t modifiers)
{
    if (modifiers & MODIFIER_MINUTE)
        return TIME_MINUTE;
    if (modifiers & MODIFIER_HOUR)
        return TIME_HOUR;
    if (modifiers & MODIFIER_DAY)
        return TIME_DAY;
    if (modifiers & MODIFIER_WEEK)
        return TIME_WEEK;
    return modifiers & MODIFIER_MONTH ? TIME_MONTH : TIME_YEAR;
}

enum comparison modifier_comparison(uint32_t modifiers)
{
    if (modifiers & MODIFIER_LT)
        return COMPARE_LESS;
    if (modifiers & MODIFIER_LTE)
        return COMPARE_LESS_EQUAL;
    if (modifiers & MODIFIER_GT)
        return COMPARE_MORE;
    return modifiers & MODIFIER_GTE ? COMPARE_MORE_EQUAL : COMPARE_EQUAL;
}
