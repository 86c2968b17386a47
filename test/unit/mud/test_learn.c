/* SPDX-License-Identifier: Apache-2.0 */
#include "mud/learn.h"

#include <stdio.h>
#include <sys/stat.h>

#include "folder.h"
#include "mud/journal.h"
#include "mud/write.h"
#include "mud_fixture.h"
#include "test.h"

static const struct mud_ace https = {
    .family = MUD_FAMILY_IPV4,
    .accepts = true,
    .initiated = MUD_INITIATED_FROM_DEVICE,
    .has_protocol = true,
    .protocol = 6,
    .name_of_peer = "api.maker.example",
    .peer_port = { .low = 443, .high = 443, .is_set = true },
};

static struct mud_learner *new_learner(void)
{
    return mud_learner_new("https://learned.invalid/x", "a thing",
                           1780000000000000000);
}

/* Learned, written, and read strictly again. */
static struct mud_file *round_trip(struct mud_learner *learner)
{
    struct mud_file *file = mud_learner_finish(learner);
    struct writer w;

    assert_non_null(file);
    writer_init(&w, 1 << 24);
    mud_write(&w, file);
    struct mud_file *again = mud_of(writer_as_text(&w), false);
    assert_int_equal(again->ace_count, file->ace_count);
    assert_int_not_equal(again->level, MUD_REFUSED);
    writer_clear(&w);
    mud_file_free(file);
    mud_learner_free(learner);
    return again;
}

static void learns_nothing_from_nothing(void **state)
{
    struct mud_file *file = round_trip(new_learner());

    (void)state;
    assert_int_equal(file->ace_count, 0);
    assert_string_equal(file->url, "https://learned.invalid/x");
    assert_string_equal(file->last_update, "2026-05-28T20:26:40Z");
    assert_int_equal(file->problem_count, 0);
    mud_file_free(file);
}

static void the_same_use_is_one_entry_each_way(void **state)
{
    struct mud_learner *learner = new_learner();

    (void)state;
    mud_learner_add(learner, &https, 1u << MUD_FROM_DEVICE);
    mud_learner_add(learner, &https, 1u << MUD_TO_DEVICE);
    mud_learner_add(learner, &https, 3);
    struct mud_file *file = round_trip(learner);
    assert_int_equal(file->ace_count, 2);
    assert_int_equal(file->policy_count[MUD_FROM_DEVICE], 1);
    assert_int_equal(file->policy_count[MUD_TO_DEVICE], 1);
    assert_string_equal(file->aces[1].name_of_peer, "api.maker.example");
    assert_int_equal(file->aces[1].initiated, MUD_INITIATED_FROM_DEVICE);
    mud_file_free(file);
}

static void learn_ports(struct mud_learner *learner, uint16_t count)
{
    struct mud_ace use = https;

    for (uint16_t i = 0; i < count; i++) {
        use.peer_port.low = use.peer_port.high = (uint16_t)(1000 + i);
        mud_learner_add(learner, &use, 1u << MUD_FROM_DEVICE);
    }
}

static void many_ports_become_any_and_that_is_said(void **state)
{
    struct mud_learner *learner = new_learner();

    (void)state;
    learn_ports(learner, MUD_LEARN_PORT_MAX);
    struct mud_file *file = mud_learner_finish(learner);
    assert_int_equal(file->ace_count, MUD_LEARN_PORT_MAX);
    mud_file_free(file);
    mud_learner_free(learner);

    learner = new_learner();
    learn_ports(learner, MUD_LEARN_PORT_MAX + 1);
    file = mud_learner_finish(learner);
    assert_int_equal(file->ace_count, 1);
    assert_false(file->aces[0].peer_port.is_set);
    assert_non_null(strstr(mud_learner_note(learner, 0),
                           "9 ports became any port"));
    mud_file_free(file);
    mud_learner_free(learner);
}

static void addresses_are_kept_and_that_is_said(void **state)
{
    struct mud_learner *learner = new_learner();
    struct mud_ace use = https;
    bool is_said = false;

    (void)state;
    use.name_of_peer = NULL;
    use.has_network = true;
    use.network = (struct ip_prefix){ ip_of_v4(0xc0000201), 128 };
    mud_learner_add(learner, &use, 1u << MUD_FROM_DEVICE);
    struct mud_file *file = mud_learner_finish(learner);
    for (size_t i = 0; i < mud_learner_note_count(learner); i++)
        is_said |= strstr(mud_learner_note(learner, i), "have an address") !=
                   NULL;
    assert_true(is_said);
    mud_file_free(file);
    struct mud_file *again = round_trip(learner);
    assert_int_equal(again->level, MUD_ASK);
    assert_true(again->aces[0].has_network);
    assert_int_equal(again->aces[0].network.length, 128);
    mud_file_free(again);
}

static void more_than_a_file_may_have_is_no_file(void **state)
{
    struct mud_learner *learner = new_learner();
    struct mud_ace use = https;
    char name[32];

    (void)state;
    use.name_of_peer = name;
    for (int i = 0; i < MUD_ACE_MAX; i++) {
        (void)snprintf(name, sizeof name, "a%d.example", i);
        mud_learner_add(learner, &use, 1u << MUD_FROM_DEVICE);
    }
    struct mud_file *file = mud_learner_finish(learner);
    assert_non_null(file);
    mud_file_free(file);
    use.name_of_peer = "one.more.example";
    mud_learner_add(learner, &use, 1u << MUD_FROM_DEVICE);
    assert_null(mud_learner_finish(learner));
    mud_learner_free(learner);
}

static void write_to(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static void what_is_accepted_is_added_and_read_again(void **state)
{
    struct folder folder;
    char path[256];
    char journal[300];
    struct failure failure = { 0 };
    struct mud_learner *learner = new_learner();
    struct mud_file *file = mud_of(mud_good, false);

    (void)state;
    folder_make(&folder);
    (void)snprintf(path, sizeof path, "%s/lamp.json", folder.path);
    (void)snprintf(journal, sizeof journal, "%s.accepted", path);
    assert_int_equal(mud_journal_read(path, file, &failure), 0);
    mud_learner_add(learner, &https, 3);
    struct mud_file *entries = mud_learner_finish(learner);
    struct mud_acceptance accepted = {
        1780000000, "the \"owner\"", "it is\nwanted", file, entries,
    };
    assert_int_equal(mud_journal_add(path, &accepted, &failure), 0);
    assert_int_equal(mud_journal_add(path, &accepted, &failure), 0);
    assert_int_equal(mud_journal_read(path, file, &failure), 2);
    assert_int_equal(file->ace_count, 2 + 2 * 2);
    write_to(journal, "{\"accepted\": {}}\n");
    assert_int_equal(mud_journal_read(path, file, &failure), ERROR_FORMAT);
    assert_non_null(strstr(failure.text, ":1:"));
    mud_file_free(entries);
    mud_learner_free(learner);
    mud_file_free(file);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_nothing_from_nothing),
        cmocka_unit_test(the_same_use_is_one_entry_each_way),
        cmocka_unit_test(many_ports_become_any_and_that_is_said),
        cmocka_unit_test(addresses_are_kept_and_that_is_said),
        cmocka_unit_test(more_than_a_file_may_have_is_no_file),
        cmocka_unit_test(what_is_accepted_is_added_and_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
