/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intel/intel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "folder.h"
#include "test.h"

static const struct hash_key key = { 3, 4 };

static void tell(void *context, const struct intel_said *said)
{
    writer_format(context, "%s|%s|%s|%s|%d|%s|%s\n", said->source, said->kind,
                  said->indicator, said->labels, said->confidence,
                  said->tlp ? said->tlp : "-", said->harm);
}

/* What a source says of `value`, as one text. */
static void assert_says(const char *name, const char *text,
                        const char *value, const char *expected)
{
    struct intel *intel = intel_new(key);
    struct writer w;

    writer_init(&w, 1 << 16);
    intel_load_text(intel, name, bytes_of_text(text));
    intel_build(intel);
    (void)intel_explain(intel, bytes_of_text(value), tell, &w);
    if (strcmp(writer_as_text(&w), expected) != 0)
        fail_msg("%s of %s:\n%s", name, value, writer_as_text(&w));
    writer_clear(&w);
    intel_free(intel);
}

static const char urlhaus[] =
    "# abuse.ch URLhaus Database Dump\n"
    "# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,"
    "reporter\n"
    "\"1\",\"2024-01-09 10:00:00\",\"http://192.0.2.5:8080/b.sh\",\"online\","
    "\"\",\"malware_download\",\"elf,mips\",\"https://x\",\"y\"\n";

static const char threatfox[] =
    "# abuse.ch ThreatFox IOCs\n"
    "# \"first_seen_utc\",\"ioc_id\",\"ioc_value\",\"ioc_type\","
    "\"threat_type\",\"fk_malware\",\"malware_alias\","
    "\"malware_printable\",\"last_seen_utc\",\"confidence_level\"\n"
    "\"2024-02-01 10:00:00\", \"1\", \"198.51.100.7:4444\", \"ip:port\", "
    "\"botnet_cc\", \"elf.mirai\", \"None\", \"Mirai\", \"\", \"75\"\n";

static const char feodo[] =
    "# Feodo Tracker Botnet C2 IP Blocklist\n"
    "\"first_seen_utc\",\"dst_ip\",\"dst_port\",\"c2_status\","
    "\"last_online\",\"malware\"\n"
    "\"2022-06-04 21:24:53\",\"192.0.2.88\",\"8080\",\"offline\","
    "\"2024-01-09\",\"Emotet\"\n";

static const char drop[] = "; Spamhaus DROP List 2024\n"
                           "192.0.2.0/25 ; SBL256894\n";

static void lists_of_the_field_are_read(void **state)
{
    (void)state;
    assert_says("u", urlhaus, "http://192.0.2.5:8080/b.sh",
                "URLhaus|url|http://192.0.2.5:8080/b.sh|malware_download, "
                "elf,mips|-1|-|malicious-code/malware-distribution\n");
    assert_says("u", urlhaus, "http://192.0.2.5:8080/b.sh?query",
                "URLhaus|url|http://192.0.2.5:8080/b.sh?query|"
                "malware_download, elf,mips|-1|-|"
                "malicious-code/malware-distribution\n");
    assert_says("u", urlhaus, "http://192.0.2.5/b.sh", "");
    assert_says("t", threatfox, "198.51.100.7:4444",
                "ThreatFox|ip:port|198.51.100.7:4444|botnet_cc, Mirai|75|-|"
                "malicious-code/c2-server\n");
    assert_says("t", threatfox, "198.51.100.7", "");
    assert_says("f", feodo, "192.0.2.88",
                "Feodo Tracker|address|192.0.2.88|Emotet|-1|-|"
                "other/undetermined\n");
    assert_says("d", drop, "192.0.2.127",
                "Spamhaus DROP|network|192.0.2.0/25|malicious-activity|-1|-|"
                "malicious-code/infected-system\n");
    assert_says("d", drop, "192.0.2.128", "");
    assert_says("j", "{\"cidr\":\"192.0.2.0/25\",\"sblid\":\"S\"}\n"
                     "{\"type\":\"metadata\"}\n", "192.0.2.1",
                "Spamhaus DROP|network|192.0.2.0/25|malicious-activity|-1|-|"
                "malicious-code/infected-system\n");
    assert_says("h", "0.0.0.0 evil.example # why\n", "evil.example",
                "h|name|evil.example||-1|-|other/undetermined\n");
    assert_says("r", "192.0.2.1,3,127\n", "192.0.2.1",
                "r|address|192.0.2.1|category 3|100|-|other/undetermined\n");
}

static const char event[] =
    "{\"Event\":{\"uuid\":\"u\",\"info\":\"i\",\"Orgc\":{\"name\":\"Org\"},"
    "\"Tag\":[{\"name\":\"tlp:red\"},{\"name\":"
    "\"misp:confidence-level=\\\"fairly-confident\\\"\"}],"
    "\"Attribute\":["
    "{\"type\":\"domain|ip\",\"to_ids\":true,\"category\":\"Network\","
    "\"value\":\"a.example|192.0.2.9\"},"
    "{\"type\":\"domain\",\"to_ids\":false,\"value\":\"b.example\"},"
    "{\"type\":\"domain\",\"to_ids\":true,\"deleted\":true,"
    "\"value\":\"c.example\"}],"
    "\"Object\":[{\"Attribute\":[{\"type\":\"md5\",\"to_ids\":true,"
    "\"category\":\"Payload delivery\","
    "\"value\":\"d41d8cd98f00b204e9800998ecf8427e\"}]}]}}";

static void misp_events_are_read(void **state)
{
    (void)state;
    assert_says("e", event, "www.a.example",
                "Org|domain|a.example|Network, misp:confidence-level="
                "\"fairly-confident\"|50|red|other/undetermined\n");
    assert_says("e", event, "192.0.2.9",
                "Org|address|192.0.2.9|Network, misp:confidence-level="
                "\"fairly-confident\"|50|red|other/undetermined\n");
    assert_says("e", event, "b.example", "");
    assert_says("e", event, "c.example", "");
    assert_says("e", event, "d41d8cd98f00b204e9800998ecf8427e",
                "Org|file digest|d41d8cd98f00b204e9800998ecf8427e|Payload "
                "delivery, misp:confidence-level=\"fairly-confident\"|50|red|"
                "other/undetermined\n");
}

/* What is refused, and a word of why. */
static const struct {
    const char *text;
    unsigned line;
    const char *reason;
} refused[] = {
    { "evil.example\nnot an indicator\n", 2, "no address, name" },
    { "{", 1, "no JSON" },
    { "{\"a\": 1}", 0, "no STIX" },
    { "{\"type\":\"bundle\",\"objects\":[{\"type\":\"indicator\"}]}", 0,
      "UUID" },
    { "type,value,valid_until\nip,192.0.2.1,soon\n", 2, "no time" },
    { "type,value,confidence\nip,192.0.2.1,101\n", 2, "0 to 100" },
    { "192.0.2.1,1,5\n192.0.2.2,99,5\n", 2, "category" },
    { "CVE,epss,percentile\nCVE-2020-1,0.5,0.1\n", 2, "probability" },
};

static void says_what_was_refused_and_where(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct intel *intel = intel_new(key);
        intel_load_text(intel, "f", bytes_of_text(refused[i].text));
        intel_build(intel);
        if (intel_refusal_count(intel) != 1)
            fail_msg("%s: %zu refusals", refused[i].text,
                     intel_refusal_count(intel));
        const struct intel_refusal *refusal = intel_refusal(intel, 0);
        assert_int_equal(refusal->line, refused[i].line);
        assert_string_equal(refusal->file, "f");
        if (!strstr(refusal->reason, refused[i].reason))
            fail_msg("%s: %s", refused[i].text, refusal->reason);
        intel_free(intel);
    }
}

#define INDICATOR(id, rest)                                               \
    "{\"type\":\"indicator\",\"id\":\"indicator--" id                     \
    "0c22599-9e58-4da4-96ac-7051603fa951\",\"pattern_type\":\"stix\","     \
    "\"valid_from\":\"2020-01-01T00:00:00Z\"," rest "}"

static void counts_say_what_became_of_each(void **state)
{
    (void)state;
    static const char bundle[] =
        "{\"type\":\"bundle\",\"objects\":["
        INDICATOR("1", "\"pattern\":\"[domain-name:value = 'a.example' OR "
                       "domain-name:value = 'b.example']\"") ","
        INDICATOR("2", "\"revoked\":true") ","
        INDICATOR("3", "\"indicator_types\":[\"benign\"],\"pattern\":"
                       "\"[domain-name:value = 'a.example']\"") ","
        INDICATOR("4", "\"valid_until\":\"2021-01-01T00:00:00Z\",\"pattern\":"
                       "\"[ipv4-addr:value = '192.0.2.1']\"") ","
        INDICATOR("5", "\"pattern\":\"[ipv4-addr:value = '192.0.2.1'] "
                       "REPEATS 3 TIMES WITHIN 60 SECONDS\"") ","
        INDICATOR("6", "\"pattern\":\"[process:name = 'x']\"") ","
        INDICATOR("7", "\"pattern\":\"[domain-name:value = \"") "]}";
    struct intel *intel = intel_new(key);
    struct intel_counts counts;

    intel_load_text(intel, "b", bytes_of(bundle, sizeof bundle - 1));
    intel_build(intel);
    intel_read_counts(intel, &counts);
    assert_int_equal(counts.loaded, 3);
    assert_int_equal(counts.values, 4);
    assert_int_equal(counts.patterns, 1);
    assert_int_equal(counts.refused, 2);
    assert_int_equal(counts.revoked, 1);
    assert_int_equal(counts.ignored, 1);
    assert_int_equal(intel_expired(intel, INT64_MAX - 1), 1);
    assert_int_equal(intel_expired(intel, 0), 0);
    assert_true(intel_wants(intel, EVENT_DNS));
    assert_true(intel_wants(intel, EVENT_FLOW));
    assert_false(intel_wants(intel, EVENT_FILE));
    intel_free(intel);
}

/* The words before the colon: columns, kinds, Suricata's data sets. */
static void stated_formats_are_read(void **state)
{
    (void)state;
    struct folder folder;
    struct failure failure;
    char path[4096];
    char word[4300];

    folder_make(&folder);
    (void)snprintf(path, sizeof path, "%s/list", folder.path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs("x;y\nZXZpbC50ZXN0,5\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    static const struct {
        const char *words;
        int result;
        uint64_t loaded;
        uint64_t refused;
    } tries[] = {
        { "dataset,type=string", 0, 1, 1 },
        { "csv,value=1,kind=software,header", 0, 1, 0 },
        { "csv,kind=software", -1, 0, 0 },
        { "csv,value=1,colour=2", -1, 0, 0 },
        { "list,kind=software,name=Ours,tlp=green", 0, 2, 0 },
        { "list,tlp=blue", -1, 0, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(tries); i++) {
        struct intel *intel = intel_new(key);
        struct intel_counts counts;
        (void)snprintf(word, sizeof word, "%s:%s", tries[i].words, path);
        int result = intel_load(intel, word, &failure);
        intel_build(intel);
        intel_read_counts(intel, &counts);
        if ((result < 0) != (tries[i].result < 0) ||
            (result == 0 && (counts.loaded != tries[i].loaded ||
                             counts.refused != tries[i].refused)))
            fail_msg("%s: %d, %d loaded, %d refused", tries[i].words, result,
                     (int)counts.loaded, (int)counts.refused);
        intel_free(intel);
    }
    folder_remove(&folder);
}

/* Every beginning of each source, and each byte of it turned: read to its end
 * and answered for. */
static void broken_sources_are_read_to_their_end(void **state)
{
    (void)state;
    static const char *const texts[] = { urlhaus, threatfox, drop, event };

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        size_t size = strlen(texts[i]);
        for (size_t cut = 0; cut <= size; cut++) {
            struct intel *intel = intel_new(key);
            char *copy = malloc(cut + 1);
            assert_non_null(copy);
            memcpy(copy, texts[i], cut);
            intel_load_text(intel, "cut", bytes_of(copy, cut));
            if (cut > 0)
                copy[cut - 1] ^= 0x41;
            intel_load_text(intel, "flip", bytes_of(copy, cut));
            intel_build(intel);
            free(copy);
            intel_free(intel);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_the_field_are_read),
        cmocka_unit_test(misp_events_are_read),
        cmocka_unit_test(says_what_was_refused_and_where),
        cmocka_unit_test(counts_say_what_became_of_each),
        cmocka_unit_test(stated_formats_are_read),
        cmocka_unit_test(broken_sources_are_read_to_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
