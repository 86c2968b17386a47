/* SPDX-License-Identifier: Apache-2.0 */
/* Files beside the rules, and folders with both. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#include "detect/signature/config.h"
#include "detect/signature/dataset.h"
#include "detect/signature/network.h"
#include "detect/signature/signature.h"
#include "folder.h"
#include "sweep.h"

static void put(const struct folder *folder, const char *name,
                const char *text)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static struct signature *load_folder(const struct folder *folder)
{
    struct signature *set = signature_new();
    struct failure failure;

    assert_int_equal(signature_load(set, folder->path, &failure), 0);
    signature_compile(set);
    return set;
}

static const struct rule *rule_of_sid(const struct signature *set,
                                      uint32_t sid)
{
    for (size_t i = 0; i < signature_rule_count(set); i++)
        if (signature_rule(set, i)->sid == sid)
            return signature_rule(set, i);
    fail_msg("no rule %u", sid);
    abort(); /* Not reached: for compilers that do not know. */
}

static void a_folder_is_read_with_all_that_rules_refer_to(void **state)
{
    struct folder folder;

    (void)state;
    folder_make(&folder);
    put(&folder, "a.rules",
        "alert tcp $LAB any -> any $WEB (msg:\"x\"; classtype:own-class; "
        "reference:own,7; sid:1;)\n");
    put(&folder, "classification.config",
        "# comment\nconfig classification: own-class, Our own, 1\n"
        "config classification: trojan-activity,Other words,4\nbroken\n");
    put(&folder, "reference.config", "config reference: own https://o.wn/\n");
    put(&folder, "suricata.yaml",
        "%YAML 1.1\n---\nother: {vars: {address-groups: {LAB: \"9.9.9.9\"}}}\n"
        "vars:\n  address-groups:\n    LAB: \"[192.0.2.0/24]\"\n"
        "    BAD: \"frob\"\n  port-groups:\n    WEB: \"[80,443]\"\n");
    put(&folder, "notes.txt", "not a rule\n");
    struct signature *set = load_folder(&folder);
    assert_int_equal(signature_rule_count(set), 1);
    assert_int_equal(signature_refusal_count(set), 2); /* broken, BAD */
    const struct rule *rule = signature_rule(set, 0);
    assert_int_equal(rule->priority, 1);
    assert_string_equal(rule->class_text, "Our own");
    assert_string_equal(rule->detection.references[0], "https://o.wn/7");
    assert_int_equal(rule->source->count, 1);
    assert_int_equal(rule->destination_ports->count, 2);
    signature_free(set);
    folder_remove(&folder);
}

static void thresholds_of_the_file_belong_to_their_rules(void **state)
{
    struct folder folder;

    (void)state;
    folder_make(&folder);
    put(&folder, "a.rules",
        "alert tcp any any -> any any (sid:1;)\n"
        "alert tcp any any -> any any (threshold:type limit,track by_src,"
        "count 1,seconds 9; sid:2;)\n");
    put(&folder, "threshold.config",
        "suppress gen_id 1, sig_id 1, track by_src, ip [10.0.0.1,10.0.0.3]\n"
        "suppress gen_id 1, sig_id 2\n"
        "threshold gen_id 1, sig_id 2, type limit, track by_src, count 5, "
        "seconds 7\n"
        "event_filter gen_id 0, sig_id 0, type both, track by_dst, count 2, "
        "seconds 3\n"
        "rate_filter gen_id 1, sig_id 1, track by_rule, count 10, seconds 60,"
        " new_action drop, timeout 30\n"
        "threshold gen_id 1, sig_id 99, type limit, track by_src, count 1, "
        "seconds 1\n"
        "suppress gen_id 1, sig_id 1, track by_src\n"
        "threshold gen_id 1, sig_id 1, type odd\n"
        "frob gen_id 1\n");
    struct signature *set = load_folder(&folder);
    assert_int_equal(signature_refusal_count(set), 3);
    assert_int_equal(signature_warning_count(set), 1); /* sid 99 */
    const struct rule *one = rule_of_sid(set, 1);
    assert_int_equal(one->extra_threshold_count, 3);
    assert_int_equal(one->extra_thresholds[0].kind, THRESHOLD_SUPPRESS);
    assert_int_equal(one->extra_thresholds[0].addresses->count, 2);
    assert_int_equal(one->extra_thresholds[1].kind, THRESHOLD_BOTH);
    assert_int_equal(one->extra_thresholds[2].timeout_s, 30);
    assert_int_equal(one->extra_thresholds[2].new_action, RULE_DROP);
    const struct rule *two = rule_of_sid(set, 2);
    assert_int_equal(two->extra_threshold_count, 1); /* Its own goes first. */
    assert_int_equal(two->extra_thresholds[0].kind, THRESHOLD_SUPPRESS);
    assert_null(two->extra_thresholds[0].addresses);
    signature_free(set);
    folder_remove(&folder);
}

static struct dataset *set_of(const struct rule *rule)
{
    const struct rule_test *test = &rule->inspections[0].tests[0];

    assert_int_equal(test->kind, TEST_DATASET);
    return test->dataset.set;
}

static void lists_are_read_beside_the_rules(void **state)
{
    struct folder folder;
    uint16_t reputation;

    (void)state;
    folder_make(&folder);
    put(&folder, "a.rules",
        "alert dns any any -> any any (dns.query; dataset:isset,names,type "
        "string,load names.lst; sid:1;)\n"
        "alert dns any any -> any any (dns.query; dataset:isnotset,names; "
        "sid:2;)\n"
        "alert dns any any -> any any (dns.query; to_md5; dataset:isset,sums,"
        "type md5,load sums.lst; sid:3;)\n"
        "alert dns any any -> any any (dns.query; datarep:rep,>,5,type "
        "string,load rep.lst; sid:4;)\n"
        "alert http any any -> any any (filemd5:sums.lst; sid:5;)\n"
        "alert dns any any -> any any (dns.query; dataset:set,new,type "
        "string,state new.lst; sid:6;)\n");
    put(&folder, "names.lst", "ZXhhbXBsZS5jb20=\n# comment\n!!\nYg==\n");
    put(&folder, "sums.lst", "00112233445566778899aabbccddeeff  file\n");
    put(&folder, "rep.lst", "YQ==,7\nYg==\n");
    struct signature *set = load_folder(&folder);
    assert_int_equal(signature_refusal_count(set), 0);
    assert_int_equal(signature_rule_count(set), 6);
    struct dataset *names = set_of(rule_of_sid(set, 1));
    assert_ptr_equal(names, set_of(rule_of_sid(set, 2)));
    assert_int_equal(dataset_count(names), 2);
    assert_true(dataset_has(names, bytes_of_text("example.com"),
                            &reputation));
    static const uint8_t sum[] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
                                   0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb,
                                   0xcc, 0xdd, 0xee, 0xff };
    assert_true(dataset_has(set_of(rule_of_sid(set, 3)),
                            bytes_of(sum, sizeof sum), &reputation));
    assert_true(dataset_has(set_of(rule_of_sid(set, 4)), bytes_of_text("a"),
                            &reputation));
    assert_int_equal(reputation, 7);
    const struct rule_test *digest =
        &rule_of_sid(set, 5)->inspections[0].tests[0];
    assert_int_equal(digest->kind, TEST_DIGEST);
    assert_int_equal(digest->digests->size, 16);
    assert_int_equal(dataset_count(digest->digests->values), 1);
    assert_int_equal(dataset_count(set_of(rule_of_sid(set, 6))), 0);
    assert_int_equal(signature_warning_count(set), 3); /* !!, b, state */
    signature_free(set);
    folder_remove(&folder);
}

static const struct address_set *reputation_of(const struct signature *set,
                                               uint32_t sid)
{
    const struct rule_condition *condition =
        &rule_of_sid(set, sid)->conditions[0];

    assert_int_equal(condition->kind, CONDITION_IP_REPUTATION);
    return condition->reputation.addresses;
}

static bool has(const struct address_set *set, const char *text)
{
    struct ip ip = { 0 };

    assert_true(ip_parse(bytes_of_text(text), &ip));
    return address_set_contains(set, ip);
}

static void reputations_are_sets_of_addresses(void **state)
{
    struct folder folder;

    (void)state;
    folder_make(&folder);
    put(&folder, "a.rules",
        "alert ip any any -> any any (iprep:src,CnC,>,30; sid:1;)\n"
        "alert ip any any -> any any (iprep:both,CnC,<,30; sid:2;)\n"
        "alert ip any any -> any any (iprep:any,CnC,isset; sid:3;)\n"
        "alert ip any any -> any any (iprep:dst,CnC,isnotset; sid:4;)\n"
        "alert ip any any -> any any (iprep:dst,Spam,=,127; sid:5;)\n"
        "alert ip any any -> any any (iprep:dst,None,=,1; sid:6;)\n"
        "alert ip any any -> any any (iprep:dst,CnC,=,128; sid:7;)\n");
    put(&folder, "categories.txt",
        "1,CnC,Command and control\n# x\n2,Spam,Spam\n61,Over,Over\n");
    put(&folder, "iprep.list",
        "192.0.2.0/24,1,100\n192.0.2.7,1,5\n2001:db8::/32,1,31\n"
        "198.51.100.1,2,127\n192.0.2.7,1,128\nfrob,1,1\n");
    struct signature *set = load_folder(&folder);
    assert_int_equal(signature_rule_count(set), 5);
    assert_int_equal(signature_refusal_count(set), 5);
    assert_true(has(reputation_of(set, 1), "192.0.2.6"));
    assert_false(has(reputation_of(set, 1), "192.0.2.7")); /* Narrower. */
    assert_true(has(reputation_of(set, 1), "2001:db8::9"));
    assert_true(has(reputation_of(set, 2), "192.0.2.7"));
    assert_false(has(reputation_of(set, 2), "192.0.2.6"));
    assert_true(has(reputation_of(set, 3), "192.0.2.7"));
    assert_false(has(reputation_of(set, 3), "198.51.100.1"));
    assert_true(rule_of_sid(set, 4)->conditions[0].negated);
    assert_true(has(reputation_of(set, 5), "198.51.100.1"));
    signature_free(set);
    folder_remove(&folder);
}

static void rules_are_told_from_other_files(void **state)
{
    (void)state;
    assert_true(signature_is_rules(bytes_of_text(
        "# ET\n\n#alert tcp any any -> any any (sid:1;)\n")));
    assert_true(signature_is_rules(bytes_of_text("drop ip any any -> (")));
    assert_false(signature_is_rules(bytes_of_text("title: alert (x)\n")));
    assert_false(signature_is_rules(bytes_of_text("alert: yes\n")));
    assert_false(signature_is_rules(bytes_of_text("")));
    assert_true(signature_knows_file("x/classification.config"));
    assert_true(signature_knows_file("a.rules"));
    assert_false(signature_knows_file("a.yml"));
}

static void what_is_not_there_is_an_error(void **state)
{
    struct signature *set = signature_new();
    struct failure failure;

    (void)state;
    assert_true(signature_load(set, "/no/such/rules", &failure) < 0);
    assert_non_null(strstr(failure.text, "/no/such/rules"));
    assert_true(signature_set_variable(set, bytes_of_text("A"),
                                       bytes_of_text("frob"), &failure) < 0);
    assert_true(signature_set_variable(set, bytes_of_text("A B"),
                                       bytes_of_text("80"), &failure) < 0);
    signature_free(set);
}

static void read_all(struct bytes variant, void *context)
{
    config_read_classes(context, "a", variant);
    config_read_thresholds(context, "a", variant);
    config_read_variables(context, "a", variant);
}

static void configurations_survive_every_cut_and_bit(void **state)
{
    static const char *const texts[] = {
        "config classification: a,b,1\nconfig reference: c http://d/\n",
        ("suppress gen_id 1, sig_id 2, track by_src, ip [10.0.0.0/8,"
         "!10.1.1.1]\nrate_filter gen_id 1, sig_id 1, track by_rule, count "
         "10, seconds 60, new_action drop, timeout 30\n"),
        ("vars:\n  address-groups:\n    A: \"[10.0.0.0/8,$HOME_NET]\"\n"
         "  port-groups: {B: \"!80\"}\nlist: [a, {b: c}, *d]\n"),
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct signature *set = signature_new();
        sweep_truncate(bytes_of_text(texts[i]), read_all, set);
        sweep_flip(bytes_of_text(texts[i]), read_all, set);
        signature_free(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_read_with_all_that_rules_refer_to),
        cmocka_unit_test(thresholds_of_the_file_belong_to_their_rules),
        cmocka_unit_test(lists_are_read_beside_the_rules),
        cmocka_unit_test(reputations_are_sets_of_addresses),
        cmocka_unit_test(rules_are_told_from_other_files),
        cmocka_unit_test(what_is_not_there_is_an_error),
        cmocka_unit_test(configurations_survive_every_cut_and_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
