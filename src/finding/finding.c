/* SPDX-License-Identifier: Apache-2.0 */
#include "finding/finding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "finding/sentence.h"

struct finding_table {
    struct finding_options options;
    struct finding **findings;
    uint32_t count;
    uint64_t refused;
    uint64_t unproven;
    struct table by_key;
    struct arena texts;
};

struct finding_table *finding_table_new(const struct finding_options *options)
{
    struct finding_table *table = memory_new(1, sizeof *table);

    table->options = *options;
    table->findings = memory_new(FINDING_COUNT_MAX, sizeof *table->findings);
    table_init(&table->by_key, 64);
    arena_init(&table->texts);
    return table;
}

void finding_table_free(struct finding_table *table)
{
    if (!table)
        return;
    for (uint32_t i = 0; i < table->count; i++) {
        struct finding *finding = table->findings[i];
        for (uint32_t j = 0; j < finding->evidence_count; j++)
            evidence_drop(table->options.store, finding->evidence[j]);
        free(finding->sentence);
        free(finding);
    }
    free(table->findings);
    table_clear(&table->by_key);
    arena_clear(&table->texts);
    free(table);
}

static bool is_same_subject(const struct finding_subject *a,
                            const struct finding_subject *b)
{
    if (a->device || b->device)
        return a->device && b->device && strcmp(a->device, b->device) == 0;
    return a->has_address == b->has_address &&
           (!a->has_address || ip_equal(a->address, b->address));
}

/* What alerts of one finding have in common, as bytes to hash. */
static void write_key(struct writer *w, const struct alert *alert,
                      const struct finding_subject *subject)
{
    char text[IP_TEXT_SIZE];

    writer_text(w, alert->detection->id);
    writer_byte(w, 0);
    writer_text(w, alert->detection->version);
    writer_byte(w, 0);
    if (subject->device)
        writer_text(w, subject->device);
    else if (subject->has_address)
        writer_text(w, ip_text(subject->address, text));
    writer_byte(w, 0);
    writer_bytes(w, alert->group);
    writer_byte(w, 0);
    if (alert->event->context.has_tunnel)
        writer_text(w, ip_text(alert->event->context.tunnel_source, text));
}

/* What came through different tunnels is told apart: inner addresses may be
 * private on both. */
static bool is_same_tunnel(const struct finding *finding,
                           const struct event_context *context)
{
    return finding->has_tunnel == context->has_tunnel &&
           (!context->has_tunnel ||
            ip_equal(finding->tunnel_source, context->tunnel_source));
}

static struct finding *find(const struct finding_table *table, uint64_t hash,
                            const struct alert *alert,
                            const struct finding_subject *subject)
{
    struct table_cursor cursor = table_seek(&table->by_key, hash);
    uint32_t index;

    while ((index = table_next(&table->by_key, &cursor)) != TABLE_NONE) {
        struct finding *finding = table->findings[index];
        if (finding->detection == alert->detection &&
            is_same_subject(&finding->subject, subject) &&
            is_same_tunnel(finding, &alert->event->context) &&
            bytes_equal(bytes_of_text(finding->group), alert->group))
            return finding;
    }
    return NULL;
}

static bool has_evidence(const struct finding *finding, uint32_t id)
{
    for (uint32_t i = 0; i < finding->evidence_count; i++)
        if (finding->evidence[i] == id)
            return true;
    return false;
}

static bool has_room(const struct finding *finding)
{
    return finding->evidence_released + finding->evidence_count <
           FINDING_EVIDENCE_MAX;
}

/* Frames that an alert brings: what it holds, or what the scene can still
 * show. Each is held for the caller. */
struct proof {
    uint32_t ids[EVIDENCE_SCENE_MAX];
    size_t count;
};

_Static_assert((int)ALERT_EVIDENCE_MAX <= (int)EVIDENCE_SCENE_MAX,
               "an alert's frames fit");

static struct proof gather(const struct alert *alert,
                           const struct evidence_scene *scene, bool has_use)
{
    struct proof proof = { 0 };

    for (size_t i = 0; i < alert->evidence_count; i++)
        if (alert->evidence[i] != EVIDENCE_NONE)
            proof.ids[proof.count++] = alert->evidence[i];
    if (proof.count == 0 && has_use)
        proof.count =
            evidence_keep_scene(scene, proof.ids, COUNT_OF(proof.ids));
    return proof;
}

static void drop(const struct finding_table *table, const struct proof *proof)
{
    for (size_t i = 0; i < proof->count; i++)
        evidence_drop(table->options.store, proof->ids[i]);
}

static void add_evidence(const struct finding_table *table,
                         struct finding *finding, const struct proof *proof)
{
    for (size_t i = 0; i < proof->count; i++) {
        if (has_room(finding) && !has_evidence(finding, proof->ids[i]))
            finding->evidence[finding->evidence_count++] = proof->ids[i];
        else
            evidence_drop(table->options.store, proof->ids[i]);
    }
}

/* The digest that makes the id: key, time of the first event, the frames. */
static void set_id(const struct finding_table *table, struct finding *finding,
                   struct bytes key)
{
    struct writer w;
    uint8_t digest[CRYPTO_SHA256_SIZE];
    struct frame frame;

    writer_init(&w, SIZE_MAX);
    writer_bytes(&w, key);
    writer_u64(&w, (uint64_t)finding->first_ns);
    for (uint32_t i = 0; i < finding->evidence_count; i++) {
        evidence_read(table->options.store, finding->evidence[i], &frame);
        writer_u64(&w, (uint64_t)frame.mark.time_ns);
        writer_u32(&w, frame.mark.original_size);
        writer_bytes(&w, frame.data);
    }
    crypto_sha256(writer_view(&w), digest);
    finding->id[0] = 'f';
    for (size_t i = 0; i < 16; i++)
        (void)snprintf(finding->id + 1 + 2 * i, 3, "%02x", digest[i]);
    writer_clear(&w);
}

/* Facts outlive the packet they were told with, and are fit to be shown. */
static void copy_facts(struct finding_table *table, struct finding *finding,
                       const struct alert *alert)
{
    if (alert->fact_count == 0)
        return;
    struct finding_fact *facts = arena_allocate(
        &table->texts, alert->fact_count * sizeof *facts);
    struct writer w;

    writer_init(&w, FINDING_FACT_SIZE_MAX);
    for (size_t i = 0; i < alert->fact_count; i++) {
        writer_reset(&w);
        text_escape(&w, alert->facts[i].value);
        facts[i].name = alert->facts[i].name;
        facts[i].value = arena_copy_text(&table->texts, writer_view(&w));
    }
    writer_clear(&w);
    finding->facts = facts;
    finding->fact_count = alert->fact_count;
}

static struct finding *make(struct finding_table *table,
                            const struct alert *alert,
                            const struct finding_subject *subject)
{
    if (table->count >= FINDING_COUNT_MAX) {
        table->refused++;
        return NULL;
    }
    struct finding *finding = memory_new(1, sizeof *finding);
    const struct event_context *context = &alert->event->context;
    bool about_source = alert->subject == SUBJECT_SOURCE;
    finding->detection = alert->detection;
    finding->subject = *subject;
    finding->peer = about_source ? context->destination : context->source;
    finding->has_peer = context->has_ip && !ip_is_zero(finding->peer);
    finding->has_tunnel = context->has_tunnel;
    finding->tunnel_source = context->tunnel_source;
    finding->tunnel_destination = context->tunnel_destination;
    finding->group = arena_copy_text(&table->texts, alert->group);
    copy_facts(table, finding, alert);
    finding->first_ns = alert->first_ns;
    finding->last_ns = alert->event->context.time_ns;
    finding->index = table->count;
    table->findings[table->count++] = finding;
    return finding;
}

/* How much the alert stands for: what was measured, or how many events. */
static void add_count(struct finding *finding, const struct alert *alert)
{
    static const enum event_field measured[] = {
        FIELD_ACTIVITY_ATTEMPTS,
        FIELD_ACTIVITY_PACKETS,
        FIELD_ACTIVITY_TIMES,
    };

    for (size_t i = 0; i < COUNT_OF(measured); i++) {
        const struct event_value *value =
            event_get(alert->event, measured[i]);
        if (!value)
            continue;
        if (value->number > finding->count)
            finding->count = value->number;
        return;
    }
    if (alert->count > 1)
        finding->count =
            alert->count > finding->count ? alert->count : finding->count;
    else
        finding->count++;
}

const struct finding *finding_add(struct finding_table *table,
                                  const struct alert *alert,
                                  const struct finding_subject *subject,
                                  const struct evidence_scene *scene,
                                  bool *is_new)
{
    struct writer key;

    writer_init(&key, SIZE_MAX);
    write_key(&key, alert, subject);
    uint64_t hash = hash_bytes(table->options.key, writer_view(&key));
    struct finding *finding = find(table, hash, alert, subject);
    struct proof proof =
        gather(alert, scene, !finding || has_room(finding));
    *is_new = !finding;
    /* What no packet shows any more is not said. */
    bool is_unproven = !finding && scene && scene->capture && proof.count == 0;
    table->unproven += is_unproven;
    if (!finding && !is_unproven && (finding = make(table, alert, subject)))
        table_insert(&table->by_key, hash, finding->index);
    if (!finding) {
        drop(table, &proof);
        writer_clear(&key);
        return NULL;
    }
    /* Names are for people, may come late, and are no part of the id. */
    memcpy(finding->subject.name, subject->name, sizeof subject->name);
    memcpy(finding->subject.peer_name, subject->peer_name,
           sizeof subject->peer_name);
    add_evidence(table, finding, &proof);
    if (*is_new)
        set_id(table, finding, writer_view(&key));
    add_count(finding, alert);
    if (alert->severity > finding->severity)
        finding->severity = alert->severity;
    if (alert->event->context.time_ns > finding->last_ns)
        finding->last_ns = alert->event->context.time_ns;
    /* The worst that happened is what is said. */
    if (*is_new || alert->severity >= finding->severity) {
        free(finding->sentence);
        finding->sentence = sentence_new(table->options.texts, finding,
                                         alert);
    }
    writer_clear(&key);
    return finding;
}

void finding_release(struct finding_table *table, uint32_t index)
{
    check(index < table->count);
    struct finding *finding = table->findings[index];

    for (uint32_t i = 0; i < finding->evidence_count; i++)
        evidence_drop(table->options.store, finding->evidence[i]);
    finding->evidence_released += finding->evidence_count;
    finding->evidence_count = 0;
}

uint32_t finding_count(const struct finding_table *table)
{
    return table->count;
}

const struct finding *finding_get(const struct finding_table *table,
                                  uint32_t index)
{
    check(index < table->count);
    return table->findings[index];
}

uint64_t finding_unproven(const struct finding_table *table)
{
    return table->unproven;
}

uint64_t finding_refused(const struct finding_table *table)
{
    return table->refused;
}
