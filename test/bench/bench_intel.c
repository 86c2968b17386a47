/* SPDX-License-Identifier: Apache-2.0 */
/* The index of indicators with ten million of them: how long it takes to
 * build, what it holds, and what a look-up costs, found and not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "detect/intel/index.h"
#include "detect/intel/key.h"

enum {
    NAMES = 6000000,
    ADDRESSES = 2000000,
    DIGESTS = 1500000,
    URLS = 400000,
    NETWORKS = 100000,
    LOOKUPS = 1000000,
    TURNS = 3, /* The best counts: neighbours take the caches. */
    NAME_SIZE = 64,
};

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* Cannot fail. */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Numbers without order, the same each time. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

/* The text of name or URL `number`, or 16 or 32 bytes. */
static struct bytes value_of(enum intel_kind kind, uint64_t number,
                             char text[NAME_SIZE])
{
    uint64_t words[4] = { mix(number), mix(number + 1), mix(number + 2),
                          mix(number + 3) };
    int size;

    if (kind == INTEL_DIGEST || kind == INTEL_ADDRESS) {
        memcpy(text, words, sizeof words);
        if (kind == INTEL_ADDRESS)
            memcpy(text, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
        return bytes_of(text, kind == INTEL_ADDRESS ? 16 : 32);
    }
    size = kind == INTEL_NAME
               ? snprintf(text, NAME_SIZE, "%llx.host%u.example",
                          (unsigned long long)words[0],
                          (unsigned)(words[1] % 1000))
               : snprintf(text, NAME_SIZE, "host%llx.example/a/%u.bin",
                          (unsigned long long)words[0],
                          (unsigned)(words[1] % 1000));
    return bytes_of(text, (size_t)size);
}

static const struct {
    enum intel_kind kind;
    uint64_t count;
} kinds[] = {
    { INTEL_NAME, NAMES },
    { INTEL_ADDRESS, ADDRESSES },
    { INTEL_DIGEST, DIGESTS },
    { INTEL_URL, URLS },
};

static void fill(struct intel_index *index)
{
    char text[NAME_SIZE];

    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        for (uint64_t n = 0; n < kinds[i].count; n++)
            (void)intel_index_add(index, (uint8_t)kinds[i].kind,
                                  value_of(kinds[i].kind, n, text),
                                  (uint32_t)(n % 100)); /* There is room. */
    for (uint64_t n = 0; n < NETWORKS; n++) {
        uint64_t bits = mix(n + 77);
        struct ip_prefix prefix = {
            ip_of_v4((uint32_t)bits), (uint8_t)(96 + 12 + (bits >> 40) % 16),
        };
        (void)intel_index_add_network(index, prefix,
                                      (uint32_t)(n % 100)); /* The same. */
    }
}

/* Values made before, so that only the look-up is measured. */
struct values {
    char (*texts)[NAME_SIZE];
    struct bytes *views;
};

static void report(const char *what, double took, uint64_t found)
{
    double ns = took * 1e9 / LOOKUPS;

    printf("%-22s %6.1f ns   %5.1f%% found\n", what, ns,
           100.0 * (double)found / LOOKUPS);
}

static void look_up(const struct intel_index *index, struct values *values,
                    enum intel_kind kind, uint64_t count, bool exists)
{
    uint64_t found = 0;

    for (uint64_t i = 0; i < LOOKUPS; i++) {
        uint64_t number = mix(i) % count + (exists ? 0 : 1ull << 40);
        values->views[i] = value_of(kind, number, values->texts[i]);
    }
    double best = 1e9;
    for (int turn = 0; turn < TURNS; turn++) {
        double begin = seconds();
        found = 0;
        for (size_t i = 0; i < LOOKUPS; i++) {
            struct intel_cursor cursor =
                intel_index_seek(index, (uint8_t)kind, values->views[i]);
            found += intel_index_next(index, &cursor) != INTEL_NONE;
        }
        double took = seconds() - begin;
        best = took < best ? took : best;
    }
    char what[64];
    (void)snprintf(what, sizeof what, "%s, %s", intel_kind_name(kind),
                   exists ? "listed" : "not listed");
    report(what, best, found);
}

static void look_up_networks(const struct intel_index *index)
{
    uint64_t found = 0;
    double begin = seconds();

    for (uint64_t i = 0; i < LOOKUPS; i++) {
        struct ip_prefix prefix;
        struct intel_network_cursor cursor = intel_index_seek_network(
            index, ip_of_v4((uint32_t)mix(i)));
        found += intel_index_next_network(index, &cursor, &prefix) !=
                 INTEL_NONE;
    }
    report("address in networks", seconds() - begin, found);
}

int main(void)
{
    struct intel_index *index =
        intel_index_new((struct hash_key){ 0x1234, 0x5678 });
    struct values values = {
        memory_new(LOOKUPS, NAME_SIZE),
        memory_new(LOOKUPS, sizeof(struct bytes)),
    };
    double begin = seconds();

    fill(index);
    double filled = seconds();
    size_t doubles = intel_index_build(index);
    double built = seconds();
    printf("%zu indicators, %zu twice; filled in %.2f s, built in %.2f s, "
           "%.1f MB\n",
           intel_index_count(index), doubles, filled - begin, built - filled,
           (double)intel_index_memory(index) / 1e6);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        look_up(index, &values, kinds[i].kind, kinds[i].count, true);
        look_up(index, &values, kinds[i].kind, kinds[i].count, false);
    }
    look_up_networks(index);
    free(values.texts);
    free(values.views);
    intel_index_free(index);
    return 0;
}
