/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/statement.h"

#include <string.h>

static const char type_of_statement[] = "https://in-toto.io/Statement/v1";
static const char type_prefix[] = "tenet:";
static const char type_suffix[] = "/v1";

static const char *const kind_names[] = {
    [STATEMENT_GENESIS] = "genesis",
    [STATEMENT_RULESET] = "ruleset",
    [STATEMENT_SEGMENT] = "segment",
    [STATEMENT_FINDING] = "finding",
    [STATEMENT_HEARTBEAT] = "heartbeat",
    [STATEMENT_CLOCK] = "clock",
    [STATEMENT_ACTION] = "action",
    [STATEMENT_LABEL] = "label",
    [STATEMENT_GATE] = "gate",
    [STATEMENT_NEUTRAL] = "neutral",
    [STATEMENT_CUSTODY] = "custody",
    [STATEMENT_TIME] = "time",
    [STATEMENT_ERASURE] = "erasure",
};

const char *statement_kind_name(enum statement_kind kind)
{
    return kind_names[kind];
}

void statement_open(struct json_writer *json)
{
    json_object_open(json);
    json_key(json, "_type");
    json_text(json, type_of_statement);
    json_key(json, "predicate");
    json_object_open(json);
    json_key(json, "content");
    json_object_open(json);
}

/* Hexadecimal as a JSON string. */
static void write_hex(struct json_writer *json, const char *key,
                      struct bytes b)
{
    char text[2 * CRYPTO_SHA256_SIZE + 1];
    struct writer w;

    writer_init(&w, sizeof text);
    writer_hex(&w, b);
    json_key(json, key);
    json_bytes(json, writer_view(&w));
    writer_clear(&w);
}

void statement_close(struct json_writer *json,
                     const struct statement_end *end)
{
    struct writer type;

    json_object_close(json);
    write_hex(json, "salt", bytes_of(end->salt, sizeof end->salt));
    json_object_close(json);
    writer_init(&type, 64);
    writer_format(&type, "%s%s%s", type_prefix, kind_names[end->kind],
                  type_suffix);
    json_key(json, "predicateType");
    json_bytes(json, writer_view(&type));
    writer_clear(&type);
    json_key(json, "subject");
    json_array_open(json);
    json_object_open(json);
    json_key(json, "digest");
    json_object_open(json);
    write_hex(json, "sha256", bytes_of(end->digest, CRYPTO_SHA256_SIZE));
    json_object_close(json);
    json_key(json, "name");
    json_text(json, end->subject);
    json_object_close(json);
    json_array_close(json);
    json_object_close(json);
}

void statement_time(struct json_writer *json, const char *key,
                    int64_t time_ns)
{
    int64_t seconds = time_ns / 1000000000;
    int64_t rest = time_ns % 1000000000;

    if (rest < 0) {
        rest += 1000000000;
        seconds--;
    }
    json_key(json, key);
    json_object_open(json);
    json_key(json, "ns");
    json_signed(json, rest);
    json_key(json, "s");
    json_signed(json, seconds);
    json_object_close(json);
}

static bool find_kind(const char *type, enum statement_kind *kind)
{
    struct bytes text = bytes_of_text(type);
    size_t around = sizeof type_prefix - 1 + sizeof type_suffix - 1;

    for (size_t i = 0; i < COUNT_OF(kind_names); i++) {
        struct bytes name = bytes_of_text(kind_names[i]);
        if (text.size == around + name.size &&
            memcmp(type, type_prefix, sizeof type_prefix - 1) == 0 &&
            memcmp(type + sizeof type_prefix - 1, name.data, name.size) ==
                0 &&
            memcmp(type + sizeof type_prefix - 1 + name.size, type_suffix,
                   sizeof type_suffix - 1) == 0) {
            *kind = (enum statement_kind)i;
            return true;
        }
    }
    return false;
}

static bool is_digest(const char *text)
{
    return strlen(text) == 2 * CRYPTO_SHA256_SIZE &&
           strspn(text, "0123456789abcdef") == 2 * CRYPTO_SHA256_SIZE;
}

/* What every statement must have. */
static const char *take_apart(struct statement *statement)
{
    json_t *whole = statement->whole;
    const char *type = json_string_value(json_object_get(whole, "_type"));
    const char *kind =
        json_string_value(json_object_get(whole, "predicateType"));
    json_t *predicate = json_object_get(whole, "predicate");
    json_t *subjects = json_object_get(whole, "subject");
    const char *digest = json_string_value(json_object_get(
        json_object_get(json_array_get(subjects, 0), "digest"), "sha256"));
    const char *salt = json_string_value(json_object_get(predicate, "salt"));

    statement->content = json_object_get(predicate, "content");
    if (!type || strcmp(type, type_of_statement) != 0)
        return "not an in-toto statement";
    if (!kind || !find_kind(kind, &statement->kind))
        return "of no kind that is known";
    if (json_array_size(subjects) != 1 || !digest || !is_digest(digest))
        return "without a subject";
    if (!salt || strlen(salt) != 2 * STATEMENT_SALT_SIZE)
        return "without its salt";
    if (!json_is_object(statement->content))
        return "without a content";
    memcpy(statement->digest, digest, sizeof statement->digest);
    return NULL;
}

int statement_read(struct bytes text, struct statement *statement,
                   struct failure *failure)
{
    struct statement read = { 0 };
    json_error_t error;

    if (text.size > STATEMENT_SIZE_MAX)
        return failure_set(failure, ERROR_LIMIT,
                           "a statement of more than %d bytes",
                           STATEMENT_SIZE_MAX);
    read.whole = json_loadb((const char *)text.data, text.size,
                            JSON_REJECT_DUPLICATES, &error);
    if (!read.whole)
        return failure_set(failure, ERROR_FORMAT, "not JSON: %s", error.text);
    const char *wrong = take_apart(&read);
    if (wrong) {
        statement_clear(&read);
        return failure_set(failure, ERROR_FORMAT, "%s", wrong);
    }
    *statement = read;
    return 0;
}

void statement_clear(struct statement *statement)
{
    json_decref(statement->whole);
    *statement = (struct statement){ 0 };
}

bool statement_number(const struct statement *statement, const char *key,
                      uint64_t *number)
{
    const json_t *value = json_object_get(statement->content, key);

    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *number = (uint64_t)json_integer_value(value);
    return true;
}

const char *statement_text(const struct statement *statement, const char *key)
{
    return json_string_value(json_object_get(statement->content, key));
}
