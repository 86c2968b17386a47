/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/file_hash.h"

#include "base/arena_writer.h"

void file_hash_begin(struct file_hash *hash)
{
    md5_init(&hash->md5);
    crypto_sha1_init(&hash->sha1);
    crypto_sha256_init(&hash->sha256);
    hash->size = 0;
    hash->is_active = true;
}

void file_hash_add(struct file_hash *hash, struct bytes content)
{
    if (!hash->is_active || content.size == 0)
        return;
    hash->size += content.size;
    if (hash->size > FILE_HASH_SIZE_MAX) {
        hash->is_active = false;
        return;
    }
    md5_add(&hash->md5, content);
    crypto_sha1_add(&hash->sha1, content);
    crypto_sha256_add(&hash->sha256, content);
}

void file_hash_stop(struct file_hash *hash)
{
    hash->is_active = false;
}

static void set_digest(struct event *event, enum event_field field,
                       struct bytes digest)
{
    struct arena_writer w;

    arena_writer_init(&w, event->arena, 2 * digest.size);
    arena_writer_hex(&w, digest);
    event_set_text(event, field, arena_writer_view(&w));
}

void file_hash_tell(struct file_hash *hash, const struct dissect_file *file,
                    struct event_list *events)
{
    uint8_t digest[CRYPTO_SHA256_SIZE];

    if (!hash->is_active || hash->size == 0)
        return;
    hash->is_active = false;
    struct event *event = event_new(events, EVENT_FILE);
    if (!event)
        return;
    if (file->name.size > 0)
        event_set_text(event, FIELD_FILE_NAME, file->name);
    event_set_literal(event, FIELD_FILE_PROTOCOL, file->protocol);
    event_set_literal(event, FIELD_FILE_STATE, "CLOSED");
    md5_finish(&hash->md5, digest);
    set_digest(event, FIELD_FILE_MD5, bytes_of(digest, MD5_SIZE));
    crypto_sha1_finish(&hash->sha1, digest);
    set_digest(event, FIELD_FILE_SHA1, bytes_of(digest, CRYPTO_SHA1_SIZE));
    crypto_sha256_finish(&hash->sha256, digest);
    set_digest(event, FIELD_FILE_SHA256,
               bytes_of(digest, CRYPTO_SHA256_SIZE));
    event_set_number(event, FIELD_FILE_SIZE, hash->size);
    event_set_flag(event, FIELD_FILE_TO_SOURCE, file->to_originator);
}
