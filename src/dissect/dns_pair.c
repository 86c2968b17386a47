/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dns_pair.h"

#include "dissect/dns_rdata.h"

enum { COUNT_MAX = 15 };

/* FNV-1a. Who makes two texts collide hides only his own forgery. */
static uint32_t hash_add(uint32_t hash, struct bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        hash = (hash ^ text.data[i]) * 16777619u;
    return hash;
}

static uint32_t hash_question(const struct dns_message *message)
{
    const struct dns_question *question = &message->questions[0];
    const uint8_t type[] = { (uint8_t)(question->type >> 8),
                             (uint8_t)question->type };

    return hash_add(hash_add(2166136261u, question->name.text),
                    bytes_of(type, sizeof type)) | 1;
}

static struct dns_pair *find(struct dns_pairs *pairs, uint16_t id,
                             uint32_t question)
{
    for (size_t i = 0; i < DNS_PAIR_MAX; i++)
        if (pairs->pairs[i].question == question && pairs->pairs[i].id == id)
            return &pairs->pairs[i];
    return NULL;
}

static void ask(struct dns_pairs *pairs, uint16_t id, uint32_t question)
{
    struct dns_pair *pair = find(pairs, id, question);

    if (!pair) {
        pair = &pairs->pairs[pairs->oldest];
        pairs->oldest = (uint8_t)((pairs->oldest + 1) % DNS_PAIR_MAX);
        *pair = (struct dns_pair){ .id = id, .question = question };
    }
    if (pair->asked < COUNT_MAX)
        pair->asked++;
}

static bool has(const struct dns_pair *pair, uint32_t address)
{
    for (uint8_t i = 0; i < pair->address_count; i++)
        if (pair->addresses[i] == address)
            return true;
    return false;
}

/* The addresses of an answer. True when there are some and `before` has some,
 * and none is in both. */
static bool collect(const struct dns_message *message,
                    const struct dns_pair *before, struct dns_pair *now)
{
    bool is_common = false;

    for (uint16_t i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section != DNS_SECTION_ANSWER ||
            (record->type != DNS_TYPE_A && record->type != DNS_TYPE_AAAA))
            continue;
        uint32_t address =
            hash_add(2166136261u, dns_record_data(message, record));
        is_common |= has(before, address);
        if (now->address_count < DNS_PAIR_ADDRESS_MAX)
            now->addresses[now->address_count++] = address;
    }
    return !is_common && now->address_count > 0 && before->address_count > 0;
}

static bool answer(struct dns_pair *pair, const struct dns_message *message)
{
    struct dns_pair now = *pair;

    now.address_count = 0;
    bool differs = collect(message, pair, &now) &&
                   pair->answered >= pair->asked;
    if (now.answered < COUNT_MAX)
        now.answered++;
    if (now.address_count > 0)
        *pair = now;
    else
        pair->answered = now.answered & COUNT_MAX;
    return differs;
}

bool dns_pairs_take(struct dns_pairs *pairs,
                    const struct dns_message *message)
{
    if (message->question_count != 1 || message->flags & DNS_FLAG_TC)
        return false;
    uint32_t question = hash_question(message);
    if (!(message->flags & DNS_FLAG_QR)) {
        ask(pairs, message->id, question);
        return false;
    }
    struct dns_pair *pair = find(pairs, message->id, question);
    return pair && pair->asked < COUNT_MAX && answer(pair, message);
}
