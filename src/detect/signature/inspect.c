/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/inspect.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "base/check.h"
#include "detect/signature/file_test.h"

enum { NO_PLACE = -1 };

/* A walk and the buffer that base64_decode put aside. */
struct progress {
    struct walk walk;
    const struct rule_inspection *inspection;
    struct bytes outer;
    int decoded_at;       /* Place of the base64_decode, or NO_PLACE. */
    uint16_t furthest;
};

void inspector_init(struct inspector *inspector)
{
    memset(inspector, 0, sizeof *inspector);
    inspector->match_data = pcre2_match_data_create(2, NULL);
    inspector->match_context = pcre2_match_context_create(NULL);
    check(inspector->match_data);
    check(inspector->match_context);
    (void)pcre2_set_match_limit(inspector->match_context, INSPECT_MATCH_LIMIT);
    (void)pcre2_set_depth_limit(inspector->match_context,
                                INSPECT_MATCH_LIMIT);
    (void)pcre2_set_heap_limit(inspector->match_context, INSPECT_HEAP_KIB);
    inspector->jit_stack = pcre2_jit_stack_create(
        INSPECT_JIT_STACK_FIRST, INSPECT_JIT_STACK_MAX, NULL);
    if (inspector->jit_stack) /* Null where PCRE2 has no JIT. */
        pcre2_jit_stack_assign(inspector->match_context, NULL,
                               inspector->jit_stack);
}

void inspector_clear(struct inspector *inspector)
{
    pcre2_match_data_free(inspector->match_data);
    pcre2_match_context_free(inspector->match_context);
    pcre2_jit_stack_free(inspector->jit_stack);
}

int64_t operand_value(const struct walk *walk, const struct operand *operand)
{
    if (!operand->is_variable)
        return operand->value;
    check(operand->variable < RULE_VARIABLE_MAX);
    return walk->inspector->variables[operand->variable];
}

static bool position_holds(const struct walk *walk,
                           const struct rule_test *test)
{
    int64_t at = operand_value(walk, &test->position.at);
    int64_t size = (int64_t)walk->data.size;

    if (test->relative)
        return at <= size && (int64_t)walk->cursor + at <= size;
    return at < size;
}

/* A relative pcre looks at what follows the cursor, as if the buffer began
 * there: ^ holds at the cursor. */
static bool pcre_holds(struct walk *walk, const struct rule_test *test,
                       bool again)
{
    struct inspector *inspector = walk->inspector;
    size_t base = test->relative ? inspector->before[walk->place] : 0;
    struct bytes in = bytes_slice(walk->data, base, SIZE_MAX);
    size_t start = again ? inspector->resume[walk->place] : 0;

    if (start > in.size)
        return test->negated;
    int found = pcre2_match(test->pcre.code,
                            in.size ? in.data : (const uint8_t *)"", in.size,
                            start, test->pcre.from_start ? PCRE2_ANCHORED : 0,
                            inspector->match_data, inspector->match_context);
    if (found < 0 && found != PCRE2_ERROR_NOMATCH) {
        inspector->regexes_stopped++;
        return false;
    }
    if (found < 0)
        return test->negated;
    if (test->negated)
        return false;
    const PCRE2_SIZE *ends =
        pcre2_get_ovector_pointer(inspector->match_data);
    inspector->resume[walk->place] = ends[0] + 1;
    walk->cursor = base + (ends[1] < in.size ? ends[1] : in.size);
    return true;
}

static bool decode_base64(struct progress *p, const struct rule_test *test)
{
    struct walk *walk = &p->walk;
    size_t from = test->base64.offset + (test->relative ? walk->cursor : 0);
    struct bytes text = bytes_slice(walk->data, from, SIZE_MAX);

    if (p->decoded_at != NO_PLACE)
        return false;
    if (test->base64.bytes > 0)
        text = bytes_slice(text, 0, test->base64.bytes);
    text = bytes_slice(text, 0, BASE64_DECODED_MAX);
    if (text.size == 0)
        return false;
    uint8_t *decoded = arena_allocate(walk->inspector->arena, text.size);
    size_t size = base64_decode(text, true, decoded);
    if (size == 0)
        return false;
    p->outer = walk->data;
    p->decoded_at = (int)walk->place;
    walk->data = bytes_of(decoded, size);
    walk->cursor = 0;
    return true;
}

static bool in_range(uint64_t number, const struct number_range *range)
{
    return number >= range->low && number <= range->high;
}

static bool flags_hold(uint64_t number, const struct flags_value *flags)
{
    return (number & flags->mask) == flags->value;
}

static bool holds_in_buffer(struct progress *p, const struct rule_test *test)
{
    struct walk *walk = &p->walk;

    switch ((enum rule_test_kind)test->kind) {
    case TEST_IS_DATA_AT:
        return position_holds(walk, test) != test->negated;
    case TEST_BYTE_TEST:
        return byte_test_holds(walk, test) != test->negated;
    case TEST_BYTE_JUMP:
        return byte_jump_holds(walk, test);
    case TEST_BYTE_EXTRACT:
        return byte_extract_holds(walk, test);
    case TEST_BYTE_MATH:
        return byte_math_holds(walk, test);
    case TEST_BASE64_DECODE:
        return decode_base64(p, test);
    case TEST_SIZE:
        return in_range(walk->data.size, &test->number) != test->negated;
    case TEST_NUMBER:
        return walk->subject->has_number &&
               in_range(walk->subject->number, &test->number) !=
                   test->negated;
    case TEST_FLAGS:
        return walk->subject->has_number &&
               flags_hold(walk->subject->number, &test->flags) !=
                   test->negated;
    case TEST_CONTENT:
    case TEST_PCRE:
    case TEST_DATASET:
    case TEST_DIGEST:
    case TEST_MAGIC:
    case TEST_EXTENSION:
    case TEST_FILE_SIZE:
    case TEST_ENTROPY:
        break;
    case TEST_ABSENT:
        return true; /* or_else: the buffer is there, the rest decides. */
    }
    return file_test_holds(walk->subject, walk->data, test);
}

static bool test_holds(struct progress *p, const struct rule_test *test,
                       bool again)
{
    if (!again)
        p->walk.inspector->before[p->walk.place] = p->walk.cursor;
    if (test->kind == TEST_CONTENT)
        return content_holds(&p->walk, test, again);
    if (test->kind == TEST_PCRE)
        return pcre_holds(&p->walk, test, again);
    return holds_in_buffer(p, test);
}

static bool may_try_again(const struct rule_test *test)
{
    return !test->negated &&
           (test->kind == TEST_CONTENT || test->kind == TEST_PCRE);
}

static void leave_decoded(struct progress *p)
{
    p->walk.data = p->outer;
    p->decoded_at = NO_PLACE;
}

/* The test at `place` failed: back to what may be tried at another place, as
 * long as all between depends on where that matched. False when nothing is. */
static bool step_back(struct progress *p)
{
    size_t place = p->walk.place;

    for (;;) {
        const struct rule_test *test = &p->inspection->tests[place];
        if (!test->relative) {
            if (p->decoded_at == NO_PLACE || place <= (size_t)p->decoded_at)
                return false;
            place = (size_t)p->decoded_at; /* Decode another place. */
            leave_decoded(p);
            continue;
        }
        if (place == 0)
            return false;
        place--;
        if (p->decoded_at != NO_PLACE && place < (size_t)p->decoded_at)
            leave_decoded(p);
        if (may_try_again(&p->inspection->tests[place])) {
            p->walk.place = place;
            return true;
        }
    }
}

static bool walk_tests(struct progress *p)
{
    struct inspector *inspector = p->walk.inspector;
    bool again = false;

    for (unsigned steps = 0; p->walk.place < p->inspection->test_count;
         steps++) {
        if (steps >= INSPECT_STEPS_MAX) {
            inspector->walks_stopped++;
            return false;
        }
        if (p->walk.place > p->furthest)
            p->furthest = (uint16_t)p->walk.place;
        if (test_holds(p, &p->inspection->tests[p->walk.place], again)) {
            p->walk.place++;
            again = false;
            continue;
        }
        if (!step_back(p))
            return false;
        again = true;
    }
    return true;
}

bool inspect(struct inspector *inspector,
             const struct rule_inspection *inspection,
             const struct inspected *subject, uint16_t *failed)
{
    struct progress p = {
        .walk = { .inspector = inspector,
                  .subject = subject,
                  .data = subject->data },
        .inspection = inspection,
        .decoded_at = NO_PLACE,
    };

    check(inspection->test_count <= RULE_TEST_MAX);
    inspector->walks++;
    bool holds = walk_tests(&p);
    if (!holds && failed)
        *failed = p.furthest;
    return holds;
}
