/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/ask.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "http/client.h"
#include "witness/request.h"

enum {
    STATUS_OK = 200,
    STATUS_CONFLICT = 409,
    STATUS_UNPROCESSABLE = 422,
    ANSWER_MAX = NOTE_SIZE_MAX, /* Bytes: some lines of signatures. */
    SHOWN_MAX = 120,            /* Bytes of what a witness says. */
};

struct asking {
    struct sealed_log *log;
    const struct witness_peer *peer;
    struct witness_reply *reply;
    struct writer *lines;
    struct http_client_answer answer;
    uint64_t old_size;
};

static void say(struct asking *asking, enum witness_outcome outcome,
                const char *text)
{
    asking->reply->outcome = outcome;
    (void)snprintf(asking->reply->text, sizeof asking->reply->text, "%s",
                   text);
}

/* "url/what" in `url`, without a doubled slash. */
static bool make_url(const struct witness_peer *peer, const char *what,
                     char url[WITNESS_URL_MAX])
{
    struct bytes base = peer->url;

    while (base.size > 0 && base.data[base.size - 1] == '/')
        base.size--;
    if (!http_client_takes(base))
        return false;
    int size = snprintf(url, WITNESS_URL_MAX, "%.*s/%s", (int)base.size,
                        (const char *)base.data, what);
    return size > 0 && size < WITNESS_URL_MAX;
}

static void write_line(struct writer *w, const struct note_signature *line)
{
    writer_text(w, "\xe2\x80\x94 ");
    writer_bytes(w, line->name);
    writer_byte(w, ' ');
    writer_bytes(w, line->encoded);
    writer_byte(w, '\n');
}

static bool is_by(const struct note_signature *line,
                  const struct note_key *key)
{
    return line->id == key->id &&
           bytes_equal(line->name, bytes_of_text(key->name));
}

/* The answer under the checkpoint is a note; of it, what holds is taken. */
static void take_signature(struct asking *asking)
{
    const struct note_key *key = asking->peer->key;
    struct writer whole;
    struct note note = { 0 };
    struct failure failure;

    writer_init(&whole, 2 * NOTE_SIZE_MAX);
    writer_bytes(&whole, sealed_log_checkpoint(asking->log));
    writer_bytes(&whole, writer_view(&asking->answer.body));
    say(asking, WITNESS_MISSING, "answered without its own signature");
    if (note_read(writer_view(&whole), &note, &failure) < 0) {
        say(asking, WITNESS_MISSING, failure.text);
    } else {
        enum note_verdict verdict =
            note_verify(&note, key, &asking->reply->time_s);
        if (verdict == NOTE_FORGED)
            say(asking, WITNESS_MISSING, "its signature does not hold");
        if (verdict == NOTE_VERIFIED)
            say(asking, WITNESS_COSIGNED, "");
    }
    /* The last is the newest: one on the checkpoint may be older. */
    for (uint32_t i = note.signature_count;
         asking->reply->outcome == WITNESS_COSIGNED && i-- > 0;) {
        if (!is_by(&note.signatures[i], key))
            continue;
        write_line(asking->lines, &note.signatures[i]);
        break;
    }
    writer_clear(&whole);
}

bool witness_is_past(struct sealed_log *log, const struct tlog_head *head)
{
    struct tlog_head own = sealed_log_head(log);
    struct tlog_path path;

    if (head->size > own.size)
        return false;
    if (head->size == own.size)
        return tlog_hash_equal(&head->root, &own.root);
    if (head->size == 0)
        return true;
    return sealed_log_prove_growth(log, head->size, &path, NULL) == 0 &&
           tlog_verify_consistency(head, &own, &path);
}

/* Does the witness show a head that this log signed and does not have? */
static bool shows_fork(struct asking *asking, struct checkpoint *shown)
{
    const struct note_key *key = sealed_log_key(asking->log);
    uint8_t digest[CRYPTO_SHA256_SIZE];
    char what[2 * CRYPTO_SHA256_SIZE + sizeof "/checkpoint"];
    char url[WITNESS_URL_MAX];
    struct http_client_request request = { .url = url };
    struct writer w;
    struct note note;

    crypto_sha256(bytes_of_text(key->name), digest);
    writer_init(&w, sizeof what);
    writer_hex(&w, bytes_of(digest, sizeof digest));
    (void)snprintf(what, sizeof what, "%s/checkpoint", writer_as_text(&w));
    writer_clear(&w);
    return make_url(asking->peer, what, url) &&
           http_client_ask(&request, &asking->answer, NULL) == 0 &&
           asking->answer.status == STATUS_OK &&
           checkpoint_open(writer_view(&asking->answer.body), key, &note,
                           shown, NULL) == 0 &&
           !witness_is_past(asking->log, &shown->head);
}

/* The witness knows another history. Whose word is it? */
static void judge_other_history(struct asking *asking, const char *claim)
{
    char text[FAILURE_TEXT_MAX];
    struct checkpoint shown;

    if (!shows_fork(asking, &shown)) {
        (void)snprintf(text, sizeof text,
                       "%s, but shows no head with this log's signature that "
                       "is not in the log: either it is wrong, or the log "
                       "was restored from a backup",
                       claim);
        say(asking, WITNESS_MISSING, text);
        return;
    }
    (void)snprintf(text, sizeof text,
                   "has this log's signature on a head of %llu entries that "
                   "is not in this log of %llu: it was restored from a "
                   "backup, or its key is in use elsewhere; bring back the "
                   "newest copy, or begin a new log",
                   (unsigned long long)shown.head.size,
                   (unsigned long long)sealed_log_head(asking->log).size);
    say(asking, WITNESS_FORKED, text);
}

/* True when it is worth another attempt. */
static bool take_size(struct asking *asking)
{
    struct bytes body = bytes_trim(writer_view(&asking->answer.body));
    uint64_t own = sealed_log_head(asking->log).size;
    uint64_t size;
    char claim[SHOWN_MAX];

    if (!bytes_start_with(bytes_of_text(asking->answer.type),
                          bytes_of_text("text/x.tlog.size")) ||
        !tlog_read_size(body, &size)) {
        say(asking, WITNESS_MISSING, "told a conflict, but no size");
        return false;
    }
    if (size <= own) {
        asking->old_size = size;
        return true;
    }
    (void)snprintf(claim, sizeof claim,
                   "claims to know %llu entries where this log has %llu",
                   (unsigned long long)size, (unsigned long long)own);
    judge_other_history(asking, claim);
    return false;
}

static void tell_refusal(struct asking *asking)
{
    char text[FAILURE_TEXT_MAX];
    struct writer w;

    writer_init(&w, 4 * SHOWN_MAX);
    text_escape(&w, bytes_slice(bytes_trim(writer_view(&asking->answer.body)),
                                0, SHOWN_MAX));
    (void)snprintf(text, sizeof text, "answered %d: %s",
                   asking->answer.status, writer_as_text(&w));
    writer_clear(&w);
    say(asking, WITNESS_MISSING, text);
}

static int send_request(struct asking *asking, struct failure *failure)
{
    struct witness_request request = {
        .old_size = asking->old_size,
        .checkpoint = sealed_log_checkpoint(asking->log),
    };
    uint64_t size = sealed_log_head(asking->log).size;
    struct writer body;
    char url[WITNESS_URL_MAX];
    int result = 0;

    if (!make_url(asking->peer, "add-checkpoint", url))
        return failure_set(failure, ERROR_FORMAT,
                           "its address in the policy is not one of http:// "
                           "or https://");
    if (request.old_size > 0 && request.old_size < size)
        result = sealed_log_prove_growth(asking->log, request.old_size,
                                         &request.path, failure);
    if (result < 0)
        return result;
    writer_init(&body, WITNESS_REQUEST_MAX);
    witness_request_write(&body, &request);
    struct http_client_request message = {
        .url = url, .type = "text/plain", .body = writer_view(&body),
    };
    result = http_client_ask(&message, &asking->answer, failure);
    writer_clear(&body);
    return result;
}

/* True when it is worth another attempt. */
static bool attempt(struct asking *asking)
{
    struct failure failure;

    if (send_request(asking, &failure) < 0) {
        say(asking, WITNESS_MISSING, failure.text);
        return false;
    }
    switch (asking->answer.status) {
    case STATUS_OK:
        take_signature(asking);
        return false;
    case STATUS_CONFLICT:
        return take_size(asking);
    case STATUS_UNPROCESSABLE:
        judge_other_history(asking, "says that this log is not the "
                                    "continuation of what it knows");
        return false;
    default:
        tell_refusal(asking);
        return false;
    }
}

void witness_ask(struct sealed_log *log, const struct witness_peer *peer,
                 struct writer *lines, struct witness_reply *reply)
{
    struct asking asking = {
        .log = log, .peer = peer, .reply = reply, .lines = lines,
    };

    *reply = (struct witness_reply){ .outcome = WITNESS_MISSING };
    writer_init(&asking.answer.body, ANSWER_MAX);
    say(&asking, WITNESS_MISSING, "tells another size each time");
    for (unsigned i = 0; i < WITNESS_ATTEMPTS_MAX && attempt(&asking); i++)
        continue;
    writer_clear(&asking.answer.body);
}

/* Has one of the new lines the same key? */
static bool is_replaced(const struct note *added,
                        const struct note_signature *line)
{
    for (uint32_t i = 0; i < added->signature_count; i++)
        if (added->signatures[i].id == line->id &&
            bytes_equal(added->signatures[i].name, line->name))
            return true;
    return false;
}

bool witness_merge(struct bytes checkpoint, struct bytes lines,
                   struct writer *merged)
{
    struct note old;
    struct note added = { 0 };
    struct writer w;

    writer_init(&w, NOTE_SIZE_MAX);
    bool is_read = note_read(checkpoint, &old, NULL) == 0;
    if (is_read && lines.size > 0) {
        writer_bytes(&w, old.text);
        writer_byte(&w, '\n');
        writer_bytes(&w, lines);
        is_read = !w.overflowed &&
                  note_read(writer_view(&w), &added, NULL) == 0;
    }
    if (is_read) {
        writer_reset(merged);
        writer_bytes(merged, old.text);
        writer_byte(merged, '\n');
        for (uint32_t i = 0; i < old.signature_count; i++)
            if (!is_replaced(&added, &old.signatures[i]))
                write_line(merged, &old.signatures[i]);
        writer_bytes(merged, lines);
    }
    writer_clear(&w);
    return is_read;
}
