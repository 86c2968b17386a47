/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of keywords: those with readers of their own, the names of
 * buffers (views.def), their older names, and what is refused by name. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/writer.h"
#include "detect/signature/draft.h"
#include "detect/signature/part.h"

static const struct hash_key fixed_key = { 0 };

static const struct keyword read_keywords[] = {
#define KEYWORD(name, read, flags, number) \
    { name, keyword_##read, flags, number, NULL },
#include "detect/signature/keywords.def"
#undef KEYWORD
};

struct other_name {
    const char *name;
    const char *text;
};

/* Buffers by older or other names. */
static const struct other_name aliases[] = {
#define ALIAS(name, view) { name, view },
#include "detect/signature/aliases.def"
#undef ALIAS
};

/* Modifiers that stand after the content they belong to. */
static const struct other_name modifiers[] = {
#define MODIFIER(name, view) { name, view },
#include "detect/signature/aliases.def"
#undef MODIFIER
};

static const struct other_name refused[] = {
#define REFUSED(name, reason) { name, reason },
#include "detect/signature/refused.def"
#undef REFUSED
};

static uint64_t name_hash(struct bytes name)
{
    return hash_bytes(fixed_key, name);
}

const struct keyword *keyword_find(const struct signature *set,
                                   struct bytes name)
{
    struct table_cursor at = table_seek(&set->keywords, name_hash(name));
    uint32_t index;

    while ((index = table_next(&set->keywords, &at)) != TABLE_NONE)
        if (bytes_equal(bytes_of_text(set->keyword_list[index].name), name))
            return &set->keyword_list[index];
    return NULL;
}

/* Changed letters, or one put in or taken out, until equal; more than two are
 * not worth counting. */
static bool is_near(struct bytes a, struct bytes b)
{
    size_t front = 0, back = 0;
    size_t shorter = a.size < b.size ? a.size : b.size;
    size_t longer = a.size < b.size ? b.size : a.size;

    while (front < shorter && part_byte(a, front) == part_byte(b, front))
        front++;
    while (back < shorter - front &&
           part_byte(a, a.size - 1 - back) == part_byte(b, b.size - 1 - back))
        back++;
    return longer >= 4 && longer - front - back <= 2;
}

const char *keyword_nearest(struct signature *set, struct bytes name)
{
    struct writer w;

    for (uint32_t i = 0; i < set->keyword_count; i++) {
        if (!is_near(name, bytes_of_text(set->keyword_list[i].name)))
            continue;
        writer_init(&w, 256);
        writer_format(&w, "did you mean %s?", set->keyword_list[i].name);
        const char *text = signature_intern(set, writer_view(&w));
        writer_clear(&w);
        return text;
    }
    return NULL;
}

/* The first to claim a name has it. */
static void add(struct signature *set, struct keyword keyword)
{
    struct bytes name = bytes_of_text(keyword.name);

    if (keyword_find(set, name))
        return;
    set->keyword_list[set->keyword_count] = keyword;
    table_insert(&set->keywords, name_hash(name), set->keyword_count++);
}

static void add_view(struct signature *set, const char *name,
                     enum view_id view)
{
    bool is_number = view_info_get(view)->kind == VIEW_KIND_NUMBER;

    add(set, (struct keyword){
        name, is_number ? keyword_number : keyword_buffer,
        is_number ? KEYWORD_VALUE : 0, view, NULL });
}

static void add_others(struct signature *set)
{
    enum view_id view;

    for (size_t i = 0; i < COUNT_OF(modifiers); i++)
        if (view_find(bytes_of_text(modifiers[i].text), &view))
            add(set, (struct keyword){ modifiers[i].name, keyword_legacy, 0,
                                       view, NULL });
    for (size_t i = 0; i < COUNT_OF(aliases); i++)
        if (view_find(bytes_of_text(aliases[i].text), &view))
            add_view(set, aliases[i].name, view);
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        add(set, (struct keyword){ refused[i].name, keyword_unsupported,
                                   KEYWORD_OPTIONAL, 0, refused[i].text });
}

void keyword_table_init(struct signature *set)
{
    size_t most = COUNT_OF(read_keywords) + VIEW_NAMED_COUNT +
                  COUNT_OF(aliases) + COUNT_OF(modifiers) +
                  COUNT_OF(refused);

    table_init(&set->keywords, most);
    set->keyword_list = memory_new(most, sizeof *set->keyword_list);
    for (size_t i = 0; i < COUNT_OF(read_keywords); i++)
        add(set, read_keywords[i]);
    for (unsigned view = 0; view < VIEW_NAMED_COUNT; view++)
        add_view(set, view_info_get(view)->name, (enum view_id)view);
    add_others(set);
}
