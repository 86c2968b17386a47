/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "tlog/policy.h"
#include "tlog/proof.h"
#include "tlog/tile.h"

enum { KIND_NOTE, KIND_PROOF, KIND_POLICY, KIND_PATH, KIND_KEY, KIND_COUNT };

static void note(struct bytes text)
{
    struct note note;
    struct checkpoint checkpoint;

    if (note_read(text, &note, NULL) < 0)
        return;
    check(note.text.size <= text.size);
    check(note.signature_count <= NOTE_SIGNATURE_MAX);
    fuzz_check_inside(text, note.text);
    if (checkpoint_read(note.text, &checkpoint))
        fuzz_check_inside(note.text, checkpoint.origin);
}

/* What was read and written again is read the same. */
static void proof(struct bytes text)
{
    struct tlog_proof first;
    struct tlog_proof second;
    struct writer w;

    if (tlog_proof_read(text, &first, NULL) < 0)
        return;
    writer_init(&w, text.size + 4096);
    tlog_proof_write(&w, &first);
    check(tlog_proof_read(writer_view(&w), &second, NULL) == 0);
    check(first.index == second.index);
    check(first.path.count == second.path.count);
    check(bytes_equal(first.checkpoint, second.checkpoint));
    writer_clear(&w);
}

static void policy(struct bytes text)
{
    struct policy *policy;
    struct failure failure;

    if (policy_read("policy", text, &policy, &failure) == 0)
        policy_free(policy);
}

static void path(struct bytes text)
{
    char again[TLOG_TILE_PATH_SIZE];
    struct tlog_tile tile;

    if (tlog_tile_parse(text, &tile))
        check(bytes_equal(text,
                          bytes_of_text(tlog_tile_path(&tile, again))));
}

static void key(struct bytes text)
{
    struct note_key key;
    struct writer w;

    if (note_key_read(text, &key, NULL) < 0)
        return;
    writer_init(&w, 1024);
    note_key_write(&w, &key);
    check(bytes_equal(text, writer_view(&w)));
    writer_clear(&w);
}

/* The first byte says which of the readers the rest is for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const kinds[KIND_COUNT])(struct bytes) = {
        [KIND_NOTE] = note, [KIND_PROOF] = proof, [KIND_POLICY] = policy,
        [KIND_PATH] = path, [KIND_KEY] = key,
    };

    if (size > 0)
        kinds[data[0] % KIND_COUNT](bytes_of(data + 1, size - 1));
    return 0;
}
