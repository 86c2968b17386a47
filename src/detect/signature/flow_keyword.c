/* SPDX-License-Identifier: Apache-2.0 */
/* flow, flowbits, xbits, hostbits, flowint, stream_size and the counters of a
 * flow. */
#include "detect/signature/draft.h"
#include "detect/signature/part.h"

enum { BITS_NAMES_MAX = 64 }; /* Of one flowbits: a|b|c. */

struct flow_word {
    const char *name;
    enum rule_condition_kind kind;
    enum flow_side side;
};

static const struct flow_word flow_words[] = {
    { "to_server", CONDITION_FLOW_SIDE, FLOW_ORIGINATOR },
    { "from_client", CONDITION_FLOW_SIDE, FLOW_ORIGINATOR },
    { "to_client", CONDITION_FLOW_SIDE, FLOW_RESPONDER },
    { "from_server", CONDITION_FLOW_SIDE, FLOW_RESPONDER },
    { "established", CONDITION_FLOW_ESTABLISHED, 0 },
    { "not_established", CONDITION_FLOW_NOT_ESTABLISHED, 0 },
    { "stateless", CONDITION_FLOW_STATELESS, 0 },
    { "only_stream", CONDITION_ONLY_STREAM, 0 },
    { "no_stream", CONDITION_NO_STREAM, 0 },
    { "no_frag", CONDITION_FRAGMENT_NONE, 0 },
    { "only_frag", CONDITION_FRAGMENT_ONLY, 0 },
};

static const struct flow_word *find_flow_word(struct bytes part)
{
    for (size_t i = 0; i < COUNT_OF(flow_words); i++)
        if (part_is_nocase(part, flow_words[i].name))
            return &flow_words[i];
    return NULL;
}

/* Do two words of one flow keyword exclude each other? */
static bool excludes(const struct rule_condition *a,
                     const struct flow_word *b)
{
    static const uint8_t states[][2] = {
        { CONDITION_FLOW_ESTABLISHED, CONDITION_FLOW_NOT_ESTABLISHED },
        { CONDITION_FLOW_ESTABLISHED, CONDITION_FLOW_STATELESS },
        { CONDITION_FLOW_NOT_ESTABLISHED, CONDITION_FLOW_STATELESS },
        { CONDITION_ONLY_STREAM, CONDITION_NO_STREAM },
        { CONDITION_FRAGMENT_NONE, CONDITION_FRAGMENT_ONLY },
    };

    if (a->kind == CONDITION_FLOW_SIDE && b->kind == CONDITION_FLOW_SIDE)
        return a->side != b->side;
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if ((a->kind == states[i][0] && b->kind == states[i][1]) ||
            (a->kind == states[i][1] && b->kind == states[i][0]))
            return true;
    return false;
}

static bool add_flow_word(struct draft *d, struct bytes part)
{
    const struct flow_word *word = find_flow_word(part);

    if (!word)
        return draft_refuse(d, "established, to_server, to_client, "
                               "from_client, from_server, not_established, "
                               "stateless, only_stream, no_stream, no_frag "
                               "or only_frag", "%s is no word of it",
                            draft_quote(d, part));
    for (size_t i = 0; i < d->rule.condition_count; i++)
        if (excludes(&d->conditions[i], word))
            return draft_refuse(d, NULL, "%s contradicts what stands before",
                                draft_quote(d, part));
    d->only_stream |= word->kind == CONDITION_ONLY_STREAM;
    d->no_stream |= word->kind == CONDITION_NO_STREAM;
    struct rule_condition *condition = draft_add_condition(d, word->kind);
    if (!condition)
        return false;
    if (word->kind == CONDITION_FLOW_SIDE)
        condition->side = word->side;
    return true;
}

bool keyword_flow(struct draft *d, const struct keyword *keyword,
                  struct bytes value)
{
    struct bytes part;

    (void)keyword;
    if (d->has_flow)
        return draft_refuse(d, "flow:established,to_server", "stands twice");
    d->has_flow = true;
    while (part_next(&value, ',', &part))
        if (!add_flow_word(d, part))
            return false;
    return true;
}

/* "a|b": numbers of names. */
static bool read_names(struct draft *d, struct bytes names,
                       struct bits_test *bits)
{
    uint16_t numbers[BITS_NAMES_MAX];
    size_t count = 0;
    struct bytes name;

    while (part_next(&names, '|', &name)) {
        if (name.size == 0 || name.size > RULE_NAME_SIZE_MAX ||
            count == BITS_NAMES_MAX)
            return draft_refuse(d, NULL, "%s is no name it may have",
                                draft_quote(d, name));
        uint32_t number = name_list_number(&d->set->bits, &d->set->arena,
                                           name);
        if (number == SIGNATURE_NAME_MAX)
            return draft_refuse(d, NULL, "more than %d names of bits",
                                SIGNATURE_NAME_MAX);
        numbers[count++] = (uint16_t)number;
    }
    if (count == 0)
        return draft_refuse(d, NULL, "the name is missing");
    bits->bits = (const uint16_t *)(const void *)
        arena_copy(&d->set->arena, bytes_of(numbers, count *
                                            sizeof *numbers)).data;
    bits->count = (uint16_t)count;
    return true;
}

static const char *const bits_actions[] = {
    [BITS_SET] = "set",        [BITS_UNSET] = "unset",
    [BITS_TOGGLE] = "toggle",  [BITS_IS_SET] = "isset",
    [BITS_IS_NOT_SET] = "isnotset",
};

/* A condition or an effect, by what is done with the bits. */
static bool add_bits(struct draft *d, const struct bits_test *bits,
                     bool of_flow)
{
    if (bits->action == BITS_IS_SET || bits->action == BITS_IS_NOT_SET) {
        struct rule_condition *condition = draft_add_condition(
            d, of_flow ? CONDITION_FLOWBITS : CONDITION_XBITS);
        if (condition)
            condition->bits = *bits;
        return condition != NULL;
    }
    struct rule_effect *effect =
        draft_add_effect(d, of_flow ? EFFECT_FLOWBITS : EFFECT_XBITS);
    if (effect)
        effect->bits = *bits;
    return effect != NULL;
}

static bool read_bits_action(struct draft *d, struct bytes part,
                             struct bits_test *bits)
{
    size_t action = part_index(part, bits_actions, COUNT_OF(bits_actions));

    if (action == COUNT_OF(bits_actions))
        return draft_refuse(d, "set, unset, toggle, isset, isnotset or "
                               "noalert", "%s is none of its actions",
                            draft_quote(d, part));
    bits->action = (uint8_t)action;
    return true;
}

/* "set,NAME", "isset,a|b", "noalert" */
bool keyword_flowbits(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    struct bits_test bits = { .track = BITS_TRACK_FLOW };
    struct bytes part;

    (void)keyword;
    if (!part_next(&value, ',', &part))
        return false;
    if (part_is_nocase(part, "noalert") && value.size == 0) {
        d->rule.no_alert = true;
        return true;
    }
    if (!read_bits_action(d, part, &bits) || !read_names(d, value, &bits))
        return false;
    if (bits.count > 1 && bits.action != BITS_IS_SET &&
        bits.action != BITS_IS_NOT_SET)
        return draft_refuse(d, "one flowbits for each name",
                            "only isset and isnotset take several names");
    return add_bits(d, &bits, true);
}

static const char *const bits_tracks[] = {
    [BITS_TRACK_FLOW] = "flow",         [BITS_TRACK_SOURCE] = "ip_src",
    [BITS_TRACK_DESTINATION] = "ip_dst", [BITS_TRACK_PAIR] = "ip_pair",
    [BITS_TRACK_TRANSACTION] = "tx",
};

static bool read_track(struct draft *d, struct bytes part,
                       struct bits_test *bits)
{
    size_t track = part_index(part, bits_tracks, COUNT_OF(bits_tracks));

    if (track == COUNT_OF(bits_tracks) || track == BITS_TRACK_FLOW)
        return draft_refuse(d, "track ip_src, ip_dst, ip_pair or tx",
                            "%s cannot be tracked", draft_quote(d, part));
    bits->track = (uint8_t)track;
    return true;
}

/* "set, NAME, track ip_src, expire 60" */
bool keyword_xbits(struct draft *d, const struct keyword *keyword,
                   struct bytes value)
{
    enum { EXPIRE_DEFAULT_S = 30 };
    struct bits_test bits = { .expires_s = EXPIRE_DEFAULT_S };
    struct bytes part;
    uint64_t seconds;
    bool tracked = false;

    (void)keyword;
    if (!part_next(&value, ',', &part))
        return false;
    if (part_is_nocase(part, "noalert") && value.size == 0) {
        d->rule.no_alert = true;
        return true;
    }
    if (!read_bits_action(d, part, &bits) || !part_next(&value, ',', &part) ||
        !read_names(d, part, &bits))
        return false;
    while (part_next(&value, ',', &part)) {
        if (part_skip(&part, "track")) {
            tracked = true;
            if (!read_track(d, part, &bits))
                return false;
        } else if (part_skip(&part, "expire") &&
                   part_number(part, UINT32_MAX, &seconds) && seconds > 0) {
            bits.expires_s = (uint32_t)seconds;
        } else {
            return draft_refuse(d, "track ip_src, expire 60",
                                "%s is none of its options",
                                draft_quote(d, part));
        }
    }
    if (!tracked)
        return draft_refuse(d, "track ip_src, ip_dst, ip_pair or tx",
                            "it does not say what is tracked");
    return add_bits(d, &bits, false);
}

/* "set,NAME,src": bits of a host without end. */
bool keyword_hostbits(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    struct bits_test bits = { .track = BITS_TRACK_SOURCE,
                              .expires_s = UINT32_MAX };
    struct bytes part;

    (void)keyword;
    if (!part_next(&value, ',', &part))
        return false;
    if (part_is_nocase(part, "noalert") && value.size == 0) {
        d->rule.no_alert = true;
        return true;
    }
    if (!read_bits_action(d, part, &bits) || !part_next(&value, ',', &part) ||
        !read_names(d, part, &bits))
        return false;
    if (part_next(&value, ',', &part)) {
        if (part_is_nocase(part, "dst"))
            bits.track = BITS_TRACK_DESTINATION;
        else if (part_is_nocase(part, "both"))
            bits.track = BITS_TRACK_PAIR;
        else if (!part_is_nocase(part, "src"))
            return draft_refuse(d, "src, dst or both", "%s is none of these",
                                draft_quote(d, part));
    }
    return add_bits(d, &bits, false);
}

struct integer_word {
    const char *name;
    enum integer_action action;
    enum comparison comparison;
};

static const struct integer_word integer_words[] = {
    { "+", INTEGER_ADD, 0 },
    { "-", INTEGER_SUBTRACT, 0 },
    { "=", INTEGER_SET, 0 },
    { "==", INTEGER_COMPARE, IS_EQUAL },
    { "!=", INTEGER_COMPARE, IS_NOT_EQUAL },
    { "<", INTEGER_COMPARE, IS_LESS },
    { "<=", INTEGER_COMPARE, IS_LESS_OR_EQUAL },
    { ">", INTEGER_COMPARE, IS_GREATER },
    { ">=", INTEGER_COMPARE, IS_GREATER_OR_EQUAL },
    { "isset", INTEGER_IS_SET, 0 },
    { "notset", INTEGER_IS_NOT_SET, 0 },
    { "isnotset", INTEGER_IS_NOT_SET, 0 },
};

static bool integer_name(struct draft *d, struct bytes name,
                         uint16_t *number)
{
    if (name.size == 0 || name.size > RULE_NAME_SIZE_MAX)
        return draft_refuse(d, NULL, "the name is missing or too long");
    uint32_t found = name_list_number(&d->set->integers, &d->set->arena,
                                      name);
    if (found == SIGNATURE_NAME_MAX)
        return draft_refuse(d, NULL, "more than %d names of numbers",
                            SIGNATURE_NAME_MAX);
    *number = (uint16_t)found;
    return true;
}

static bool read_integer_word(struct draft *d, struct bytes word,
                              struct integer_test *test)
{
    for (size_t i = 0; i < COUNT_OF(integer_words); i++) {
        if (!part_is(word, integer_words[i].name))
            continue;
        test->action = (uint8_t)integer_words[i].action;
        test->comparison = (uint8_t)integer_words[i].comparison;
        return true;
    }
    return draft_refuse(d, "+, -, =, ==, !=, <, <=, >, >=, isset or notset",
                        "%s is none of its operators", draft_quote(d, word));
}

static bool asks_only(const struct integer_test *test)
{
    return test->action == INTEGER_IS_SET ||
           test->action == INTEGER_IS_NOT_SET;
}

/* A number, or the name of another. */
static bool read_operand(struct draft *d, struct bytes value,
                         struct integer_test *test)
{
    struct bytes operand;
    uint64_t number;

    if (asks_only(test))
        return true;
    if (!part_next(&value, ',', &operand))
        return draft_refuse(d, NULL, "the number is missing");
    if (part_number(operand, UINT32_MAX, &number)) {
        test->value = (uint32_t)number;
        return true;
    }
    test->has_other = true;
    return integer_name(d, operand, &test->other);
}

static bool add_integer(struct draft *d, const struct integer_test *test)
{
    if (test->action == INTEGER_COMPARE || asks_only(test)) {
        struct rule_condition *condition =
            draft_add_condition(d, CONDITION_FLOWINT);
        if (condition)
            condition->integer = *test;
        return condition != NULL;
    }
    struct rule_effect *effect = draft_add_effect(d, EFFECT_FLOWINT);
    if (effect)
        effect->integer = *test;
    return effect != NULL;
}

/* "NAME, +, 1", "NAME, >, OTHER", "NAME, isset" */
bool keyword_flowint(struct draft *d, const struct keyword *keyword,
                     struct bytes value)
{
    struct integer_test test = { 0 };
    struct bytes name, word;

    (void)keyword;
    if (!part_next(&value, ',', &name) || !part_next(&value, ',', &word))
        return draft_refuse(d, "flowint:NAME, OPERATOR, NUMBER",
                            "fewer than two values");
    return integer_name(d, name, &test.variable) &&
           read_integer_word(d, word, &test) &&
           read_operand(d, value, &test) && add_integer(d, &test);
}

/* "server,<,100": the comparison is a value of its own. */
bool keyword_stream_size(struct draft *d, const struct keyword *keyword,
                         struct bytes value)
{
    static const char *const sides[] = {
        [SIZE_SERVER] = "server", [SIZE_CLIENT] = "client",
        [SIZE_BOTH] = "both",     [SIZE_EITHER] = "either",
    };
    struct bytes side, mode, size;
    struct number_range range;
    uint64_t number;
    bool good = part_next(&value, ',', &side) &&
                part_next(&value, ',', &mode) &&
                part_next(&value, ',', &size) &&
                part_number(size, UINT32_MAX, &number);

    (void)keyword;
    size_t which = good ? part_index(side, sides, COUNT_OF(sides)) : 4;
    if (which == COUNT_OF(sides))
        return draft_refuse(d, "stream_size:server,<,100",
                            "it takes a side, a comparison and a number");
    bool equal = part_is(mode, "=") || part_is(mode, "!=");
    struct rule_condition *condition =
        draft_add_condition(d, CONDITION_STREAM_SIZE);
    if (!condition)
        return false;
    range = (struct number_range){ number, number };
    if (part_is(mode, ">") || part_is(mode, ">="))
        range = (struct number_range){ number + (mode.size == 1),
                                       UINT64_MAX };
    else if (part_is(mode, "<=") || (part_is(mode, "<") && number > 0))
        range = (struct number_range){ 0, number - (mode.size == 1) };
    else if (!equal)
        return draft_refuse(d, "<, >, =, !=, <= or >=", "%s can never hold "
                            "or is no comparison", draft_quote(d, mode));
    condition->negated = part_is(mode, "!=");
    condition->stream_size = (struct stream_size_test){ (uint8_t)which,
                                                        range };
    d->has_stream_size = true;
    return true;
}

bool keyword_flow_number(struct draft *d, const struct keyword *keyword,
                         struct bytes value)
{
    struct rule_condition *condition =
        draft_add_condition(d, (enum rule_condition_kind)keyword->number);

    if (condition && !part_range(value, UINT32_MAX, &condition->number,
                                 &condition->negated))
        return draft_refuse(d, "N, <N, >N or N<>M", "%s is no range",
                            draft_quote(d, value));
    return condition != NULL;
}

static bool add_counter(struct draft *d, const struct keyword *keyword,
                        uint8_t side, struct bytes value)
{
    struct rule_condition *condition =
        draft_add_condition(d, (enum rule_condition_kind)keyword->number);

    if (!condition)
        return false;
    condition->counter.side = side;
    if (!part_range(value, UINT64_MAX, &condition->counter.value,
                    &condition->negated))
        return draft_refuse(d, "N, <N, >N or N<>M", "%s is no range",
                            draft_quote(d, value));
    return true;
}

bool keyword_flow_counter_server(struct draft *d,
                                 const struct keyword *keyword,
                                 struct bytes value)
{
    return add_counter(d, keyword, SIZE_SERVER, value);
}

bool keyword_flow_counter_client(struct draft *d,
                                 const struct keyword *keyword,
                                 struct bytes value)
{
    return add_counter(d, keyword, SIZE_CLIENT, value);
}

/* "toserver, >100", "either,5" */
bool keyword_flow_counter_sided(struct draft *d,
                                const struct keyword *keyword,
                                struct bytes value)
{
    static const char *const sides[] = {
        [SIZE_SERVER] = "toserver", [SIZE_CLIENT] = "toclient",
        [SIZE_BOTH] = "both",       [SIZE_EITHER] = "either",
    };
    struct bytes side;

    (void)part_next(&value, ',', &side); /* There is a value. */
    size_t which = part_index(side, sides, COUNT_OF(sides));
    if (which == COUNT_OF(sides))
        return draft_refuse(d, "toserver, toclient, both or either",
                            "%s is no side", draft_quote(d, side));
    return add_counter(d, keyword, (uint8_t)which, value);
}
