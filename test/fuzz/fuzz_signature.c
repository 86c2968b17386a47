/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/config.h"
#include "detect/signature/explain.h"
#include "fuzz.h"

/* What the rules say of themselves must hold for whoever judges by them. */
static void check_rule(const struct signature *set, const struct rule *rule)
{
    struct writer w;

    check(rule->sid > 0);
    check(rule->detection.version);
    check(rule->detection.harm);
    for (size_t i = 0; i < rule->inspection_count; i++) {
        check(rule->inspections[i].test_count > 0);
        check(rule->inspections[i].test_count <= RULE_TEST_MAX);
        check(rule->inspections[i].transform_count <= RULE_TRANSFORM_MAX);
    }
    if (rule->has_fast_pattern) {
        check(rule->fast_inspection < rule->inspection_count);
        check(rule->fast_test <
              rule->inspections[rule->fast_inspection].test_count);
    }
    writer_init(&w, 1 << 20);
    signature_explain(set, rule, &w);
    writer_clear(&w);
}

/* The first byte says what the rest is: rules, or a file beside them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct signature *set = signature_new();
    struct bytes text = bytes_of(data, size);
    struct bytes rest = bytes_slice(text, 1, size);

    if (size > 0 && data[0] == 'C')
        config_read_classes(set, "fuzz", rest);
    else if (size > 0 && data[0] == 'T')
        config_read_thresholds(set, "fuzz", rest);
    else if (size > 0 && data[0] == 'V')
        config_read_variables(set, "fuzz", rest);
    else
        signature_load_text(set, "fuzz", text);
    signature_compile(set);
    for (size_t i = 0; i < signature_rule_count(set); i++)
        check_rule(set, signature_rule(set, i));
    for (size_t i = 0; i < signature_refusal_count(set); i++)
        check(signature_refusal(set, i)->reason);
    signature_free(set);
    return 0;
}
