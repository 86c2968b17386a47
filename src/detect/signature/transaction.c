/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules over the parts of a transaction. Most sides come whole in one packet
 * and are judged as they stand; of a side that is not over its parts are held,
 * bodies joined as they grow, together with the rules that wait for more. Each
 * rule alerts once in a transaction.
 */
#include "detect/signature/judging.h"
#include "detect/signature/packet_part.h"

enum verdict { VERDICT_HOLDS, VERDICT_WAITS, VERDICT_FAILS };

/* What one packet brought of one side of one transaction. */
struct turn {
    struct judging *j;
    const struct view *views;   /* In a row in the packet's list. */
    uint32_t count;
    uint32_t number;            /* Of the transaction. */
    enum flow_side side;
    bool is_over;               /* The side is complete. */
    struct transaction *open;   /* With what was held, or null: */
                                /* the views themselves are all there is. */
};

/* Where a walk over the buffers of one view stands. */
struct walk_of_buffers {
    uint32_t place;
    const struct held *held;
    bool started;
};

static bool wants_side(const struct turn *turn, bool spans,
                       enum flow_side side)
{
    return spans || side == turn->side;
}

static const struct view *find_name(const struct turn *turn)
{
    for (uint32_t i = 0; i < turn->count; i++)
        if (turn->views[i].id == VIEW_FILE_NAME)
            return &turn->views[i];
    return NULL;
}

static struct bytes file_name(const struct turn *turn)
{
    const struct view *view = find_name(turn);
    const struct held *held = turn->open ? turn->open->held : NULL;

    if (view)
        return view->data;
    for (; held; held = held->next)
        if (held->view == VIEW_FILE_NAME && held->side == turn->side)
            return bytes_of(held->data, held->size);
    return (struct bytes){ 0 };
}

static void describe(const struct turn *turn, enum view_id id,
                     struct inspected *subject)
{
    subject->has_number = view_info_get(id)->kind == VIEW_KIND_NUMBER;
    subject->is_file = id == VIEW_FILE_DATA || id == VIEW_FILE_NAME;
    if (subject->is_file)
        subject->file_name = file_name(turn);
}

static bool next_held(const struct turn *turn, enum view_id id, bool spans,
                      struct walk_of_buffers *walk, struct inspected *subject)
{
    const struct held *held =
        walk->started ? walk->held->next : turn->open->held;

    while (held &&
           (held->view != id || !wants_side(turn, spans, held->side)))
        held = held->next;
    if (!held)
        return false;
    walk->started = true;
    walk->held = held;
    *subject = (struct inspected){
        .data = { held->data, held->size },
        .number = held->number,
        .is_complete = held->is_complete || turn->is_over,
        .file_size = held->total,
    };
    describe(turn, id, subject);
    return true;
}

static bool next_buffer(const struct turn *turn, enum view_id id, bool spans,
                        struct walk_of_buffers *walk,
                        struct inspected *subject)
{
    if (turn->open)
        return next_held(turn, id, spans, walk, subject);
    while (walk->place < turn->count) {
        const struct view *view = &turn->views[walk->place++];
        if (view->id != id)
            continue;
        *subject = (struct inspected){
            .data = view->data,
            .number = view->number,
            .is_complete = true,
            .file_size = view->offset + view->data.size,
        };
        describe(turn, id, subject);
        return true;
    }
    return false;
}

/* A buffer as a lens shows it: made once a packet. */
static struct bytes through_lens(struct signature_state *state,
                                 uint16_t number, struct bytes data)
{
    const struct lens *lens = &state->compiled->lenses[number];

    if (lens->transform_count == 0)
        return data;
    size_t place =
        ((uintptr_t)data.data / 8 + number * 7u) % LENS_MEMO_SIZE;
    struct lens_memo *memo = &state->lens_memo[place];
    if (memo->lens == number && memo->data == data.data &&
        memo->size == data.size && memo->result.data)
        return memo->result;
    *memo = (struct lens_memo){ data.data, data.size, number, { 0 } };
    memo->result = transform_apply(&state->transformer, lens->transforms,
                                   lens->transform_count, data);
    state->memo_used = true;
    return memo->result;
}

static bool is_absence(const struct rule_inspection *in)
{
    return in->test_count > 0 && in->tests[0].kind == TEST_ABSENT;
}

static void note_failure(const struct turn *turn, uint32_t rule,
                         struct why_note note)
{
    struct judging *j = turn->j;

    if (UNLIKELY(why_is(&j->state->why, rule)))
        why_note(&j->state->why,
                 j->input->flow, note);
}

static enum verdict undecided(const struct turn *turn, bool spans)
{
    const struct transaction *open = turn->open;

    if (!turn->is_over)
        return VERDICT_WAITS;
    return spans && open && !open->ended[!turn->side] ? VERDICT_WAITS
                                                      : VERDICT_FAILS;
}

/* The packet's own bytes beside the parts of its transaction. */
static enum verdict try_payload(const struct turn *turn,
                                const struct rule_inspection *in)
{
    struct judging *j = turn->j;
    struct inspected subject = { .data = j->input->stream };

    if (view_is_packet_part(in->view))
        subject.data = j->packet ? packet_part(j->packet, in->view)
                                 : (struct bytes){ 0 };
    else if (subject.data.size == 0 && j->packet)
        subject.data = j->packet->payload;
    if (view_is_packet_part(in->view) && subject.data.size == 0)
        return VERDICT_FAILS;
    subject.data = transform_apply(&j->state->transformer, in->transforms,
                                   in->transform_count, subject.data);
    return inspect(&j->state->inspector, in, &subject, NULL) ? VERDICT_HOLDS
                                                             : VERDICT_FAILS;
}

static enum verdict try_inspection(const struct turn *turn, uint32_t number,
                                   uint16_t place)
{
    struct signature_state *state = turn->j->state;
    const struct compiled_rule *rule = &state->compiled->rules[number];
    const struct rule_inspection *in = &rule->rule->inspections[place];
    struct walk_of_buffers walk = { 0 };
    struct inspected subject;
    bool is_there = false;
    bool must_wait = false;

    if (in->view >= VIEW_PAYLOAD)
        return try_payload(turn, in);
    while (next_buffer(turn, in->view, rule->spans_sides, &walk, &subject)) {
        uint16_t failed = 0;
        is_there = true;
        if (rule->waits && !subject.is_complete) {
            must_wait = true;
            continue;
        }
        subject.data =
            through_lens(state, rule->lenses[place], subject.data);
        if ((!is_absence(in) || in->test_count > 1) &&
            inspect(&state->inspector, in, &subject, &failed))
            return VERDICT_HOLDS;
        note_failure(turn, number,
                     (struct why_note){ WHY_INSPECTION, place, failed });
    }
    if (!is_there && is_absence(in) && turn->is_over)
        return VERDICT_HOLDS;
    if (!is_there)
        note_failure(turn, number,
                     (struct why_note){ WHY_BUFFER_MISSING, place, 0 });
    return must_wait ? VERDICT_WAITS : undecided(turn, rule->spans_sides);
}

/* A view that only the other side sends is not missing on this one. */
static bool is_of_side(const struct turn *turn,
                       const struct compiled_rule *rule)
{
    for (uint16_t i = 0; i < rule->rule->inspection_count; i++) {
        enum view_id view = rule->rule->inspections[i].view;
        if (view >= VIEW_NAMED_COUNT || rule->spans_sides)
            continue;
        enum view_side side = view_info_get(view)->side;
        if (side != VIEW_SIDE_EITHER &&
            (side == VIEW_SIDE_RESPONDER) != (turn->side == FLOW_RESPONDER))
            return false;
    }
    return true;
}

static enum verdict try_rule(const struct turn *turn, uint32_t number)
{
    const struct compiled_rule *rule =
        &turn->j->state->compiled->rules[number];
    enum verdict verdict = VERDICT_HOLDS;

    if (rule->judged_on != JUDGED_TRANSACTION || !is_of_side(turn, rule) ||
        !rule_applies(turn->j, rule))
        return VERDICT_FAILS;
    for (uint16_t i = 0; i < rule->rule->inspection_count; i++) {
        enum verdict one = try_inspection(turn, number, i);
        if (one == VERDICT_FAILS)
            return VERDICT_FAILS;
        if (one == VERDICT_WAITS)
            verdict = VERDICT_WAITS;
    }
    return verdict;
}

static void judge_rule(const struct turn *turn, uint32_t number)
{
    struct transaction *open = turn->open;

    if (open && short_list_has(&open->alerted, number))
        return;
    enum verdict verdict = try_rule(turn, number);
    if (verdict == VERDICT_HOLDS) {
        rule_holds(turn->j, number);
        if (open) /* Full: it may alert again in this transaction. */
            (void)short_list_add(&open->alerted, number);
    } else if (verdict == VERDICT_WAITS && open) {
        if (!short_list_add(&open->waiting[turn->side], number))
            turn->j->state->memory.rules_refused++;
    }
}

/* The rules that new bytes of a buffer bring up, through each lens. */
static void look(struct signature_state *state, enum view_id id,
                 struct bytes data, size_t from)
{
    const struct compiled *compiled = state->compiled;

    for (uint16_t at = compiled->view_lens[id]; at != LENS_NONE;
         at = compiled->lenses[at].next) {
        const struct lens *lens = &compiled->lenses[at];
        struct bytes seen = through_lens(state, at, data);
        size_t old = lens->transform_count > 0 ? 0 : from;
        candidates_add_all(&state->candidates, lens->others.rules,
                           lens->others.count);
        name_set_find(lens->names, seen, &state->candidates);
        gram_filter_scan(lens->filter, seen, old, &state->candidates);
    }
}

static void look_at_views(const struct turn *turn)
{
    for (uint32_t i = 0; i < turn->count; i++)
        if (turn->views[i].id < VIEW_NAMED_COUNT)
            look(turn->j->state, turn->views[i].id, turn->views[i].data, 0);
}

/* Keep what came; where there is no room, it is at least looked at. */
static void hold_views(const struct turn *turn)
{
    struct signature_state *state = turn->j->state;

    for (uint32_t i = 0; i < turn->count; i++) {
        const struct view *view = &turn->views[i];
        if (view->id >= VIEW_NAMED_COUNT)
            continue;
        struct held *held =
            transaction_hold(&state->memory, turn->open, view);
        if (!held)
            continue;
        look(state, held->view, bytes_of(held->data, held->size),
             held->looked);
        held->looked = held->size;
    }
}

/* Bodies that came in one piece, or none: nothing has to be joined. */
static bool is_whole(const struct turn *turn)
{
    uint64_t seen[(VIEW_NAMED_COUNT + 63) / 64] = { 0 };

    if (!turn->is_over)
        return false;
    for (uint32_t i = 0; i < turn->count; i++) {
        enum view_id id = turn->views[i].id;
        if (id >= VIEW_NAMED_COUNT ||
            view_info_get(id)->kind != VIEW_KIND_STREAM)
            continue;
        uint64_t bit = UINT64_C(1) << id % 64;
        if (seen[id / 64] & bit || turn->views[i].offset > 0)
            return false;
        seen[id / 64] |= bit;
    }
    return true;
}

static void add_waiting(const struct turn *turn)
{
    struct candidates *found = &turn->j->state->candidates;
    struct short_list *waiting = &turn->open->waiting[turn->side];

    for (uint16_t i = 0; i < waiting->count; i++)
        candidates_add(found, waiting->rules[i]);
    waiting->count = 0;
    if (turn->open->ended[!turn->side]) {
        waiting = &turn->open->waiting[!turn->side];
        for (uint16_t i = 0; i < waiting->count; i++)
            candidates_add(found, waiting->rules[i]);
    }
}

/* When a side is over, nothing more of it is needed; the transaction goes
 * with its second side, or when the other has not begun. */
static void close_turn(const struct turn *turn)
{
    struct transaction *open = turn->open;
    bool other_began = false;

    if (!open || !turn->is_over)
        return;
    open->ended[turn->side] = true;
    for (const struct held *held = open->held; held; held = held->next)
        other_began |= held->side != turn->side;
    if (open->ended[!turn->side] ||
        (!other_began && open->waiting[turn->side].count == 0))
        transaction_close(&turn->j->state->memory, turn->j->memory, open);
}

static void judge_turn(struct turn *turn)
{
    struct judging *j = turn->j;
    struct signature_state *state = j->state;
    const struct compiled *compiled = state->compiled;

    judging_face(j, turn->side);
    candidates_begin(&state->candidates);
    turn->open = transaction_find(j->memory, turn->number);
    if (!turn->open && !is_whole(turn) && judging_memory(j))
        turn->open =
            transaction_open(&state->memory, j->memory, turn->number);
    if (turn->open) {
        hold_views(turn);
        add_waiting(turn);
    } else {
        look_at_views(turn);
    }
    if (turn->is_over)
        candidates_add_all(&state->candidates, compiled->at_end.rules,
                           compiled->at_end.count);
    if (UNLIKELY(state->why.rule != 0))
        candidates_add(&state->candidates, state->why.rule - 1);
    candidates_sort(&state->candidates);
    for (uint32_t i = 0; i < state->candidates.count; i++)
        judge_rule(turn, state->candidates.rules[i]);
    close_turn(turn);
}

static uint32_t turn_length(const struct view_list *list, uint32_t from)
{
    const struct view *first = &list->views[from];
    uint32_t count = 1;

    while (from + count < list->count &&
           list->views[from + count].transaction == first->transaction &&
           list->views[from + count].side == first->side &&
           list->views[from + count - 1].id != VIEW_END)
        count++;
    return count;
}

void judge_views(struct judging *j)
{
    const struct view_list *list = j->input->views;
    uint32_t count = list ? list->count : 0;

    for (uint32_t at = 0; at < count;) {
        uint32_t length = turn_length(list, at);
        const struct view *first = &list->views[at];
        struct turn turn = {
            .j = j,
            .views = first,
            .count = length,
            .number = first->transaction,
            .side = first->side,
            .is_over = first[length - 1].id == VIEW_END,
        };
        judge_turn(&turn);
        at += length;
    }
}

/* What waits is decided as it stands. */
void judge_flow_end(struct judging *j)
{
    while (j->memory && j->memory->transactions) {
        struct transaction *open = j->memory->transactions;
        for (unsigned side = 0; side < 2; side++) {
            struct turn turn = {
                .j = j,
                .number = open->number,
                .side = (enum flow_side)side,
                .is_over = true,
            };
            if (transaction_find(j->memory, turn.number) == open &&
                !open->ended[side])
                judge_turn(&turn);
        }
        if (j->memory->transactions == open)
            transaction_close(&j->state->memory, j->memory, open);
    }
}
