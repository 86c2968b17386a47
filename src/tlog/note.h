/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Signed notes (C2SP signed-note v1.0.0): a text, an empty line, and lines of
 * signatures, each by a named key. What the text says is nothing until a key
 * that the reader knows has been verified over it.
 */
#include "base/error.h"
#include "base/writer.h"
#include "crypto/ed25519.h"

enum {
    NOTE_SIZE_MAX = 64 << 10,  /* All of it. */
    NOTE_SIGNATURE_MAX = 64,   /* Lines; the standard asks for 16. */
    NOTE_NAME_MAX = 255,       /* Bytes of a key's name. */
    NOTE_SIGNATURE_SIZE_MAX = 4096, /* ML-DSA-44 needs 2,420. */
};

/* The first byte of a key: what its signatures are. */
enum note_key_type {
    NOTE_KEY_ED25519 = 0x01,     /* Over the text. */
    NOTE_KEY_COSIGNATURE = 0x04, /* Over the text and a time: cosignature/v1 */
};

/* A verifier key: "name+hash+base64" (C2SP signed-note, "vkey"). */
struct note_key {
    char name[NOTE_NAME_MAX + 1];
    uint32_t id;               /* First 4 bytes of SHA-256 over it. */
    enum note_key_type type;
    struct crypto_public_key key;
};

/* Views into the note that was read. */
struct note_signature {
    struct bytes name;
    uint32_t id;
    struct bytes encoded;      /* Base64 of id and signature. */
};

struct note {
    struct bytes text;         /* With its last newline. */
    uint32_t signature_count;
    struct note_signature signatures[NOTE_SIGNATURE_MAX];
};

/* What a signature by a known key comes to. */
enum note_verdict {
    NOTE_UNKNOWN,  /* No signature by this key is there. */
    NOTE_VERIFIED,
    NOTE_FORGED,   /* One is there, and does not hold. */
};

/* Is this a name of a key: some text, no space and no plus sign? */
bool note_name_is_valid(struct bytes name);

/* Make the key of a name and bytes; false when either is not valid. */
bool note_key_of(struct bytes name, enum note_key_type type,
                 const struct crypto_public_key *bytes,
                 struct note_key *key) MUST_USE;

/* Read "name+hash+base64"; refused when the hash is not that of the rest. */
int note_key_read(struct bytes text, struct note_key *key,
                  struct failure *failure) MUST_USE;
void note_key_write(struct writer *w, const struct note_key *key);

/* Take a note apart. Nothing in it is to be believed yet. */
int note_read(struct bytes data, struct note *note,
              struct failure *failure) MUST_USE;

/* The verdict on `key`. For a cosignature the time it names, in seconds since
 * 1970, is in `*time_s` (which may be null) when it is verified. */
enum note_verdict note_verify(const struct note *note,
                              const struct note_key *key, uint64_t *time_s);

/* Write one signature line over `text` by `pair`, whose public half must be
 * that of `key`. `time_s` is for cosignatures only. */
void note_sign(struct writer *w, struct bytes text,
               const struct note_key *key,
               const struct crypto_key_pair *pair, uint64_t time_s);
