/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/witness.h"

#include <errno.h>

#include "base/reader.h"
#include "crypto/digest.h"

enum {
    STATUS_OK = 200,
    STATUS_BAD_REQUEST = 400,
    STATUS_FORBIDDEN = 403,
    STATUS_NOT_FOUND = 404,
    STATUS_CONFLICT = 409,
    STATUS_UNPROCESSABLE = 422,
    STATUS_FAILED = 500,
};

static const char plain[] = "text/plain; charset=utf-8";

/* One request on its way through the checks. */
struct judging {
    const struct witness *witness;
    struct witness_answer *answer;
    struct witness_request request;
    struct note note;
    struct checkpoint checkpoint;
    struct note_key log;       /* Whose signature was verified. */
    struct tlog_head known;    /* What is remembered of the log. */
    bool is_known;             /* Anything is. */
};

static bool refuse(struct witness_answer *answer, int status, const char *why)
{
    writer_reset(&answer->body);
    answer->status = status;
    answer->type = plain;
    writer_text(&answer->body, why);
    writer_byte(&answer->body, '\n');
    return false;
}

/* The size that is remembered: with it the log can make the right proof. */
static bool tell_size(struct witness_answer *answer, uint64_t size)
{
    writer_reset(&answer->body);
    answer->status = STATUS_CONFLICT;
    answer->type = "text/x.tlog.size";
    writer_number(&answer->body, size);
    writer_byte(&answer->body, '\n');
    return false;
}

/* The first line of the checkpoint says which log it claims to be of, before
 * anything of it is verified. */
static bool is_known_origin(const struct witness *witness, struct bytes note)
{
    struct reader r = reader_of(note);
    struct bytes origin = reader_until(&r, '\n', NOTE_NAME_MAX + 1);

    for (uint32_t i = 0; i < witness->log_count; i++)
        if (bytes_equal(origin, bytes_of_text(witness->logs[i].name)))
            return true;
    return false;
}

/* A trusted key of this origin signed it. One that is trusted and does not
 * hold refuses the whole, whatever others did. */
static bool find_signer(struct judging *judging)
{
    const struct witness *witness = judging->witness;
    bool is_found = false;

    for (uint32_t i = 0; i < witness->log_count; i++) {
        const struct note_key *key = &witness->logs[i];
        if (!bytes_equal(judging->checkpoint.origin,
                         bytes_of_text(key->name)))
            continue;
        enum note_verdict verdict = note_verify(&judging->note, key, NULL);
        if (verdict == NOTE_FORGED)
            return false;
        if (verdict == NOTE_VERIFIED) {
            judging->log = *key;
            is_found = true;
        }
    }
    return is_found;
}

static bool is_signed(struct judging *judging)
{
    struct witness_answer *answer = judging->answer;
    struct bytes data = judging->request.checkpoint;

    if (!is_known_origin(judging->witness, data))
        return refuse(answer, STATUS_NOT_FOUND, "unknown log");
    if (note_read(data, &judging->note, NULL) < 0)
        return refuse(answer, STATUS_FORBIDDEN,
                      "invalid signature: not a signed note");
    if (!checkpoint_read(judging->note.text, &judging->checkpoint))
        return refuse(answer, STATUS_BAD_REQUEST, "not a checkpoint");
    if (!find_signer(judging))
        return refuse(answer, STATUS_FORBIDDEN,
                      "invalid signature: none by a trusted key");
    return true;
}

static bool recall(struct judging *judging)
{
    const struct witness_store *store = &judging->witness->store;
    int result =
        store->read(store->context, judging->checkpoint.origin,
                    &judging->known, NULL, &judging->answer->failure);

    if (result < 0 && result != -ENOENT)
        return refuse(judging->answer, STATUS_FAILED, "store failed");
    judging->is_known = result == 0;
    if (!judging->is_known)
        judging->known = (struct tlog_head){
            .root = tlog_edge_root(&(struct tlog_edge){ 0 }),
        };
    return true;
}

/* Nothing comes before the first; the same is consistent with itself. */
static bool is_consistent(const struct judging *judging)
{
    const struct tlog_head *head = &judging->checkpoint.head;
    const struct tlog_head *known = &judging->known;
    const struct tlog_path *path = &judging->request.path;

    if (head->size == known->size)
        return path->count == 0 &&
               tlog_hash_equal(&head->root, &known->root);
    if (known->size == 0)
        return path->count == 0;
    return tlog_verify_consistency(known, head, path);
}

static bool is_growth(struct judging *judging)
{
    struct witness_answer *answer = judging->answer;
    uint64_t old_size = judging->request.old_size;

    if (old_size > judging->checkpoint.head.size)
        return refuse(answer, STATUS_BAD_REQUEST,
                      "old size is beyond the checkpoint's");
    if (!recall(judging))
        return false;
    if (old_size != judging->known.size)
        return tell_size(answer, judging->known.size);
    if (!is_consistent(judging))
        return refuse(answer, STATUS_UNPROCESSABLE,
                      "consistency proof does not hold");
    return true;
}

/* The lines by the key that was verified, and no others: what somebody else
 * put there is not for the witness to hand on. */
static void copy_signatures(struct writer *w, const struct judging *judging)
{
    for (uint32_t i = 0; i < judging->note.signature_count; i++) {
        const struct note_signature *line = &judging->note.signatures[i];
        if (line->id != judging->log.id ||
            !bytes_equal(line->name, bytes_of_text(judging->log.name)))
            continue;
        writer_text(w, "\xe2\x80\x94 ");
        writer_bytes(w, line->name);
        writer_byte(w, ' ');
        writer_bytes(w, line->encoded);
        writer_byte(w, '\n');
    }
}

/* Another process was quicker: the log hears from where to go on. */
static void tell_newer(struct judging *judging)
{
    if (recall(judging))
        (void)tell_size(judging->answer, judging->known.size); /* Is false. */
}

/* The head is on disk before the signature leaves. */
static void cosign(struct judging *judging, uint64_t now_s)
{
    const struct witness *witness = judging->witness;
    struct witness_answer *answer = judging->answer;
    struct writer kept;

    writer_reset(&answer->body);
    note_sign(&answer->body, judging->note.text, &witness->key,
              &witness->pair, now_s);
    writer_init(&kept, NOTE_SIZE_MAX + WITNESS_BODY_MAX);
    writer_bytes(&kept, judging->note.text);
    writer_byte(&kept, '\n');
    copy_signatures(&kept, judging);
    writer_bytes(&kept, writer_view(&answer->body));
    int result = witness->store.replace(
        witness->store.context, &judging->checkpoint,
        judging->is_known ? &judging->known : NULL, writer_view(&kept),
        &answer->failure);
    writer_clear(&kept);
    if (result == ERROR_CONFLICT)
        tell_newer(judging);
    else if (result < 0)
        (void)refuse(answer, STATUS_FAILED, "store failed"); /* Is false. */
}

void witness_add_checkpoint(const struct witness *witness, struct bytes body,
                            uint64_t now_s, struct witness_answer *answer)
{
    struct judging judging = { .witness = witness, .answer = answer };

    answer->status = STATUS_OK;
    answer->type = plain;
    answer->failure = (struct failure){ 0 };
    if (!witness_request_read(body, &judging.request))
        (void)refuse(answer, STATUS_BAD_REQUEST, /* Is false. */
                     "not a request to add a checkpoint");
    else if (is_signed(&judging) && is_growth(&judging))
        cosign(&judging, now_s);
}

/* Does `name` spell the SHA-256 of this origin? */
static bool is_named(const char *origin, struct bytes name)
{
    uint8_t digest[CRYPTO_SHA256_SIZE];
    struct writer w;

    crypto_sha256(bytes_of_text(origin), digest);
    writer_init(&w, WITNESS_NAME_MAX);
    writer_hex(&w, bytes_of(digest, sizeof digest));
    bool is_same = bytes_equal(writer_view(&w), name);
    writer_clear(&w);
    return is_same;
}

void witness_show_checkpoint(const struct witness *witness, struct bytes name,
                             struct witness_answer *answer)
{
    const struct witness_store *store = &witness->store;
    struct tlog_head head;

    answer->status = STATUS_OK;
    answer->type = plain;
    answer->failure = (struct failure){ 0 };
    for (uint32_t i = 0; i < witness->log_count; i++) {
        const char *origin = witness->logs[i].name;
        if (!is_named(origin, name))
            continue;
        int result = store->read(store->context, bytes_of_text(origin), &head,
                                 &answer->body, &answer->failure);
        if (result == -ENOENT)
            break;
        if (result < 0)
            (void)refuse(answer, STATUS_FAILED, "store failed"); /* False. */
        return;
    }
    (void)refuse(answer, STATUS_NOT_FOUND, "no checkpoint"); /* Is false. */
}
