/* SPDX-License-Identifier: Apache-2.0 */
#include "mud/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/timestamp.h"
#include "base/writer.h"
#include "format/json_writer.h"
#include "mud/read.h"
#include "mud/write.h"

enum { LINE_MAX_SIZE = 8 << 20 };

static void name_of(const char *path, struct writer *name)
{
    writer_init(name, 8192);
    writer_format(name, "%s.accepted", path);
}

static void write_line(struct writer *line,
                       const struct mud_acceptance *accepted)
{
    struct json_writer json;
    struct writer digest;
    char time[TIMESTAMP_TEXT_SIZE];

    json_init(&json, line);
    timestamp_text(accepted->time_s * 1000000000, time);
    writer_init(&digest, 128);
    writer_hex(&digest, bytes_of(accepted->of->digest, MUD_DIGEST_SIZE));
    json_object_open(&json);
    json_key(&json, "time");
    json_text(&json, time);
    json_key(&json, "by");
    json_text(&json, accepted->by);
    json_key(&json, "because");
    json_text(&json, accepted->because);
    json_key(&json, "file_sha256");
    json_bytes(&json, writer_view(&digest));
    json_key(&json, "accepted");
    /* A value written by another hand: the writer's own comma stands. */
    mud_write_compact(line, accepted->entries);
    writer_text(line, "}\n");
    writer_clear(&digest);
}

int mud_journal_add(const char *path, const struct mud_acceptance *accepted,
                    struct failure *failure)
{
    struct writer name;
    struct writer line;
    int result = 0;

    name_of(path, &name);
    writer_init(&line, LINE_MAX_SIZE);
    write_line(&line, accepted);
    int file = open(writer_as_text(&name),
                    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    bool is_kept = file >= 0 && !line.overflowed &&
                   write(file, line.data, line.size) == (ssize_t)line.size &&
                   fsync(file) == 0;
    if (!is_kept)
        result = failure_set(failure, -(errno ? errno : EIO),
                             "cannot add to %s: %s", writer_as_text(&name),
                             strerror(errno ? errno : EIO));
    if (file >= 0)
        (void)close(file); /* It is synced, or has failed already. */
    writer_clear(&line);
    writer_clear(&name);
    return result;
}

/* One line: the entries, read as strictly as any file. */
static bool merge_line(struct bytes line, struct mud_file *file)
{
    json_error_t error;
    json_t *root = json_loadb((const char *)line.data, line.size,
                              JSON_REJECT_DUPLICATES, &error);
    char *text = json_dumps(json_object_get(root, "accepted"), JSON_COMPACT);
    struct mud_read_options options = { .source = "accepted" };
    bool is_good = false;

    if (text) {
        struct mud_file *entries = mud_read(bytes_of_text(text), &options);
        is_good = mud_merge(file, entries);
        mud_file_free(entries);
    }
    free(text);
    json_decref(root);
    return is_good;
}

static int merge_all(const char *name, struct bytes content,
                     struct mud_file *file, struct failure *failure)
{
    int count = 0;

    while (content.size > 0) {
        size_t end = bytes_find_byte(content, '\n');
        if (!merge_line(bytes_slice(content, 0, end), file))
            return failure_set(failure, ERROR_FORMAT,
                               "%s:%d: this is not what 'tenet mud accept' "
                               "wrote, or there is no room for it", name,
                               count + 1);
        count++;
        content = bytes_slice(content, end + 1, content.size);
    }
    return count;
}

int mud_journal_read(const char *path, struct mud_file *file,
                     struct failure *failure)
{
    struct writer name;
    struct writer content;
    uint8_t buffer[8192];
    ssize_t size = 0;
    int result;

    name_of(path, &name);
    int journal = open(writer_as_text(&name), O_RDONLY | O_CLOEXEC);
    if (journal < 0) {
        result = errno == ENOENT
                     ? 0
                     : failure_set(failure, -errno, "cannot read %s: %s",
                                   writer_as_text(&name), strerror(errno));
        writer_clear(&name);
        return result;
    }
    writer_init(&content, MUD_JOURNAL_SIZE_MAX);
    while (!content.overflowed &&
           (size = read(journal, buffer, sizeof buffer)) > 0)
        writer_bytes(&content, bytes_of(buffer, (size_t)size));
    if (size < 0 || content.overflowed)
        result = failure_set(failure, size < 0 ? -errno : ERROR_LIMIT,
                             "cannot read all of %s", writer_as_text(&name));
    else
        result = merge_all(writer_as_text(&name), writer_view(&content), file,
                           failure);
    (void)close(journal); /* Nothing was written. */
    writer_clear(&content);
    writer_clear(&name);
    return result;
}
