/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/allowed/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/table.h"

enum {
    ANSWER_MAX = 64, /* Records of one answer; more are not kept of it. */
};

static const int64_t NS = 1000000000;

struct name_entry {
    uint32_t device;
    struct ip ip;
    int64_t told_ns;          /* First. */
    int64_t until_ns;
    bool is_asked;            /* Asked for; else an alias on the way. */
    char name[NAME_SIZE_MAX]; /* Lower case, without a final dot. */
};

struct names {
    struct hash_key key;
    struct table by_address;  /* Of device and address. */
    struct table by_name;     /* Of device and name. */
    struct name_entry *entries;
    uint32_t count;
    uint32_t oldest;          /* Goes next, once all are taken. */
    uint64_t evicted;
};

/* One record of an answer, as the event has it. */
struct record {
    struct bytes name;
    struct bytes type;
    struct bytes data;
    uint64_t ttl;
};

struct answer {
    struct record records[ANSWER_MAX];
    size_t count;
    struct bytes chain[NAMES_CHAIN_MAX + 1]; /* What was asked, and so on. */
    size_t chain_count;
    uint64_t ttl;             /* The smallest on the chain. */
};

struct names *names_new(struct hash_key key)
{
    struct names *names = memory_new(1, sizeof *names);

    names->key = key;
    table_init(&names->by_address, 64);
    table_init(&names->by_name, 64);
    names->entries = memory_new_aligned(64, NAMES_MAX, sizeof *names->entries);
    return names;
}

void names_free(struct names *names)
{
    if (!names)
        return;
    table_clear(&names->by_address);
    table_clear(&names->by_name);
    free(names->entries);
    free(names);
}

static struct bytes without_dot(struct bytes name)
{
    if (name.size > 0 && name.data[name.size - 1] == '.')
        return bytes_slice(name, 0, name.size - 1);
    return name;
}

bool name_matches(const char *pattern, struct bytes name)
{
    struct bytes wanted = without_dot(bytes_of_text(pattern));

    name = without_dot(name);
    if (bytes_start_with(wanted, bytes_of_text("*.")))
        return name.size > wanted.size - 1 &&
               bytes_end_with_nocase(name,
                                     bytes_slice(wanted, 1, wanted.size));
    return bytes_equal_nocase(wanted, name);
}

bool name_is_plausible(struct bytes name)
{
    struct ip ip;

    name = without_dot(name);
    if (name.size == 0 || name.size >= NAME_SIZE_MAX ||
        bytes_find_byte(name, '.') == name.size || ip_parse(name, &ip))
        return false;
    for (size_t i = 0; i < name.size; i++) {
        uint8_t at = name.data[i];
        bool is_good = (at >= 'a' && at <= 'z') || (at >= 'A' && at <= 'Z') ||
                       (at >= '0' && at <= '9') || at == '-' || at == '.' ||
                       at == '_';
        if (!is_good)
            return false;
    }
    return true;
}

static uint64_t address_hash(const struct names *names, uint32_t device,
                             struct ip ip)
{
    uint64_t words[3] = { device };

    memcpy(words + 1, ip.bytes, sizeof ip.bytes);
    return hash_words(names->key, words, COUNT_OF(words));
}

/* `name` is as entries have it. */
static uint64_t name_hash(const struct names *names, uint32_t device,
                          const char *name)
{
    uint64_t words[2] = { device,
                          hash_bytes(names->key, bytes_of_text(name)) };

    return hash_words(names->key, words, COUNT_OF(words));
}

/* The form that entries have; false when it cannot be one. */
static bool fold(struct bytes name, char folded[NAME_SIZE_MAX])
{
    name = without_dot(name);
    if (name.size == 0 || name.size >= NAME_SIZE_MAX)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        uint8_t at = name.data[i];
        folded[i] = (char)(at >= 'A' && at <= 'Z' ? at + 32 : at);
    }
    folded[name.size] = 0;
    return true;
}

static struct name_entry *find(const struct names *names, uint32_t device,
                               struct ip ip, const char *name)
{
    struct table_cursor cursor =
        table_seek(&names->by_address, address_hash(names, device, ip));
    uint32_t at;

    while ((at = table_next(&names->by_address, &cursor)) != TABLE_NONE) {
        struct name_entry *entry = &names->entries[at];
        if (entry->device == device && ip_equal(entry->ip, ip) &&
            strcmp(entry->name, name) == 0)
            return entry;
    }
    return NULL;
}

static struct name_entry *take(struct names *names)
{
    if (names->count < NAMES_MAX)
        return &names->entries[names->count++];
    uint32_t at = names->oldest;
    struct name_entry *entry = &names->entries[at];
    names->oldest = (at + 1) % NAMES_MAX;
    names->evicted++;
    (void)table_remove(&names->by_address,
                       address_hash(names, entry->device, entry->ip), at);
    (void)table_remove(&names->by_name,
                       name_hash(names, entry->device, entry->name), at);
    return entry;
}

/* What the entries of one answer have in common. */
struct telling {
    uint32_t device;
    int64_t time_ns;
    int64_t until_ns;
};

static void tell(struct names *names, const struct telling *telling,
                 struct ip ip, struct bytes name, bool is_asked)
{
    char folded[NAME_SIZE_MAX];

    if (!fold(name, folded))
        return;
    struct name_entry *entry = find(names, telling->device, ip, folded);
    if (!entry) {
        entry = take(names);
        uint32_t at = (uint32_t)(entry - names->entries);
        entry->device = telling->device;
        entry->ip = ip;
        entry->told_ns = telling->time_ns;
        entry->until_ns = telling->until_ns;
        entry->is_asked = false;
        memcpy(entry->name, folded, sizeof folded);
        table_insert(&names->by_address,
                     address_hash(names, telling->device, ip), at);
        table_insert(&names->by_name,
                     name_hash(names, telling->device, folded), at);
    }
    if (telling->until_ns > entry->until_ns)
        entry->until_ns = telling->until_ns;
    entry->is_asked |= is_asked;
}

static void gather(const struct event *event, struct answer *answer)
{
    static const enum event_field fields[] = {
        FIELD_DNS_ANSWER_NAME, FIELD_DNS_ANSWER_TYPE, FIELD_DNS_ANSWER_DATA,
        FIELD_DNS_ANSWER_TTL,
    };

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        const struct event_value *value;
        size_t from = 0;
        while ((value = event_next(event, fields[i], &from))) {
            if (value->item >= ANSWER_MAX)
                continue;
            struct record *record = &answer->records[value->item];
            if (value->item >= answer->count)
                answer->count = value->item + 1u;
            switch (i) {
            case 0: record->name = value->text; break;
            case 1: record->type = value->text; break;
            case 2: record->data = value->text; break;
            default: record->ttl = value->number;
            }
        }
    }
}

static bool is_type(const struct record *record, const char *type)
{
    return bytes_equal(record->type, bytes_of_text(type));
}

static bool is_on_chain(const struct answer *answer, struct bytes name)
{
    for (size_t i = 0; i < answer->chain_count; i++)
        if (bytes_equal_nocase(without_dot(answer->chain[i]),
                               without_dot(name)))
            return true;
    return false;
}

static void limit_ttl(struct answer *answer, uint64_t ttl)
{
    if (ttl < answer->ttl)
        answer->ttl = ttl;
}

/* Where an alias leads: the target of a CNAME, or of an HTTPS or SVCB record
 * of priority 0 (RFC 9460 section 2.4.2). */
static struct bytes target_of(const struct record *record)
{
    if (is_type(record, "CNAME"))
        return record->data;
    if ((is_type(record, "HTTPS") || is_type(record, "SVCB")) &&
        bytes_start_with(record->data, bytes_of_text("0 ")))
        return bytes_slice(record->data, 2, record->data.size);
    return (struct bytes){ 0 };
}

static void follow_chain(struct answer *answer, struct bytes asked)
{
    bool is_longer = true;

    answer->ttl = NAMES_TTL_MAX_S;
    answer->chain[answer->chain_count++] = asked;
    while (is_longer && answer->chain_count <= NAMES_CHAIN_MAX) {
        is_longer = false;
        for (size_t i = 0; i < answer->count && !is_longer; i++) {
            const struct record *record = &answer->records[i];
            struct bytes target = target_of(record);
            struct bytes last = answer->chain[answer->chain_count - 1];
            if (target.size == 0 || is_on_chain(answer, target) ||
                !bytes_equal_nocase(without_dot(record->name),
                                    without_dot(last)))
                continue;
            limit_ttl(answer, record->ttl);
            answer->chain[answer->chain_count++] = target;
            is_longer = true;
        }
    }
}

static void tell_chain(struct names *names, const struct telling *telling,
                       const struct answer *answer, struct ip ip)
{
    for (size_t i = 0; i < answer->chain_count; i++)
        tell(names, telling, ip, answer->chain[i], i == 0);
}

/* "1 . alpn=h2 ipv4hint=192.0.2.1,192.0.2.2" */
static void tell_hints(struct names *names, const struct telling *telling,
                       const struct answer *answer, struct bytes data)
{
    static const char *const keys[] = { "ipv4hint=", "ipv6hint=" };
    struct ip ip;

    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        size_t at = bytes_find(data, bytes_of_text(keys[i]));
        struct bytes list =
            bytes_slice(data, at + strlen(keys[i]), data.size);
        list = bytes_slice(list, 0, bytes_find_byte(list, ' '));
        while (at < data.size && list.size > 0) {
            size_t end = bytes_find_byte(list, ',');
            if (ip_parse(bytes_slice(list, 0, end), &ip))
                tell_chain(names, telling, answer, ip);
            list = bytes_slice(list, end + 1, list.size);
        }
    }
}

static void tell_record(struct names *names, struct telling *telling,
                        const struct answer *answer,
                        const struct record *record)
{
    uint64_t ttl = record->ttl < answer->ttl ? record->ttl : answer->ttl;
    struct ip ip;

    if (!is_on_chain(answer, record->name))
        return; /* Nobody asked for it. */
    if (ttl < NAMES_TTL_MIN_S)
        ttl = NAMES_TTL_MIN_S;
    telling->until_ns =
        telling->time_ns + ((int64_t)ttl + NAMES_GRACE_S) * NS;
    if (is_type(record, "A") || is_type(record, "AAAA")) {
        if (ip_parse(record->data, &ip))
            tell_chain(names, telling, answer, ip);
    } else if (is_type(record, "HTTPS") || is_type(record, "SVCB")) {
        tell_hints(names, telling, answer, record->data);
    }
}

void names_learn(struct names *names, const struct event *event)
{
    struct telling telling = {
        .device = event->context.source_device,
        .time_ns = event->context.time_ns,
    };
    struct bytes asked = event_text(event, FIELD_DNS_QUERY_NAME);
    struct answer answer = { 0 };

    if (telling.device == UINT32_MAX || asked.size == 0 ||
        !bytes_equal(event_text(event, FIELD_DNS_TYPE),
                     bytes_of_text("response")))
        return;
    gather(event, &answer);
    follow_chain(&answer, asked);
    for (size_t i = 0; i < answer.count; i++)
        tell_record(names, &telling, &answer, &answer.records[i]);
}

static enum name_state state_at(const struct name_entry *entry,
                                int64_t time_ns)
{
    if (entry->told_ns > time_ns)
        return NAME_UNTOLD;
    return time_ns <= entry->until_ns ? NAME_TOLD : NAME_LAPSED;
}

enum name_state names_ask(struct names *names, uint32_t device, struct ip ip,
                          const char *name, int64_t time_ns)
{
    struct table_cursor cursor =
        table_seek(&names->by_address, address_hash(names, device, ip));
    enum name_state best = NAME_UNTOLD;
    uint32_t at;

    while ((at = table_next(&names->by_address, &cursor)) != TABLE_NONE) {
        struct name_entry *entry = &names->entries[at];
        if (entry->device != device || !ip_equal(entry->ip, ip) ||
            !name_matches(name, bytes_of_text(entry->name)))
            continue;
        enum name_state state = state_at(entry, time_ns);
        if (state > best)
            best = state;
        if (state == NAME_TOLD && entry->until_ns <
                                      time_ns + NAMES_GRACE_S * NS)
            entry->until_ns = time_ns + NAMES_GRACE_S * NS;
    }
    return best;
}

enum name_state names_any(const struct names *names, uint32_t device,
                          struct ip ip, int64_t time_ns)
{
    struct table_cursor cursor =
        table_seek(&names->by_address, address_hash(names, device, ip));
    enum name_state best = NAME_UNTOLD;
    uint32_t at;

    while ((at = table_next(&names->by_address, &cursor)) != TABLE_NONE) {
        const struct name_entry *entry = &names->entries[at];
        if (entry->device != device || !ip_equal(entry->ip, ip))
            continue;
        enum name_state state = state_at(entry, time_ns);
        if (state > best)
            best = state;
    }
    return best;
}

bool names_has(const struct names *names, uint32_t device, const char *name,
               int64_t time_ns)
{
    char folded[NAME_SIZE_MAX];
    uint32_t at;

    if (!fold(bytes_of_text(name), folded))
        return false;
    struct table_cursor cursor =
        table_seek(&names->by_name, name_hash(names, device, folded));
    while ((at = table_next(&names->by_name, &cursor)) != TABLE_NONE) {
        const struct name_entry *entry = &names->entries[at];
        if (entry->device == device && strcmp(entry->name, folded) == 0 &&
            state_at(entry, time_ns) == NAME_TOLD)
            return true;
    }
    return false;
}

const char *names_of(const struct names *names, uint32_t device, struct ip ip,
                     int64_t time_ns)
{
    struct table_cursor cursor =
        table_seek(&names->by_address, address_hash(names, device, ip));
    const struct name_entry *best = NULL;
    uint32_t at;

    while ((at = table_next(&names->by_address, &cursor)) != TABLE_NONE) {
        const struct name_entry *entry = &names->entries[at];
        if (entry->device != device || !ip_equal(entry->ip, ip) ||
            !entry->is_asked || state_at(entry, time_ns) != NAME_TOLD)
            continue;
        /* Equal times by name, so that no hash order shows. */
        if (!best || entry->told_ns > best->told_ns ||
            (entry->told_ns == best->told_ns &&
             strcmp(entry->name, best->name) < 0))
            best = entry;
    }
    return best ? best->name : NULL;
}

uint64_t names_evicted(const struct names *names)
{
    return names->evicted;
}
