/* SPDX-License-Identifier: Apache-2.0 */

/* tenet mud check, tenet mud explain */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/json_writer.h"
#include "mud.h"
#include "mud/explain.h"

/* A file as a whole; false when there is none. */
static bool slurp(const char *path, size_t size_max, struct writer *content)
{
    FILE *file = fopen(path, "rb");
    uint8_t buffer[8192];
    size_t size;

    writer_init(content, size_max);
    if (!file)
        return false;
    while ((size = fread(buffer, 1, sizeof buffer, file)) > 0)
        writer_bytes(content, bytes_of(buffer, size));
    bool is_read = !ferror(file) && !content->overflowed;
    (void)fclose(file); /* Nothing was written. */
    return is_read;
}

/* Where the signature of a file in a folder is: beside it, by the name that
 * the file gives, or by its own with another ending. */
static bool find_signature(const char *path, const struct mud_file *file,
                           struct writer *content)
{
    const char *slash = strrchr(path, '/');
    size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
    const char *named = strrchr(file->signature, '/');
    const char *end = strrchr(path, '.');
    size_t stem = end && (!slash || end > slash) ? (size_t)(end - path)
                                                 : strlen(path);
    struct writer beside;
    bool is_found = false;

    writer_init(&beside, 8192);
    named = named ? named + 1 : file->signature;
    if (named[0] && strcmp(named, "..") != 0) {
        writer_format(&beside, "%.*s%s", (int)folder, path, named);
        is_found = slurp(writer_as_text(&beside), MUD_SIGNATURE_SIZE_MAX,
                         content);
        if (!is_found)
            writer_clear(content);
    }
    writer_reset(&beside);
    writer_format(&beside, "%.*s.p7s", (int)stem, path);
    if (!is_found)
        is_found = slurp(writer_as_text(&beside), MUD_SIGNATURE_SIZE_MAX,
                         content);
    writer_clear(&beside);
    return is_found;
}

int mud_verify_file(const char *path, const struct mud_file *file,
                    const struct mud_words *words,
                    struct mud_signature *signature)
{
    struct writer text;
    struct writer cms;
    struct writer roots;
    struct mud_times times = { .now_s = words->at_s };

    bool has_roots =
        words->roots && slurp(words->roots, MUD_FILE_SIZE_MAX, &roots);
    if (!words->roots)
        writer_init(&roots, 1);
    bool has_text = slurp(path, MUD_FILE_SIZE_MAX, &text);
    bool has_cms = words->signature
                       ? slurp(words->signature, MUD_SIGNATURE_SIZE_MAX, &cms)
                       : find_signature(path, file, &cms);
    if (!has_cms)
        writer_reset(&cms);
    mud_signature_verify(writer_view(&cms), writer_view(&text),
                         writer_view(&roots), &times, signature);
    writer_clear(&text);
    writer_clear(&cms);
    writer_clear(&roots);
    return (words->roots && !has_roots) || (words->signature && !has_cms) ||
                   !has_text
               ? -1 : 0;
}

/* What is to be done with the file, the signature counted in. */
static const char *outcome(const struct mud_file *file,
                           const struct mud_signature *signature)
{
    if (file->level == MUD_REFUSED ||
        (signature->verdict == MUD_INVALID && !signature->is_unknown))
        return "refuse";
    if (file->level == MUD_ASK || !mud_is_trusted(signature))
        return "ask";
    return "accept";
}

static void write_problem(struct json_writer *json,
                          const struct mud_problem *problem)
{
    json_object_open(json);
    json_key(json, "level");
    json_text(json, mud_level_name(problem->level));
    json_key(json, "line");
    json_number(json, problem->line);
    json_key(json, "path");
    json_text(json, problem->path);
    json_key(json, "rule");
    json_text(json, problem->rule);
    json_key(json, "text");
    json_text(json, problem->text);
    json_object_close(json);
}

static void write_signature(struct json_writer *json,
                            const struct mud_signature *signature)
{
    json_key(json, "signature");
    json_object_open(json);
    json_key(json, "verdict");
    json_text(json, mud_verdict_name(signature->verdict));
    json_key(json, "reason");
    json_text(json, signature->reason);
    if (signature->signer[0]) {
        json_key(json, "signer");
        json_text(json, signature->signer);
    }
    if (signature->signed_s) {
        json_key(json, "signed_at");
        json_signed(json, signature->signed_s);
    }
    json_object_close(json);
}

static void write_json(struct json_writer *json, const char *path,
                       const struct mud_file *file,
                       const struct mud_signature *signature)
{
    json_object_open(json);
    json_key(json, "file");
    json_text(json, path);
    json_key(json, "outcome");
    json_text(json, outcome(file, signature));
    json_key(json, "level");
    json_text(json, file->level == MUD_NOTICE && file->problem_count == 0
                        ? "good" : mud_level_name(file->level));
    json_key(json, "mud_url");
    json_text(json, file->url);
    json_key(json, "entries");
    json_number(json, file->ace_count);
    write_signature(json, signature);
    json_key(json, "problems");
    json_array_open(json);
    for (uint32_t i = 0; i < file->problem_count; i++)
        write_problem(json, &file->problems[i]);
    json_array_close(json);
    json_key(json, "problems_more");
    json_number(json, file->problems_dropped);
    json_object_close(json);
}

static void write_text(struct writer *out, const char *path,
                       const struct mud_file *file,
                       const struct mud_signature *signature)
{
    for (uint32_t i = 0; i < file->problem_count; i++) {
        const struct mud_problem *problem = &file->problems[i];
        writer_format(out, "%s:%u: %s: %s: %s (%s)\n", path, problem->line,
                      mud_level_name(problem->level), problem->path,
                      problem->text, problem->rule);
    }
    if (file->problems_dropped > 0)
        writer_format(out, "%s: %u more\n", path, file->problems_dropped);
    writer_format(out, "%s: %s: %u entries; signature %s: %s%s%s\n", path,
                  outcome(file, signature), file->ace_count,
                  mud_verdict_name(signature->verdict), signature->reason,
                  signature->signer[0] ? ", by " : "", signature->signer);
}

static int check_one(const struct mud_words *words, const char *path,
                     struct writer *out, struct json_writer *json)
{
    struct mud_read_options options = {
        .is_import = words->is_import,
        .now_s = words->at_s,
        .url = words->url,
    };
    struct failure failure = { 0 };
    struct mud_signature signature;
    struct mud_file *file = mud_read_file(path, &options, &failure);

    if (!file)
        return command_fail(&failure, EXIT_UNREADABLE);
    if (mud_verify_file(path, file, words, &signature) < 0) {
        (void)failure_set(&failure, ERROR_FORMAT,
                          "cannot read %s, its signature or authorities",
                          path);
        mud_file_free(file);
        return command_fail(&failure, EXIT_UNREADABLE);
    }
    if (json)
        write_json(json, path, file, &signature);
    else
        write_text(out, path, file, &signature);
    bool is_accepted = strcmp(outcome(file, &signature), "accept") == 0;
    mud_file_free(file);
    return is_accepted ? EXIT_NOTHING : EXIT_FOUND;
}

int mud_check(const struct mud_words *words)
{
    struct writer out;
    struct json_writer json;
    int status = EXIT_NOTHING;

    command_output(&out, stdout);
    json_init(&json, &out);
    if (words->as_json)
        json_array_open(&json);
    for (size_t i = 0; i < words->count && status != EXIT_UNREADABLE; i++) {
        int one = check_one(words, words->words[i], &out,
                            words->as_json ? &json : NULL);
        status = one > status ? one : status;
    }
    if (words->as_json) {
        json_array_close(&json);
        writer_byte(&out, '\n');
    }
    if (status != EXIT_UNREADABLE)
        status = command_print(&out, status);
    writer_clear(&out);
    return status;
}

int mud_explain_files(const struct mud_words *words)
{
    struct mud_read_options options = {
        .is_import = words->is_import,
        .now_s = words->at_s,
    };
    struct failure failure = { 0 };
    struct writer out;
    int status = EXIT_NOTHING;

    command_output(&out, stdout);
    for (size_t i = 0; i < words->count && status == EXIT_NOTHING; i++) {
        struct mud_file *file =
            mud_read_file(words->words[i], &options, &failure);
        if (!file)
            status = command_fail(&failure, EXIT_UNREADABLE);
        else if (file->level == MUD_REFUSED)
            status = EXIT_FOUND;
        else
            mud_explain(&out, file);
        if (file && file->level == MUD_REFUSED)
            fprintf(stderr, "tenet: %s is refused; 'tenet mud check' says "
                            "why\n", words->words[i]);
        mud_file_free(file);
    }
    status = command_print(&out, status);
    writer_clear(&out);
    return status;
}
