/* SPDX-License-Identifier: Apache-2.0 */
#include "mud/read.h"

#include "mud_fixture.h"
#include "test.h"

/* An edit that strict reading refuses and import reads, telling it. */
static const struct {
    const char *old;
    const char *new;
    const char *path;
} dialects[] = {
    { "ietf-access-control-list:acls", "ietf-access-control-list:access-lists",
      "access-lists" },
    { "\"mud-version\": 1,", "", "mud" },
    { "03:04:05Z", "03:04:05", "last-update" },
    { "{\"name\": \"from4\", \"type\"", "{\"acl-name\": \"from4\", "
      "\"acl-type\"", "acl-name" },
    { "\"ipv4-acl-type\"", "\"ipv4-acl\"", "type" },
    { "[{\"name\": \"from4\"}]", "[{\"acl-name\": \"from4\", \"acl-type\": "
      "\"ipv4-acl\"}]", "acl-type" },
    { "{\"name\": \"cloud\"", "{\"rule-name\": \"cloud\"", "rule-name" },
    { "\"operator\": \"eq\", \"port\": 443", "\"operator\": \"range\", "
      "\"lower-port\": 5, \"upper-port\": 6", "destination-port" },
    { "\"ietf-acldns:dst-dnsname\": \"api.maker.example\"",
      "\"destination-ipv4-network\": \"224.0.0.251\"",
      "destination-ipv4-network" },
    { "\"api.maker.example\"", "\"*.maker.example\"", "dst-dnsname" },
    { "\"matches\": {", "\"matches\": {\"ietf-mud:mud\": "
      "{\"local-networks\": true}, ", "local-networks" },
    { "\"matches\": {", "\"matches\": {\"eth\": {\"ethertype\": "
      "\"0x0800\"}, ", "eth" },
};

static void reads_dialects_and_tells_each_change(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(dialects); i++) {
        char *text = mud_edited(dialects[i].old, dialects[i].new);
        struct mud_file *strict = mud_of(text, false);
        struct mud_file *file = mud_of(text, true);
        bool is_told = false;
        for (uint32_t j = 0; j < file->problem_count; j++)
            is_told |= file->problems[j].level == MUD_IMPORTED &&
                       strstr(file->problems[j].path, dialects[i].path);
        if (strict->level != MUD_REFUSED || !is_told ||
            file->level == MUD_REFUSED || file->ace_count != 2)
            fail_msg("dialect %zu (%s): strict %d, import %d: %s", i,
                     dialects[i].new, (int)strict->level, (int)file->level,
                     file->problem_count ? file->problems[0].text : "none");
        mud_file_free(strict);
        mud_file_free(file);
        free(text);
    }
}

/* Draft 13 of the standard had ports among the addresses. */
static void ports_of_drafts_move_to_their_layer(void **state)
{
    char *text = mud_edited(
        "\"protocol\": 6},\n    \"tcp\": {\"ietf-mud:direction-initiated\": "
        "\"from-device\", \"destination-port\": {\"operator\": \"eq\", "
        "\"port\": 443}}",
        "\"protocol\": 17, \"destination-port-range\": "
        "{\"lower-port\": 53}}");
    struct mud_file *file = mud_of(text, true);

    (void)state;
    assert_int_equal(file->level, MUD_IMPORTED);
    assert_int_equal(file->aces[0].protocol, 17);
    assert_int_equal(file->aces[0].peer_port.low, 53);
    assert_int_equal(file->aces[0].peer_port.high, 53);
    mud_file_free(file);
    free(text);
}

/* mudgee writes the frame's broadcast address beside the packet's. */
static void a_broadcast_is_said_once(void **state)
{
    char *text = mud_edited(
        "\"matches\": {\"ipv4\": {\"ietf-acldns:dst-dnsname\": "
        "\"api.maker.example\", \"protocol\": 6}",
        "\"matches\": {\"eth\": {\"destination-mac-address\": "
        "\"ff:ff:ff:ff:ff:ff\", \"ethertype\": \"0x0800\"}, \"ipv4\": "
        "{\"destination-ipv4-network\": \"255.255.255.255/32\"}");
    struct mud_file *file = mud_of(text, true);

    (void)state;
    assert_int_equal(file->level, MUD_IMPORTED);
    assert_false(file->aces[0].reads_packets);
    mud_file_free(file);
    free(text);
}

static void what_no_change_mends_stays_refused(void **state)
{
    char *text = mud_edited("\"port\": 443", "\"port\": 70000");
    struct mud_file *file = mud_of(text, true);

    (void)state;
    assert_int_equal(file->level, MUD_REFUSED);
    mud_file_free(file);
    free(text);
}

static void a_good_file_is_read_as_it_is(void **state)
{
    struct mud_file *file = mud_of(mud_good, true);

    (void)state;
    assert_int_equal(file->problem_count, 0);
    assert_int_equal(file->ace_count, 2);
    mud_file_free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_dialects_and_tells_each_change),
        cmocka_unit_test(ports_of_drafts_move_to_their_layer),
        cmocka_unit_test(a_broadcast_is_said_once),
        cmocka_unit_test(what_no_change_mends_stays_refused),
        cmocka_unit_test(a_good_file_is_read_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
