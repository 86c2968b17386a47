/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Published vectors: proofs of transparency-dev/merkle, signed notes of C2SP
 * and golang/mod, Tessera's test log, Ed25519 of C2SP's CCTV and Wycheproof.
 * Skips what is not there.
 */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_flows.h"
#include "crypto/base64.h"
#include "test.h"
#include "tlog/checkpoint.h"

enum { PATH_SIZE = 1024, TEXT_MAX = 1 << 16, DIGITS_MAX = 8192 };

static json_t *load(const char *name)
{
    const char *shared = capture_flows_shared();
    char path[PATH_SIZE];

    if (!shared)
        return NULL;
    (void)snprintf(path, sizeof path, "%s/vectors/evidence/%s", shared, name);
    return json_load_file(path, 0, NULL);
}

static struct bytes member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return bytes_of_text(text ? text : "");
}

static uint64_t number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (json_is_integer(value))
        return (uint64_t)json_integer_value(value);
    double real = json_real_value(value); /* Past 2^53 only bad ones. */
    return real < (double)INT64_MAX ? (uint64_t)real : UINT64_MAX;
}

/* False when any of them is not a hash: then no proof can hold. */
static bool read_path(const json_t *proof, struct tlog_path *path)
{
    path->count = 0;
    if (json_array_size(proof) > TLOG_PATH_MAX)
        return false;
    for (size_t i = 0; i < json_array_size(proof); i++) {
        const char *text = json_string_value(json_array_get(proof, i));
        if (!tlog_read_hash(bytes_of_text(text),
                            &path->hashes[path->count++]))
            return false;
    }
    return true;
}

static bool inclusion_holds(const json_t *vector)
{
    struct tlog_hash leaf;
    struct tlog_hash root;
    struct tlog_path path;

    return tlog_read_hash(member(vector, "leafHash"), &leaf) &&
           tlog_read_hash(member(vector, "root"), &root) &&
           read_path(json_object_get(vector, "proof"), &path) &&
           tlog_verify_inclusion(&leaf, number(vector, "leafIdx"),
                                 number(vector, "treeSize"), &path, &root);
}

static bool consistency_holds(const json_t *vector)
{
    struct tlog_head old = { .size = number(vector, "size1") };
    struct tlog_head head = { .size = number(vector, "size2") };
    struct tlog_path path;

    return tlog_read_hash(member(vector, "root1"), &old.root) &&
           tlog_read_hash(member(vector, "root2"), &head.root) &&
           read_path(json_object_get(vector, "proof"), &path) &&
           tlog_verify_consistency(&old, &head, &path);
}

/* Runs each vector of a folder; answers how many came out as they say. */
static void run_folder(const char *folder, bool (*holds)(const json_t *),
                       unsigned *agree, unsigned *differ)
{
    char path[2 * PATH_SIZE];
    const struct dirent *entry;

    int size = snprintf(path, sizeof path, "%s/vectors/evidence/%s",
                        capture_flows_shared(), folder);
    assert_in_range(size, 1, sizeof path - 1);
    DIR *directory = opendir(path);
    if (!directory)
        return;
    while ((entry = readdir(directory))) {
        char file[3 * PATH_SIZE];
        if (!strstr(entry->d_name, ".json"))
            continue;
        (void)snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        json_t *vector = json_load_file(file, JSON_DECODE_INT_AS_REAL, NULL);
        if (!vector)
            fail_msg("%s cannot be read", file);
        bool expected = !json_is_true(json_object_get(vector, "wantErr"));
        if (holds(vector) == expected)
            ++*agree;
        else
            ++*differ;
        json_decref(vector);
    }
    (void)closedir(directory);
}

/* One vector has roots of 12 bytes and expects them to pass: it must not. */
static void proofs_of_transparency_dev(void **state)
{
    static const char *const folders[] = {
        "0", "1", "2", "3", "4", "additional", "additional/0",
        "additional/1", "additional/2", "additional/3", "single-entry",
    };
    unsigned agree = 0;
    unsigned differ = 0;

    (void)state;
    if (!capture_flows_shared())
        skip();
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        char path[PATH_SIZE];
        (void)snprintf(path, sizeof path,
                       "transparency-dev-merkle/inclusion/%s", folders[i]);
        run_folder(path, inclusion_holds, &agree, &differ);
        (void)snprintf(path, sizeof path,
                       "transparency-dev-merkle/consistency/%s", folders[i]);
        run_folder(path, consistency_holds, &agree, &differ);
    }
    if (agree + differ == 0)
        skip();
    print_message("# %u of %u proofs as expected\n", agree, agree + differ);
    assert_int_equal(agree, 195);
    assert_int_equal(differ, 1);
}

static void notes_of_c2sp_and_go(void **state)
{
    json_t *specs = load("C2SP-specs/examples.json");
    json_t *go = load("golang-mod-sumdb/note-vectors.json");
    struct note_key key;
    struct note note;

    (void)state;
    if (!specs || !go)
        skip();
    const json_t *example = json_object_get(specs, "signed_note");
    assert_int_equal(note_key_read(member(example, "vkey"), &key, NULL), 0);
    assert_int_equal(note_read(member(example, "note"), &note, NULL), 0);
    assert_int_equal(note_verify(&note, &key, NULL), NOTE_VERIFIED);
    const json_t *sign = json_object_get(go, "sign");
    assert_int_equal(note_key_read(member(sign, "vkey"), &key, NULL), 0);
    assert_int_equal(note_read(member(sign, "note"), &note, NULL), 0);
    assert_int_equal(note_verify(&note, &key, NULL), NOTE_VERIFIED);
    assert_true(bytes_equal(note.text, member(sign, "text")));
    assert_int_equal(note_key_read(member(go, "vkey2"), &key, NULL), 0);
    assert_int_equal(note_verify(&note, &key, NULL), NOTE_UNKNOWN);
    json_decref(specs);
    json_decref(go);
}

static size_t read_file(const char *name, uint8_t *data, size_t size_max)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof path,
                   "%s/vectors/evidence/transparency-dev-tessera/%s",
                   capture_flows_shared(), name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    size_t size = fread(data, 1, size_max, file);
    (void)fclose(file);
    return size;
}

/* Heads of every size of the log verify, and have the roots of its leaves. */
static void checkpoints_of_tessera(void **state)
{
    uint8_t data[TEXT_MAX];
    struct tlog_edge edge = { .size = 0 };
    struct note_key key;

    (void)state;
    if (!capture_flows_shared())
        skip();
    size_t size = read_file("vkey.txt", data, sizeof data);
    if (size == 0)
        skip();
    assert_int_equal(
        note_key_read(bytes_trim(bytes_of(data, size)), &key, NULL), 0);
    uint8_t hashes[15 * TLOG_HASH_SIZE];
    assert_int_equal(
        read_file("log/tile/0/000.p/15", hashes, sizeof hashes),
        sizeof hashes);
    for (unsigned i = 0; i <= 15; i++) {
        char name[64];
        struct note note;
        struct checkpoint checkpoint;
        (void)snprintf(name, sizeof name, "log/checkpoint.%u", i);
        size = read_file(name, data, sizeof data);
        assert_int_equal(checkpoint_open(bytes_of(data, size), &key, &note,
                                         &checkpoint, NULL),
                         0);
        struct tlog_hash root = tlog_edge_root(&edge);
        assert_int_equal(checkpoint.head.size, i);
        assert_true(tlog_hash_equal(&checkpoint.head.root, &root));
        if (i < 15) {
            struct tlog_hash leaf;
            memcpy(leaf.bytes, hashes + (size_t)i * TLOG_HASH_SIZE,
                   TLOG_HASH_SIZE);
            tlog_edge_append(&edge, &leaf);
        }
    }
}

static size_t unhex(struct bytes text, uint8_t *data)
{
    for (size_t i = 0; i + 1 < text.size; i += 2) {
        char pair[3] = { (char)text.data[i], (char)text.data[i + 1], 0 };
        data[i / 2] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return text.size / 2;
}

static bool verifies(const json_t *key_text, struct bytes message,
                     const json_t *signature_text)
{
    static uint8_t data[DIGITS_MAX];
    struct crypto_public_key key;
    struct crypto_signature signature;

    struct bytes text = bytes_of_text(json_string_value(key_text));
    if (unhex(text, data) != sizeof key.bytes)
        return false;
    memcpy(key.bytes, data, sizeof key.bytes);
    text = bytes_of_text(json_string_value(signature_text));
    if (unhex(text, data) != sizeof signature.bytes)
        return false;
    memcpy(signature.bytes, data, sizeof signature.bytes);
    return crypto_verify(&key, message, &signature);
}

/* All 914 are of small order somewhere; 43 of them are sound keys and R. */
static void points_of_cctv(void **state)
{
    json_t *vectors = load("C2SP-CCTV-ed25519/ed25519vectors.json");
    unsigned accepted = 0;

    (void)state;
    if (!vectors)
        skip();
    assert_int_equal(json_array_size(vectors), 914);
    for (size_t i = 0; i < json_array_size(vectors); i++) {
        const json_t *vector = json_array_get(vectors, i);
        accepted += verifies(json_object_get(vector, "key"),
                             member(vector, "msg"),
                             json_object_get(vector, "sig"));
    }
    json_decref(vectors);
    assert_int_equal(accepted, 43);
}

static void signatures_of_wycheproof(void **state)
{
    json_t *file = load("C2SP-wycheproof/ed25519_test.json");
    static uint8_t message[DIGITS_MAX];
    size_t group;
    size_t i;
    json_t *tests;
    json_t *vector;
    unsigned agree = 0;

    (void)state;
    if (!file)
        skip();
    json_array_foreach(json_object_get(file, "testGroups"), group, tests) {
        const json_t *key =
            json_object_get(json_object_get(tests, "publicKey"), "pk");
        json_array_foreach(json_object_get(tests, "tests"), i, vector) {
            bool is_valid =
                bytes_equal(member(vector, "result"), bytes_of_text("valid"));
            size_t size = unhex(member(vector, "msg"), message);
            agree += verifies(key, bytes_of(message, size),
                              json_object_get(vector, "sig")) == is_valid;
        }
    }
    json_decref(file);
    assert_int_equal(agree, 151);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proofs_of_transparency_dev),
        cmocka_unit_test(notes_of_c2sp_and_go),
        cmocka_unit_test(checkpoints_of_tessera),
        cmocka_unit_test(points_of_cctv),
        cmocka_unit_test(signatures_of_wycheproof),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
