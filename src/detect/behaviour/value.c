/* SPDX-License-Identifier: Apache-2.0 */
/* A field's key and values as tests: what each modifier and kind means. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "detect/behaviour/modifier.h"

/* One key while its values are read. */
struct field_reader {
    struct place *place;
    struct arena *scratch;
    struct field_key key;
    enum event_field field; /* FIELD_COUNT for keywords and time. */
    enum event_kind kind;
    unsigned line;
};

/* What a test costs beside others, roughly in nanoseconds. */
static unsigned cost_of(const struct test *test)
{
    static const unsigned costs[] = {
        [TEST_EXISTS] = 2,     [TEST_NUMBER] = 2,   [TEST_REAL] = 2,
        [TEST_NETWORK] = 8,    [TEST_MAC] = 3,      [TEST_TIME] = 20,
        [TEST_TEXT] = 5,       [TEST_REFERENCE] = 30, [TEST_REGEX] = 150,
        [TEST_KEYWORD] = 500,  [TEST_KEYWORD_REGEX] = 1500,
    };
    static const unsigned patterns[] = {
        [PATTERN_ANY] = 0,    [PATTERN_EXACT] = 0,   [PATTERN_PREFIX] = 1,
        [PATTERN_SUFFIX] = 1, [PATTERN_WITHIN] = 40, [PATTERN_GLOB] = 60,
    };
    unsigned cost = costs[test->op];

    if (test->op == TEST_TEXT)
        cost += patterns[test->pattern->kind];
    if (test->op == TEST_TEXT && test->kind != EVENT_KIND_TEXT &&
        test->kind != EVENT_KIND_PAIR && test->kind != EVENT_KIND_SECRET)
        cost += 80; /* It is made text first. */
    return cost;
}

static struct expression *make(const struct field_reader *reader,
                               struct test test)
{
    struct expression *expression =
        expression_new(reader->scratch, EXPRESSION_TEST);

    test.field = (uint16_t)reader->field;
    test.kind = (uint8_t)reader->kind;
    expression->test = test;
    expression->tests = 1;
    expression->cost = cost_of(&test);
    return expression;
}

static struct expression *refuse_value(const struct field_reader *reader,
                                       const struct yaml_node *value,
                                       const char *wanted)
{
    (void)place_refuse(reader->place, value->line,
                       "%s cannot be compared with field %s: %s",
                       place_quote(reader->place, value->text),
                       place_quote(reader->place, reader->key.name), wanted);
    return NULL;
}

/* Decimal, or hexadecimal after 0x. */
static bool to_number(struct bytes text, uint64_t *number)
{
    if (!bytes_start_with_nocase(text, bytes_of_text("0x")))
        return bytes_to_number(text, UINT64_MAX, number);
    if (text.size < 3 || text.size > 18)
        return false;
    uint64_t value = 0;
    for (size_t i = 2; i < text.size; i++) {
        uint8_t c = text.data[i];
        uint8_t letter = (uint8_t)(c | 0x20);
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && (letter < 'a' || letter > 'f'))
            return false;
        value = value << 4 | (unsigned)(is_digit ? c - '0' : letter - 'a' + 10);
    }
    *number = value;
    return true;
}

/* `text` ends with a zero, as all scalars do. */
static bool to_real(struct bytes text, double *real)
{
    char *end;

    if (text.size == 0 || text.size > 63)
        return false;
    errno = 0;
    *real = strtod((const char *)text.data, &end);
    return (const uint8_t *)end == text.data + text.size && errno == 0 &&
           isfinite(*real);
}

static bool to_flag(const struct yaml_node *node, uint64_t *number)
{
    bool flag = bytes_equal_nocase(node->text, bytes_of_text("t")) ||
                yaml_is_text(node, "1");
    bool is_no = bytes_equal_nocase(node->text, bytes_of_text("f")) ||
                 yaml_is_text(node, "0");

    if (!flag && !is_no && !yaml_to_flag(node, &flag))
        return false;
    *number = flag;
    return true;
}

static struct expression *read_ordered(const struct field_reader *reader,
                                       const struct yaml_node *value)
{
    uint8_t compare = (uint8_t)modifier_comparison(reader->key.modifiers);
    uint64_t number;
    double real;

    if (reader->kind != EVENT_KIND_NUMBER && reader->kind != EVENT_KIND_REAL)
        return refuse_value(reader, value,
                            "lt, lte, gt and gte need a field of numbers");
    if (reader->kind == EVENT_KIND_NUMBER && to_number(value->text, &number))
        return make(reader, (struct test){ .op = TEST_NUMBER,
                                           .compare = compare,
                                           .number = number });
    if (to_real(value->text, &real))
        return make(reader, (struct test){ .op = TEST_REAL,
                                           .compare = compare,
                                           .real = real });
    return refuse_value(reader, value, "a number is wanted");
}

static struct expression *read_time(const struct field_reader *reader,
                                    const struct yaml_node *value)
{
    static const uint64_t limits[] = {
        [TIME_MINUTE] = 59, [TIME_HOUR] = 23,  [TIME_DAY] = 31,
        [TIME_WEEK] = 53,   [TIME_MONTH] = 12, [TIME_YEAR] = 9999,
    };
    enum time_part part = modifier_time_part(reader->key.modifiers);
    uint64_t number;

    if (!bytes_to_number(value->text, limits[part], &number))
        return refuse_value(reader, value,
                            "a number that this part of a date can have is "
                            "wanted");
    return make(reader,
                (struct test){ .op = TEST_TIME,
                               .detail = (uint8_t)part,
                               .compare = (uint8_t)modifier_comparison(
                                   reader->key.modifiers),
                               .number = number });
}

static struct expression *read_network(const struct field_reader *reader,
                                       const struct yaml_node *value)
{
    struct test test = { .op = TEST_NETWORK };

    if (reader->kind != EVENT_KIND_IP)
        return refuse_value(reader, value, "cidr needs a field of addresses");
    if (!ip_prefix_parse(value->text, &test.network))
        return refuse_value(reader, value,
                            "a network like 192.0.2.0/24 is wanted");
    return make(reader, test);
}

static void keep_regex(struct behaviour *behaviour, pcre2_code *code)
{
    if (behaviour->regex_count == behaviour->regex_capacity) {
        behaviour->regex_capacity = behaviour->regex_capacity * 2 + 16;
        behaviour->regexes =
            memory_resize(behaviour->regexes, behaviour->regex_capacity,
                          sizeof(pcre2_code *));
    }
    behaviour->regexes[behaviour->regex_count++] = code;
}

/* Text off the wire need not be UTF-8, and \C could stop inside a character. */
static uint32_t regex_options(uint32_t modifiers)
{
    uint32_t options =
        PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;

    options |= modifiers & MODIFIER_RE_I ? PCRE2_CASELESS : 0;
    options |= modifiers & MODIFIER_RE_M ? PCRE2_MULTILINE : 0;
    options |= modifiers & MODIFIER_RE_S ? PCRE2_DOTALL : 0;
    return options;
}

static struct expression *read_regex(const struct field_reader *reader,
                                     const struct yaml_node *value)
{
    struct behaviour *behaviour = reader->place->behaviour;
    int error;
    PCRE2_SIZE offset;
    PCRE2_UCHAR text[120];

    if (value->text.size > REGEX_SIZE_MAX) {
        (void)place_refuse(reader->place, value->line,
                           "a regular expression is longer than 4096 bytes");
        return NULL;
    }
    pcre2_code *code = pcre2_compile(
        value->text.data, value->text.size,
        regex_options(reader->key.modifiers), &error, &offset,
        behaviour->regex_context);
    if (!code) {
        (void)pcre2_get_error_message(error, text, sizeof text);
        (void)place_refuse(reader->place, value->line,
                           "regular expression, at character %zu: %s",
                           (size_t)offset + 1, (const char *)text);
        return NULL;
    }
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* Slower without. */
    keep_regex(behaviour, code);
    bool is_keyword = reader->key.name.size == 0;
    return make(reader,
                (struct test){ .op = is_keyword ? TEST_KEYWORD_REGEX
                                                : TEST_REGEX,
                               .regex = code });
}

static struct expression *read_reference(const struct field_reader *reader,
                                         const struct yaml_node *value)
{
    uint32_t modifiers = reader->key.modifiers;
    enum event_field other = field_find(reader->place->type, value->text);
    enum pattern_kind how = PATTERN_EXACT;

    if (other == FIELD_COUNT)
        return refuse_value(reader, value,
                            "fieldref needs the name of another field of "
                            "the same events");
    if (modifiers & MODIFIER_STARTSWITH)
        how = PATTERN_PREFIX;
    else if (modifiers & MODIFIER_ENDSWITH)
        how = PATTERN_SUFFIX;
    else if (modifiers & MODIFIER_CONTAINS)
        how = PATTERN_WITHIN;
    return make(reader,
                (struct test){ .op = TEST_REFERENCE,
                               .detail = (uint8_t)how,
                               .cased = (modifiers & MODIFIER_CASED) != 0,
                               .other = (uint16_t)other });
}

static struct expression *make_pattern(const struct field_reader *reader,
                                       struct tokens tokens)
{
    uint32_t modifiers = reader->key.modifiers;
    bool is_keyword = reader->key.name.size == 0;
    bool before = modifiers & (MODIFIER_CONTAINS | MODIFIER_ENDSWITH);
    bool after = modifiers & (MODIFIER_CONTAINS | MODIFIER_STARTSWITH);
    struct arena *arena = &reader->place->behaviour->arena;
    struct pattern *pattern = arena_allocate(arena, sizeof *pattern);

    if (is_keyword && !(modifiers & MODIFIERS_PLACE))
        before = after = true;
    tokens = tokens_wrap(arena, tokens, before, after);
    *pattern = pattern_of(arena, tokens, (modifiers & MODIFIER_CASED) != 0);
    return make(reader,
                (struct test){ .op = is_keyword ? TEST_KEYWORD : TEST_TEXT,
                               .pattern = pattern });
}

/* UTF-16 in the order asked for; with a byte order mark for plain utf16. */
static bool encode_wide(const struct field_reader *reader, struct bytes *text)
{
    uint32_t modifiers = reader->key.modifiers;
    struct arena *arena = reader->scratch;
    struct bytes encoded;

    if (!(modifiers & MODIFIERS_UTF16))
        return true;
    if (!encode_utf16(arena, *text, (modifiers & MODIFIER_UTF16BE) != 0,
                      &encoded))
        return false;
    *text = encoded;
    if (modifiers & MODIFIER_UTF16) {
        uint8_t *marked = arena_allocate(arena, encoded.size + 2);
        marked[0] = 0xff;
        marked[1] = 0xfe;
        if (encoded.size > 0)
            memcpy(marked + 2, encoded.data, encoded.size);
        *text = bytes_of(marked, encoded.size + 2);
    }
    return true;
}

/* One string after the other modifiers; Base64 at any place makes three. */
static struct expression *read_encoded(const struct field_reader *reader,
                                       const struct yaml_node *value,
                                       struct tokens tokens)
{
    struct arena *arena = reader->scratch;

    if (!(reader->key.modifiers & MODIFIERS_ENCODE))
        return make_pattern(reader, tokens);
    if (tokens_have_wildcard(tokens))
        return refuse_value(reader, value, "wildcards cannot be encoded");
    struct bytes text = tokens_literal(arena, tokens);
    if (!encode_wide(reader, &text))
        return refuse_value(reader, value, "this is not UTF-8");
    if (reader->key.modifiers & MODIFIER_BASE64)
        text = encode_base64(arena, text);
    if (!(reader->key.modifiers & MODIFIER_BASE64OFFSET))
        return make_pattern(reader, tokens_of_bytes(arena, text));
    struct expression *any = expression_new(arena, EXPRESSION_OR);
    for (unsigned shift = 0; shift < 3; shift++) {
        struct bytes part = encode_base64_offset(arena, text, shift);
        if (part.size == 0)
            return refuse_value(reader, value, "it is too short to be found "
                                               "within Base64");
        expression_add(any,
                       make_pattern(reader, tokens_of_bytes(arena, part)));
    }
    return any;
}

static struct expression *read_string(const struct field_reader *reader,
                                      const struct yaml_node *value)
{
    struct tokens tokens;

    if (!tokens_parse(reader->scratch, value->text, &tokens))
        return refuse_value(reader, value, "it is longer than 4096 bytes");
    bool is_keyword = reader->key.name.size == 0;
    if ((is_keyword || reader->key.modifiers & MODIFIERS_PLACE) &&
        tokens.count == 0)
        return refuse_value(reader, value, "empty text is everywhere");
    if (!(reader->key.modifiers & MODIFIER_WINDASH))
        return read_encoded(reader, value, tokens);
    struct tokens *variants = arena_allocate(
        reader->scratch, PATTERN_VARIANT_MAX * sizeof *variants);
    size_t count = dash_variants(reader->scratch, tokens, variants);
    if (count == 0)
        return refuse_value(reader, value,
                            "windash is for at most four dashes");
    struct expression *any = expression_new(reader->scratch, EXPRESSION_OR);
    for (size_t i = 0; i < count; i++) {
        struct expression *one = read_encoded(reader, value, variants[i]);
        if (!one)
            return NULL;
        expression_add(any, one);
    }
    return any;
}

/* Equality in the terms of the field: 080 is 80, ::1 is 0:0::1. */
static struct expression *read_typed(const struct field_reader *reader,
                                     const struct yaml_node *value)
{
    struct test test = { .compare = COMPARE_EQUAL };

    switch (reader->kind) {
    case EVENT_KIND_NUMBER:
        test.op = TEST_NUMBER;
        if (to_number(value->text, &test.number))
            return make(reader, test);
        return refuse_value(reader, value, "it is a field of numbers");
    case EVENT_KIND_FLAG:
        test.op = TEST_NUMBER;
        if (to_flag(value, &test.number))
            return make(reader, test);
        return refuse_value(reader, value, "it is true or false");
    case EVENT_KIND_REAL:
        test.op = TEST_REAL;
        if (to_real(value->text, &test.real))
            return make(reader, test);
        return refuse_value(reader, value, "it is a field of numbers");
    case EVENT_KIND_IP:
        test.op = TEST_NETWORK;
        if (ip_parse(value->text, &test.network.address)) {
            test.network.length = 128;
            return make(reader, test);
        }
        return refuse_value(reader, value,
                            "it is an address; for a network use cidr");
    case EVENT_KIND_MAC:
        test.op = TEST_MAC;
        if (mac_parse(value->text, &test.mac))
            return make(reader, test);
        return refuse_value(reader, value, "it is a MAC address");
    case EVENT_KIND_TEXT:
    case EVENT_KIND_PAIR:
    case EVENT_KIND_SECRET:
        break;
    }
    return read_string(reader, value);
}

static struct expression *read_plain(const struct field_reader *reader,
                                     const struct yaml_node *value)
{
    bool is_text = reader->kind == EVENT_KIND_TEXT ||
                   reader->kind == EVENT_KIND_PAIR ||
                   reader->kind == EVENT_KIND_SECRET;
    uint32_t changes = reader->key.modifiers &
                       (MODIFIERS_PLACE | MODIFIERS_ENCODE | MODIFIER_WINDASH);
    struct tokens tokens;

    if (is_text || changes != 0)
        return read_string(reader, value);
    if (tokens_parse(reader->scratch, value->text, &tokens) &&
        tokens_have_wildcard(tokens))
        return read_string(reader, value);
    return read_typed(reader, value);
}

static struct expression *read_value(const struct field_reader *reader,
                                     const struct yaml_node *value)
{
    uint32_t modifiers = reader->key.modifiers;

    if (value->kind != YAML_SCALAR) {
        (void)place_refuse(reader->place, value->line,
                           "a value must be text, a number, or a list of "
                           "these");
        return NULL;
    }
    if (yaml_is_null(value))
        return refuse_value(reader, value, "null stands alone, without a "
                                           "list or modifiers");
    if (modifiers & MODIFIERS_TIME)
        return read_time(reader, value);
    if (modifiers & MODIFIERS_ORDER)
        return read_ordered(reader, value);
    if (modifiers & MODIFIER_CIDR)
        return read_network(reader, value);
    if (modifiers & MODIFIER_RE)
        return read_regex(reader, value);
    if (modifiers & MODIFIER_FIELDREF)
        return read_reference(reader, value);
    return read_plain(reader, value);
}

static struct expression *read_values(const struct field_reader *reader,
                                      const struct yaml_node *node)
{
    bool is_all = reader->key.modifiers & MODIFIER_ALL;

    if (node->kind != YAML_LIST && !is_all)
        return read_value(reader, node);
    if (node->kind != YAML_LIST || node->count < 2) {
        if (is_all || node->count == 0) {
            (void)place_refuse(reader->place, node->line,
                               is_all ? "all needs a list of at least two"
                                      : "an empty list matches nothing");
            return NULL;
        }
    }
    struct expression *list = expression_new(
        reader->scratch, is_all ? EXPRESSION_AND : EXPRESSION_OR);
    for (const struct yaml_node *n = node->first; n; n = n->next) {
        struct expression *one = read_value(reader, n);
        if (!one)
            return NULL;
        expression_add(list, one);
    }
    expression_order(list);
    return list;
}

/* Absent and present: `null`, and the modifier exists. */
static struct expression *read_presence(const struct field_reader *reader,
                                        const struct yaml_node *node)
{
    bool exists = false;

    if (reader->key.modifiers & MODIFIER_EXISTS && !yaml_to_flag(node, &exists))
        return refuse_value(reader, node, "exists needs true or false");
    struct expression *test =
        make(reader, (struct test){ .op = TEST_EXISTS });
    return exists ? test : expression_not(reader->scratch, test);
}

static bool is_event_time(struct bytes name)
{
    return bytes_equal(name, bytes_of_text("timestamp")) ||
           bytes_equal(name, bytes_of_text("@timestamp")) ||
           bytes_equal(name, bytes_of_text("ts"));
}

/* The inventory writes these into EVE; events do not carry them. */
static bool is_of_inventory(enum event_field field)
{
    return field == FIELD_SRC_DEVICE || field == FIELD_DEST_DEVICE;
}

static bool resolve_field(struct field_reader *reader)
{
    struct place *place = reader->place;
    struct bytes name = reader->key.name;
    bool has_time = reader->key.modifiers & MODIFIERS_TIME;

    reader->field = FIELD_COUNT;
    reader->kind = EVENT_KIND_TEXT;
    if (has_time != is_event_time(name))
        return place_refuse(place, reader->line,
                            "the field timestamp and the modifiers minute to "
                            "year only go together");
    if (has_time || name.size == 0)
        return true;
    reader->field = field_find(place->type, name);
    if (reader->field == FIELD_COUNT) {
        const char *near = field_suggest(place, name);
        return place_refuse(place, reader->line,
                            "%s events have no field %s%s%s%s",
                            event_type_name(place->type),
                            place_quote(place, name),
                            near ? "; did you mean \"" : "",
                            near ? near : "", near ? "\"?" : "");
    }
    if (is_of_inventory(reader->field))
        return place_refuse(place, reader->line,
                            "device ids are given after matching; compare "
                            "the MAC address");
    reader->kind =
        (enum event_kind)event_field_info(reader->field)->kind;
    return true;
}

/* Keywords are sought in all text, so only what applies to text goes. */
static bool suits_keywords(const struct field_reader *reader)
{
    uint32_t allowed =
        MODIFIERS_STRING | MODIFIER_RE | MODIFIERS_FLAGS;

    if (reader->key.name.size > 0 || !(reader->key.modifiers & ~allowed))
        return true;
    return place_refuse(reader->place, reader->line,
                        "this modifier needs the name of a field");
}

struct expression *field_read(struct place *place,
                              const struct yaml_node *node)
{
    struct field_reader reader = { .place = place,
                                   .scratch = &place->behaviour->scratch,
                                   .line = node->line };
    struct expression *expression;

    if (!field_key_read(place, node, &reader.key) ||
        !resolve_field(&reader) || !suits_keywords(&reader))
        return NULL;
    bool is_null = reader.key.name.size > 0 && reader.key.modifiers == 0 &&
                   yaml_is_null(node);
    if (is_null || reader.key.modifiers & MODIFIER_EXISTS)
        expression = read_presence(&reader, node);
    else
        expression = read_values(&reader, node);
    if (expression && reader.key.modifiers & MODIFIER_NEQ)
        expression = expression_not(reader.scratch, expression);
    return expression;
}
