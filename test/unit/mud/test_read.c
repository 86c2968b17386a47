/* SPDX-License-Identifier: Apache-2.0 */
#include "mud/read.h"

#include <stdio.h>

#include "mud/explain.h"
#include "mud/write.h"
#include "mud_fixture.h"
#include "sweep.h"
#include "test.h"

static void reads_a_good_file(void **state)
{
    struct mud_file *file = mud_of(mud_good, false);

    (void)state;
    assert_int_equal(file->problem_count, 0);
    assert_int_equal(file->ace_count, 2);
    assert_string_equal(file->url, "https://maker.example/lamp");
    const struct mud_ace *ace =
        &file->aces[file->acls[file->policy[MUD_FROM_DEVICE][0]].first];
    assert_string_equal(ace->name_of_peer, "api.maker.example");
    assert_int_equal(ace->line, 14);
    assert_int_equal(ace->protocol, 6);
    assert_int_equal(ace->peer_port.low, 443);
    assert_false(ace->own_port.is_set);
    assert_int_equal(ace->initiated, MUD_INITIATED_FROM_DEVICE);
    const struct mud_ace *back =
        &file->aces[file->acls[file->policy[MUD_TO_DEVICE][0]].first];
    assert_string_equal(back->name_of_peer, "api.maker.example");
    assert_int_equal(back->peer_port.low, 443);
    mud_file_free(file);
}

/* One edit of the good file, and what must be said of it. */
static const struct {
    const char *old;
    const char *new;
    enum mud_level level;
    const char *path; /* Part of the path of a problem. */
    const char *text; /* Part of its text. */
} edits[] = {
    { "\"mud-version\": 1,", "", MUD_REFUSED, "mud", "'mud-version' is" },
    { "\"mud-version\": 1", "\"mud-version\": 2", MUD_REFUSED, "mud-version",
      "not known" },
    { "\"mud-version\": 1", "\"mud-version\": \"1\"", MUD_REFUSED,
      "mud-version", "number" },
    { "https://maker", "http://maker", MUD_REFUSED, "mud-url", "https" },
    { "https://maker", "https://user:pw@maker", MUD_REFUSED, "mud-url",
      "user" },
    { "https://maker.example/lamp", "a lamp", MUD_REFUSED, "mud-url", "URL" },
    { "example/lamp", "example/%zz", MUD_REFUSED, "mud-url", "URL" },
    { "03:04:05Z", "03:04:05", MUD_REFUSED, "last-update", "zone" },
    { "03:04:05Z", "03:04:05+25:00", MUD_REFUSED, "last-update", "zone" },
    { "2026-01-02", "2126-01-02", MUD_ASK, "last-update", "not come" },
    { "\"cache-validity\": 48", "\"cache-validity\": 0", MUD_REFUSED,
      "cache-validity", "between 1" },
    { "\"cache-validity\": 48", "\"cache-validity\": 169", MUD_REFUSED,
      "cache-validity", "between 1" },
    { "\"cache-validity\": 48", "\"cache-validity\": 48.5", MUD_REFUSED,
      "cache-validity", "whole" },
    { "\"is-supported\": true", "\"is-supported\": \"true\"", MUD_REFUSED,
      "is-supported", "without quotes" },
    { "A lamp", "A lamp of a kind that nobody could ever describe in so few "
      "words as sixty", MUD_NOTICE, "systeminfo", "60" },
    { "A lamp", "A \\u202elamp", MUD_NOTICE, "systeminfo", "hide" },
    { "\"systeminfo\"", "\"firmware-rev\"", MUD_NOTICE, "firmware-rev",
      "URL stays" },
    { "\"systeminfo\": \"A lamp\"", "\"other:node\": 1", MUD_NOTICE,
      "other:node", "does not name" },
    { "\"systeminfo\": \"A lamp\"", "\"extensions\": [\"other\"], "
      "\"other:node\": 1", MUD_NOTICE, "other:node", "not known here" },
    { "\"systeminfo\": \"A lamp\"", "\"lamp\": 1", MUD_REFUSED, "mud/lamp",
      "standard has no" },
    { "ietf-access-control-list:acls", "ietf-access-control-list:access-lists",
      MUD_REFUSED, "access-lists", "standard has no" },
    { "[{\"name\": \"from4\"}]", "[{\"name\": \"nope\"}]", MUD_REFUSED,
      "access-list[0]", "nope" },
    { "[{\"name\": \"from4\"}]", "[]", MUD_NOTICE, "acl[0]",
      "no policy uses" },
    { "[{\"name\": \"from4\"}]", "[{\"name\": \"from4\"}, "
      "{\"name\": \"from4\"}]", MUD_REFUSED, "access-list[1]", "twice" },
    { "{\"name\": \"to4\", ", "{\"name\": \"from4\", ", MUD_REFUSED, "acl[1]",
      "two lists" },
    { "ipv4-acl-type", "ethernet-acl-type", MUD_REFUSED, "type",
      "no list of type" },
    { "\"type\": \"ipv4-acl-type\", ", "", MUD_REFUSED, "acl[0]",
      "'type' is missing" },
    { "\"ipv4\": ", "\"ipv6\": ", MUD_REFUSED, "ipv6", "list of this type" },
    { "ietf-acldns:dst", "ietf-acldns:src", MUD_REFUSED, "src-dnsname",
      "own end" },
    { "\"api.maker.example\"", "\"*.maker.example\"", MUD_REFUSED,
      "dst-dnsname", "wildcards" },
    { "\"api.maker.example\"", "\"example\"", MUD_ASK, "dst-dnsname",
      "single label" },
    { "\"api.maker.example\"", "\"192.0.2.1\"", MUD_ASK, "dst-dnsname",
      "an address" },
    { "\"api.maker.example\"", "\"a..b\"", MUD_REFUSED, "dst-dnsname",
      "host name" },
    { "\"ietf-acldns:dst-dnsname\": \"api.maker.example\"",
      "\"destination-ipv4-network\": \"192.0.2.0/24\"", MUD_ASK,
      "destination-ipv4-network", "one network" },
    { "\"ietf-acldns:dst-dnsname\": \"api.maker.example\"",
      "\"destination-ipv4-network\": \"192.0.2.0/33\"", MUD_REFUSED,
      "destination-ipv4-network", "prefix" },
    { "\"ietf-acldns:dst-dnsname\": \"api.maker.example\"",
      "\"destination-ipv4-network\": \"2001:db8::/32\"", MUD_REFUSED,
      "destination-ipv4-network", "IPv4" },
    { "\"protocol\": 6", "\"protocol\": 17", MUD_REFUSED, "tcp",
      "protocol 17" },
    { "\"protocol\": 6", "\"protocol\": 256", MUD_REFUSED, "protocol",
      "255" },
    { "\"port\": 443", "\"port\": 70000", MUD_REFUSED, "port", "65535" },
    { "\"operator\": \"eq\", \"port\": 443", "\"lower-port\": 5, "
      "\"upper-port\": 4", MUD_REFUSED, "destination-port", "above" },
    { "\"operator\": \"eq\", \"port\": 443", "\"lower-port\": 5, "
      "\"operator\": \"eq\", \"upper-port\": 6", MUD_REFUSED,
      "destination-port", "exclude" },
    { "\"operator\": \"eq\", \"port\": 443", "\"lower-port\": 5", MUD_REFUSED,
      "destination-port", "both" },
    { "\"eq\"", "\"range\"", MUD_REFUSED, "destination-port",
      "no operator" },
    { "\"tcp\": {", "\"udp\": {", MUD_REFUSED, "direction-initiated",
      "only TCP" },
    { "\"tcp\": {", "\"udp\": {}, \"tcp\": {", MUD_REFUSED, "matches",
      "one of" },
    { "from-device\", \"dest", "there\", \"dest", MUD_REFUSED, "direction",
      "neither" },
    { "\"matches\": {", "\"matches\": {\"actions\": {}, ", MUD_REFUSED,
      "actions", "standard has no" },
    { "{\"forwarding\": \"accept\"}", "{}", MUD_REFUSED, "actions",
      "missing" },
    { "\"accept\"", "\"reject\"", MUD_NOTICE, "actions", "taken for drop" },
    { "\"accept\"", "\"teleport\"", MUD_REFUSED, "actions", "no action" },
    { "\"matches\": {", "\"matches\": {\"ietf-mud:mud\": "
      "{\"local-networks\": true}, ", MUD_REFUSED, "local-networks",
      "[null]" },
    { "\"matches\": {", "\"matches\": {\"ietf-mud:mud\": "
      "{\"local-networks\": [null], \"my-controller\": [null]}, ",
      MUD_NOTICE, "mud", "at once" },
    { "\"matches\": {", "\"matches\": {\"ietf-mud:mud\": "
      "{\"manufacturer\": \"a b\"}, ", MUD_REFUSED, "manufacturer",
      "authority" },
    { "{\n \"ietf", "[{\n \"ietf", MUD_REFUSED, "/", "" },
    { "{\n \"ietf", "{\"ietf-mud:mud\": 1, \"ietf", MUD_REFUSED, "/",
      "uplicate" },
    { "A lamp", "A \xff lamp", MUD_REFUSED, "/", "" },
};

static bool has_problem(const struct mud_file *file, const char *path,
                        const char *text)
{
    for (uint32_t i = 0; i < file->problem_count; i++)
        if (strstr(file->problems[i].path, path) &&
            strstr(file->problems[i].text, text) && file->problems[i].line)
            return true;
    return false;
}

static void says_what_is_wrong_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        char *text = mud_edited(edits[i].old, edits[i].new);
        struct mud_file *file = mud_of(text, false);
        if (file->level != edits[i].level ||
            !has_problem(file, edits[i].path, edits[i].text))
            fail_msg("edit %zu (%s): level %d, first problem %s: %s", i,
                     edits[i].new, (int)file->level,
                     file->problem_count ? file->problems[0].path : "none",
                     file->problem_count ? file->problems[0].text : "none");
        if (file->level == MUD_REFUSED)
            assert_int_equal(file->ace_count, 0);
        mud_file_free(file);
        free(text);
    }
}

static void an_entry_without_limits_is_asked_about(void **state)
{
    char *text = mud_edited("{\"ipv4\": {\"ietf-acldns:dst-dnsname\": "
                            "\"api.maker.example\", \"protocol\": 6},\n"
                            "    \"tcp\": {\"ietf-mud:direction-initiated\": "
                            "\"from-device\", \"destination-port\": "
                            "{\"operator\": \"eq\", \"port\": 443}}}", "{}");
    struct mud_file *file = mud_of(text, false);

    (void)state;
    assert_int_equal(file->level, MUD_ASK);
    assert_true(has_problem(file, "ace[0]", "everybody"));
    mud_file_free(file);
    free(text);
}

static void the_url_it_was_fetched_from_must_be_its_own(void **state)
{
    struct mud_read_options options = { .url = "https://maker.example/lamp" };
    struct mud_file *file = mud_read(bytes_of_text(mud_good), &options);

    (void)state;
    assert_int_equal(file->problem_count, 0);
    mud_file_free(file);
    options.url = "https://other.example/lamp";
    file = mud_read(bytes_of_text(mud_good), &options);
    assert_int_equal(file->level, MUD_ASK);
    mud_file_free(file);
}

static char *written(const struct mud_file *file)
{
    struct writer w;

    writer_init(&w, 1 << 24);
    mud_write(&w, file);
    char *text = strdup(writer_as_text(&w));
    writer_clear(&w);
    return text;
}

static void what_is_written_reads_as_the_same(void **state)
{
    struct mud_file *file = mud_of(mud_good, false);
    char *first = written(file);
    struct mud_file *again = mud_of(first, false);
    char *second = written(again);

    (void)state;
    assert_int_equal(again->problem_count, 0);
    assert_string_equal(first, second);
    assert_int_equal(again->ace_count, file->ace_count);
    mud_file_free(file);
    mud_file_free(again);
    free(first);
    free(second);
}

/* A list that both policies name is read for both: once each end is its. */
static void one_list_may_serve_both_policies(void **state)
{
    static const char port[] =
        "{\"ietf-mud:mud\": {\"mud-version\": 1, \"mud-url\": "
        "\"https://a.example/b\", \"last-update\": \"2026-01-02T03:04:05Z\", "
        "\"is-supported\": true, \"from-device-policy\": {\"access-lists\": "
        "{\"access-list\": [{\"name\": \"x\"}]}}, \"to-device-policy\": "
        "{\"access-lists\": {\"access-list\": [{\"name\": \"x\"}]}}}, "
        "\"ietf-access-control-list:acls\": {\"acl\": [{\"name\": \"x\", "
        "\"type\": \"ipv4-acl-type\", \"aces\": {\"ace\": [{\"name\": \"y\", "
        "\"matches\": {\"udp\": {\"destination-port\": {\"port\": 47808}}}, "
        "\"actions\": {\"forwarding\": \"accept\"}}]}}]}}";
    struct mud_file *file = mud_of(port, false);

    (void)state;
    assert_int_equal(file->problem_count, 0);
    assert_int_equal(file->acl_count, 2);
    assert_true(file->aces[0].peer_port.is_set);
    assert_true(file->aces[1].own_port.is_set);
    char *first = written(file);
    struct mud_file *again = mud_of(first, false);
    char *second = written(again);
    assert_string_equal(first, second);
    assert_int_equal(again->ace_count, 2);
    mud_file_free(file);
    mud_file_free(again);
    free(first);
    free(second);
}

/* A file of `count` entries in its from-device list. */
static struct mud_file *file_of_entries(size_t count)
{
    struct writer w;

    writer_init(&w, 1 << 24);
    for (size_t i = 0; i < count; i++)
        writer_format(&w, "%s{\"name\": \"e%zu\", \"matches\": {\"ipv4\": "
                          "{\"protocol\": 6}, \"ietf-mud:mud\": "
                          "{\"local-networks\": [null]}}, \"actions\": "
                          "{\"forwarding\": \"accept\"}}", i ? ", " : "", i);
    static const char list[] = "\"aces\": {\"ace\": [\n";
    const char *at = strstr(mud_good, list);
    struct writer all;
    writer_init(&all, 1 << 24);
    writer_format(&all, "%.*s%s, %s", (int)(at + strlen(list) - mud_good),
                  mud_good, writer_as_text(&w), at + strlen(list));
    struct mud_file *file = mud_of(writer_as_text(&all), false);
    writer_clear(&w);
    writer_clear(&all);
    return file;
}

static void entries_have_a_limit(void **state)
{
    /* The good file has two of its own. */
    struct mud_file *file = file_of_entries(MUD_ACE_MAX - 2);

    (void)state;
    assert_int_equal(file->level, MUD_NOTICE);
    assert_int_equal(file->ace_count, MUD_ACE_MAX);
    mud_file_free(file);
    file = file_of_entries(MUD_ACE_MAX - 1);
    assert_int_equal(file->level, MUD_REFUSED);
    assert_true(has_problem(file, "acl[1]", "entries in all"));
    mud_file_free(file);
}

static struct mud_file *file_of_lists(size_t count)
{
    struct writer w;

    writer_init(&w, 1 << 24);
    for (size_t i = 2; i < count; i++)
        writer_format(&w, "{\"name\": \"l%zu\", \"type\": \"ipv4-acl-type\", "
                          "\"aces\": {\"ace\": []}},\n", i);
    writer_text(&w, "  {\"name\": \"to4\"");
    char *text = mud_edited("  {\"name\": \"to4\"", writer_as_text(&w));
    struct mud_file *file = mud_of(text, false);
    free(text);
    writer_clear(&w);
    return file;
}

static void lists_have_a_limit(void **state)
{
    struct mud_file *file = file_of_lists(MUD_ACL_MAX);

    (void)state;
    assert_int_equal(file->level, MUD_NOTICE);
    mud_file_free(file);
    file = file_of_lists(MUD_ACL_MAX + 1);
    assert_int_equal(file->level, MUD_REFUSED);
    assert_true(has_problem(file, "acl[64]", "lists"));
    mud_file_free(file);
}

static struct mud_file *file_of_text(size_t size)
{
    char *value = memset(malloc(size + 1), 'a', size);

    value[size] = 0;
    char *text = mud_edited("A lamp", value);
    struct mud_file *file = mud_of(text, false);
    free(text);
    free(value);
    return file;
}

static void texts_and_files_have_a_limit(void **state)
{
    struct mud_file *file = file_of_text(MUD_TEXT_MAX);

    (void)state;
    assert_int_equal(file->level, MUD_NOTICE);
    mud_file_free(file);
    file = file_of_text(MUD_TEXT_MAX + 1);
    assert_int_equal(file->level, MUD_REFUSED);
    mud_file_free(file);

    char *large = memset(malloc(MUD_FILE_SIZE_MAX + 2), ' ',
                         MUD_FILE_SIZE_MAX + 1);
    large[MUD_FILE_SIZE_MAX + 1] = 0;
    memcpy(large, mud_good, strlen(mud_good));
    file = mud_of(large, false);
    assert_int_equal(file->level, MUD_REFUSED);
    mud_file_free(file);
    large[MUD_FILE_SIZE_MAX] = 0;
    file = mud_of(large, false);
    assert_int_equal(file->problem_count, 0);
    mud_file_free(file);
    free(large);
}

static void problems_have_a_limit_and_a_count(void **state)
{
    struct mud_file *file = file_of_entries(10);
    struct writer w;

    (void)state;
    mud_file_free(file);
    writer_init(&w, 1 << 20);
    for (int i = 0; i < MUD_PROBLEM_MAX + 3; i++)
        writer_format(&w, "\"x%d:y\": 1, ", i);
    writer_text(&w, "\"systeminfo\"");
    char *text = mud_edited("\"systeminfo\"", writer_as_text(&w));
    file = mud_of(text, false);
    assert_int_equal(file->problem_count, MUD_PROBLEM_MAX);
    assert_int_equal(file->problems_dropped, 3);
    mud_file_free(file);
    free(text);
    writer_clear(&w);
}

static void what_is_shown_is_printable(void **state)
{
    char *text = mud_edited("A lamp", "A \\u001b[31m\\u202e lamp");
    struct mud_file *file = mud_of(text, false);
    struct writer w;

    (void)state;
    writer_init(&w, 1 << 20);
    mud_explain(&w, file);
    assert_null(strchr(writer_as_text(&w), 0x1b));
    assert_non_null(strstr(writer_as_text(&w), "api.maker.example"));
    writer_clear(&w);
    mud_file_free(file);
    free(text);
}

/* Any bytes are a file or problems, and never read as good by a part. */
static void try_variant(struct bytes variant, void *context)
{
    struct mud_read_options options = { .is_import = context != NULL };
    struct mud_file *file = mud_read(variant, &options);

    if (variant.size < strlen(mud_good) - 2)
        assert_int_equal(file->level, MUD_REFUSED);
    mud_file_free(file);
}

static void survives_every_truncation(void **state)
{
    (void)state;
    sweep_truncate(bytes_of_text(mud_good), try_variant, NULL);
}

static void survives_every_flipped_bit(void **state)
{
    int is_import = 1;

    (void)state;
    sweep_flip(bytes_of_text(mud_good), try_variant, NULL);
    sweep_flip(bytes_of_text(mud_good), try_variant, &is_import);
}

static void files_merge_up_to_the_limits(void **state)
{
    struct mud_file *file = mud_of(mud_good, false);
    struct mud_file *other = mud_of(mud_good, false);

    (void)state;
    assert_true(mud_merge(file, other));
    assert_int_equal(file->ace_count, 4);
    assert_int_equal(file->policy_count[MUD_TO_DEVICE], 2);
    const struct mud_acl *acl =
        &file->acls[file->policy[MUD_TO_DEVICE][1]];
    assert_string_equal(file->aces[acl->first].name_of_peer,
                        "api.maker.example");
    mud_file_free(other);
    other = file_of_entries(MUD_ACE_MAX - 5);
    assert_int_equal(other->ace_count, MUD_ACE_MAX - 3);
    assert_false(mud_merge(file, other));
    mud_file_free(other);
    other = file_of_entries(MUD_ACE_MAX - 6);
    assert_true(mud_merge(file, other));
    assert_int_equal(file->ace_count, MUD_ACE_MAX);
    mud_file_free(other);
    mud_file_free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_good_file),
        cmocka_unit_test(says_what_is_wrong_and_where),
        cmocka_unit_test(an_entry_without_limits_is_asked_about),
        cmocka_unit_test(the_url_it_was_fetched_from_must_be_its_own),
        cmocka_unit_test(what_is_written_reads_as_the_same),
        cmocka_unit_test(one_list_may_serve_both_policies),
        cmocka_unit_test(entries_have_a_limit),
        cmocka_unit_test(lists_have_a_limit),
        cmocka_unit_test(texts_and_files_have_a_limit),
        cmocka_unit_test(problems_have_a_limit_and_a_count),
        cmocka_unit_test(what_is_shown_is_printable),
        cmocka_unit_test(survives_every_truncation),
        cmocka_unit_test(survives_every_flipped_bit),
        cmocka_unit_test(files_merge_up_to_the_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
