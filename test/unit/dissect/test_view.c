/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/view.h"

#include <string.h>

#include "base/compiler.h"
#include "test.h"

static void want(struct view_list *list, enum view_id id)
{
    list->wanted[id / 64] |= 1ull << (id % 64);
}

static void every_view_is_found_by_its_name(void **state)
{
    (void)state;
    for (int i = 0; i < VIEW_NAMED_COUNT; i++) {
        enum view_id found = VIEW_NAMED_COUNT;
        const struct view_info *info = view_info_get((enum view_id)i);

        assert_true(view_find(bytes_of_text(info->name), &found));
        assert_int_equal(found, i); /* No name stands there twice. */
        assert_non_null(info->protocol);
    }
    enum view_id untouched = VIEW_DNS_QUERY;
    assert_false(view_find(bytes_of_text("http.urine"), &untouched));
    assert_false(view_find(bytes_of_text(""), &untouched));
    assert_int_equal(untouched, VIEW_DNS_QUERY);
    assert_int_equal(view_info_get(VIEW_TLS_CERTS)->kind, VIEW_KIND_LIST);
    assert_int_equal(view_info_get(VIEW_TLS_CERTS)->side,
                     VIEW_SIDE_RESPONDER);
}

static void only_what_is_asked_for_is_kept(void **state)
{
    (void)state;
    struct arena arena;
    struct view_list list;

    arena_init(&arena);
    view_list_init(&list, &arena);
    want(&list, VIEW_HTTP_URI);
    assert_true(view_is_wanted(&list, VIEW_HTTP_URI));
    assert_false(view_is_wanted(&list, VIEW_HTTP_METHOD));
    assert_false(view_is_wanted(NULL, VIEW_HTTP_URI));
    view_add_text(&list, VIEW_HTTP_METHOD, FLOW_ORIGINATOR, 3,
                  bytes_of_text("GET"));
    view_add_text(&list, VIEW_HTTP_URI, FLOW_ORIGINATOR, 3,
                  bytes_of_text("/a"));
    view_add_number(&list, VIEW_DNS_RCODE, FLOW_RESPONDER, 3, 2);
    view_end(&list, FLOW_ORIGINATOR, 3);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.views[0].id, VIEW_HTTP_URI);
    assert_int_equal(list.views[0].transaction, 3);
    assert_int_equal(list.views[0].data.size, 2);
    assert_int_equal(list.views[1].id, VIEW_END);
    view_add_text(NULL, VIEW_HTTP_URI, FLOW_ORIGINATOR, 0,
                  bytes_of_text("/a"));
    view_add_number(NULL, VIEW_DNS_RCODE, FLOW_ORIGINATOR, 0, 1);
    view_end(NULL, FLOW_ORIGINATOR, 0);
    arena_clear(&arena);
}

static void what_does_not_fit_is_counted(void **state)
{
    (void)state;
    struct arena arena;
    struct view_list list;

    arena_init(&arena);
    view_list_init(&list, &arena);
    want(&list, VIEW_DNS_RCODE);
    for (unsigned i = 0; i < VIEW_LIST_MAX; i++)
        view_add_number(&list, VIEW_DNS_RCODE, FLOW_RESPONDER, i, i);
    assert_int_equal(list.count, VIEW_LIST_MAX);
    assert_int_equal(list.dropped, 0);
    view_add_number(&list, VIEW_DNS_RCODE, FLOW_RESPONDER, 0, 0);
    assert_int_equal(list.count, VIEW_LIST_MAX);
    assert_int_equal(list.dropped, 1);
    assert_int_equal(list.views[VIEW_LIST_MAX - 1].number,
                     VIEW_LIST_MAX - 1);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_view_is_found_by_its_name),
        cmocka_unit_test(only_what_is_asked_for_is_kept),
        cmocka_unit_test(what_does_not_fit_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
