/* SPDX-License-Identifier: Apache-2.0 */
#include "tlog/note.h"

#include <string.h>

#include "base/check.h"
#include "base/reader.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "crypto/digest.h"

enum {
    ID_SIZE = 4,
    TIME_SIZE = 8,
    KEY_BYTES = 1 + CRYPTO_ED25519_KEY_SIZE, /* Type and key. */
    HASH_DIGITS = 8,
};

/* An em dash and a space begin each line of a signature. */
static const char dash[] = "\xe2\x80\x94 ";

/* Unicode's White_Space property. */
static bool is_space(uint32_t point)
{
    return point == ' ' || (point >= 0x09 && point <= 0x0d) ||
           point == 0x85 || point == 0xa0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200a) || point == 0x2028 ||
           point == 0x2029 || point == 0x202f || point == 0x205f ||
           point == 0x3000;
}

bool note_name_is_valid(struct bytes name)
{
    if (name.size == 0 || name.size > NOTE_NAME_MAX)
        return false;
    while (name.size > 0) {
        uint32_t point;
        size_t size = text_utf8_next(name, &point);
        if (size == 0 || is_space(point) || point < ' ' || point == '+')
            return false;
        name = bytes_slice(name, size, name.size);
    }
    return true;
}

/* SHA-256(name || LF || type || key), the first four bytes. */
static uint32_t key_id(const struct note_key *key)
{
    uint8_t digest[CRYPTO_SHA256_SIZE];
    struct writer w;

    writer_init(&w, NOTE_NAME_MAX + 2 + CRYPTO_ED25519_KEY_SIZE);
    writer_text(&w, key->name);
    writer_byte(&w, '\n');
    writer_byte(&w, (uint8_t)key->type);
    writer_bytes(&w, bytes_of(key->key.bytes, sizeof key->key.bytes));
    crypto_sha256(writer_view(&w), digest);
    writer_clear(&w);
    struct reader r = reader_of(bytes_of(digest, sizeof digest));
    return reader_u32(&r);
}

bool note_key_of(struct bytes name, enum note_key_type type,
                 const struct crypto_public_key *bytes, struct note_key *key)
{
    struct note_key made = { .type = type, .key = *bytes };

    if (!note_name_is_valid(name) || !crypto_key_is_valid(bytes))
        return false;
    memcpy(made.name, name.data, name.size);
    made.id = key_id(&made);
    *key = made;
    return true;
}

static bool read_hash(struct bytes text, uint32_t *hash)
{
    uint32_t value = 0;

    if (text.size != HASH_DIGITS)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && (c < 'a' || c > 'f'))
            return false;
        value = value << 4 | (uint32_t)(is_digit ? c - '0' : c - 'a' + 10);
    }
    *hash = value;
    return true;
}

static int bad_key(struct failure *failure, const char *why)
{
    return failure_set(failure, ERROR_FORMAT,
                       "verifier key: %s; expected NAME+HASH+KEY, as "
                       "\"tenet ledger init\" prints it",
                       why);
}

int note_key_read(struct bytes text, struct note_key *key,
                  struct failure *failure)
{
    struct reader r = reader_of(text);
    struct bytes name = reader_until(&r, '+', NOTE_NAME_MAX + 1);
    struct bytes hash = reader_until(&r, '+', HASH_DIGITS + 1);
    uint8_t data[KEY_BYTES];
    struct crypto_public_key bytes;
    struct note_key made;
    uint32_t id;
    size_t size;

    if (!reader_ok(&r) || !read_hash(hash, &id))
        return bad_key(failure, "not of that form");
    if (!crypto_base64_read(reader_rest(&r), data, sizeof data, &size) ||
        size != sizeof data)
        return bad_key(failure, "KEY is not base64 of 33 bytes");
    if (data[0] != NOTE_KEY_ED25519 && data[0] != NOTE_KEY_COSIGNATURE)
        return bad_key(failure, "KEY is of a kind that is not known here");
    memcpy(bytes.bytes, data + 1, sizeof bytes.bytes);
    if (!note_key_of(name, (enum note_key_type)data[0], &bytes, &made))
        return bad_key(failure, "NAME or KEY is not a valid one");
    if (made.id != id)
        return bad_key(failure, "HASH is not that of NAME and KEY");
    *key = made;
    return 0;
}

void note_key_write(struct writer *w, const struct note_key *key)
{
    uint8_t data[KEY_BYTES];

    data[0] = (uint8_t)key->type;
    memcpy(data + 1, key->key.bytes, sizeof key->key.bytes);
    writer_format(w, "%s+%08x+", key->name, key->id);
    crypto_base64_write(w, bytes_of(data, sizeof data));
}

/* Valid UTF-8 without control characters but the line feed. */
static bool is_note_text(struct bytes b)
{
    while (b.size > 0) {
        uint32_t point;
        size_t size = text_utf8_next(b, &point);
        if (size == 0 || (point < ' ' && point != '\n'))
            return false;
        b = bytes_slice(b, size, b.size);
    }
    return true;
}

/* Where the last empty line begins: the text ends just before it. */
static bool find_split(struct bytes data, size_t *split)
{
    for (size_t at = data.size; at >= 2; at--) {
        if (data.data[at - 1] == '\n' && data.data[at - 2] == '\n') {
            *split = at - 1;
            return true;
        }
    }
    return false;
}

static bool read_signature(struct bytes line, struct note_signature *signature)
{
    uint8_t data[NOTE_SIGNATURE_SIZE_MAX];
    size_t size;

    if (!bytes_start_with(line, bytes_of_text(dash)))
        return false;
    line = bytes_slice(line, sizeof dash - 1, line.size);
    size_t space = bytes_find_byte(line, ' ');
    signature->name = bytes_slice(line, 0, space);
    signature->encoded = bytes_slice(line, space + 1, line.size);
    if (!note_name_is_valid(signature->name) ||
        !crypto_base64_read(signature->encoded, data, sizeof data, &size) ||
        size <= ID_SIZE)
        return false;
    struct reader r = reader_of(bytes_of(data, size));
    signature->id = reader_u32(&r);
    return true;
}

static int bad_note(struct failure *failure, const char *why)
{
    return failure_set(failure, ERROR_FORMAT, "signed note: %s", why);
}

int note_read(struct bytes data, struct note *note, struct failure *failure)
{
    size_t split;

    if (data.size > NOTE_SIZE_MAX)
        return bad_note(failure, "more than 64 KiB");
    if (!is_note_text(data))
        return bad_note(failure, "not UTF-8, or with control characters");
    if (!find_split(data, &split))
        return bad_note(failure, "no empty line before the signatures");
    note->text = bytes_slice(data, 0, split);
    note->signature_count = 0;
    struct reader r = reader_of(bytes_slice(data, split + 1, data.size));
    while (reader_left(&r) > 0) {
        struct bytes line = reader_until(&r, '\n', NOTE_SIZE_MAX);
        if (!reader_ok(&r))
            return bad_note(failure, "the last line has no end");
        if (note->signature_count == NOTE_SIGNATURE_MAX)
            return bad_note(failure, "more than 64 signatures");
        if (!read_signature(line,
                            &note->signatures[note->signature_count++]))
            return bad_note(failure, "a line of signatures is not one");
    }
    if (note->signature_count == 0)
        return bad_note(failure, "not signed by anybody");
    return 0;
}

/* What a cosignature is over (C2SP tlog-cosignature v1). */
static void write_cosigned(struct writer *w, uint64_t time_s,
                           struct bytes text)
{
    writer_text(w, "cosignature/v1\ntime ");
    writer_number(w, time_s);
    writer_byte(w, '\n');
    writer_bytes(w, text);
}

static bool verify_cosignature(const struct note_key *key, uint64_t time_s,
                               struct bytes text,
                               const struct crypto_signature *signature)
{
    struct writer w;

    writer_init(&w, NOTE_SIZE_MAX + 64);
    write_cosigned(&w, time_s, text);
    bool holds = crypto_verify(&key->key, writer_view(&w), signature);
    writer_clear(&w);
    return holds;
}

static bool verify_one(const struct note *note,
                       const struct note_signature *signature,
                       const struct note_key *key, uint64_t *time_s)
{
    bool is_timed = key->type == NOTE_KEY_COSIGNATURE;
    uint8_t data[ID_SIZE + TIME_SIZE + CRYPTO_ED25519_SIGNATURE_SIZE];
    struct crypto_signature bytes;
    size_t size;

    if (!crypto_base64_read(signature->encoded, data, sizeof data, &size))
        return false;
    struct reader r = reader_of(bytes_of(data, size));
    reader_skip(&r, ID_SIZE);
    uint64_t time = is_timed ? reader_u64(&r) : 0;
    struct bytes rest = reader_bytes(&r, sizeof bytes.bytes);
    if (!reader_finished(&r))
        return false;
    memcpy(bytes.bytes, rest.data, sizeof bytes.bytes);
    bool holds = is_timed
                     ? verify_cosignature(key, time, note->text, &bytes)
                     : crypto_verify(&key->key, note->text, &bytes);
    if (holds && time_s)
        *time_s = time;
    return holds;
}

enum note_verdict note_verify(const struct note *note,
                              const struct note_key *key, uint64_t *time_s)
{
    enum note_verdict verdict = NOTE_UNKNOWN;

    for (uint32_t i = 0; i < note->signature_count; i++) {
        const struct note_signature *signature = &note->signatures[i];
        if (signature->id != key->id ||
            !bytes_equal(signature->name, bytes_of_text(key->name)))
            continue;
        if (!verify_one(note, signature, key, time_s))
            return NOTE_FORGED;
        verdict = NOTE_VERIFIED;
    }
    return verdict;
}

void note_sign(struct writer *w, struct bytes text,
               const struct note_key *key,
               const struct crypto_key_pair *pair, uint64_t time_s)
{
    struct writer message;
    struct writer signature;

    check(memcmp(key->key.bytes, pair->public_key.bytes,
                 sizeof key->key.bytes) == 0);
    writer_init(&message, NOTE_SIZE_MAX + 64);
    writer_init(&signature, NOTE_SIGNATURE_SIZE_MAX);
    writer_u32(&signature, key->id);
    if (key->type == NOTE_KEY_COSIGNATURE) {
        write_cosigned(&message, time_s, text);
        writer_u64(&signature, time_s);
    } else {
        writer_bytes(&message, text);
    }
    struct crypto_signature bytes = crypto_sign(pair, writer_view(&message));
    writer_bytes(&signature, bytes_of(bytes.bytes, sizeof bytes.bytes));
    writer_text(w, dash);
    writer_text(w, key->name);
    writer_byte(w, ' ');
    crypto_base64_write(w, writer_view(&signature));
    writer_byte(w, '\n');
    writer_clear(&signature);
    writer_clear(&message);
}
