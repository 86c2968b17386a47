/* SPDX-License-Identifier: Apache-2.0 */
/* Which bytes the tests of a rule look at: sticky buffers, modifiers of old,
 * transformations. */
#include <string.h>

#include "base/arena_writer.h"
#include "detect/signature/draft.h"
#include "detect/signature/operand.h"
#include "detect/signature/part.h"

/* QUIC carries the handshake of TLS. */
static bool shares_buffers(const char *rule, const char *buffer)
{
    return strcmp(rule, "quic") == 0 && strcmp(buffer, "tls") == 0;
}

bool draft_set_application(struct draft *d, const char *application)
{
    struct rule *rule = &d->rule;

    if (application[0] == 0)
        return true;
    if (!rule->application) {
        rule->application = application;
        return true;
    }
    if (strcmp(rule->application, application) == 0 ||
        shares_buffers(rule->application, application))
        return true;
    return draft_refuse(d, NULL, "belongs to %s, but the rule is of %s",
                        application, rule->application);
}

static bool same_transform(const struct rule_transform *a,
                           const struct rule_transform *b)
{
    return a->kind == b->kind && a->number == b->number &&
           a->size == b->size && a->pcre == b->pcre &&
           bytes_equal(a->key, b->key);
}

static bool same_place(const struct draft_inspection *a,
                       const struct draft_inspection *b)
{
    if (a->view != b->view || a->transform_count != b->transform_count ||
        a->is_base64 != b->is_base64)
        return false;
    for (size_t i = 0; i < a->transform_count; i++)
        if (!same_transform(&a->transforms[i], &b->transforms[i]))
            return false;
    return true;
}

static int add_inspection(struct draft *d,
                          const struct draft_inspection *inspection)
{
    if (d->rule.inspection_count == RULE_INSPECTION_MAX) {
        (void)draft_refuse(d, NULL, "more than %d buffers",
                           RULE_INSPECTION_MAX);
        return DRAFT_NONE;
    }
    d->inspections[d->rule.inspection_count] = *inspection;
    return d->rule.inspection_count++;
}

/* A buffer that has one value is one, however often it is named; of several
 * values (LIST), each mention may be about another. */
static int find_inspection(struct draft *d,
                           const struct draft_inspection *wanted, bool fresh)
{
    for (int i = 0; i < d->rule.inspection_count && !fresh; i++)
        if (same_place(&d->inspections[i], wanted))
            return i;
    return add_inspection(d, wanted);
}

int draft_inspection(struct draft *d, enum view_id view)
{
    struct draft_inspection wanted = { .view = view };

    return find_inspection(d, &wanted, false);
}

/* The sticky buffer that was named last becomes the current one now that
 * something is asked of it. */
static bool settle(struct draft *d)
{
    if (!d->has_pending)
        return true;
    bool is_list = d->pending.view < VIEW_NAMED_COUNT &&
                   view_info_get(d->pending.view)->kind == VIEW_KIND_LIST;
    d->current = find_inspection(d, &d->pending, is_list);
    d->has_pending = false;
    return d->current != DRAFT_NONE;
}

/* Where a test that is being added belongs. */
static int place_of_test(struct draft *d, bool relative)
{
    if (!settle(d))
        return DRAFT_NONE;
    if (d->is_sticky)
        return d->current;
    if (relative && d->last_test != DRAFT_NONE)
        return d->tests[d->last_test].inspection;
    return draft_inspection(d, VIEW_PAYLOAD);
}

struct rule_test *draft_add_test(struct draft *d, enum rule_test_kind kind,
                                 bool relative)
{
    if (d->test_count == RULE_DRAFT_TEST_MAX) {
        (void)draft_refuse(d, NULL, "more than %d tests",
                           RULE_DRAFT_TEST_MAX);
        return NULL;
    }
    int inspection = place_of_test(d, relative);
    if (inspection == DRAFT_NONE)
        return NULL;
    struct draft_test *test = &d->tests[d->test_count];
    *test = (struct draft_test){
        .test = { .kind = (uint8_t)kind, .relative = relative },
        .inspection = (uint16_t)inspection,
    };
    d->last_test = (int)d->test_count++;
    return &test->test;
}

struct rule_test *draft_add_view_test(struct draft *d, enum view_id view,
                                      enum rule_test_kind kind)
{
    int current = d->current;
    bool is_sticky = d->is_sticky;
    bool has_pending = d->has_pending;

    if (view < VIEW_NAMED_COUNT &&
        !draft_set_application(d, view_info_get(view)->protocol))
        return NULL;
    d->has_pending = false;
    d->current = draft_inspection(d, view);
    d->is_sticky = true;
    struct rule_test *test =
        d->current == DRAFT_NONE ? NULL : draft_add_test(d, kind, false);
    d->current = current;
    d->is_sticky = is_sticky;
    d->has_pending = has_pending;
    return test;
}

/* The buffer before must have been asked something. */
static bool leave_buffer(struct draft *d)
{
    if (!d->has_pending)
        return true;
    return draft_refuse(d, "content:..., or leave the buffer out",
                        "nothing is asked of the buffer before it");
}

bool keyword_buffer(struct draft *d, const struct keyword *keyword,
                    struct bytes value)
{
    enum view_id view = (enum view_id)keyword->number;

    (void)value;
    if (!leave_buffer(d) ||
        !draft_set_application(d, view_info_get(view)->protocol))
        return false;
    d->pending = (struct draft_inspection){ .view = view };
    d->has_pending = true;
    d->is_sticky = true;
    return true;
}

bool keyword_packet_part(struct draft *d, const struct keyword *keyword,
                         struct bytes value)
{
    (void)value;
    if (!leave_buffer(d))
        return false;
    d->pending = (struct draft_inspection){
        .view = (enum view_id)keyword->number,
    };
    d->has_pending = true;
    d->is_sticky = true;
    return true;
}

bool keyword_pkt_data(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    (void)keyword;
    (void)value;
    if (!leave_buffer(d))
        return false;
    d->is_sticky = true;
    d->current = draft_inspection(d, VIEW_PAYLOAD);
    return d->current != DRAFT_NONE;
}

bool keyword_base64_data(struct draft *d, const struct keyword *keyword,
                         struct bytes value)
{
    (void)keyword;
    (void)value;
    if (!leave_buffer(d))
        return false;
    for (unsigned i = d->test_count; i-- > 0;) {
        if (d->tests[i].test.kind != TEST_BASE64_DECODE)
            continue;
        d->pending = d->inspections[d->tests[i].inspection];
        d->pending.is_base64 = true;
        d->has_pending = true;
        d->is_sticky = true;
        return true;
    }
    return draft_refuse(d, "base64_decode; base64_data; content:...",
                        "no base64_decode stands before it");
}

/* "pkt_data" goes back to where rules begin. */
static bool is_payload(const struct draft *d)
{
    return !d->has_pending && d->current != DRAFT_NONE &&
           d->inspections[d->current].view == VIEW_PAYLOAD;
}

bool keyword_legacy(struct draft *d, const struct keyword *keyword,
                    struct bytes value)
{
    enum view_id view = (enum view_id)keyword->number;
    struct draft_test *test;

    (void)value;
    if (d->is_sticky && !is_payload(d))
        return draft_refuse(d, "write the buffer before the content, as in "
                               "http.uri; content:...",
                            "cannot stand after a sticky buffer");
    if (d->last_content == DRAFT_NONE)
        return draft_refuse(d, "put it after the content it belongs to",
                            "no content stands before it");
    if (!draft_set_application(d, view_info_get(view)->protocol))
        return false;
    test = &d->tests[d->last_content];
    if (d->inspections[test->inspection].view != VIEW_PAYLOAD)
        return draft_refuse(d, NULL, "the content is in another buffer "
                                     "already");
    int inspection = draft_inspection(d, view);
    if (inspection == DRAFT_NONE)
        return false;
    test->inspection = (uint16_t)inspection;
    return true;
}

static struct rule_transform *add_transform(struct draft *d,
                                            enum transform_kind kind)
{
    if (!d->is_sticky) {
        (void)draft_refuse(d, "http.uri; to_lowercase; content:...",
                           "no sticky buffer stands before it");
        return NULL;
    }
    if (!d->has_pending) /* On from what was asked of the buffer so far. */
        d->pending = d->inspections[d->current];
    d->has_pending = true;
    if (d->pending.transform_count == RULE_TRANSFORM_MAX) {
        (void)draft_refuse(d, NULL, "more than %d transformations",
                           RULE_TRANSFORM_MAX);
        return NULL;
    }
    struct rule_transform *transform =
        &d->pending.transforms[d->pending.transform_count++];
    *transform = (struct rule_transform){ .kind = (uint8_t)kind };
    return transform;
}

bool keyword_transform(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    (void)value;
    return add_transform(d, (enum transform_kind)keyword->number) != NULL;
}

/* "max-size 2048" bounds what comes out. */
bool keyword_transform_size(struct draft *d, const struct keyword *keyword,
                            struct bytes value)
{
    enum { SIZE_DEFAULT = 1024, SIZE_MAX_ALLOWED = 65536 };
    struct rule_transform *transform =
        add_transform(d, (enum transform_kind)keyword->number);

    if (!transform)
        return false;
    transform->size = SIZE_DEFAULT;
    if (value.size == 0)
        return true;
    if (part_skip(&value, "max-size") &&
        part_size(value, SIZE_MAX_ALLOWED, &transform->size) &&
        transform->size > 0)
        return true;
    return draft_refuse(d, "max-size 4096",
                        "%s is no size it may have", draft_quote(d, value));
}

/* The key in hexadecimal digits. */
bool keyword_transform_xor(struct draft *d, const struct keyword *keyword,
                           struct bytes value)
{
    enum { XOR_KEY_MAX = 255 };
    struct rule_transform *transform = add_transform(d, TRANSFORM_XOR);
    struct arena_writer w;
    uint64_t byte;

    (void)keyword;
    if (!transform)
        return false;
    if (value.size == 0 || value.size % 2 || value.size / 2 > XOR_KEY_MAX)
        return draft_refuse(d, "xor:\"0d0ac8ff\"",
                            "the key is of pairs of hexadecimal digits, at "
                            "most %d", XOR_KEY_MAX);
    arena_writer_init(&w, &d->set->arena, value.size / 2);
    for (size_t i = 0; i < value.size; i += 2) {
        uint8_t text[4] = { '0', 'x', part_byte(value, i),
                            part_byte(value, i + 1) };
        if (!part_number(bytes_of(text, sizeof text), UINT8_MAX, &byte))
            return draft_refuse(d, NULL, "%s is no hexadecimal key",
                                draft_quote(d, value));
        arena_writer_byte(&w, (uint8_t)byte);
    }
    transform->key = arena_writer_view(&w);
    return true;
}

/* "bytes 12, offset 4, mode rfc2045", each of them optional. */
bool keyword_transform_base64(struct draft *d, const struct keyword *keyword,
                              struct bytes value)
{
    struct rule_transform *transform =
        add_transform(d, TRANSFORM_FROM_BASE64);
    static const char *const modes[] = { "rfc4648", "rfc2045", "strict" };
    struct bytes part;
    bool good = transform != NULL;

    (void)keyword;
    while (good && part_next(&value, ',', &part)) {
        if (part_skip(&part, "bytes"))
            good = part_number(part, UINT16_MAX, &transform->size);
        else if (part_skip(&part, "offset"))
            good = part_number(part, UINT16_MAX, &transform->number);
        else if (part_skip(&part, "mode")) {
            size_t mode = part_index(part, modes, COUNT_OF(modes));
            transform->mode = (uint8_t)mode;
            good = mode < COUNT_OF(modes);
        } else {
            good = false;
        }
    }
    if (transform && !good)
        return draft_refuse(d, "from_base64: bytes 12, offset 4, mode "
                               "rfc4648", "%s is none of its options",
                            draft_quote(d, part));
    return good;
}

bool keyword_transform_pcre(struct draft *d, const struct keyword *keyword,
                            struct bytes value)
{
    struct rule_transform *transform = add_transform(d, TRANSFORM_PCRE);
    struct pcre_test *pcre;

    (void)keyword;
    if (!transform)
        return false;
    pcre = arena_allocate_zeroed(&d->set->arena, 1, sizeof *pcre);
    pcre->code = pcre_compile(d, value, 0, true);
    pcre->text = arena_copy_text(&d->set->arena, value);
    pcre->capture_count = 1;
    transform->pcre = pcre;
    return pcre->code != NULL;
}

/* "OFFSET", "OFFSET,SIZE", "OFFSET,SIZE,truncate" */
bool keyword_transform_subslice(struct draft *d,
                                const struct keyword *keyword,
                                struct bytes value)
{
    struct rule_transform *transform = add_transform(d, TRANSFORM_SUBSLICE);
    struct bytes part;
    int64_t offset = 0, size = 0;

    (void)keyword;
    if (!transform)
        return false;
    bool good = part_next(&value, ',', &part) &&
                part_signed(part, INT32_MIN, INT32_MAX, &offset);
    if (good && part_next(&value, ',', &part))
        good = part_signed(part, INT32_MIN, INT32_MAX, &size) && size != 0;
    if (good && part_next(&value, ',', &part)) {
        transform->mode = part_is(part, "truncate");
        good = transform->mode == 1;
    }
    if (!good || value.size > 0)
        return draft_refuse(d, "subslice: OFFSET[, SIZE[, truncate]]",
                            "not what it takes");
    transform->number = (uint64_t)offset;
    transform->size = (uint64_t)size;
    return true;
}

/* A decimal fraction as thousandths: "7.125" is 7125. */
static bool read_thousandths(struct bytes text, uint64_t *thousandths)
{
    size_t dot = bytes_find_byte(text, '.');
    struct bytes fraction = bytes_slice(text, dot + 1, 3);
    uint64_t whole, part = 0, scale = 1000;

    for (size_t i = 0; i < fraction.size; i++)
        scale /= 10;
    if (!bytes_to_number(bytes_slice(text, 0, dot), 8, &whole) ||
        (fraction.size > 0 && !bytes_to_number(fraction, 999, &part)))
        return false;
    *thousandths = whole * 1000 + (fraction.size > 0 ? part * scale : 0);
    return true;
}

/* "value >= 7.01" of the whole buffer, in bits a byte. */
bool keyword_entropy(struct draft *d, const struct keyword *keyword,
                     struct bytes value)
{
    struct number_range range = { 0, 8000 };
    uint64_t number;

    (void)keyword;
    (void)part_skip(&value, "value");
    bool less = part_skip(&value, "<"), greater = part_skip(&value, ">");
    bool or_equal = part_skip(&value, "=");
    if (!read_thousandths(value, &number) ||
        (!less && !greater && !or_equal))
        return draft_refuse(d, "entropy:value >= 7.5",
                            "only the entropy of a whole buffer is compared");
    if (less)
        range.high = or_equal || number == 0 ? number : number - 1;
    else
        range.low = or_equal ? number : number + 1;
    if (!less && !greater)
        range.high = number;
    struct rule_test *test = draft_add_test(d, TEST_ENTROPY, false);
    if (!test)
        return false;
    test->number = range;
    return true;
}

bool keyword_absent(struct draft *d, const struct keyword *keyword,
                    struct bytes value)
{
    (void)keyword;
    if (!d->has_pending)
        return draft_refuse(d, "http.referer; absent;",
                            "stands first after its sticky buffer");
    if (value.size > 0 && !part_is(value, "or_else"))
        return draft_refuse(d, "absent or absent:or_else",
                            "a value it does not have");
    struct rule_test *test = draft_add_test(d, TEST_ABSENT, false);
    if (!test)
        return false;
    test->or_else = value.size > 0;
    return true;
}

static bool read_size(struct draft *d, struct rule_test *test,
                      struct bytes value)
{
    bool negated;

    if (!part_range(value, UINT32_MAX, &test->number, &negated))
        return draft_refuse(d, "N, <N, >N or N<>M",
                            "%s is no size", draft_quote(d, value));
    test->negated = negated;
    return true;
}

bool keyword_bsize(struct draft *d, const struct keyword *keyword,
                   struct bytes value)
{
    (void)keyword;
    if (!d->is_sticky)
        return draft_refuse(d, "http.uri; bsize:12;",
                            "stands after a sticky buffer");
    struct rule_test *test = draft_add_test(d, TEST_SIZE, false);
    return test && read_size(d, test, value);
}

/* "N", "<N", "N<>M", each with ",norm" or ",raw": raw is the default. */
bool keyword_urilen(struct draft *d, const struct keyword *keyword,
                    struct bytes value)
{
    struct bytes rest = value, size, which;
    enum view_id view = VIEW_HTTP_URI;

    (void)keyword;
    if (!part_next(&rest, ',', &size))
        return false;
    if (part_next(&rest, ',', &which)) {
        if (part_is_nocase(which, "raw"))
            view = VIEW_HTTP_URI_RAW;
        else if (!part_is_nocase(which, "norm"))
            return draft_refuse(d, "norm or raw", "%s is neither",
                                draft_quote(d, which));
    }
    struct rule_test *test = draft_add_view_test(d, view, TEST_SIZE);
    return test && read_size(d, test, size);
}
