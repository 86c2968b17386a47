/* SPDX-License-Identifier: Apache-2.0 */
#include "mud/read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "mud/internal.h"

static struct mud_file *new_file(struct bytes text,
                                 const struct mud_read_options *options)
{
    struct mud_file *file = memory_new(1, sizeof *file);

    arena_init(&file->texts);
    const char *empty = arena_copy_text(&file->texts, (struct bytes){ 0 });
    file->url = file->last_update = file->signature = empty;
    file->systeminfo = file->documentation = file->mfg_name = empty;
    file->model_name = file->firmware_rev = file->software_rev = empty;
    file->source = arena_copy_text(
        &file->texts, bytes_of_text(options->source ? options->source : ""));
    file->is_imported = options->is_import;
    crypto_sha256(text, file->digest);
    return file;
}

void mud_file_free(struct mud_file *file)
{
    if (!file)
        return;
    arena_clear(&file->texts);
    free(file->acls);
    free(file->aces);
    free(file->problems);
    free(file);
}

const char *mud_level_name(enum mud_level level)
{
    static const char *const names[] = {
        [MUD_NOTICE] = "notice",
        [MUD_IMPORTED] = "imported",
        [MUD_ASK] = "ask",
        [MUD_REFUSED] = "refused",
    };
    check((size_t)level < COUNT_OF(names));
    return names[level];
}

/* What jansson takes for UTF-8 it checks itself; a mark before the text and
 * UTF-16 it would only call a syntax error. */
static bool is_plain(struct mud_reading *r)
{
    static const uint8_t marks[][3] = {
        { 0xef, 0xbb, 0xbf }, { 0xff, 0xfe }, { 0xfe, 0xff },
    };
    struct bytes head = bytes_slice(r->text, 0, 3);
    bool is_utf8 = head.size == 3 && memcmp(head.data, marks[0], 3) == 0;
    bool is_utf16 = head.size >= 2 && (memcmp(head.data, marks[1], 2) == 0 ||
                                       memcmp(head.data, marks[2], 2) == 0);

    if (r->text.size > MUD_FILE_SIZE_MAX)
        mud_problem(r, MUD_REFUSED, "limit",
                    "the file is larger than %d bytes", MUD_FILE_SIZE_MAX);
    else if (is_utf16)
        mud_problem(r, MUD_REFUSED, "RFC 8520 17.5",
                    "the file is UTF-16; it must be UTF-8");
    else if (is_utf8)
        mud_problem(r, MUD_REFUSED, "RFC 8259 8.1",
                    "the file begins with a byte order mark; take it out");
    return r->text.size <= MUD_FILE_SIZE_MAX && !is_utf16 && !is_utf8;
}

static json_t *parse(struct mud_reading *r)
{
    size_t flags = r->options->is_import ? 0 : JSON_REJECT_DUPLICATES;
    json_error_t error;
    json_t *root = json_loadb((const char *)r->text.data, r->text.size, flags,
                              &error);

    if (root)
        return root;
    mud_problem(r, MUD_REFUSED, "RFC 8259", "%s, column %d", error.text,
                error.column);
    struct mud_file *file = r->file;
    file->problems[file->problem_count - 1].line =
        error.line > 0 ? (uint32_t)error.line : 1;
    return NULL;
}

static void read_root(struct mud_reading *r, json_t *root)
{
    static mud_names names = {
        "ietf-mud:mud", "ietf-access-control-list:acls", NULL,
    };
    json_t *mud;

    if (!json_is_object(root)) {
        mud_problem(r, MUD_REFUSED, "RFC 8520 2.1",
                    "a MUD file is an object, not a list");
        return;
    }
    mud = mud_take_object(r, root, "ietf-mud:mud");
    if (!mud) {
        mud_problem(r, MUD_REFUSED, "RFC 8520 2.1",
                    "'ietf-mud:mud' is missing: this is no MUD file");
        return;
    }
    mud_enter(r, "ietf-mud:mud");
    mud_read_head(r, mud);
    mud_leave(r);
    mud_check_names(r, root, names);
    if (json_object_get(root, "ietf-access-control-list:access-lists"))
        mud_problem(r, MUD_NOTICE, "RFC 8520 7",
                    "this looks like a draft of the standard, as mudgee "
                    "writes it; import reads that");
    mud_read_acls(r, root);
}

struct mud_file *mud_read(struct bytes text,
                          const struct mud_read_options *options)
{
    struct mud_reading r = {
        .file = new_file(text, options),
        .options = options,
        .text = text,
    };
    json_t *root = is_plain(&r) ? parse(&r) : NULL;

    if (root && options->is_import)
        mud_import(&r, root);
    if (root)
        read_root(&r, root);
    json_decref(root);
    if (r.file->level == MUD_REFUSED) {
        r.file->policy_count[0] = r.file->policy_count[1] = 0;
        r.file->acl_count = r.file->ace_count = 0;
    }
    return r.file;
}

static int slurp(FILE *file, struct writer *content)
{
    uint8_t buffer[8192];
    size_t size;

    while ((size = fread(buffer, 1, sizeof buffer, file)) > 0 &&
           !content->overflowed)
        writer_bytes(content, bytes_of(buffer, size));
    return ferror(file) ? -EIO : 0;
}

struct mud_file *mud_read_file(const char *path,
                               const struct mud_read_options *options,
                               struct failure *failure)
{
    struct mud_read_options named = *options;
    struct mud_file *result = NULL;
    struct writer content;
    FILE *file = fopen(path, "rb");

    if (!named.source)
        named.source = path;
    if (!file) {
        (void)failure_set(failure, -errno, "cannot read %s: %s", path,
                          strerror(errno));
        return NULL;
    }
    writer_init(&content, MUD_FILE_SIZE_MAX + 8192);
    if (slurp(file, &content) < 0)
        (void)failure_set(failure, -EIO, "cannot read %s", path);
    else
        result = mud_read(writer_view(&content), &named);
    writer_clear(&content);
    (void)fclose(file); /* Nothing was written. */
    return result;
}

static const char *copy(struct mud_file *file, const char *text)
{
    return text ? arena_copy_text(&file->texts, bytes_of_text(text)) : NULL;
}

static struct mud_ace copy_ace(struct mud_file *file,
                               const struct mud_ace *from)
{
    struct mud_ace ace = *from;

    ace.name = copy(file, from->name);
    ace.name_of_peer = copy(file, from->name_of_peer);
    ace.controller = copy(file, from->controller);
    ace.manufacturer = copy(file, from->manufacturer);
    ace.model = copy(file, from->model);
    ace.line = 0;
    return ace;
}

bool mud_merge(struct mud_file *file, const struct mud_file *other)
{
    if (file->acl_count + other->acl_count > MUD_ACL_MAX ||
        file->ace_count + other->ace_count > MUD_ACE_MAX ||
        file->level == MUD_REFUSED || other->level == MUD_REFUSED)
        return false;
    file->aces = memory_resize(
        file->aces, (size_t)file->ace_count + other->ace_count + 1,
        sizeof *file->aces);
    for (uint32_t i = 0; i < other->acl_count; i++) {
        struct mud_acl acl = other->acls[i];
        acl.name = copy(file, acl.name);
        acl.first += file->ace_count;
        file->acls[file->acl_count + i] = acl;
    }
    for (uint32_t i = 0; i < other->ace_count; i++)
        file->aces[file->ace_count + i] = copy_ace(file, &other->aces[i]);
    for (int policy = 0; policy < 2; policy++)
        for (uint32_t i = 0; i < other->policy_count[policy]; i++)
            file->policy[policy][file->policy_count[policy]++] =
                other->policy[policy][i] + file->acl_count;
    file->acl_count += other->acl_count;
    file->ace_count += other->ace_count;
    return true;
}
