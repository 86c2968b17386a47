/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/classes.h"

#include <stdlib.h>

#include "base/compiler.h"
#include "base/memory.h"
#include "detect/signature/part.h"

struct reference_kind {
    const char *name;
    const char *prefix;
};

struct rule_classes {
    struct arena arena;
    struct rule_class classes[RULE_CLASS_MAX];
    size_t class_count;
    struct reference_kind kinds[RULE_REFERENCE_KIND_MAX];
    size_t kind_count;
};

static const struct rule_class known_classes[] = {
#define CLASS(name, priority, harm, severity, description) \
    { name, description, priority, harm, SEVERITY_##severity },
#include "detect/signature/classes.def"
#undef CLASS
};

static const struct reference_kind known_kinds[] = {
    { "bugtraq", "http://www.securityfocus.com/bid/" },
    { "bid", "http://www.securityfocus.com/bid/" },
    { "cve", "https://cve.mitre.org/cgi-bin/cvename.cgi?name=" },
    { "secunia", "http://www.secunia.com/advisories/" },
    { "arachNIDS", "http://www.whitehats.com/info/IDS" },
    { "McAfee", "http://vil.nai.com/vil/content/v_" },
    { "nessus", "http://cgi.nessus.org/plugins/dump.php3?id=" },
    { "url", "https://" },
    { "et", "https://doc.emergingthreats.net/" },
    { "etpro", "https://doc.emergingthreatspro.com/" },
    { "telus", "http://" },
    { "osvdb", "http://osvdb.org/show/osvdb/" },
    { "threatexpert", "http://www.threatexpert.com/report.aspx?md5=" },
    { "md5", "https://www.virustotal.com/gui/search/" },
    { "sha1", "https://www.virustotal.com/gui/search/" },
    { "sha256", "https://www.virustotal.com/gui/search/" },
    { "exploitdb", "https://www.exploit-db.com/exploits/" },
    { "openpacket", "https://www.openpacket.org/capture/grab/" },
    { "securitytracker", "http://securitytracker.com/id?" },
    { "xforce", "http://xforce.iss.net/xforce/xfdb/" },
    { "msft", "http://technet.microsoft.com/security/bulletin/" },
};

struct rule_classes *classes_new(void)
{
    struct rule_classes *classes = memory_new(1, sizeof *classes);

    arena_init(&classes->arena);
    for (size_t i = 0; i < COUNT_OF(known_classes); i++)
        classes->classes[classes->class_count++] = known_classes[i];
    for (size_t i = 0; i < COUNT_OF(known_kinds); i++)
        classes->kinds[classes->kind_count++] = known_kinds[i];
    return classes;
}

void classes_free(struct rule_classes *classes)
{
    if (!classes)
        return;
    arena_clear(&classes->arena);
    free(classes);
}

const struct rule_class *classes_find(const struct rule_classes *classes,
                                      struct bytes name)
{
    for (size_t i = 0; i < classes->class_count; i++)
        if (part_is_nocase(name, classes->classes[i].name))
            return &classes->classes[i];
    return NULL;
}

const char *classes_reference(const struct rule_classes *classes,
                              struct bytes kind)
{
    for (size_t i = 0; i < classes->kind_count; i++)
        if (part_is_nocase(kind, classes->kinds[i].name))
            return classes->kinds[i].prefix;
    return NULL;
}

static struct rule_class *class_room(struct rule_classes *classes,
                                     struct bytes name)
{
    for (size_t i = 0; i < classes->class_count; i++)
        if (part_is_nocase(name, classes->classes[i].name))
            return &classes->classes[i];
    if (classes->class_count == RULE_CLASS_MAX)
        return NULL;
    struct rule_class *class = &classes->classes[classes->class_count++];
    *class = (struct rule_class){
        .name = arena_copy_text(&classes->arena, name),
        .harm = "other/undetermined",
        .severity = SEVERITY_NOTICE,
    };
    return class;
}

/* A class that is new has no harm we know of: its priority says how bad. */
static void judge_class(struct rule_class *class)
{
    for (size_t i = 0; i < COUNT_OF(known_classes); i++)
        if (known_classes[i].name == class->name)
            return;
    class->severity = class->priority <= 1 ? SEVERITY_WARNING
                                           : SEVERITY_NOTICE;
}

static const char *read_class(struct rule_classes *classes, struct bytes text)
{
    struct bytes name, description, priority;
    uint64_t number;

    if (!part_next(&text, ',', &name) || name.size == 0 ||
        !part_next(&text, ',', &description) ||
        !part_next(&text, ',', &priority) ||
        !part_number(priority, 255, &number))
        return "not config classification: NAME,TEXT,PRIORITY";
    struct rule_class *class = class_room(classes, name);
    if (!class)
        return "too many classes";
    class->description = arena_copy_text(&classes->arena, description);
    class->priority = (uint32_t)number;
    judge_class(class);
    return NULL;
}

static struct reference_kind *kind_room(struct rule_classes *classes,
                                        struct bytes name)
{
    for (size_t i = 0; i < classes->kind_count; i++)
        if (part_is_nocase(name, classes->kinds[i].name))
            return &classes->kinds[i];
    if (classes->kind_count == RULE_REFERENCE_KIND_MAX)
        return NULL;
    struct reference_kind *kind = &classes->kinds[classes->kind_count++];
    kind->name = arena_copy_text(&classes->arena, name);
    return kind;
}

static const char *read_kind(struct rule_classes *classes, struct bytes text)
{
    struct bytes name;

    text = bytes_trim(text);
    if (!part_word(&text, &name) || text.size == 0)
        return "not config reference: NAME PREFIX";
    struct reference_kind *kind = kind_room(classes, name);
    if (!kind)
        return "too many kinds of references";
    kind->prefix = arena_copy_text(&classes->arena, text);
    return NULL;
}

bool classes_read_line(struct rule_classes *classes, struct bytes line,
                       const char **problem)
{
    *problem = NULL;
    if (!part_skip(&line, "config"))
        return false;
    if (part_skip(&line, "classification")) {
        (void)part_skip(&line, ":");
        *problem = read_class(classes, line);
        return true;
    }
    if (part_skip(&line, "reference")) {
        (void)part_skip(&line, ":");
        *problem = read_kind(classes, line);
        return true;
    }
    return false;
}
