/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"
#include "dissect/protocols.h"

/* The protocols that are only told by name. */
static void are_told_by_their_first_bytes(void **state)
{
    (void)state;
    static const struct {
        const struct dissector *dissector;
        uint16_t port;
        const char *data;
        size_t size;
        enum dissect_verdict verdict;
    } vectors[] = {
        { &vnc_dissector, 99, "RFB 003.008\n", 12, DISSECT_DONE },
        { &vnc_dissector, 99, "RFB 0", 5, DISSECT_MORE },
        { &vnc_dissector, 99, "RFC 003.008\n", 12, DISSECT_NOT_MINE },
        { &smb_dissector, 99, "\0\0\0\x54\xff" "SMB", 8, DISSECT_DONE },
        { &smb_dissector, 99, "\0\0\0\x54\xfe" "SMB", 8, DISSECT_DONE },
        { &smb_dissector, 99, "\0\0\0\x54\xfb" "SMB", 8, DISSECT_NOT_MINE },
        { &smb_dissector, 99, "\0\0\0", 3, DISSECT_MORE },
        { &rdp_dissector, 99,
          "\3\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0", 19,
          DISSECT_DONE },
        { &rdp_dissector, 99, "\3\0\0\x16\x11\xe0\0\0\0\1\0\xc1\2\1\0", 15,
          DISSECT_MORE },
        { &rdp_dissector, 99,
          "\3\0\0\x16\x11\xe0\0\0\0\1\0\xc1\2\1\0\xc2\2\1\2\xc0\1\x0a", 22,
          DISSECT_NOT_MINE }, /* S7 speaks X.224 too. */
        { &smtp_dissector, 99, "220 mx ESMTP ready\r\n", 20, DISSECT_DONE },
        { &smtp_dissector, 25, "220 mx\r\n", 8, DISSECT_DONE },
        { &smtp_dissector, 99, "220 ftp\r\n", 9, DISSECT_NOT_MINE },
        { &smtp_dissector, 99, "22", 2, DISSECT_MORE },
        { &pop3_dissector, 99, "+OK POP3\r\n", 10, DISSECT_DONE },
        { &pop3_dissector, 99, "+OK\r\n", 5, DISSECT_NOT_MINE },
        { &imap_dissector, 99, "* OK IMAP4rev1\r\n", 16, DISSECT_DONE },
        { &imap_dissector, 99, "* BAD IMAP\r\n", 12, DISSECT_NOT_MINE },
        { &memcached_dissector, 11211, "stats\r\n", 7, DISSECT_DONE },
        { &memcached_dissector, 80, "stats\r\n", 7, DISSECT_NOT_MINE },
        { &memcached_udp_dissector, 11211, "\0\1\0\0\0\1\0\0stats\r\n", 15,
          DISSECT_DONE },
        { &memcached_udp_dissector, 11211, "\0\1\0\0\0\1\0\1stats\r\n", 15,
          DISSECT_NOT_MINE },
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        dissect_run_init(&run, vectors[i].dissector, vectors[i].port);
        if (dissect_run_recognise(&run, FLOW_RESPONDER,
                                  bytes_of(vectors[i].data,
                                           vectors[i].size)) !=
            vectors[i].verdict)
            fail_msg("vector %zu", i);
        dissect_run_clear(&run);
    }
}

static void survive_every_sweep(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        CLIENT("\3\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0"),
        SERVER("RFB 003.008\n"), CLIENT("\0\0\0\x54\xff" "SMBr"),
        CLIENT("\0\1\0\0\0\1\0\0stats\r\n"),
        SERVER("220 mx ESMTP\r\n"), SERVER("+OK POP3\r\n"),
        SERVER("* OK IMAP\r\n"), CLIENT("EHLO a\r\n"),
    };
    const struct dissector *all[] = { &vnc_dissector, &smb_dissector,
                                      &rdp_dissector, &memcached_dissector,
                                      &memcached_udp_dissector,
                                      &smtp_dissector, &pop3_dissector,
                                      &imap_dissector };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        struct dialogue each = DIALOGUE(all[i], 11211, lines);
        dialogue_sweep(&each);
    }
}

static void have_unique_and_complete_entries_in_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; dissector_table[i]; i++) {
        assert_non_null(dissector_table[i]->name);
        assert_non_null(dissector_table[i]->recognise);
        assert_non_null(dissector_table[i]->feed);
        assert_true(dissector_table[i]->state_size <= DISSECT_STATE_MAX);
        for (size_t j = 0; j < i; j++)
            assert_ptr_not_equal(dissector_table[i], dissector_table[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_told_by_their_first_bytes),
        cmocka_unit_test(survive_every_sweep),
        cmocka_unit_test(have_unique_and_complete_entries_in_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
