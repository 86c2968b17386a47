/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/view.h"

#include "base/check.h"
#include "base/compiler.h"

static const struct view_info infos[] = {
#define VIEW(id, view_name, view_protocol, view_kind_id, view_side_id) \
    { .name = (view_name), .protocol = (view_protocol),                \
      .kind = VIEW_KIND_##view_kind_id, .side = VIEW_SIDE_##view_side_id },
#include "dissect/views.def"
#undef VIEW
};

const struct view_info *view_info_get(enum view_id id)
{
    check((size_t)id < COUNT_OF(infos));
    return &infos[id];
}

bool view_find(struct bytes name, enum view_id *id)
{
    for (size_t i = 0; i < COUNT_OF(infos); i++) {
        if (!bytes_equal(name, bytes_of_text(infos[i].name)))
            continue;
        *id = (enum view_id)i;
        return true;
    }
    return false;
}

void view_list_init(struct view_list *list, struct arena *arena)
{
    list->arena = arena;
    list->views = NULL;
    list->count = 0;
    list->dropped = 0;
    list->note_count = 0;
    for (size_t i = 0; i < COUNT_OF(list->wanted); i++)
        list->wanted[i] = 0;
}

bool view_is_wanted(const struct view_list *list, enum view_id id)
{
    return list && (list->wanted[id / 64] >> (id % 64) & 1);
}

/* The end of a side matters to whoever asked for any part of it. */
static bool is_kept(const struct view_list *list, enum view_id id)
{
    return list && (id == VIEW_END || view_is_wanted(list, id));
}

void view_add(struct view_list *list, const struct view *view)
{
    if (!is_kept(list, view->id))
        return;
    if (list->count == VIEW_LIST_MAX) {
        list->dropped++;
        return;
    }
    if (!list->views)
        list->views = arena_allocate(list->arena,
                                     VIEW_LIST_MAX * sizeof *list->views);
    list->views[list->count++] = *view;
}

void view_add_text(struct view_list *list, enum view_id id,
                   enum flow_side side, uint32_t transaction,
                   struct bytes data)
{
    if (list)
        view_add(list, &(struct view){ .id = id,
                                       .side = side,
                                       .transaction = transaction,
                                       .data = data });
}

void view_add_number(struct view_list *list, enum view_id id,
                     enum flow_side side, uint32_t transaction,
                     uint64_t number)
{
    if (list)
        view_add(list, &(struct view){ .id = id,
                                       .side = side,
                                       .transaction = transaction,
                                       .number = number });
}

void view_end(struct view_list *list, enum flow_side side,
              uint32_t transaction)
{
    if (list)
        view_add(list, &(struct view){ .id = VIEW_END,
                                       .side = side,
                                       .transaction = transaction });
}

void view_note(struct view_list *list, const char *name)
{
    if (!list)
        return;
    for (uint32_t i = 0; i < list->note_count; i++)
        if (list->notes[i] == name)
            return;
    if (list->note_count == VIEW_NOTE_MAX)
        list->dropped++;
    else
        list->notes[list->note_count++] = name;
}
