/* SPDX-License-Identifier: Apache-2.0 */
#include "sigma_fixture.h"
#include "sweep.h"

/* A detection over logins, by its lines. */
static const char *rule_of(const char *detection)
{
    static char text[8192];

    (void)snprintf(text, sizeof text,
                   "title: Test\n"
                   "logsource: {product: tenet, service: login}\n"
                   "detection:\n%s\n",
                   detection);
    return text;
}

static const char *field_of(const char *line)
{
    static char text[4096];

    (void)snprintf(text, sizeof text,
                   "  one:\n    %s\n  condition: one", line);
    return rule_of(text);
}

static struct event *login(struct fixture *f)
{
    struct event *event = fixture_event(f, EVENT_LOGIN);

    event_set_literal(event, FIELD_LOGIN_PROTOCOL, "telnet");
    event_set_literal(event, FIELD_LOGIN_USER, "Admin -x C:\\Dir *");
    event_set_literal(event, FIELD_LOGIN_PASSWORD, "telnetd");
    event_set_literal(event, FIELD_LOGIN_RESULT, "");
    event_set_flag(event, FIELD_LOGIN_CLEAR, true);
    event_set_number(event, FIELD_LOGIN_ATTEMPT, 12);
    return event;
}

static bool matches(const char *rule)
{
    struct fixture f;

    fixture_open(&f, rule);
    if (behaviour_refusal_count(f.behaviour) > 0)
        fail_msg("refused: %s", behaviour_refusal(f.behaviour, 0)->reason);
    bool result = fixture_match(&f, login(&f), NULL) == 1;
    fixture_close(&f);
    return result;
}

static const struct {
    const char *line;
    bool matches;
    const char *why;
} fields[] = {
    { "login.protocol: telnet", true, "equal" },
    { "login.protocol: TELNET", true, "case does not count" },
    { "login.protocol: telne", false, "the whole value" },
    { "login.protocol|cased: TELNET", false, "case counts" },
    { "login.protocol|cased: telnet", true, "case counts and is the same" },
    { "login.protocol: [ssh, telnet]", true, "a list is alternatives" },
    { "login.protocol: [ssh, ftp]", false, "none of them" },
    { "login.protocol: tel*", true, "wildcard at the end" },
    { "login.protocol: '*net'", true, "wildcard at the front" },
    { "login.protocol: '*lne*'", true, "wildcards at both ends" },
    { "login.protocol: t*n*t", true, "wildcards within" },
    { "login.protocol: t?lnet", true, "one character" },
    { "login.protocol: telnet?", false, "one character is one" },
    { "login.protocol: '*'", true, "anything" },
    { "login.user: 'admin -x c:\\dir \\*'", true, "an escaped star" },
    { "login.user: 'admin -x c:\\\\dir \\*'", true, "two are one backslash" },
    { "login.user: 'admin\\*'", false, "a star that is none" },
    { "login.user|contains: 'x c:\\d'", true, "a plain backslash" },
    { "login.user|startswith: adm", true, "startswith" },
    { "login.user|startswith: dmin", false, "not at the start" },
    { "login.user|endswith: '\\*'", true, "endswith" },
    { "login.user|endswith: dir", false, "not at the end" },
    { "login.user|contains|all: [min, Dir]", true, "all of them" },
    { "login.user|contains|all: [min, nix]", false, "one is missing" },
    { "login.user|contains: [nix, min]", true, "one of them" },
    { "login.user|windash|contains: ' /x'", true, "a slash for a dash" },
    { "login.user|contains|windash: ' \xe2\x80\x94x'", true, "a long dash" },
    { "login.user|windash|contains: ' /y'", false, "another word" },
    { "login.user|re: '^Admin .x'", true, "re" },
    { "login.user|re: '^admin'", false, "re is case-sensitive" },
    { "login.user|re|i: '^admin'", true, "re|i" },
    { "login.user|re|m|s: 'x$'", false, "re|m|s" },
    { "login.user|re|neq: '^Admin'", false, "re|neq" },
    { "login.attempt|re: '^1.$'", true, "re on a number" },
    { "login.password: telnetd", true, "secrets can be compared" },
    { "login.attempt: 12", true, "number" },
    { "login.attempt: '12'", true, "quotes do not make text" },
    { "login.attempt: 0x0c", true, "hexadecimal" },
    { "login.attempt: 1*", true, "a wildcard makes text of it" },
    { "login.attempt: [11, 13]", false, "numbers" },
    { "login.attempt|lt: 12", false, "lt at" },
    { "login.attempt|lt: 13", true, "lt past" },
    { "login.attempt|lte: 12", true, "lte at" },
    { "login.attempt|lte: 11", false, "lte under" },
    { "login.attempt|gt: 12", false, "gt at" },
    { "login.attempt|gt: 11.5", true, "gt of a fraction" },
    { "login.attempt|gte: 12", true, "gte at" },
    { "login.attempt|gte: 13", false, "gte past" },
    { "login.attempt|neq: 12", false, "neq of the same" },
    { "login.attempt|neq: [11, 13]", true, "neq of a list: none of it" },
    { "login.clear: true", true, "flag" },
    { "login.clear: 'F'", false, "flag as Zeek has it" },
    { "login.method: null", true, "null is absent" },
    { "login.method:", true, "nothing is null" },
    { "login.user: null", false, "present" },
    { "login.result: ''", true, "empty is present" },
    { "login.method: ''", false, "absent is not empty" },
    { "login.method|exists: false", true, "exists false" },
    { "login.result|exists: true", true, "empty text exists" },
    { "login.method|exists: true", false, "exists true" },
    { "src_ip: 192.0.2.7", true, "address" },
    { "id.orig_h: 192.0.2.7", true, "Zeek's name" },
    { "dest_ip: 2001:DB8:0:0::1", true, "another form of the same address" },
    { "src_ip: 192.0.2.*", true, "a wildcard in an address" },
    { "src_ip|startswith: '192.0.'", true, "text of an address" },
    { "src_ip|cidr: 192.0.2.0/24", true, "cidr" },
    { "src_ip|cidr: [192.0.3.0/24, '10.0.0.0/8']", false, "cidr outside" },
    { "dest_ip|cidr: 2001:db8::/32", true, "cidr for IPv6" },
    { "dest_ip|cidr: 0.0.0.0/0", false, "IPv4 is not all" },
    { "src_port|gt: 39999", true, "port" },
    { "ether.src_mac: 02-00-5E-00-00-01", true, "MAC in another form" },
    { "ether.src_mac|startswith: '02:00:5e'", true, "vendor of a MAC" },
    { "proto: tcp", true, "protocol" },
    { "tenet.direction: outbound", true, "direction" },
    { "tenet.src_local: true", true, "flag of the event" },
    { "login.password|fieldref: login.protocol", false, "not equal" },
    { "login.password|fieldref|startswith: login.protocol", true,
      "starts with the other field" },
    { "login.protocol|fieldref|neq: login.password", true, "neq of fieldref" },
    { "login.protocol|fieldref: event_type", false, "a common field" },
    { "event_type: login", true, "the type itself" },
    { "timestamp|hour: 22", true, "hour" },
    { "timestamp|minute|gte: 14", false, "minute" },
    { "timestamp|day: 14", true, "day" },
    { "timestamp|month: 11", true, "month" },
    { "timestamp|year|lt: 2024", true, "year" },
    { "timestamp|week: 46", true, "ISO week" },
    { "'|all': [telnet, admin]", true, "keywords, all" },
    { "'|all': [telnet, nobody]", false, "keywords, one is missing" },
    { "'': telnetd", false, "secrets are not sought by keyword" },
};

static void each_modifier_means_what_the_specification_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (matches(field_of(fields[i].line)) != fields[i].matches)
            fail_msg("%s (%s)", fields[i].line, fields[i].why);
}

static const struct {
    const char *user;
    const char *line;
} encoded[] = {
    { "cGluZw==", "login.user|base64: ping" },
    { "x aHR0cHM6Ly9 y", "login.user|base64offset|contains: https:/" },
    { "x h0dHBzOi8v y", "login.user|base64offset|contains: https://" },
    { "x odHRwczovL y", "login.user|base64offset|contains: https://" },
    { "p\0i\0n\0g\0", "login.user|wide|contains: ping" },
    { "p\0i\0n\0g\0", "login.user|utf16le: ping" },
    { "\0p\0i\0n\0g", "login.user|utf16be: ping" },
    { "\xff\xfep\0i\0n\0g\0", "login.user|utf16: ping" },
    { "cABpAG4AZwA=", "login.user|wide|base64: ping" },
    { "xxcABpAG4AZw", "login.user|utf16le|base64offset|contains: ping" },
};

static void encodes_values_in_the_order_of_the_modifiers(void **state)
{
    static const size_t sizes[COUNT_OF(encoded)] = { [4] = 8, 8, 8, 10 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(encoded); i++) {
        struct fixture f;
        fixture_open(&f, field_of(encoded[i].line));
        struct event *event = fixture_event(&f, EVENT_LOGIN);
        size_t size = sizes[i] ? sizes[i] : strlen(encoded[i].user);
        event_set_text(event, FIELD_LOGIN_USER,
                       bytes_of(encoded[i].user, size));
        if (fixture_match(&f, event, NULL) != 1)
            fail_msg("%s", encoded[i].line);
        fixture_close(&f);
    }
}

static const struct {
    const char *condition;
    bool matches;
} conditions[] = {
    { "yes_a and yes_b and not no_a", true },
    { "yes_a and (no_a or yes_b)", true },
    { "no_a or yes_a and yes_b", true },
    { "(no_a or yes_a) and no_a or no_a and yes_b", false },
    { "yes_a or yes_b and no_a", true },
    { "not no_a and 1 of yes_*", true },
    { "1 of them", true },
    { "all of them", false },
    { "all of yes_* and not 1 of no*", true },
    { "1 of *_a and all of *_b", false },
    { "any of them", true },
    { "not not yes_a and all of yes_b and not no_a", true },
    { "not (yes_a and yes_b) or no_a", false },
    { "all of yes* AND NOT no_a", true },
    { "[yes_a and no_a, yes_b]", true },
    { "[no_a, 'yes_a and no_a', not yes_b]", false },
};

static void conditions_bind_as_the_specification_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(conditions); i++) {
        char text[1024];
        (void)snprintf(text, sizeof text,
                       "  yes_a: {login.protocol: telnet}\n"
                       "  yes_b: {login.attempt: 12}\n"
                       "  no_a: {login.protocol: ssh}\n"
                       "  _no_b: {login.attempt: 13}\n"
                       "  condition: %s\n",
                       conditions[i].condition);
        if (matches(rule_of(text)) != conditions[i].matches)
            fail_msg("%s", conditions[i].condition);
    }
}

static void lists_are_alternatives_and_maps_conjunctions(void **state)
{
    (void)state;
    assert_true(matches(rule_of("  s:\n"
                                "    - login.protocol: ssh\n"
                                "    - login.protocol: telnet\n"
                                "      login.attempt: 12\n"
                                "  condition: s")));
    assert_false(matches(rule_of("  s:\n"
                                 "    - login.protocol: ssh\n"
                                 "    - login.protocol: telnet\n"
                                 "      login.attempt: 13\n"
                                 "  condition: s")));
    assert_true(matches(rule_of("  keywords:\n"
                                "    - nobody\n"
                                "    - 'c:\\dir'\n"
                                "  condition: keywords")));
    assert_false(matches(rule_of("  keywords: [nobody, telnetd]\n"
                                 "  condition: keywords")));
}

static void a_field_set_twice_matches_by_any_of_its_values(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f, field_of("login.user: second"));
    struct event *event = fixture_event(&f, EVENT_LOGIN);
    event_set_literal(event, FIELD_LOGIN_USER, "first");
    event_set_literal(event, FIELD_LOGIN_PROTOCOL, "telnet");
    assert_int_equal(fixture_match(&f, event, NULL), 0);
    event_set_literal(event, FIELD_LOGIN_USER, "second");
    assert_int_equal(fixture_match(&f, event, NULL), 1);
    fixture_close(&f);
}

static void a_rule_is_known_by_what_it_says_of_itself(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f,
                 "title: Telnet Login, (default)\n"
                 "id: 929a690e-bef0-4204-a928-ef5e620d6fcc\n"
                 "status: test\n"
                 "description: Something\n"
                 "references: ['https://example.org/a', b]\n"
                 "author: Nobody\n"
                 "tags: [attack.initial-access, attack.t1078.001, "
                 "attack.t1110, cve.2020-1]\n"
                 "logsource: {service: login}\n"
                 "detection: {s: {login.protocol: telnet}, condition: s}\n"
                 "level: high\n"
                 "custom: allowed\n"
                 "tenet: {harm: vulnerable/weak-crypto, role: maker, "
                 "subject: destination}\n"
                 "---\n"
                 "title: Second\n"
                 "logsource: {service: files, product: zeek}\n"
                 "detection: {s: {mime_type: elf}, condition: s}\n"
                 "level: medium\n");
    assert_int_equal(behaviour_detection_count(f.behaviour), 2);
    const struct detection *d = behaviour_detection(f.behaviour, 0);
    assert_string_equal(d->name, "telnet-login-default");
    assert_string_equal(d->id, "929a690e-bef0-4204-a928-ef5e620d6fcc");
    assert_string_equal(d->harm, "vulnerable/weak-crypto");
    assert_string_equal(d->role, "maker");
    assert_string_equal(d->text_key, "telnet-login-default");
    assert_string_equal(d->techniques[0], "T1078.001");
    assert_string_equal(d->techniques[1], "T1110");
    assert_int_equal(d->technique_count, 2);
    assert_int_equal(d->reference_count, 2);
    assert_int_equal(d->severity, SEVERITY_URGENT);
    assert_int_equal(d->subject, SUBJECT_DESTINATION);
    assert_int_equal(strlen(d->version), 16);
    d = behaviour_detection(f.behaviour, 1);
    assert_int_equal(d->severity, SEVERITY_WARNING);
    assert_string_equal(d->harm, "other/undetermined");
    assert_string_equal(d->role, "owner");
    assert_int_equal(d->line, 14);
    assert_true(behaviour_wants(f.behaviour, EVENT_LOGIN));
    assert_true(behaviour_wants(f.behaviour, EVENT_FILE));
    assert_false(behaviour_wants(f.behaviour, EVENT_DNS));
    fixture_close(&f);
}

static const char *version_of(const char *rule, char version[17])
{
    struct fixture f;

    fixture_open(&f, rule);
    assert_int_equal(behaviour_detection_count(f.behaviour), 1);
    (void)snprintf(version, 17, "%s",
                   behaviour_detection(f.behaviour, 0)->version);
    fixture_close(&f);
    return version;
}

static void the_version_changes_with_the_meaning_only(void **state)
{
    (void)state;
    char a[17];
    char b[17];

    (void)version_of("title: One\nlogsource: {service: login}\n"
                     "detection: {s: {login.user: root, src_port: 1}, "
                     "condition: s}\nlevel: low\n", a);
    (void)version_of("# A comment\nlevel: \"low\"\ntitle: Two\n"
                     "author: me\ndetection:\n  condition: s\n  s:\n"
                     "    src_port: '1'\n    login.user: \"root\"\n"
                     "logsource:\n    service: login\n", b);
    assert_string_equal(a, b);
    (void)version_of("title: One\nlogsource: {service: login}\n"
                     "detection: {s: {login.user: toor, src_port: 1}, "
                     "condition: s}\nlevel: low\n", b);
    assert_string_not_equal(a, b);
}

static const struct {
    const char *rule;
    unsigned line;
    const char *reason;
} refusals[] = {
    { "title: A\nlogsource: {service: lgin}\n", 1, "has no detection" },
    { "title: A\nlogsource: {service: lgin}\n"
      "detection: {s: {a: b}, condition: s}\n",
      2, "did you mean \"login\"?" },
    { "title: A\nlogsource: {product: windows, service: login}\n"
      "detection: {s: {a: b}, condition: s}\n",
      2, "not seen on a network" },
    { "title: A\nlogsource:\n  category: process_creation\n"
      "detection: {s: {a: b}, condition: s}\n",
      3, "there are no events for category" },
    { "title: A\nfilter: {rules: [a]}\n", 2, "Sigma filters" },
    { "title: A\nstatus: unsupported\n", 2, "unsupported" },
    { "title: A\ntaxonomy: ecs\n", 2, "taxonomy" },
    { "title: A\nlevel: severe\n", 2, "level is" },
    { "title: A\ntenet: {herm: x}\n", 2, "did you mean \"harm\"?" },
    { "title: A\ntenet: {harm: botnet}\n", 2, "RSIT" },
    { "title: A\ntenet: {role: police}\n", 2, "owner, maker or" },
    { "title: A\naction: global\n", 2, "withdrawn" },
    { "logsource: {service: login}\n", 1, "no title" },
    { "- a\n- b\n", 1, "a rule is a map" },
    { "title: A\ntitle: B\n", 2, "stands twice" },
    { "title: &x A\nname: *x\n", 1, "anchors" },
    { "title: A\nname: !!str b\n", 2, "tags are not" },
    { "title: [a\n", 2, "" },
    { "title: A\nx: [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]\n", 2, "16 levels" },
};

static const struct {
    const char *line;
    const char *reason;
} field_refusals[] = {
    { "login.usr: a", "did you mean \"login.user\"?" },
    { "CommandLine: a", "have no field \"CommandLine\"" },
    { "login.user|contain: a", "did you mean \"contains\"?" },
    { "login.user|: a", "missing after the bar" },
    { "login.user|contains|startswith: a", "does not go with" },
    { "login.user|re|contains: a", "does not go with" },
    { "login.user|i: a", "after re" },
    { "login.user|contains|base64: a", "encode before" },
    { "login.user|base64|wide: a", "UTF-16 comes before" },
    { "login.user|base64: a*", "wildcards" },
    { "login.user|contains|contains: a", "stands twice" },
    { "login.user|contains|all: a", "at least two" },
    { "login.user|contains: ''", "empty text" },
    { "login.user|expand: '%users%'", "placeholders" },
    { "login.user|fieldref: nothing", "another field" },
    { "login.user|re: '(a'", "regular expression, at character" },
    { "login.user|re: '((((a{900}){900}){900}){900})'", "regular expr" },
    { "login.user|lt: 5", "field of numbers" },
    { "login.user|cidr: 10.0.0.0/8", "field of addresses" },
    { "login.user: [a, null]", "null stands alone" },
    { "login.user: []", "empty list" },
    { "login.user: {a: b}", "a value must be" },
    { "login.user|exists: maybe", "true or false" },
    { "login.attempt: many", "field of numbers" },
    { "login.attempt|gt: many", "a number is wanted" },
    { "login.clear: perhaps", "true or false" },
    { "src_ip: 10.0.0.0/8", "use cidr" },
    { "src_ip|cidr: 10.0.0.0/33", "a network like" },
    { "ether.src_mac: 1-2-3", "MAC address" },
    { "tenet.src_device: x", "compare the MAC" },
    { "timestamp|hour: 24", "part of a date" },
    { "timestamp: 5", "only go together" },
    { "login.user|hour: 5", "only go together" },
    { "login.user|windash: '-a -b -c -d -e'", "at most four" },
    { "'|cidr': 10.0.0.0/8", "name of a field" },
};

static void expect_refusal(const char *rule, unsigned line, const char *reason)
{
    struct fixture f;

    fixture_open(&f, rule);
    if (behaviour_refusal_count(f.behaviour) != 1)
        fail_msg("%zu refusals of: %s", behaviour_refusal_count(f.behaviour),
                 rule);
    const struct behaviour_refusal *r = behaviour_refusal(f.behaviour, 0);
    if (r->line != line || !strstr(r->reason, reason))
        fail_msg("line %u: %s; expected line %u: %s", r->line, r->reason,
                 line, reason);
    assert_string_equal(r->file, "test.yml");
    assert_int_equal(behaviour_detection_count(f.behaviour), 0);
    fixture_close(&f);
}

static void refuses_with_line_and_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++)
        expect_refusal(refusals[i].rule, refusals[i].line,
                       refusals[i].reason);
    for (size_t i = 0; i < COUNT_OF(field_refusals); i++)
        expect_refusal(field_of(field_refusals[i].line), 5,
                       field_refusals[i].reason);
}

static const struct {
    const char *condition;
    const char *reason;
} condition_refusals[] = {
    { "", "the name of a search is wanted, not the end" },
    { "s and", "the name of a search is wanted, not the end" },
    { "s t", "\"and\", \"or\" or the end" },
    { "(s", "a closing bracket" },
    { "s)", "\"and\", \"or\" or the end" },
    { "t", "not \"t\"" },
    { "1 of t*", "must fit" },
    { "1 s", "comes \"of\"" },
    { "s | count() > 5", "\"and\", \"or\" or the end" },
    { "((((((((((((((((((((((((((((((((((s))))))))))))))))))))))))))))))))))",
      "32 levels" },
};

static void refuses_conditions_it_cannot_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(condition_refusals); i++) {
        char text[256];
        (void)snprintf(text, sizeof text,
                       "  s: {src_port: 1}\n  condition: '%s'",
                       condition_refusals[i].condition);
        expect_refusal(rule_of(text), 5, condition_refusals[i].reason);
    }
    expect_refusal(rule_of("  s: {src_port: 1}\n  t: {src_port: 2}\n"
                           "  condition: s"),
                   6, "never asks for \"t\"");
    expect_refusal(rule_of("  s: {src_port: 1}\n  timeframe: 5m\n"
                           "  condition: s"),
                   5, "timeframe");
    expect_refusal(rule_of("  s: {src_port: 1}"), 4, "no condition");
}

static void a_bad_document_does_not_take_others_with_it(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f, "title: [bad, *x]\n---\n"
                     "title: Good\nlogsource: {service: login}\n"
                     "detection: {s: {login.user: a}, condition: s}\n"
                     "---\ntitle: Good\nid: b\n"
                     "logsource: {service: login}\n"
                     "detection: {s: {login.user: a}, condition: s}\n"
                     "---\ntitle: Same\nid: b\n"
                     "logsource: {service: login}\n"
                     "detection: {s: {login.user: a}, condition: s}\n");
    assert_int_equal(behaviour_detection_count(f.behaviour), 2);
    assert_int_equal(behaviour_refusal_count(f.behaviour), 2);
    assert_int_equal(behaviour_refusal(f.behaviour, 1)->line, 12);
    fixture_close(&f);
}

/* The steps of a match are bounded: this one would take 2^30. */
static void a_regex_that_runs_away_is_stopped_and_counted(void **state)
{
    (void)state;
    struct fixture f;
    struct behaviour_counters counters;

    fixture_open(&f, field_of("login.user|re: '^(a+)+$'"));
    struct event *event = fixture_event(&f, EVENT_LOGIN);
    event_set_literal(event, FIELD_LOGIN_USER,
                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
    assert_int_equal(fixture_match(&f, event, NULL), 0);
    behaviour_read_counters(f.state, &counters);
    assert_int_equal(counters.regexes_stopped, 1);
    fixture_close(&f);
}

static void load_and_match(struct bytes variant, void *context)
{
    struct fixture f;
    char text[1024];

    (void)context;
    (void)snprintf(text, sizeof text, "%.*s", (int)variant.size,
                   variant.size > 0 ? (const char *)variant.data : "");
    fixture_open(&f, text);
    (void)fixture_match(&f, login(&f), NULL);
    fixture_close(&f);
}

static void survives_every_prefix_and_flipped_bit(void **state)
{
    (void)state;
    struct bytes rule = bytes_of_text(
        field_of("login.user|contains|all: ['a*b', \"c\"]"));

    sweep_truncate(rule, load_and_match, NULL);
    sweep_flip(rule, load_and_match, NULL);
}

static void refuses_a_file_one_byte_too_large(void **state)
{
    (void)state;
    static char text[BEHAVIOUR_FILE_SIZE_MAX + 2];
    struct fixture f;

    memset(text, '\n', BEHAVIOUR_FILE_SIZE_MAX);
    fixture_open(&f, text);
    assert_int_equal(behaviour_refusal_count(f.behaviour), 0);
    fixture_close(&f);
    text[BEHAVIOUR_FILE_SIZE_MAX] = '\n';
    fixture_open(&f, text);
    assert_int_equal(behaviour_refusal_count(f.behaviour), 1);
    fixture_close(&f);
}

static void names_a_path_that_cannot_be_read(void **state)
{
    (void)state;
    struct behaviour *behaviour = behaviour_new();
    struct failure failure;

    assert_true(behaviour_load(behaviour, "no/such/rules", &failure) < 0);
    assert_non_null(strstr(failure.text, "no/such/rules"));
    behaviour_free(behaviour);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_modifier_means_what_the_specification_says),
        cmocka_unit_test(encodes_values_in_the_order_of_the_modifiers),
        cmocka_unit_test(conditions_bind_as_the_specification_says),
        cmocka_unit_test(lists_are_alternatives_and_maps_conjunctions),
        cmocka_unit_test(a_field_set_twice_matches_by_any_of_its_values),
        cmocka_unit_test(a_rule_is_known_by_what_it_says_of_itself),
        cmocka_unit_test(the_version_changes_with_the_meaning_only),
        cmocka_unit_test(refuses_with_line_and_reason),
        cmocka_unit_test(refuses_conditions_it_cannot_read),
        cmocka_unit_test(a_bad_document_does_not_take_others_with_it),
        cmocka_unit_test(a_regex_that_runs_away_is_stopped_and_counted),
        cmocka_unit_test(survives_every_prefix_and_flipped_bit),
        cmocka_unit_test(refuses_a_file_one_byte_too_large),
        cmocka_unit_test(names_a_path_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
