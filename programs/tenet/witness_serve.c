/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "http/server.h"
#include "seal/key.h"
#include "witness.h"
#include "witness/store.h"

enum { TURN_MS = 250 }; /* Between looks at the signals. */

static const char checkpoint_path[] = "/checkpoint";
static const char add_path[] = "/add-checkpoint";

struct serving {
    struct witness witness;
    struct witness_database *database;
    struct http_server *server;
};

static uint64_t now_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now); /* Cannot fail. */
    return (uint64_t)now.tv_sec;
}

static void refuse(struct http_server_answer *answer, int status,
                   const char *allow)
{
    answer->status = status;
    answer->allow = allow;
    writer_text(&answer->body,
                status == 404 ? "not found\n" : "not that method\n");
}

/* The rules write into the body that the server sends. */
static void pass_on(struct http_server_answer *answer,
                    const struct witness_answer *judged)
{
    answer->status = judged->status;
    answer->type = judged->type;
    answer->body = judged->body;
    if (judged->status == 500)
        fprintf(stderr, "tenet: level=error what=\"%s\"\n",
                judged->failure.text);
}

static void add(const struct serving *serving,
                const struct http_server_request *request,
                struct http_server_answer *answer)
{
    struct witness_answer judged = { .body = answer->body };

    if (strcmp(request->method, "POST") != 0) {
        refuse(answer, 405, "POST");
        return;
    }
    witness_add_checkpoint(&serving->witness, request->body, now_s(),
                           &judged);
    pass_on(answer, &judged);
}

static void handle(void *context, const struct http_server_request *request,
                   struct http_server_answer *answer)
{
    const struct serving *serving = context;
    struct bytes path = bytes_of_text(request->path);
    struct witness_answer judged = { .body = answer->body };

    if (strcmp(request->path, add_path) == 0) {
        add(serving, request, answer);
        return;
    }
    struct bytes name = bytes_slice(path, 1, WITNESS_NAME_MAX);
    struct bytes rest = bytes_slice(path, 1 + name.size, path.size);
    if (!bytes_equal(rest, bytes_of_text(checkpoint_path))) {
        refuse(answer, 404, NULL);
        return;
    }
    if (strcmp(request->method, "GET") != 0 &&
        strcmp(request->method, "HEAD") != 0) {
        refuse(answer, 405, "GET, HEAD");
        return;
    }
    witness_show_checkpoint(&serving->witness, name, &judged);
    pass_on(answer, &judged);
}

static int make_key(struct bytes name, const struct crypto_key_pair *pair,
                    struct note_key *key, struct failure *failure)
{
    if (note_key_of(name, NOTE_KEY_COSIGNATURE, &pair->public_key, key))
        return 0;
    return failure_set(failure, ERROR_FORMAT,
                       "--name: not a key's name: no spaces, no plus sign, "
                       "at most 255 bytes");
}

static int read_logs(const struct witness_words *words,
                     struct witness *witness, struct failure *failure)
{
    for (size_t i = 0; i < words->log_count; i++) {
        struct note_key *key = &witness->logs[witness->log_count];
        if (witness->log_count == WITNESS_LOG_MAX)
            return failure_set(failure, ERROR_LIMIT,
                               "--log: more than 256 of them");
        int result =
            note_key_read(bytes_of_text(words->logs[i]), key, failure);
        if (result < 0)
            return result;
        if (key->type != NOTE_KEY_ED25519)
            return failure_set(failure, ERROR_UNSUPPORTED,
                               "--log: the key of %s is a witness's, not a "
                               "log's",
                               key->name);
        witness->log_count++;
    }
    return 0;
}

static int open_key(const struct witness_words *words,
                    struct witness *witness, struct failure *failure)
{
    struct seal_folder folder;
    const char *name;
    int result = witness_folder_of(words->key, &folder, &name, failure);

    if (result < 0)
        return result;
    result = seal_key_read(&folder, name, &witness->pair, failure);
    seal_folder_close(&folder);
    return result < 0 ? result
                      : make_key(bytes_of_text(words->name), &witness->pair,
                                 &witness->key, failure);
}

static int open_all(const struct witness_words *words,
                    struct serving *serving, struct failure *failure)
{
    const struct http_server_options options = {
        .listen = words->listen, .request_max = WITNESS_REQUEST_MAX,
        .answer_max = NOTE_SIZE_MAX + WITNESS_BODY_MAX,
        .handle = handle, .context = serving,
    };
    int result = open_key(words, &serving->witness, failure);

    if (result == 0)
        result = read_logs(words, &serving->witness, failure);
    if (result == 0)
        result = witness_database_open(words->store, &serving->database,
                                       failure);
    if (result < 0)
        return result;
    serving->witness.store = witness_database_store(serving->database);
    return http_server_open(&options, &serving->server, failure);
}

static void print_key(const struct note_key *key)
{
    struct writer w;

    writer_init(&w, 1024);
    note_key_write(&w, key);
    printf("%s\n", writer_as_text(&w));
    writer_clear(&w);
}

/* Until somebody asks to stop. */
static int serve(struct serving *serving, struct failure *failure)
{
    const struct timespec at_once = { 0 };
    sigset_t stops;
    int result = 0;

    (void)sigemptyset(&stops);         /* These cannot fail */
    (void)sigaddset(&stops, SIGINT);   /* with these */
    (void)sigaddset(&stops, SIGTERM);  /* arguments. */
    (void)sigprocmask(SIG_BLOCK, &stops, NULL);
    print_key(&serving->witness.key);
    printf("listening on port %u\n", http_server_port(serving->server));
    (void)fflush(stdout); /* Who started it is waiting; or is gone. */
    while (result == 0 && sigtimedwait(&stops, NULL, &at_once) < 0)
        result = http_server_run(serving->server, TURN_MS, failure);
    return result;
}

int witness_serve(const struct witness_words *words)
{
    struct failure failure = { 0 };

    if (!words->key || !words->name || words->log_count == 0)
        return EXIT_USAGE;
    struct serving *serving = memory_new(1, sizeof *serving);
    int result = open_all(words, serving, &failure);
    if (result == 0)
        result = serve(serving, &failure);
    http_server_close(serving->server);
    witness_database_close(serving->database);
    crypto_wipe(&serving->witness.pair, sizeof serving->witness.pair);
    free(serving);
    return result < 0 ? command_fail(&failure, EXIT_UNREADABLE)
                      : EXIT_NOTHING;
}

int witness_keygen(const struct witness_words *words)
{
    struct failure failure = { 0 };
    struct seal_folder folder;
    struct crypto_key_pair pair;
    struct note_key key;
    const char *name;

    if (!words->key || !words->name)
        return EXIT_USAGE;
    if (!note_name_is_valid(bytes_of_text(words->name)))
        return command_fail(&(struct failure){
            .text = "--name: not a key's name: no spaces, no plus sign" },
            EXIT_USAGE);
    int result = witness_folder_of(words->key, &folder, &name, &failure);
    if (result < 0)
        return command_fail(&failure, EXIT_UNREADABLE);
    result = seal_key_create(&folder, name, &pair, &failure);
    if (result == 0)
        result = make_key(bytes_of_text(words->name), &pair, &key, &failure);
    if (result == 0)
        print_key(&key);
    crypto_wipe(&pair, sizeof pair);
    seal_folder_close(&folder);
    return result < 0 ? command_fail(&failure, EXIT_UNREADABLE)
                      : EXIT_NOTHING;
}
