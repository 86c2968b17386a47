/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rules file as rules: a line each, or several lines that end in a
 * backslash. What starts with '#' is a comment; one that disables a rule of
 * several lines takes all of them with it.
 */
#include "base/arena_writer.h"
#include "base/reader.h"
#include "detect/signature/draft.h"
#include "detect/signature/part.h"

/* One line without its end and spaces around it. */
static struct bytes next_line(struct reader *r)
{
    struct bytes rest = bytes_of(r->next, reader_left(r));
    size_t end = bytes_find_byte(rest, '\n');
    struct bytes line = reader_bytes(r, end);

    if (reader_left(r) > 0)
        reader_skip(r, 1);
    return bytes_trim(line);
}

static bool is_continued(struct bytes line)
{
    return line.size > 0 && part_byte(line, line.size - 1) == '\\';
}

static struct bytes without_backslash(struct bytes line)
{
    return bytes_slice(line, 0, line.size - 1);
}

/* "# alert tcp ... \": a rule that somebody turned off. */
static bool is_disabled_rule(struct bytes line)
{
    static const char *const actions[] = {
        "alert", "pass", "drop", "reject", "rejectsrc", "rejectdst",
        "rejectboth", "log", "config",
    };
    struct bytes word;

    while (part_skip(&line, "#"))
        continue;
    return part_word(&line, &word) &&
           part_index(word, actions, COUNT_OF(actions)) < COUNT_OF(actions);
}

struct rule_lines {
    struct reader reader;
    unsigned line;
    struct arena *arena;
    bool too_large;
};

/* Join what continues; `first` ends in a backslash. */
static struct bytes join(struct rule_lines *lines, struct bytes first)
{
    struct arena_writer w;
    struct bytes line = first;

    arena_writer_init(&w, lines->arena, 2 * first.size);
    while (is_continued(line) && reader_left(&lines->reader) > 0) {
        if (w.size + line.size <= RULE_SIZE_MAX)
            arena_writer_bytes(&w, without_backslash(line));
        else
            lines->too_large = true;
        line = next_line(&lines->reader);
        lines->line++;
    }
    if (w.size + line.size <= RULE_SIZE_MAX)
        arena_writer_bytes(&w, is_continued(line) ? without_backslash(line)
                                                  : line);
    else
        lines->too_large = true;
    return bytes_trim(arena_writer_view(&w));
}

static void skip_continued(struct rule_lines *lines, struct bytes line)
{
    while (is_continued(line) && reader_left(&lines->reader) > 0) {
        line = next_line(&lines->reader);
        lines->line++;
    }
}

static void read_line(struct signature *set, const char *name,
                      struct rule_lines *lines)
{
    struct bytes line = next_line(&lines->reader);
    unsigned number = ++lines->line;

    if (line.size == 0)
        return;
    if (part_byte(line, 0) == '#') {
        if (is_disabled_rule(line))
            skip_continued(lines, line);
        return;
    }
    arena_reset(lines->arena);
    lines->too_large = line.size > RULE_SIZE_MAX;
    if (is_continued(line))
        line = join(lines, line);
    if (lines->too_large) {
        signature_refuse(set, &(struct signature_remark){
            .file = name, .line = number,
            .reason = "the rule is larger than 256 KiB" });
        return;
    }
    draft_read_rule(set, name, number, line);
}

void signature_load_text(struct signature *set, const char *name,
                         struct bytes text)
{
    struct rule_lines lines = { .arena = &set->scratch };
    static const uint8_t mark[] = { 0xef, 0xbb, 0xbf }; /* UTF-8, RFC 3629 */

    if (bytes_start_with(text, bytes_of(mark, sizeof mark)))
        text = bytes_slice(text, sizeof mark, text.size);
    lines.reader = reader_of(text);
    name = signature_intern(set, bytes_of_text(name));
    while (reader_left(&lines.reader) > 0)
        read_line(set, name, &lines);
    arena_reset(&set->scratch);
}
