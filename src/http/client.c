/* SPDX-License-Identifier: Apache-2.0 */
#include "http/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

bool http_client_takes(struct bytes url)
{
    return bytes_start_with_nocase(url, bytes_of_text("http://")) ||
           bytes_start_with_nocase(url, bytes_of_text("https://"));
}

/* A part of the body. Answering less than came ends the transfer. */
static size_t take(char *data, size_t size, size_t count, void *context)
{
    struct writer *body = context;

    writer_bytes(body, bytes_of(data, size * count));
    return body->overflowed ? 0 : size * count;
}

static CURLcode set_limits(CURL *curl)
{
    CURLcode code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
                                     "http,https");

    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                                (long)HTTP_CLIENT_TIMEOUT_MS);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                                (long)HTTP_CLIENT_CONNECT_MS);
    return code;
}

static CURLcode set_body(CURL *curl, const struct http_client_request *request,
                         struct curl_slist *headers)
{
    CURLcode code = curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);

    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_POST, 1L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                                (curl_off_t)request->body.size);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
                                request->body.size > 0
                                    ? (const char *)request->body.data
                                    : "");
    return code;
}

static CURLcode exchange(CURL *curl,
                         const struct http_client_request *request,
                         struct curl_slist *headers, struct writer *body)
{
    CURLcode code = set_limits(curl);

    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_URL, request->url);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    if (code == CURLE_OK && headers)
        code = set_body(curl, request, headers);
    return code == CURLE_OK ? curl_easy_perform(curl) : code;
}

static void read_head(CURL *curl, struct http_client_answer *answer)
{
    const char *type = NULL;
    long status = 0;

    /* What is not known stays 0 and null. */
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
    answer->status = (int)status;
    (void)snprintf(answer->type, sizeof answer->type, "%s", type ? type : "");
}

/* "Expect:" without a value: the body is small and not worth a question. */
static struct curl_slist *make_headers(const char *type)
{
    char line[HTTP_CLIENT_TYPE_MAX + sizeof "Content-Type: "];
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");

    (void)snprintf(line, sizeof line, "Content-Type: %s", type);
    struct curl_slist *all = curl_slist_append(headers, line);
    if (!all)
        curl_slist_free_all(headers);
    return all;
}

int http_client_ask(const struct http_client_request *request,
                    struct http_client_answer *answer,
                    struct failure *failure)
{
    CURL *curl = curl_easy_init();
    struct curl_slist *headers =
        request->type ? make_headers(request->type) : NULL;

    writer_reset(&answer->body);
    if (!curl || (request->type && !headers)) {
        curl_easy_cleanup(curl);
        curl_slist_free_all(headers);
        return failure_set(failure, -ENOMEM, "%s: no memory", request->url);
    }
    CURLcode code = exchange(curl, request, headers, &answer->body);
    if (code == CURLE_OK)
        read_head(curl, answer);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    if (answer->body.overflowed)
        return failure_set(failure, ERROR_LIMIT,
                           "%s: the answer is larger than %zu bytes",
                           request->url, answer->body.size_max);
    if (code != CURLE_OK)
        return failure_set(failure, -EIO, "%s: %s", request->url,
                           curl_easy_strerror(code));
    return 0;
}
