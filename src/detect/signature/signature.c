/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/signature.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/memory.h"
#include "detect/signature/classes.h"
#include "detect/signature/compiled.h"
#include "detect/signature/config.h"
#include "detect/signature/dataset.h"
#include "detect/signature/draft.h"
#include "detect/signature/network.h"
#include "detect/signature/reputation.h"

enum { REGEX_NEST_MAX = 250 }; /* Brackets; PCRE2's own default. */

/* Rules are not chosen by those who are watched. */
static const struct hash_key fixed_key = { 0 };

static void name_list_init(struct name_list *list)
{
    table_init(&list->index, 256);
}

void name_list_clear(struct name_list *list)
{
    table_clear(&list->index);
    free(list->names);
}

static uint32_t name_list_add(struct name_list *list, struct arena *arena,
                              struct bytes name, uint32_t max)
{
    uint64_t hash = hash_bytes(fixed_key, name);
    struct table_cursor at = table_seek(&list->index, hash);
    uint32_t number;

    while ((number = table_next(&list->index, &at)) != TABLE_NONE)
        if (bytes_equal(bytes_of_text(list->names[number]), name))
            return number;
    if (list->count == max)
        return max;
    if (list->count == list->capacity) {
        list->capacity = list->capacity * 2 + 256;
        list->names = memory_resize(list->names, list->capacity,
                                    sizeof *list->names);
    }
    number = list->count++;
    list->names[number] = arena_copy_text(arena, name);
    table_insert(&list->index, hash, number);
    return number;
}

uint32_t name_list_number(struct name_list *list, struct arena *arena,
                          struct bytes name)
{
    return name_list_add(list, arena, name, SIGNATURE_NAME_MAX);
}

const char *signature_intern(struct signature *set, struct bytes text)
{
    uint32_t number = name_list_add(&set->strings, &set->arena, text,
                                    TABLE_NONE - 1);

    return set->strings.names[number];
}

struct signature *signature_new(void)
{
    struct signature *set = memory_new(1, sizeof *set);

    arena_init(&set->arena);
    arena_init(&set->scratch);
    name_list_init(&set->bits);
    name_list_init(&set->integers);
    name_list_init(&set->strings);
    table_init(&set->rules_by_sid, 1024);
    set->networks = network_sets_new();
    set->classes = classes_new();
    set->reputations = reputations_new();
    set->thresholds = memory_new(1, sizeof *set->thresholds);
    set->draft = memory_new(1, sizeof *set->draft);
    set->regex_context = pcre2_compile_context_create(NULL);
    check(set->regex_context);
    (void)pcre2_set_parens_nest_limit(set->regex_context,
                                      REGEX_NEST_MAX); /* Always 0. */
    keyword_table_init(set);
    return set;
}

void signature_free(struct signature *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->regex_count; i++)
        pcre2_code_free(set->regexes[i]);
    pcre2_compile_context_free(set->regex_context);
    free(set->regexes);
    name_list_clear(&set->bits);
    name_list_clear(&set->integers);
    name_list_clear(&set->strings);
    table_clear(&set->rules_by_sid);
    table_clear(&set->keywords);
    free(set->keyword_list);
    compiled_free(set->compiled);
    for (size_t i = 0; i < set->dataset_count; i++)
        dataset_free(set->datasets[i]);
    free(set->datasets);
    network_sets_free(set->networks);
    classes_free(set->classes);
    reputations_free(set->reputations);
    free(set->thresholds->rules);
    free(set->thresholds);
    free(set->draft);
    free(set->rules);
    free(set->refusals.remarks);
    free(set->warnings.remarks);
    arena_clear(&set->arena);
    arena_clear(&set->scratch);
    free(set);
}

static const char *copy_or_null(struct signature *set, const char *text)
{
    return text ? signature_intern(set, bytes_of_text(text)) : NULL;
}

static void remark(struct signature *set, struct remark_list *list,
                   const struct signature_remark *said)
{
    if (list->count == SIGNATURE_REMARK_MAX) {
        list->dropped++;
        return;
    }
    if (list->count == list->capacity) {
        list->capacity = list->capacity * 2 + 64;
        list->remarks = memory_resize(list->remarks, list->capacity,
                                      sizeof *list->remarks);
    }
    list->remarks[list->count++] = (struct signature_remark){
        .file = copy_or_null(set, said->file),
        .line = said->line,
        .sid = said->sid,
        .keyword = copy_or_null(set, said->keyword),
        .reason = copy_or_null(set, said->reason),
        .suggestion = copy_or_null(set, said->suggestion),
    };
}

void signature_refuse(struct signature *set,
                      const struct signature_remark *said)
{
    remark(set, &set->refusals, said);
}

void signature_warn(struct signature *set,
                    const struct signature_remark *said)
{
    remark(set, &set->warnings, said);
}

int signature_set_variable(struct signature *set, struct bytes name,
                           struct bytes value, struct failure *failure)
{
    char reason[NETWORK_REASON_MAX];
    const struct address_set *addresses;
    const struct port_set *ports;
    int result = network_set_variable(set->networks, name, value, failure);

    if (result < 0)
        return result;
    if (network_ports(set->networks, value, &ports, reason) ||
        network_addresses(set->networks, value, &addresses, reason))
        return 0;
    return failure_set(failure, ERROR_FORMAT, "$%.*s: %s", (int)name.size,
                       (const char *)name.data, reason);
}

size_t signature_rule_count(const struct signature *set)
{
    return set->rule_count;
}

const struct rule *signature_rule(const struct signature *set, size_t index)
{
    check(index < set->rule_count);
    return set->rules[index];
}

size_t signature_refusal_count(const struct signature *set)
{
    return set->refusals.count;
}

const struct signature_remark *
signature_refusal(const struct signature *set, size_t index)
{
    check(index < set->refusals.count);
    return &set->refusals.remarks[index];
}

size_t signature_warning_count(const struct signature *set)
{
    return set->warnings.count;
}

const struct signature_remark *
signature_warning(const struct signature *set, size_t index)
{
    check(index < set->warnings.count);
    return &set->warnings.remarks[index];
}

const uint64_t *signature_wanted_views(const struct signature *set)
{
    return set->wanted_views;
}
