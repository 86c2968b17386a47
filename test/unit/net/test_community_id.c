/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/compiler.h"
#include "net/community_id.h"

struct vector {
    const char *why;
    const char *source;
    const char *destination;
    uint16_t ports[2];
    uint8_t protocol;
    uint16_t seed;
    const char *expected;
};

/* Values of the specification's own baseline. */
static const struct vector vectors[] = {
    { "TCP, larger address first", "128.232.110.120", "66.35.250.204",
      { 34855, 80 }, 6, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
    { "the answer has the same name", "66.35.250.204", "128.232.110.120",
      { 80, 34855 }, 6, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
    { "another seed, another name", "66.35.250.204", "128.232.110.120",
      { 80, 34855 }, 6, 1, "1:3V71V58M3Ksw/yuFALMcW0LAHvc=" },
    { "UDP", "192.168.1.52", "8.8.8.8", { 54585, 53 }, 17, 0,
      "1:d/FP5EW3wiY1vCndhwleRRKHowQ=" },
    { "SCTP has ports", "192.168.170.8", "192.168.170.56", { 7, 7 }, 132, 0,
      "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=" },
    { "RSVP has none, whatever stands there", "10.1.12.1", "10.1.12.2",
      { 9, 9 }, 46, 0, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=" },
    { "ICMP echo: the code is not used", "192.168.0.89", "192.168.0.1",
      { 8, 7 }, 1, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
    { "and its reply", "192.168.0.1", "192.168.0.89", { 0, 0 }, 1, 0,
      "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
    { "ICMP without an answer keeps its direction", "10.0.0.1", "10.0.0.2",
      { 11, 0 }, 1, 0, "1:YHxtAirCG//0OzkcVAukqKQN9xM=" },
    { "ICMPv6 parameter problem, one way",
      "3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2", { 128, 0 }, 58,
      0, "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=" },
    { "neighbour solicitation", "fe80::200:86ff:fe05:80da",
      "fe80::260:97ff:fe07:69ea", { 135, 0 }, 58, 0,
      "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=" },
};

static struct ip address(const char *text)
{
    struct ip ip;
    assert_true(ip_parse(bytes_of_text(text), &ip));
    return ip;
}

static void names_flows_as_the_specification_does(void **state)
{
    char text[COMMUNITY_ID_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const struct vector *v = &vectors[i];
        struct community_id_input in = {
            .source = address(v->source),
            .destination = address(v->destination),
            .source_port = v->ports[0],
            .destination_port = v->ports[1],
            .protocol = v->protocol,
            .seed = v->seed,
        };
        assert_string_equal(community_id_text(&in, text), v->expected);
    }
}

static void a_flow_to_itself_is_put_in_order_by_port(void **state)
{
    char one[COMMUNITY_ID_TEXT_SIZE];
    char other[COMMUNITY_ID_TEXT_SIZE];
    struct ip self = address("127.0.0.1");
    struct community_id_input in = { self, self, 80, 1234, 6, 0 };
    struct community_id_input out = { self, self, 1234, 80, 6, 0 };

    (void)state;
    assert_string_equal(community_id_text(&in, one),
                        community_id_text(&out, other));
}

/* One object of the published baseline: false when it is another shape. */
static void compare_entry(json_t *entry, uint16_t seed)
{
    char text[COMMUNITY_ID_TEXT_SIZE];
    const char *source = json_string_value(json_object_get(entry, "saddr"));
    const char *target = json_string_value(json_object_get(entry, "daddr"));
    json_t *source_port = json_object_get(entry, "sport");
    json_t *target_port = json_object_get(entry, "dport");
    json_t *protocol = json_object_get(entry, "proto");
    struct community_id_input in = {
        .source = address(source),
        .destination = address(target),
        .source_port = (uint16_t)json_integer_value(source_port),
        .destination_port = (uint16_t)json_integer_value(target_port),
        .protocol = (uint8_t)json_integer_value(protocol),
        .seed = seed,
    };
    json_t *expected = json_object_get(entry, "communityid");
    assert_string_equal(community_id_text(&in, text),
                        json_string_value(expected));
}

static void compare_baseline(const char *name, uint16_t seed)
{
    const char *shared = getenv("TENET_SHARED");
    char path[4096];
    size_t index;
    json_t *entry;

    snprintf(path, sizeof path, "%s/vectors/formats/community-id/baseline/%s",
             shared ? shared : "../shared", name);
    json_t *all = json_load_file(path, 0, NULL);
    if (!all) {
        print_message("%s is not here: skipped\n", name);
        skip();
    }
    assert_true(json_array_size(all) > 20);
    json_array_foreach (all, index, entry)
        compare_entry(entry, seed);
    json_decref(all);
}

static void agrees_with_the_published_baseline(void **state)
{
    (void)state;
    compare_baseline("baseline_deflt.json", 0);
    compare_baseline("baseline_seed1.json", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_flows_as_the_specification_does),
        cmocka_unit_test(a_flow_to_itself_is_put_in_order_by_port),
        cmocka_unit_test(agrees_with_the_published_baseline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
