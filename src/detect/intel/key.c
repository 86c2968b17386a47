/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intel/key.h"

#include <string.h>

enum { NAME_SIZE_MAX = 253, LABEL_SIZE_MAX = 63 };

struct bytes intel_key_bytes(const struct intel_key *key)
{
    return bytes_of(key->data, key->size);
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool is_name_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

bool intel_name_normal(struct bytes text, uint8_t *out, size_t *size)
{
    size_t label = 0;

    if (text.size > 0 && text.data[text.size - 1] == '.')
        text.size--;
    if (text.size == 0 || text.size > NAME_SIZE_MAX)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = lower(text.data[i]);
        out[i] = c;
        if (c == '.' ? label == 0 : !is_name_byte(c))
            return false;
        label = c == '.' ? 0 : label + 1;
        if (label > LABEL_SIZE_MAX)
            return false;
    }
    *size = text.size;
    return label > 0;
}

/* A last label of digits is an address gone wrong (RFC 3696 section 2). */
static bool ends_in_number(const uint8_t *name, size_t size)
{
    while (size > 0 && name[size - 1] >= '0' && name[size - 1] <= '9')
        size--;
    return size == 0 || name[size - 1] == '.';
}

static const char *make_name(struct bytes text, struct intel_key *key)
{
    if (bytes_start_with(text, bytes_of_text("*."))) {
        key->kind = INTEL_DOMAIN;
        text = bytes_slice(text, 2, text.size);
    } else if (text.size > 0 && text.data[0] == '.') {
        key->kind = INTEL_DOMAIN;
        text = bytes_slice(text, 1, text.size);
    }
    if (!intel_name_normal(text, key->data, &key->size) ||
        ends_in_number(key->data, key->size))
        return "this is no DNS name (Unicode is written as xn--)";
    return NULL;
}

static const char *make_address(struct bytes text, struct intel_key *key)
{
    struct ip_prefix prefix;

    if (!ip_prefix_parse(text, &prefix))
        return "this is no IP address or network";
    key->network = prefix;
    key->kind = prefix.length == 128 ? INTEL_ADDRESS : INTEL_NETWORK;
    key->size = sizeof prefix.address.bytes;
    memcpy(key->data, prefix.address.bytes, key->size);
    return NULL;
}

/* 192.0.2.1:443, [2001:db8::1]:443, or with | as MISP has it. */
static const char *make_socket(struct bytes text, struct intel_key *key)
{
    size_t split = bytes_find_byte(text, '|');
    uint64_t port;
    struct ip ip;

    if (split == text.size)
        for (size_t i = 0; i < text.size; i++)
            if (text.data[i] == ':')
                split = i;
    struct bytes host = bytes_slice(text, 0, split);
    if (host.size > 2 && host.data[0] == '[' &&
        host.data[host.size - 1] == ']')
        host = bytes_slice(host, 1, host.size - 2);
    if (!ip_parse(host, &ip) ||
        !bytes_to_number(bytes_slice(text, split + 1, text.size), 65535,
                         &port))
        return "this is no address with a port";
    key->size = sizeof ip.bytes + 2;
    memcpy(key->data, ip.bytes, sizeof ip.bytes);
    key->data[16] = (uint8_t)(port >> 8);
    key->data[17] = (uint8_t)port;
    return NULL;
}

static int hex_digit(uint8_t c)
{
    c = lower(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hexadecimal, with or without colons between the bytes. */
static bool read_hex(struct bytes text, struct intel_key *key)
{
    key->size = 0;
    while (text.size >= 2) {
        int high = hex_digit(text.data[0]);
        int low = hex_digit(text.data[1]);
        if (high < 0 || low < 0 || key->size == 64)
            return false;
        key->data[key->size++] = (uint8_t)(high << 4 | low);
        bool has_colon = text.size > 3 && text.data[2] == ':';
        text = bytes_slice(text, has_colon ? 3 : 2, text.size);
    }
    return text.size == 0;
}

static const char *make_digest(struct bytes text, struct intel_key *key)
{
    if (!read_hex(text, key) ||
        (key->size != 16 && key->size != 20 && key->size != 32))
        return "this is no MD5, SHA-1 or SHA-256";
    return NULL;
}

static const char *make_mac(struct bytes text, struct intel_key *key)
{
    struct mac mac;

    if (!mac_parse(text, &mac))
        return "this is no MAC address";
    key->size = sizeof mac.bytes;
    memcpy(key->data, mac.bytes, key->size);
    return NULL;
}

static const char *make_text(struct bytes text, bool folds,
                             struct intel_key *key)
{
    if (text.size == 0 || text.size > INTEL_KEY_MAX)
        return text.size ? "the text is too long" : "the text is empty";
    for (size_t i = 0; i < text.size; i++)
        key->data[i] = folds ? lower(text.data[i]) : text.data[i];
    key->size = text.size;
    return NULL;
}

static const char *make_mail(struct bytes text, struct intel_key *key)
{
    size_t at = bytes_find_byte(text, '@');

    if (at == 0 || at + 3 > text.size)
        return "this is no e-mail address";
    return make_text(text, true, key);
}

struct url_parts {
    struct bytes host;
    struct bytes port;
    struct bytes target;
    bool is_secure;
};

/* scheme://user@host:port/path?query#fragment (RFC 3986 section 3); the
 * scheme may be missing. */
static void split_url(struct bytes text, struct url_parts *parts)
{
    size_t scheme = bytes_find(text, bytes_of_text("://"));

    *parts = (struct url_parts){ 0 };
    if (scheme < text.size) {
        parts->is_secure = bytes_equal_nocase(bytes_slice(text, 0, scheme),
                                              bytes_of_text("https"));
        text = bytes_slice(text, scheme + 3, text.size);
    }
    text = bytes_slice(text, 0, bytes_find_byte(text, '#'));
    size_t end = 0;
    while (end < text.size && text.data[end] != '/' && text.data[end] != '?')
        end++;
    parts->target = bytes_slice(text, end, text.size);
    struct bytes host = bytes_slice(text, 0, end);
    size_t user = bytes_find_byte(host, '@');
    if (user < host.size)
        host = bytes_slice(host, user + 1, host.size);
    size_t from = host.size > 0 && host.data[0] == '['
                      ? bytes_find_byte(host, ']') : 0;
    size_t colon =
        from + bytes_find_byte(bytes_slice(host, from, host.size), ':');
    parts->host = bytes_slice(host, 0, colon);
    parts->port = bytes_slice(host, colon + 1, host.size);
}

static const char *make_url(struct bytes text, struct intel_key *key)
{
    struct url_parts parts;
    const uint8_t *own[] = { (const uint8_t *)"80", (const uint8_t *)"443" };
    size_t size = 0;

    split_url(text, &parts);
    if (text.size > INTEL_KEY_MAX - 2 || parts.host.size == 0)
        return parts.host.size ? "the URL is too long"
                               : "the URL has no host";
    for (size_t i = 0; i < parts.host.size; i++)
        key->data[size++] = lower(parts.host.data[i]);
    if (size > 0 && key->data[size - 1] == '.')
        size--;
    struct bytes usual = bytes_of(own[parts.is_secure],
                                  parts.is_secure ? 3 : 2);
    if (parts.port.size > 0 && !bytes_equal(parts.port, usual)) {
        key->data[size++] = ':';
        memcpy(key->data + size, parts.port.data, parts.port.size);
        size += parts.port.size;
    }
    if (parts.target.size == 0 || parts.target.data[0] == '?')
        key->data[size++] = '/';
    if (parts.target.size > 0)
        memcpy(key->data + size, parts.target.data, parts.target.size);
    key->size = size + parts.target.size;
    return NULL;
}

/* t13d1516h2_8daaf6152771_b0da82dd1658 */
static bool is_ja4(struct bytes text)
{
    return text.size == 36 && text.data[10] == '_' && text.data[23] == '_' &&
           (text.data[0] == 't' || text.data[0] == 'q' ||
            text.data[0] == 'd');
}

static enum intel_kind kind_of(struct bytes *text)
{
    struct ip_prefix prefix;
    struct mac mac;
    struct intel_key key;
    size_t colon = bytes_find_byte(*text, ':');

    if (bytes_find(*text, bytes_of_text("://")) < text->size)
        return INTEL_URL;
    if (ip_prefix_parse(*text, &prefix))
        return INTEL_ADDRESS;
    if (!make_digest(*text, &key))
        return INTEL_DIGEST;
    if (mac_parse(*text, &mac))
        return INTEL_MAC;
    if (is_ja4(*text))
        return INTEL_JA4;
    if (colon < text->size && !make_socket(*text, &key))
        return INTEL_SOCKET;
    if (bytes_find_byte(*text, '@') < text->size)
        return INTEL_MAIL;
    if (bytes_start_with(*text, bytes_of_text("||"))) {
        *text = bytes_slice(*text, 2, bytes_find_byte(*text, '^') - 2);
        return INTEL_DOMAIN;
    }
    if (bytes_find_byte(*text, '/') < text->size)
        return INTEL_URL;
    return INTEL_NAME;
}

const char *intel_key_make(enum intel_kind kind, struct bytes text,
                           struct intel_key *key)
{
    if (kind == INTEL_ANY) {
        kind = kind_of(&text);
        if ((kind == INTEL_NAME || kind == INTEL_DOMAIN) &&
            bytes_find_byte(text, '.') == text.size)
            return "this is no address, name, URL or digest";
    }
    key->kind = kind;
    switch (kind) {
    case INTEL_NAME:
    case INTEL_DOMAIN:
        return make_name(text, key);
    case INTEL_ADDRESS:
    case INTEL_NETWORK:
        return make_address(text, key);
    case INTEL_SOCKET:
        return make_socket(text, key);
    case INTEL_URL:
        return make_url(text, key);
    case INTEL_DIGEST:
    case INTEL_CERTIFICATE:
        return make_digest(text, key);
    case INTEL_MAC:
        return make_mac(text, key);
    case INTEL_MAIL:
        return make_mail(text, key);
    case INTEL_JA3:
    case INTEL_VALUE:
        return read_hex(text, key) && key->size == 16 ? NULL
                                                      : "this is no MD5";
    case INTEL_JA4:
        return make_text(text, true, key);
    case INTEL_SOFTWARE:
    case INTEL_KIND_COUNT:
        break;
    }
    return make_text(text, false, key);
}

static const struct {
    const char *name;
    enum intel_kind kind;
} names[] = {
    /* The first of each kind is what it is called here. */
    { "name", INTEL_NAME }, { "domain", INTEL_DOMAIN },
    { "address", INTEL_ADDRESS }, { "network", INTEL_NETWORK },
    { "ip:port", INTEL_SOCKET }, { "url", INTEL_URL },
    { "file digest", INTEL_DIGEST },
    { "certificate digest", INTEL_CERTIFICATE },
    { "MAC", INTEL_MAC }, { "e-mail address", INTEL_MAIL },
    { "software", INTEL_SOFTWARE }, { "JA3", INTEL_JA3 },
    { "JA4", INTEL_JA4 }, { "digest of a value", INTEL_VALUE },
    { "hostname", INTEL_NAME }, { "host", INTEL_NAME },
    { "ip", INTEL_ADDRESS }, { "ipv4", INTEL_ADDRESS },
    { "ipv6", INTEL_ADDRESS }, { "ip_address", INTEL_ADDRESS },
    { "ipaddress", INTEL_ADDRESS }, { "dst_ip", INTEL_ADDRESS },
    { "ip-dst", INTEL_ADDRESS }, { "ip-src", INTEL_ADDRESS },
    { "cidr", INTEL_NETWORK }, { "netblock", INTEL_NETWORK },
    { "ip-dst|port", INTEL_SOCKET }, { "ip-src|port", INTEL_SOCKET },
    { "uri", INTEL_URL },
    { "md5", INTEL_DIGEST }, { "sha1", INTEL_DIGEST },
    { "sha256", INTEL_DIGEST }, { "md5_hash", INTEL_DIGEST },
    { "sha1_hash", INTEL_DIGEST }, { "sha256_hash", INTEL_DIGEST },
    { "digest", INTEL_DIGEST },
    { "hash", INTEL_DIGEST },
    { "x509-fingerprint-md5", INTEL_CERTIFICATE },
    { "x509-fingerprint-sha1", INTEL_CERTIFICATE },
    { "x509-fingerprint-sha256", INTEL_CERTIFICATE },
    { "mac-address", INTEL_MAC }, { "email", INTEL_MAIL },
    { "email-src", INTEL_MAIL }, { "email-dst", INTEL_MAIL },
    { "user-agent", INTEL_SOFTWARE }, { "user_agent", INTEL_SOFTWARE },
    { "ja3-fingerprint-md5", INTEL_JA3 }, { "ja3_md5", INTEL_JA3 },
    { "ja4-fingerprint", INTEL_JA4 },
};

enum intel_kind intel_kind_find(struct bytes name)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (bytes_equal_nocase(name, bytes_of_text(names[i].name)))
            return names[i].kind;
    return INTEL_ANY;
}

const char *intel_kind_name(enum intel_kind kind)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i].kind == kind)
            return names[i].name;
    return "value";
}
