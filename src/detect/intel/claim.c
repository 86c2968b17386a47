/* SPDX-License-Identifier: Apache-2.0 */
/* The set itself: who says what, each thing once. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "detect/intel/internal.h"

enum { TEXT_SIZE_MAX = 400 }; /* Of one interned text; longer is cut. */

struct intel *intel_new(struct hash_key key)
{
    struct intel *intel = memory_new(1, sizeof *intel);

    arena_init(&intel->arena);
    intel->key = key;
    intel->index = intel_index_new(key);
    intel->exploited = exploited_new();
    table_init(&intel->by_claim, 64);
    table_init(&intel->by_text, 64);
    return intel;
}

void intel_free(struct intel *intel)
{
    if (!intel)
        return;
    intel_index_free(intel->index);
    exploited_free(intel->exploited);
    table_clear(&intel->by_claim);
    table_clear(&intel->by_text);
    free(intel->claims);
    free(intel->texts);
    free(intel->patterns);
    free(intel->refusals);
    arena_clear(&intel->arena);
    free(intel);
}

bool intel_refuse(struct intel_place *place, const char *format, ...)
{
    struct intel *intel = place->intel;
    char reason[512];
    va_list arguments;

    intel->counts.refused++;
    if (intel->refusal_count == INTEL_REFUSAL_MAX)
        return false;
    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (intel->refusal_count == intel->refusal_capacity) {
        intel->refusal_capacity = intel->refusal_capacity * 2 + 16;
        intel->refusals =
            memory_resize(intel->refusals, intel->refusal_capacity,
                          sizeof *intel->refusals);
    }
    intel->refusals[intel->refusal_count++] = (struct intel_refusal){
        .file = place->file,
        .line = place->line,
        .item = place->item
                    ? arena_copy_text(&intel->arena,
                                      bytes_of_text(place->item))
                    : NULL,
        .reason = arena_copy_text(&intel->arena, bytes_of_text(reason)),
    };
    return false;
}

static const char *find_text(const struct intel *intel, uint64_t hash,
                             struct bytes text)
{
    struct table_cursor cursor = table_seek(&intel->by_text, hash);
    uint32_t found;

    while ((found = table_next(&intel->by_text, &cursor)) != TABLE_NONE)
        if (bytes_equal(bytes_of_text(intel->texts[found]), text))
            return intel->texts[found];
    return NULL;
}

const char *intel_intern(struct intel *intel, struct bytes text)
{
    struct writer w;

    if (!text.data)
        return NULL;
    writer_init(&w, TEXT_SIZE_MAX);
    text_escape(&w, bytes_trim(bytes_slice(text, 0, TEXT_SIZE_MAX)));
    uint64_t hash = hash_bytes(intel->key, writer_view(&w));
    const char *known = find_text(intel, hash, writer_view(&w));
    if (!known) {
        known = arena_copy_text(&intel->arena, writer_view(&w));
        if (intel->text_count == intel->text_capacity) {
            intel->text_capacity = intel->text_capacity * 2 + 64;
            intel->texts = memory_resize(intel->texts, intel->text_capacity,
                                         sizeof(const char *));
        }
        table_insert(&intel->by_text, hash, (uint32_t)intel->text_count);
        intel->texts[intel->text_count++] = known;
    }
    writer_clear(&w);
    return known;
}

const char *intel_digest(struct intel *intel, struct bytes text)
{
    uint8_t digest[CRYPTO_SHA256_SIZE];
    char *shown = arena_allocate(&intel->arena, 17);

    crypto_sha256(text, digest);
    for (size_t i = 0; i < 8; i++)
        (void)snprintf(shown + 2 * i, 3, "%02x", digest[i]);
    return shown;
}

/* Words of labels, STIX types, MISP categories and lists, the more telling
 * first, and the class of the RSIT (version 1003) they stand for. */
static const struct {
    const char *word;
    const char *harm;
    bool is_passive;
    bool is_benign;
} meanings[] = {
    { "benign", "other/other", true, true },
    { "false-positive", "other/other", true, true },
    { "ransom", "malicious-code/infected-system", false, false },
    { "botnet_cc", "malicious-code/c2-server", false, false },
    { "command-and-control", "malicious-code/c2-server", false, false },
    { "command and control", "malicious-code/c2-server", false, false },
    { "c2", "malicious-code/c2-server", false, false },
    { "c&c", "malicious-code/c2-server", false, false },
    { "payload", "malicious-code/malware-distribution", false, false },
    { "malware_download", "malicious-code/malware-distribution", false,
      false },
    { "malware-distribution", "malicious-code/malware-distribution", false,
      false },
    { "phish", "fraud/phishing", false, false },
    { "brute", "intrusion-attempts/login-attempts", false, false },
    { "scan", "information-gathering/scanner", false, false },
    { "recon", "information-gathering/scanner", false, false },
    { "exploit", "intrusion-attempts/ids-alert", false, false },
    { "ddos", "availability/ddos", false, false },
    { "spam", "abusive-content/spam", false, false },
    { "miner", "fraud/unauthorised-use-of-resources", false, false },
    { "mining", "fraud/unauthorised-use-of-resources", false, false },
    { "exfiltration",
      "information-content-security/unauthorised-access-to-information",
      false, false },
    { "compromised", "intrusions/system-compromise", false, false },
    { "malicious-activity", "malicious-code/infected-system", false, false },
    { "malware", "malicious-code/infected-system", false, false },
    { "botnet", "malicious-code/infected-system", false, false },
    { "trojan", "malicious-code/infected-system", false, false },
    { "fraud", "fraud/phishing", false, false },
    { "anonymi", "other/other", true, false },
    { "tor-exit", "other/other", true, false },
    { "vpn", "other/other", true, false },
    { "proxy", "other/other", true, false },
};

struct intel_meaning intel_meaning_of(struct bytes labels)
{
    for (size_t i = 0; i < COUNT_OF(meanings); i++)
        if (bytes_find_nocase(labels, bytes_of_text(meanings[i].word)) <
            labels.size)
            return (struct intel_meaning){ meanings[i].harm,
                                           meanings[i].is_passive,
                                           meanings[i].is_benign };
    return (struct intel_meaning){ .harm = "other/undetermined" };
}

struct detection *intel_detection_new(struct intel_place *place,
                                      const char *id, const char *version,
                                      const char *labels)
{
    struct intel *intel = place->intel;
    struct detection *detection =
        arena_allocate_zeroed(&intel->arena, 1, sizeof *detection);
    struct intel_meaning meaning = intel_meaning_of(bytes_of_text(labels));

    *detection = (struct detection){
        .language = LANGUAGE_INDICATOR,
        .id = id,
        .version = version,
        .name = "indicator",
        .title = place->name,
        .description = "",
        .harm = meaning.harm,
        .text_key = "indicator",
        .role = "owner",
        .source = place->file,
        .line = place->line,
        .severity = SEVERITY_WARNING,
    };
    return detection;
}

/* Compared as bytes: no padding may differ. */
static struct intel_claim clean(const struct intel_claim *claim)
{
    struct intel_claim copy;

    memset(&copy, 0, sizeof copy);
    copy.detection = claim->detection;
    copy.labels = claim->labels;
    copy.tlp = claim->tlp;
    copy.from_ns = claim->from_ns;
    copy.until_ns = claim->until_ns;
    copy.pattern = claim->pattern;
    copy.confidence = claim->confidence;
    copy.is_passive = claim->is_passive;
    copy.is_list = claim->is_list;
    return copy;
}

uint32_t intel_claim_of(struct intel_place *place,
                        const struct intel_claim *claim)
{
    struct intel *intel = place->intel;
    struct intel_claim wanted = clean(claim);
    struct bytes key = bytes_of(&wanted, offsetof(struct intel_claim, uses));
    uint64_t hash = hash_bytes(intel->key, key);
    struct table_cursor cursor = table_seek(&intel->by_claim, hash);
    uint32_t found;

    while ((found = table_next(&intel->by_claim, &cursor)) != TABLE_NONE)
        if (memcmp(&intel->claims[found], &wanted, key.size) == 0)
            return found;
    if (intel->claim_count == INTEL_CLAIM_MAX) {
        (void)intel_refuse(place, "more than %d different claims",
                           INTEL_CLAIM_MAX); /* The result says it. */
        return INTEL_NONE;
    }
    if (intel->claim_count == intel->claim_capacity) {
        intel->claim_capacity =
            intel->claim_capacity + intel->claim_capacity / 2 + 64;
        intel->claims = memory_resize(intel->claims, intel->claim_capacity,
                                      sizeof *intel->claims);
    }
    table_insert(&intel->by_claim, hash, (uint32_t)intel->claim_count);
    intel->claims[intel->claim_count] = wanted;
    return (uint32_t)intel->claim_count++;
}

static const char *quote(struct bytes text, char shown[96])
{
    struct writer w;

    writer_init(&w, 90);
    text_escape(&w, bytes_slice(text, 0, 60));
    (void)snprintf(shown, 96, "%s", writer_as_text(&w));
    writer_clear(&w);
    return shown;
}

static bool add_key(struct intel_place *place, const struct intel_key *key,
                    uint32_t claim)
{
    struct intel *intel = place->intel;
    bool ok = key->kind == INTEL_NETWORK
                  ? intel_index_add_network(intel->index, key->network, claim)
                  : intel_index_add(intel->index, (uint8_t)key->kind,
                                    intel_key_bytes(key), claim);

    if (!ok)
        return intel_refuse(place, "the index is full");
    intel->kinds |= (uint64_t)1 << key->kind;
    intel->claims[claim].uses++;
    intel->counts.values++;
    return true;
}

bool intel_add_value(struct intel_place *place, enum intel_kind kind,
                     struct bytes text, const struct intel_claim *claim)
{
    struct intel_key key;
    char shown[96];
    const char *reason = intel_key_make(kind, text, &key);

    if (reason)
        return intel_refuse(place, "%s: %s", quote(text, shown), reason);
    uint32_t number = intel_claim_of(place, claim);
    return number != INTEL_NONE && add_key(place, &key, number);
}

const char *intel_tlp_of(struct bytes text)
{
    /* The marking-definitions of STIX 2.1 section 7.2.1.4, and those of TLP
     * 2.0 that OASIS published. */
    static const struct {
        const char *word;
        const char *tlp;
    } known[] = {
        { "amber+strict", "amber+strict" }, { "amber", "amber" },
        { "green", "green" }, { "clear", "clear" }, { "white", "clear" },
        { "red", "red" },
        { "613f2e26-407d-48c7-9eca-b8e91df99dc9", "clear" },
        { "34098fce-860f-48ae-8e50-ebd3cc5e41da", "green" },
        { "f88d31f6-486f-44da-b317-01333bde0b82", "amber" },
        { "5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "red" },
        { "94868c89-83c2-464b-929b-a1a8aa3c8487", "clear" },
        { "bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green" },
        { "55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber" },
        { "939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict" },
        { "e828b379-4e03-4974-9ac4-e53a884c97c1", "red" },
    };

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (bytes_find_nocase(text, bytes_of_text(known[i].word)) < text.size)
            return known[i].tlp;
    return NULL;
}

/* Seconds since 1970 without a fraction, as MISP writes them. */
static bool epoch_of(struct bytes text, int64_t *time_ns)
{
    uint64_t seconds;

    if (!bytes_to_number(text, 99999999999, &seconds) || text.size < 9)
        return false;
    *time_ns = (int64_t)(seconds > 9000000000 ? 9000000000 : seconds) *
               1000000000;
    return true;
}

bool intel_time_of(struct bytes text, int64_t *time_ns)
{
    char whole[40];
    struct stix_time time;

    text = bytes_trim(text);
    if (epoch_of(text, time_ns))
        return true;
    if (text.size < 10 || text.size > 32)
        return false;
    memcpy(whole, text.data, text.size);
    size_t size = text.size;
    if (size > 4 && memcmp(whole + size - 4, " UTC", 4) == 0)
        size -= 4;
    else if (size > 6 && memcmp(whole + size - 6, "+00:00", 6) == 0)
        size -= 6;
    else if (whole[size - 1] == 'Z')
        size--;
    if (size == 10) {
        memcpy(whole + size, "T00:00:00", 9);
        size += 9;
    }
    whole[10] = 'T';
    whole[size++] = 'Z';
    if (!stix_time_parse(bytes_of(whole, size), &time))
        return false;
    *time_ns = stix_time_ns(time);
    return true;
}

void intel_build(struct intel *intel)
{
    intel->counts.duplicates += intel_index_build(intel->index);
    exploited_build(intel->exploited);
    intel->counts.exploited = exploited_count(intel->exploited);
    intel->counts.memory = intel_index_memory(intel->index);
}

void intel_read_counts(const struct intel *intel, struct intel_counts *counts)
{
    *counts = intel->counts;
}

uint64_t intel_expired(const struct intel *intel, int64_t now_ns)
{
    uint64_t expired = 0;

    for (size_t i = 0; i < intel->claim_count; i++)
        if (intel->claims[i].until_ns <= now_ns)
            expired += intel->claims[i].uses;
    return expired;
}

size_t intel_refusal_count(const struct intel *intel)
{
    return intel->refusal_count;
}

const struct intel_refusal *intel_refusal(const struct intel *intel,
                                          size_t index)
{
    return &intel->refusals[index];
}
