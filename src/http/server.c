/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/memory.h"

enum {
    ADDRESS_TEXT_MAX = 64,
    PORT_MAX = 65535,
    STATUS_TOO_LARGE = 413,
};

/* One connection that is open, and when it must have brought a request. */
struct guest {
    struct http_server *server;
    int socket;              /* -1: nobody is in this place. */
    int64_t deadline_s;
};

/* One request that is coming in. */
struct incoming {
    struct writer body;
    bool is_answered;
};

struct http_server {
    struct MHD_Daemon *daemon;
    struct http_server_options options;
    struct http_server_counts counts;
    unsigned port;
    struct guest guests[HTTP_SERVER_CONNECTION_MAX];
};

static int64_t now_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* Cannot fail. */
    return (int64_t)now.tv_sec;
}

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

/* "A.B.C.D:PORT" or "[IPv6]:PORT" */
static bool read_address(const char *text, union address *address)
{
    char host[ADDRESS_TEXT_MAX];
    bool is_six = text[0] == '[';
    const char *end = strstr(text, is_six ? "]:" : ":");
    uint64_t port;

    memset(address, 0, sizeof *address);
    if (!end)
        return false;
    struct bytes name = bytes_of(text + is_six, (size_t)(end - text) - is_six);
    if (name.size >= sizeof host ||
        !bytes_to_number(bytes_of_text(end + 1 + is_six), PORT_MAX, &port))
        return false;
    memcpy(host, name.data, name.size);
    host[name.size] = '\0';
    if (is_six) {
        address->six.sin6_family = AF_INET6;
        address->six.sin6_port = htons((uint16_t)port);
        return inet_pton(AF_INET6, host, &address->six.sin6_addr) == 1;
    }
    address->four.sin_family = AF_INET;
    address->four.sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, host, &address->four.sin_addr) == 1;
}

/* A connection comes or goes. MHD calls from http_server_run() only. */
static void note_guest(void *context, struct MHD_Connection *connection,
                       void **place,
                       enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = context;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        struct guest *guest = *place;
        if (guest)
            guest->socket = -1;
        return;
    }
    for (size_t i = 0; i < COUNT_OF(server->guests); i++) {
        if (server->guests[i].socket >= 0)
            continue;
        server->guests[i] = (struct guest){
            .server = server, .socket = info->connect_fd,
            .deadline_s = now_s() + HTTP_SERVER_REQUEST_TIMEOUT_S,
        };
        *place = &server->guests[i];
        return;
    }
}

/* The library's own time-out is for silence, which one byte now and then
 * breaks. Shutting the socket down makes the library close it. */
static void cut_the_late(struct http_server *server)
{
    int64_t now = now_s();

    for (size_t i = 0; i < COUNT_OF(server->guests); i++) {
        struct guest *guest = &server->guests[i];
        if (guest->socket < 0 || now < guest->deadline_s)
            continue;
        (void)shutdown(guest->socket, SHUT_RDWR); /* It may be gone. */
        guest->deadline_s = now + HTTP_SERVER_REQUEST_TIMEOUT_S;
        server->counts.limit_time++;
    }
}

/* A request is done with: the connection may bring another one. */
static void finish(void *context, struct MHD_Connection *connection,
                   void **state, enum MHD_RequestTerminationCode code)
{
    struct incoming *incoming = *state;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    (void)context;
    (void)code;
    if (info && info->socket_context) {
        struct guest *guest = info->socket_context;
        guest->deadline_s = now_s() + HTTP_SERVER_REQUEST_TIMEOUT_S;
    }
    if (!incoming)
        return;
    writer_clear(&incoming->body);
    free(incoming);
    *state = NULL;
}

static enum MHD_Result send_answer(struct MHD_Connection *connection,
                                   const struct http_server_answer *answer)
{
    /* The library copies the body and does not write to it. */
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->body.size, answer->body.data, MHD_RESPMEM_MUST_COPY);

    if (!response)
        return MHD_NO;
    enum MHD_Result result = MHD_add_response_header(
        response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
    if (result == MHD_YES && answer->allow)
        result = MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
                                         answer->allow);
    if (result == MHD_YES)
        result = MHD_queue_response(connection, (unsigned)answer->status,
                                    response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse_large(struct http_server *server,
                                    struct MHD_Connection *connection)
{
    struct http_server_answer answer = {
        .status = STATUS_TOO_LARGE, .type = "text/plain; charset=utf-8",
    };

    server->counts.limit_body++;
    writer_init(&answer.body, server->options.answer_max);
    writer_text(&answer.body, "the body is too large\n");
    enum MHD_Result result = send_answer(connection, &answer);
    writer_clear(&answer.body);
    return result;
}

/* The head is here. What says that it will be too large is not waited for. */
static enum MHD_Result begin(struct http_server *server,
                             struct MHD_Connection *connection, void **state)
{
    const char *size_text = MHD_lookup_connection_value(
        connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    struct incoming *incoming = memory_new(1, sizeof *incoming);
    uint64_t size;

    *state = incoming;
    writer_init(&incoming->body, server->options.request_max);
    if (!size_text || bytes_to_number(bytes_of_text(size_text),
                                      server->options.request_max, &size))
        return MHD_YES;
    incoming->is_answered = true;
    return refuse_large(server, connection);
}

static enum MHD_Result handle(struct http_server *server,
                              struct MHD_Connection *connection,
                              const struct http_server_request *request)
{
    struct http_server_answer answer = { .type = "text/plain" };

    server->counts.requests++;
    writer_init(&answer.body, server->options.answer_max);
    server->options.handle(server->options.context, request, &answer);
    enum MHD_Result result = send_answer(connection, &answer);
    writer_clear(&answer.body);
    return result;
}

/* The library calls it with the head, with each piece of the body, and at the
 * end; the signature is its own. */
static enum MHD_Result take(void *context, struct MHD_Connection *connection,
                            const char *path, const char *method,
                            const char *version, const char *data,
                            size_t *size, void **state)
{
    struct http_server *server = context;
    struct incoming *incoming = *state;

    (void)version;
    if (!incoming)
        return begin(server, connection, state);
    if (*size > 0) {
        writer_bytes(&incoming->body, bytes_of(data, *size));
        *size = 0;
        return MHD_YES;
    }
    if (incoming->is_answered)
        return MHD_YES;
    incoming->is_answered = true;
    if (incoming->body.overflowed)
        return refuse_large(server, connection);
    const struct http_server_request request = {
        .method = method, .path = path, .body = writer_view(&incoming->body),
    };
    return handle(server, connection, &request);
}

/* It is no news on the terminal that a stranger sends nonsense. */
static void say_nothing(void *context, const char *format, va_list values)
{
    (void)context;
    (void)format;
    (void)values;
}

static struct MHD_Daemon *start(struct http_server *server,
                                const union address *address)
{
    unsigned flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG;

    if (address->any.sa_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    return MHD_start_daemon(
        flags, 0, NULL, NULL, take, server,
        MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL,
        MHD_OPTION_SOCK_ADDR, &address->any,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_SERVER_CONNECTION_MAX,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)HTTP_SERVER_PER_ADDRESS_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_SERVER_HEAD_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)HTTP_SERVER_REQUEST_TIMEOUT_S,
        MHD_OPTION_NOTIFY_CONNECTION, note_guest, server,
        MHD_OPTION_NOTIFY_COMPLETED, finish, server,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
}

int http_server_open(const struct http_server_options *options,
                     struct http_server **server, struct failure *failure)
{
    union address address;

    if (!read_address(options->listen, &address))
        return failure_set(failure, ERROR_FORMAT,
                           "%s: not ADDRESS:PORT, as in 127.0.0.1:8080",
                           options->listen);
    struct http_server *made = memory_new(1, sizeof *made);
    made->options = *options;
    for (size_t i = 0; i < COUNT_OF(made->guests); i++)
        made->guests[i].socket = -1;
    errno = 0;
    made->daemon = start(made, &address);
    if (!made->daemon) {
        int code = errno ? errno : EADDRINUSE;
        free(made);
        return failure_set(failure, -code, "%s: cannot listen: %s",
                           options->listen, strerror(code));
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(made->daemon, MHD_DAEMON_INFO_BIND_PORT);
    made->port = info ? info->port : 0;
    *server = made;
    return 0;
}

void http_server_close(struct http_server *server)
{
    if (!server)
        return;
    MHD_stop_daemon(server->daemon);
    free(server);
}

unsigned http_server_port(const struct http_server *server)
{
    return server->port;
}

int http_server_run(struct http_server *server, int timeout_ms,
                    struct failure *failure)
{
    if (MHD_run_wait(server->daemon, timeout_ms) != MHD_YES)
        return failure_set(failure, -EIO, "%s: the server failed",
                           server->options.listen);
    cut_the_late(server);
    return 0;
}

struct http_server_counts
http_server_read_counts(const struct http_server *server)
{
    return server->counts;
}
