/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule says, without how it is written: comments, quotes, layout and
 * the order of keys do not count, nor do title, description and the like.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/writer.h"
#include "detect/behaviour/internal.h"

enum {
    CANONICAL_SIZE_MAX = 8 * BEHAVIOUR_FILE_SIZE_MAX, /* Lengths included. */
    DIGEST_BYTES = 8, /* Shown of the 32: 16 digits. */
};

static void put_text(struct writer *w, char mark, struct bytes text)
{
    writer_byte(w, (uint8_t)mark);
    writer_number(w, text.size);
    writer_byte(w, ':');
    writer_bytes(w, text);
}

static int order_of_keys(const void *a, const void *b)
{
    const struct yaml_node *const *left = a;
    const struct yaml_node *const *right = b;

    return bytes_compare((*left)->key, (*right)->key);
}

static void put_node(struct writer *w, const struct yaml_node *node);

static void put_map(struct writer *w, const struct yaml_node *map)
{
    const struct yaml_node **sorted =
        memory_new(map->count + 1, sizeof *sorted);
    size_t count = 0;

    for (const struct yaml_node *n = map->first; n; n = n->next)
        sorted[count++] = n;
    qsort(sorted, count, sizeof *sorted, order_of_keys);
    writer_byte(w, '{');
    for (size_t i = 0; i < count; i++) {
        put_text(w, 'k', sorted[i]->key);
        put_node(w, sorted[i]);
    }
    writer_byte(w, '}');
    free(sorted);
}

/* Depth is bounded by YAML_DEPTH_MAX. */
static void put_node(struct writer *w, const struct yaml_node *node)
{
    if (node->kind == YAML_MAP) {
        put_map(w, node);
    } else if (node->kind == YAML_LIST) {
        writer_byte(w, '[');
        for (const struct yaml_node *n = node->first; n; n = n->next)
            put_node(w, n);
        writer_byte(w, ']');
    } else if (yaml_is_null(node)) {
        writer_byte(w, 'n');
    } else {
        put_text(w, 's', node->text);
    }
}

struct bytes canonical_text(struct arena *arena, const struct yaml_node *root)
{
    static const char *const keys[] = { "correlation", "detection", "level",
                                        "logsource", "tenet" };
    struct writer w;

    writer_init(&w, CANONICAL_SIZE_MAX);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const struct yaml_node *node = yaml_find(root, keys[i]);
        if (!node)
            continue;
        put_text(&w, 'k', bytes_of_text(keys[i]));
        put_node(&w, node);
    }
    struct bytes text = arena_copy(arena, writer_view(&w));
    writer_clear(&w);
    return text;
}

const char *digest_of(struct arena *arena, struct bytes canonical)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t hash[EVP_MAX_MD_SIZE];
    char *text = arena_allocate(arena, 2 * DIGEST_BYTES + 1);
    static const uint8_t empty[1];

    check(EVP_Digest(canonical.size > 0 ? canonical.data : empty,
                     canonical.size, hash, NULL, EVP_sha256(), NULL) == 1);
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        text[2 * i] = digits[hash[i] >> 4];
        text[2 * i + 1] = digits[hash[i] & 15];
    }
    text[2 * (size_t)DIGEST_BYTES] = 0;
    return text;
}
