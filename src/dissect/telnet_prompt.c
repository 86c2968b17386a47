/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/telnet_prompt.h"

#include "base/compiler.h"
#include "base/reader.h"

/* How prompts end before their colon. UTF-8; compared without case. */
static const char *const user_words[] = {
    "login",       "username",  "user name", "user",    "user id",
    "userid",      "account",   "logon",     "benutzername", "benutzer",
    "utilisateur", "identifiant", "usuario", "usu\303\241rio", "utente",
    "gebruikersnaam", "kullan\304\261c\304\261",
    "\xe7\x94\xa8\xe6\x88\xb7\xe5\x90\x8d", /* Chinese "yong hu ming" */
};

static const char *const password_words[] = {
    "password",  "passwd",    "passwort",   "kennwort",     "passcode",
    "pass",      "mot de passe", "contrase\303\261a", "contrasena",
    "clave",     "senha",     "parola",     "wachtwoord",
    "\xe5\xaf\x86\xe7\xa0\x81", /* Chinese "mi ma" */
};

static const char *const failure_words[] = {
    "incorrect", "failed",  "failure",   "invalid",  "denied",
    "bad ",      "wrong",   "not match", "fehlgeschlagen", "falsch",
    "incorrecto", "locked", "too many",  "rejected", "unauthorized",
};

static const char *const success_words[] = {
    "busybox", "welcome", "last login", "built-in shell", "main menu",
    "login successful", "logged in",
};

/* The colon that ends a prompt, also in its wide Chinese form. */
static struct bytes without_colon(struct bytes tail)
{
    struct bytes wide = bytes_of_text("\xef\xbc\x9a");

    if (bytes_end_with_nocase(tail, wide))
        return bytes_trim(bytes_slice(tail, 0, tail.size - wide.size));
    if (bytes_end_with_nocase(tail, bytes_of(":", 1)))
        return bytes_trim(bytes_slice(tail, 0, tail.size - 1));
    return (struct bytes){ 0 };
}

static bool ends_with_any(struct bytes text, const char *const *words,
                          size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_end_with_nocase(text, bytes_of_text(words[i])))
            return true;
    return false;
}

static bool has_any(struct bytes text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_find_nocase(text, bytes_of_text(words[i])) < text.size)
            return true;
    return false;
}

/* "root@host:~#", "$", "BusyBox>", "RP/0/RSP0 %": a mark at the end of a
 * line that is no longer than a prompt. */
static bool is_shell(struct bytes tail)
{
    static const char *const marks[] = { "#", "$", ">", "%" };

    return ends_with_any(tail, marks, COUNT_OF(marks));
}

enum telnet_prompt telnet_prompt(struct bytes tail)
{
    struct bytes text = bytes_trim(tail);
    struct bytes question = without_colon(text);

    if (ends_with_any(question, user_words, COUNT_OF(user_words)))
        return TELNET_PROMPT_USER;
    if (ends_with_any(question, password_words, COUNT_OF(password_words)))
        return TELNET_PROMPT_PASSWORD;
    return is_shell(text) ? TELNET_PROMPT_SHELL : TELNET_PROMPT_NONE;
}

static const char success[] = "success";

const char *telnet_outcome(struct bytes line)
{
    if (has_any(line, failure_words, COUNT_OF(failure_words)))
        return "failure";
    if (has_any(line, success_words, COUNT_OF(success_words)))
        return success;
    return NULL;
}

bool telnet_is_success(const char *outcome)
{
    return outcome == success;
}

bool telnet_is_text(struct bytes data)
{
    static const char controls[] = "\a\b\t\n\v\f\r\x1b";
    struct bytes allowed = bytes_of(controls, sizeof controls); /* and NUL */
    struct reader r = reader_of(data);

    while (reader_left(&r) > 0) {
        uint8_t byte = reader_u8(&r);
        if (byte < ' ' && bytes_find_byte(allowed, byte) == allowed.size)
            return false;
    }
    return data.size > 0;
}
