/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/allowed/lists.h"

#include "base/text.h"
#include "base/timestamp.h"
#include "format/json_writer.h"
#include "mud/explain.h"

enum { WORDS_MAX = 4096 };

static enum mud_policy policy_of(uint8_t policies)
{
    return policies & 1u << MUD_FROM_DEVICE ? MUD_FROM_DEVICE
                                            : MUD_TO_DEVICE;
}

static void member(struct json_writer *json, const char *key,
                   const char *text)
{
    json_key(json, key);
    json_text(json, text);
}

static void member_number(struct json_writer *json, const char *key,
                          uint64_t number)
{
    json_key(json, key);
    json_number(json, number);
}

static void member_time(struct json_writer *json, const char *key,
                        int64_t time_ns)
{
    char text[TIMESTAMP_TEXT_SIZE];

    timestamp_text(time_ns, text);
    member(json, key, text);
}

static void member_words(struct json_writer *json, const struct mud_ace *ace,
                         enum mud_policy policy)
{
    struct writer words;

    writer_init(&words, WORDS_MAX);
    mud_explain_ace(&words, ace, policy);
    member(json, "words", writer_as_text(&words));
    writer_clear(&words);
}

static void member_policies(struct json_writer *json, uint8_t policies)
{
    json_key(json, "policies");
    json_array_open(json);
    if (policies & 1u << MUD_FROM_DEVICE)
        json_text(json, "from-device");
    if (policies & 1u << MUD_TO_DEVICE)
        json_text(json, "to-device");
    json_array_close(json);
}

static void write_entry(struct json_writer *json,
                        const struct allowed_device *device,
                        const struct mud_acl *acl, uint32_t at)
{
    const struct mud_ace *ace = &device->file->aces[at];
    const struct allowed_count *count = &device->counts[at];

    json_object_open(json);
    member(json, "acl", acl->name);
    member(json, "ace", ace->name);
    member_number(json, "line", ace->line);
    member_policies(json, acl->policies);
    member_words(json, ace, policy_of(acl->policies));
    if (count->flows > 0) {
        member_number(json, "flows", count->flows);
        member_time(json, "first", count->first_ns);
        member_time(json, "last", count->last_ns);
    }
    json_object_close(json);
}

/* Entries of lists that a policy uses, used ones or the others. */
static void write_entries(struct json_writer *json,
                          const struct allowed_device *device, bool is_used)
{
    const struct mud_file *file = device->file;

    json_key(json, is_used ? "declared_used" : "declared_unused");
    json_array_open(json);
    for (uint32_t i = 0; i < file->acl_count; i++) {
        const struct mud_acl *acl = &file->acls[i];
        for (uint32_t j = 0; acl->policies != 0 && j < acl->count; j++)
            if ((device->counts[acl->first + j].flows > 0) == is_used)
                write_entry(json, device, acl, acl->first + j);
    }
    json_array_close(json);
}

static void write_use(struct json_writer *json, const struct allowed_use *use)
{
    enum mud_policy policy = policy_of(use->policies);
    char text[IP_TEXT_SIZE];

    json_object_open(json);
    member_policies(json, use->policies);
    member_words(json, &use->needed, policy);
    member(json, "reason", use->reason);
    if (use->ace)
        member(json, "ace", use->ace->name);
    member(json, "peer", ip_text(use->peer, text));
    member_number(json, "flows", use->flows);
    member_time(json, "first", use->first_ns);
    member_time(json, "last", use->last_ns);
    json_key(json, "answers_only");
    json_flag(json, use->is_answer);
    json_key(json, "needed");
    mud_ace_json(json, &use->needed, policy);
    json_object_close(json);
}

static void write_uses(struct json_writer *json, const char *key,
                       const struct allowed_device *device,
                       enum allowed_verdict verdict)
{
    json_key(json, key);
    json_array_open(json);
    for (const struct allowed_use *use = device->uses; use; use = use->next)
        if (use->verdict == verdict)
            write_use(json, use);
    json_array_close(json);
}

static void write_device(struct json_writer *json,
                         const struct allowed_device *device,
                         const struct device_table *devices)
{
    const struct device *known = device_get(devices, device->device);
    char text[MAC_TEXT_SIZE];

    json_object_open(json);
    member(json, "device", known->id);
    if (known->has_mac)
        member(json, "mac", mac_text(known->mac, text));
    member(json, "file", device->file->source);
    member(json, "mud_url", device->file->url);
    member(json, "trust", allowed_trust_name(device->trust));
    json_key(json, "flows");
    json_object_open(json);
    for (int i = 0; i < 3; i++)
        member_number(json, allowed_verdict_name((enum allowed_verdict)i),
                      device->flows[i]);
    member_number(json, "by_default", device->flows_by_default);
    json_object_close(json);
    write_entries(json, device, true);
    write_entries(json, device, false);
    write_uses(json, "undeclared", device, ALLOWED_UNDECLARED);
    write_uses(json, "undecided", device, ALLOWED_UNDECIDED);
    member_number(json, "uses_not_listed", device->uses_dropped);
    json_object_close(json);
}

void allowed_write_json(struct writer *out, const struct allowed_state *state,
                        const struct device_table *devices)
{
    struct json_writer json;

    json_init(&json, out);
    json_array_open(&json);
    for (uint32_t i = 0; i < allowed_device_count(state); i++)
        write_device(&json, allowed_device(state, i), devices);
    json_array_close(&json);
}

static void text_entries(struct writer *out,
                         const struct allowed_device *device, bool is_used)
{
    const struct mud_file *file = device->file;

    for (uint32_t i = 0; i < file->acl_count; i++) {
        const struct mud_acl *acl = &file->acls[i];
        for (uint32_t j = 0; acl->policies != 0 && j < acl->count; j++) {
            const struct mud_ace *ace = &file->aces[acl->first + j];
            uint64_t flows = device->counts[acl->first + j].flows;
            if ((flows > 0) != is_used)
                continue;
            writer_text(out, "    ");
            mud_explain_ace(out, ace, policy_of(acl->policies));
            writer_text(out, " (");
            text_escape(out, bytes_of_text(ace->name));
            if (is_used)
                writer_format(out, ", %llu flow%s",
                              (unsigned long long)flows,
                              flows == 1 ? "" : "s");
            writer_text(out, ")\n");
        }
    }
}

static void text_uses(struct writer *out, const struct allowed_device *device,
                      enum allowed_verdict verdict)
{
    for (const struct allowed_use *use = device->uses; use; use = use->next) {
        if (use->verdict != verdict)
            continue;
        writer_text(out, "    ");
        mud_explain_ace(out, &use->needed, policy_of(use->policies));
        writer_format(out, ": %llu flow%s; %s", (unsigned long long)use->flows,
                      use->flows == 1 ? "" : "s", use->reason);
        if (use->ace) {
            writer_text(out, " (");
            text_escape(out, bytes_of_text(use->ace->name));
            writer_byte(out, ')');
        }
        writer_byte(out, '\n');
    }
}

static void text_device(struct writer *out,
                        const struct allowed_device *device,
                        const struct device_table *devices)
{
    writer_format(out, "%s  ", device_get(devices, device->device)->id);
    text_escape(out, bytes_of_text(device->file->url));
    writer_format(out, "  (%s)\n  %llu flows declared, %llu of them by "
                       "default; %llu undeclared; %llu undecided\n",
                  allowed_trust_name(device->trust),
                  (unsigned long long)device->flows[ALLOWED_DECLARED],
                  (unsigned long long)device->flows_by_default,
                  (unsigned long long)device->flows[ALLOWED_UNDECLARED],
                  (unsigned long long)device->flows[ALLOWED_UNDECIDED]);
    writer_text(out, "  declared and used:\n");
    text_entries(out, device, true);
    writer_text(out, "  declared and never used:\n");
    text_entries(out, device, false);
    writer_text(out, "  used and not declared; what would be needed:\n");
    text_uses(out, device, ALLOWED_UNDECLARED);
    writer_text(out, "  undecided, and why:\n");
    text_uses(out, device, ALLOWED_UNDECIDED);
    if (device->uses_dropped > 0)
        writer_format(out, "  %llu more flows are not listed\n",
                      (unsigned long long)device->uses_dropped);
}

void allowed_write_text(struct writer *out, const struct allowed_state *state,
                        const struct device_table *devices)
{
    for (uint32_t i = 0; i < allowed_device_count(state); i++)
        text_device(out, allowed_device(state, i), devices);
}
