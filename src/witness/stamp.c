/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/stamp.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/client.h"
#include "witness/ask.h"

enum {
    STATUS_OK = 200,
    NAME_HEX = 16,          /* Digits of a hash in a name. */
    NAME_SIZE = 96,         /* stamp/, 20 digits, two hashes, a suffix. */
};

static const char directory[] = "stamp";
static const char token_suffix[] = ".tsr";

/* "stamp/SIZE-HASH", and after it what tells files of it apart. */
static void name_note(const struct tlog_head *head,
                      const uint8_t digest[CRYPTO_SHA256_SIZE],
                      char name[NAME_SIZE])
{
    struct writer w;

    writer_init(&w, NAME_SIZE - 1);
    writer_format(&w, "%s/%020llu-", directory,
                  (unsigned long long)head->size);
    writer_hex(&w, bytes_of(digest, NAME_HEX / 2));
    (void)snprintf(name, NAME_SIZE, "%s", writer_as_text(&w));
    writer_clear(&w);
}

/* The note first: a token without its note says nothing. */
static int keep(const struct stamp_place *place,
                const uint8_t imprint[CRYPTO_SHA256_SIZE],
                struct bytes token, struct failure *failure)
{
    struct tlog_head head = sealed_log_head(place->log);
    uint8_t digest[CRYPTO_SHA256_SIZE];
    char name[NAME_SIZE];
    struct writer path;

    name_note(&head, imprint, name);
    writer_init(&path, SEAL_PATH_MAX - 1);
    writer_format(&path, "%s.note", name);
    int result = seal_file_write(&place->folder, writer_as_text(&path),
                                 sealed_log_checkpoint(place->log), failure);
    writer_reset(&path);
    crypto_sha256(token, digest);
    writer_format(&path, "%s-", name);
    writer_hex(&path, bytes_of(digest, NAME_HEX / 2));
    writer_text(&path, token_suffix);
    if (result == 0)
        result = seal_file_write(&place->folder, writer_as_text(&path), token,
                                 failure);
    writer_clear(&path);
    return result;
}

static int ask_authority(const char *url, const struct timestamp_terms *terms,
                         struct http_client_answer *answer,
                         struct failure *failure)
{
    struct writer body;

    if (!http_client_takes(bytes_of_text(url)))
        return failure_set(failure, ERROR_FORMAT,
                           "%s: not an address of http:// or https://", url);
    writer_init(&body, TIMESTAMP_RESPONSE_MAX);
    timestamp_request_write(&body, terms->imprint, terms->nonce);
    const struct http_client_request request = {
        .url = url, .type = "application/timestamp-query",
        .body = writer_view(&body),
    };
    int result = http_client_ask(&request, answer, failure);
    writer_clear(&body);
    if (result == 0 && answer->status != STATUS_OK)
        result = failure_set(failure, ERROR_FORMAT,
                             "%s: the authority answered %d", url,
                             answer->status);
    return result;
}

int stamp_checkpoint(const struct stamp_place *place, const char *url,
                     const struct stamp_trust *trust,
                     struct timestamp_verdict *verdict,
                     struct failure *failure)
{
    struct timestamp_terms terms = {
        .has_nonce = true, .roots = trust->roots, .others = trust->others,
    };
    struct http_client_answer answer = { 0 };
    int result = crypto_random(&terms.nonce, sizeof terms.nonce);

    if (result < 0)
        return failure_set(failure, result, "no random bytes: %s",
                           strerror(-result));
    crypto_sha256(sealed_log_checkpoint(place->log), terms.imprint);
    writer_init(&answer.body, TIMESTAMP_RESPONSE_MAX);
    result = ask_authority(url, &terms, &answer, failure);
    if (result == 0)
        result = timestamp_response_check(writer_view(&answer.body), &terms,
                                          verdict, failure);
    if (result == 0)
        result =
            keep(place, terms.imprint, writer_view(&answer.body), failure);
    writer_clear(&answer.body);
    return result;
}

/* What one check reads. */
struct reading {
    const struct stamp_place *place;
    const struct stamp_trust *trust;
    struct writer note;
    struct writer token;
};

/* The name of the note is that of the token as far as its second hash. */
static int read_files(struct reading *reading, struct stamp_verdict *verdict)
{
    const struct seal_folder *folder = &reading->place->folder;
    const char *end = strrchr(verdict->name, '-');
    char path[SEAL_PATH_MAX + sizeof directory + sizeof ".note"];

    (void)snprintf(path, sizeof path, "%s/%s", directory, verdict->name);
    int result = seal_file_read(folder, path, TIMESTAMP_RESPONSE_MAX,
                                &reading->token, &verdict->failure);
    if (result == 0 && end) {
        (void)snprintf(path, sizeof path, "%s/%.*s.note", directory,
                       (int)(end - verdict->name), verdict->name);
        result = seal_file_read(folder, path, NOTE_SIZE_MAX, &reading->note,
                                &verdict->failure);
    }
    if (!end || result == -ENOENT)
        return failure_set(&verdict->failure, -ENOENT,
                           "the checkpoint that was stamped is not beside "
                           "it");
    return result;
}

static int check_one(struct reading *reading, struct stamp_verdict *verdict)
{
    struct sealed_log *log = reading->place->log;
    struct timestamp_terms terms = { .roots = reading->trust->roots,
                                     .others = reading->trust->others };
    struct checkpoint checkpoint;
    struct note note;
    int result = read_files(reading, verdict);

    if (result < 0)
        return result;
    result = checkpoint_open(writer_view(&reading->note), sealed_log_key(log),
                             &note, &checkpoint, &verdict->failure);
    if (result < 0)
        return result;
    verdict->head = checkpoint.head;
    if (!witness_is_past(log, &checkpoint.head))
        return failure_set(&verdict->failure, ERROR_CONFLICT,
                           "the head that was stamped is not in the log");
    crypto_sha256(writer_view(&reading->note), terms.imprint);
    return timestamp_response_check(writer_view(&reading->token), &terms,
                                    &verdict->time, &verdict->failure);
}

static int is_token(const struct dirent *entry)
{
    return bytes_end_with_nocase(bytes_of_text(entry->d_name),
                                 bytes_of_text(token_suffix));
}

/* The names of all tokens, in order; the caller frees each, and the list. */
static int list_tokens(const struct seal_folder *folder,
                       struct dirent ***list, struct failure *failure)
{
    int count = scandirat(folder->descriptor, directory, list, is_token,
                          alphasort);

    if (count >= 0 || errno == ENOENT)
        return count < 0 ? 0 : count;
    return failure_set(failure, -errno, "%s/%s: cannot be listed: %s",
                       folder->name, directory, strerror(errno));
}

int stamp_check_all(const struct stamp_place *place,
                    const struct stamp_trust *trust, stamp_tell *tell,
                    void *context, struct failure *failure)
{
    struct reading reading = { .place = place, .trust = trust };
    struct dirent **list = NULL;
    int count = list_tokens(&place->folder, &list, failure);
    int bad = 0;

    if (count < 0)
        return count;
    writer_init(&reading.note, NOTE_SIZE_MAX);
    writer_init(&reading.token, TIMESTAMP_RESPONSE_MAX);
    for (int i = 0; i < count; i++) {
        struct stamp_verdict verdict = { .name = list[i]->d_name };
        verdict.result = check_one(&reading, &verdict);
        bad += verdict.result < 0;
        tell(context, &verdict);
        free(list[i]);
    }
    free(list);
    writer_clear(&reading.note);
    writer_clear(&reading.token);
    return bad;
}
