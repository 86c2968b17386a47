/* SPDX-License-Identifier: Apache-2.0 */

/* The set of files, made once. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "detect/allowed/internal.h"

struct allowed *allowed_new(void)
{
    struct allowed *allowed = memory_new(1, sizeof *allowed);

    arena_init(&allowed->texts);
    allowed->files = memory_new(ALLOWED_FILE_MAX, sizeof *allowed->files);
    return allowed;
}

void allowed_free(struct allowed *allowed)
{
    if (!allowed)
        return;
    for (size_t i = 0; i < allowed->file_count; i++)
        mud_file_free(allowed->files[i].file);
    free(allowed->files);
    arena_clear(&allowed->texts);
    free(allowed);
}

static struct allowed_file *new_file(struct allowed *allowed,
                                     struct mud_file *file)
{
    if (file->level == MUD_REFUSED || allowed->file_count == ALLOWED_FILE_MAX)
        return NULL;
    struct allowed_file *entry = &allowed->files[allowed->file_count++];
    entry->file = file;
    return entry;
}

bool allowed_add(struct allowed *allowed, struct mud_file *file,
                 bool is_signed)
{
    for (size_t i = 0; i < allowed->file_count; i++)
        if (!allowed->files[i].is_given && !allowed->files[i].is_for_all &&
            strcmp(allowed->files[i].file->url, file->url) == 0)
            return false;
    struct allowed_file *entry = new_file(allowed, file);
    if (!entry)
        return false;
    entry->is_signed = is_signed;
    make_detections(allowed, entry);
    return true;
}

bool allowed_give(struct allowed *allowed, struct mac mac,
                  struct mud_file *file)
{
    struct allowed_file *entry = new_file(allowed, file);

    if (!entry)
        return false;
    entry->is_given = true;
    entry->mac = mac;
    make_detections(allowed, entry);
    return true;
}

bool allowed_give_all(struct allowed *allowed, struct mud_file *file)
{
    struct allowed_file *entry = new_file(allowed, file);

    if (!entry)
        return false;
    entry->is_for_all = true;
    make_detections(allowed, entry);
    return true;
}

bool allowed_add_member(struct allowed *allowed, const char *name,
                        struct ip ip)
{
    if (allowed->member_count == ALLOWED_MEMBER_MAX)
        return false;
    allowed->members[allowed->member_count++] = (struct class_member){
        .name = arena_copy_text(&allowed->texts, bytes_of_text(name)),
        .ip = ip,
    };
    return true;
}

size_t allowed_file_count(const struct allowed *allowed)
{
    return allowed->file_count;
}

const char *allowed_verdict_name(enum allowed_verdict verdict)
{
    static const char *const names[] = {
        [ALLOWED_DECLARED] = "declared",
        [ALLOWED_UNDECIDED] = "undecided",
        [ALLOWED_UNDECLARED] = "undeclared",
    };
    check((size_t)verdict < COUNT_OF(names));
    return names[verdict];
}

const char *allowed_trust_name(enum allowed_trust trust)
{
    static const char *const names[] = {
        [ALLOWED_CLAIMED] = "claimed",
        [ALLOWED_SIGNED] = "signed",
        [ALLOWED_GIVEN] = "given",
    };
    check((size_t)trust < COUNT_OF(names));
    return names[trust];
}
