/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keywords that ask lists: dataset, datarep, filemd5 and its like. The files
 * stand beside the rules; a set of one name is one set for all rules.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena_writer.h"
#include "base/memory.h"
#include "base/reader.h"
#include "detect/rule_files.h"
#include "detect/signature/dataset.h"
#include "detect/signature/draft.h"
#include "detect/signature/network.h"
#include "detect/signature/part.h"
#include "detect/signature/reputation.h"

enum {
    LIST_FILE_SIZE_MAX = 64 << 20,
    LIST_SET_MAX = 1024,     /* Sets of all rules. */
    LIST_VALUE_SIZE_MAX = 4096,
};

enum list_type { LIST_STRING, LIST_DIGEST, LIST_ADDRESS };

static const struct {
    const char *name;
    enum list_type type;
    uint8_t size; /* Of each value in bytes; 0 for any. */
} list_types[] = {
    { "string", LIST_STRING, 0 },  { "md5", LIST_DIGEST, 16 },
    { "sha1", LIST_DIGEST, 20 },   { "sha256", LIST_DIGEST, 32 },
    { "ipv4", LIST_ADDRESS, 4 },   { "ipv6", LIST_ADDRESS, 16 },
    { "ip", LIST_ADDRESS, 0 },
};

/* What a keyword says of its set. */
struct list_options {
    struct bytes name;
    struct bytes file;
    enum list_type type;
    uint8_t size;
    bool has_type;
    bool may_be_missing; /* state: begins without its file. */
    bool has_reputation;
};

struct list_load {
    struct arena arena;  /* Of one line. */
    struct dataset *set;
    const struct list_options *options;
    size_t bad_lines;
    bool is_full;
};

/* Value of a digit of base64 (RFC 4648 section 4), or 64. */
static unsigned base64_digit(uint8_t byte)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                 "qrstuvwxyz0123456789+/";

    return (unsigned)bytes_find_byte(bytes_of(digits, 64), byte);
}

static bool decode_base64(struct bytes text, struct arena_writer *w)
{
    unsigned bits = 0, value = 0;

    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = part_byte(text, i);
        if (byte == '=')
            break;
        if (base64_digit(byte) == 64)
            return false;
        value = value << 6 | base64_digit(byte);
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        arena_writer_byte(w, (uint8_t)(value >> bits));
    }
    return w->size > 0;
}

static bool decode_hex(struct bytes text, size_t size, struct arena_writer *w)
{
    uint64_t byte;

    for (size_t i = 0; i + 1 < text.size && w->size < size; i += 2) {
        uint8_t digits[4] = { '0', 'x', part_byte(text, i),
                              part_byte(text, i + 1) };
        if (!part_number(bytes_of(digits, sizeof digits), UINT8_MAX, &byte))
            return false;
        arena_writer_byte(w, (uint8_t)byte);
    }
    return text.size == 2 * size && w->size == size;
}

static bool decode_address(struct bytes text, struct arena_writer *w)
{
    struct ip ip;

    if (!ip_parse(text, &ip))
        return false;
    arena_writer_bytes(w, ip_wire(&ip));
    return true;
}

static bool decode_value(const struct list_options *options,
                         struct bytes text, struct arena_writer *w)
{
    switch (options->type) {
    case LIST_STRING:
        return decode_base64(text, w);
    case LIST_DIGEST:
        return decode_hex(text, options->size, w);
    case LIST_ADDRESS:
        break;
    }
    return decode_address(text, w);
}

/* "value" or "value,reputation"; digests may have a file name after them. */
static bool load_line(struct list_load *load, struct bytes line)
{
    struct bytes value, number, word, rest = line;
    struct arena_writer w;
    uint64_t reputation = 0;

    (void)part_next(&rest, ',', &value); /* The line is not empty. */
    if (load->options->type == LIST_DIGEST && part_word(&value, &word))
        value = word;
    if (value.size > LIST_VALUE_SIZE_MAX)
        return false;
    if (load->options->has_reputation &&
        (!part_next(&rest, ',', &number) ||
         !part_number(number, UINT16_MAX, &reputation)))
        return false;
    arena_reset(&load->arena);
    arena_writer_init(&w, &load->arena, value.size + 1);
    if (!decode_value(load->options, value, &w))
        return false;
    if (!dataset_load_value(load->set, arena_writer_view(&w),
                            (uint16_t)reputation))
        load->is_full = true;
    return true;
}

static void load_text(void *context, const char *path, struct bytes text)
{
    struct list_load *load = context;
    struct bytes line;

    (void)path;
    if (text.size > LIST_FILE_SIZE_MAX) {
        load->is_full = true;
        return;
    }
    while (part_next(&text, '\n', &line))
        if (line.size > 0 && part_byte(line, 0) != '#' &&
            !load_line(load, line))
            load->bad_lines++;
}

static bool wants_none(void *context, const char *path)
{
    (void)context;
    (void)path;
    return false;
}

static void ignore_unreadable(void *context, const char *path, int error)
{
    (void)context;
    (void)path;
    (void)error;
}

/* Beside the rules, unless it is named from the root; never above. */
static const char *list_path(struct draft *d, struct bytes file)
{
    struct arena_writer w;

    if (bytes_find(file, bytes_of_text("..")) < file.size)
        return NULL;
    arena_writer_init(&w, &d->set->scratch, file.size + 64);
    if (part_byte(file, 0) != '/' && d->set->folder)
        arena_writer_text(&w, d->set->folder);
    arena_writer_bytes(&w, file);
    return arena_copy_text(&d->set->scratch, arena_writer_view(&w));
}

static bool load_list(struct draft *d, struct dataset *set,
                      const struct list_options *options)
{
    struct list_load load = { .set = set, .options = options };
    const struct rule_file_visitor visitor = {
        .size_max = LIST_FILE_SIZE_MAX,
        .wants = wants_none,
        .read = load_text,
        .unreadable = ignore_unreadable,
        .context = &load,
    };
    const char *path = list_path(d, options->file);

    if (!path)
        return draft_refuse(d, "put the list beside the rules",
                            "%s leads out of the folder of the rules",
                            draft_quote(d, options->file));
    arena_init(&load.arena);
    int result = rule_files_visit(&visitor, path);
    arena_clear(&load.arena);
    if (result < 0 && !options->may_be_missing)
        return draft_refuse(d, "put the list beside the rules",
                            "%s cannot be read: %s",
                            draft_quote(d, options->file),
                            error_text(result));
    if (load.is_full)
        return draft_refuse(d, NULL, "%s holds more than %d values or 64 MiB",
                            draft_quote(d, options->file),
                            DATASET_VALUE_MAX);
    if (load.bad_lines > 0)
        draft_warn(d, options->type == LIST_STRING
                          ? "strings are written in base64" : NULL,
                   "%zu lines of %s are no values of it", load.bad_lines,
                   draft_quote(d, options->file));
    return true;
}

static struct dataset *find_set(const struct signature *set,
                                struct bytes name)
{
    for (size_t i = 0; i < set->dataset_count; i++)
        if (bytes_equal(name, bytes_of_text(dataset_name(set->datasets[i]))))
            return set->datasets[i];
    return NULL;
}

static struct dataset *add_set(struct draft *d, struct bytes name)
{
    struct signature *set = d->set;

    if (set->dataset_count == LIST_SET_MAX) {
        (void)draft_refuse(d, NULL, "more than %d sets", LIST_SET_MAX);
        return NULL;
    }
    set->datasets = memory_resize(set->datasets, set->dataset_count + 1,
                                  sizeof(struct dataset *));
    return set->datasets[set->dataset_count++] =
               dataset_new(arena_copy_text(&set->scratch, name));
}

/* The set of this name, made and filled when this is the first to say what
 * it is of. */
static struct dataset *open_set(struct draft *d,
                                const struct list_options *options)
{
    struct dataset *set = find_set(d->set, options->name);

    if (set)
        return set;
    if (!options->has_type) {
        (void)draft_refuse(d, "type string, md5, sha1, sha256, ipv4 or ip",
                           "the first rule of a set says its type");
        return NULL;
    }
    set = add_set(d, options->name);
    if (!set || (options->file.size > 0 && !load_list(d, set, options)))
        return NULL;
    return set;
}

static bool read_type(struct bytes word, struct list_options *options)
{
    for (size_t i = 0; i < COUNT_OF(list_types); i++) {
        if (!part_is_nocase(word, list_types[i].name))
            continue;
        options->type = list_types[i].type;
        options->size = list_types[i].size;
        options->has_type = true;
        return true;
    }
    return false;
}

/* One "key value" after the name. */
static bool read_option(struct draft *d, struct bytes part,
                        struct list_options *options)
{
    if (part_skip(&part, "type"))
        return read_type(part, options);
    if (part_skip(&part, "load")) {
        options->file = part;
        return part.size > 0;
    }
    if (part_skip(&part, "state")) {
        options->file = part;
        options->may_be_missing = true;
        draft_warn(d, NULL, "what is added to the set is not written back");
        return part.size > 0;
    }
    if (part_skip(&part, "save")) {
        draft_warn(d, NULL, "the set is not written to a file");
        return true;
    }
    return bytes_start_with(part, bytes_of_text("memcap")) ||
           bytes_start_with(part, bytes_of_text("hashsize"));
}

static bool read_options(struct draft *d, struct bytes value,
                         struct list_options *options)
{
    struct bytes part;

    while (part_next(&value, ',', &part))
        if (!read_option(d, part, options))
            return draft_refuse(d, "dataset:isset, NAME, type string, load "
                                   "FILE", "%s is none of its options",
                                draft_quote(d, part));
    return true;
}

static bool add_test(struct draft *d, const struct dataset_test *dataset,
                     bool negated)
{
    struct rule_test *test;

    if (!d->is_sticky)
        return draft_refuse(d, "dns.query; dataset:...",
                            "stands after a sticky buffer");
    test = draft_add_test(d, TEST_DATASET, false);
    if (!test)
        return false;
    test->negated = negated;
    test->dataset = *dataset;
    return true;
}

/* "isset, NAME, type string, load FILE" */
bool keyword_dataset(struct draft *d, const struct keyword *keyword,
                     struct bytes value)
{
    static const struct {
        const char *name;
        enum bits_action action;
    } commands[] = {
        { "set", BITS_SET }, { "unset", BITS_UNSET },
        { "isset", BITS_IS_SET }, { "isnotset", BITS_IS_NOT_SET },
    };
    struct list_options options = { 0 };
    struct dataset_test dataset = { 0 };
    struct bytes command;
    size_t i = 0;

    (void)keyword;
    if (!part_next(&value, ',', &command) ||
        !part_next(&value, ',', &options.name) || options.name.size == 0)
        return draft_refuse(d, "dataset:isset, NAME, type string, load FILE",
                            "the name of the set is missing");
    while (i < COUNT_OF(commands) && !part_is(command, commands[i].name))
        i++;
    if (i == COUNT_OF(commands))
        return draft_refuse(d, "set, unset, isset or isnotset",
                            "%s is none of its commands",
                            draft_quote(d, command));
    if (!read_options(d, value, &options))
        return false;
    dataset.action = (uint8_t)commands[i].action;
    dataset.set = open_set(d, &options);
    return dataset.set && add_test(d, &dataset, false);
}

static bool read_comparison(struct bytes text, uint8_t *comparison)
{
    static const char *const names[] = {
        [IS_EQUAL] = "==", [IS_NOT_EQUAL] = "!=", [IS_LESS] = "<",
        [IS_LESS_OR_EQUAL] = "<=", [IS_GREATER] = ">",
        [IS_GREATER_OR_EQUAL] = ">=",
    };
    size_t index = part_is(text, "=") ? IS_EQUAL
                                      : part_index(text, names,
                                                   COUNT_OF(names));

    *comparison = (uint8_t)index;
    return index < COUNT_OF(names);
}

/* "NAME, >, 200, type string, load FILE" */
bool keyword_datarep(struct draft *d, const struct keyword *keyword,
                     struct bytes value)
{
    struct list_options options = { .has_reputation = true };
    struct dataset_test dataset = { .is_reputation = true,
                                    .action = BITS_IS_SET };
    struct bytes word, number;
    uint64_t score;

    (void)keyword;
    if (!part_next(&value, ',', &options.name) ||
        !part_next(&value, ',', &word) || !part_next(&value, ',', &number) ||
        !read_comparison(word, &dataset.comparison) ||
        !part_number(number, UINT16_MAX, &score))
        return draft_refuse(d, "datarep:NAME, >, 200, type string, load FILE",
                            "it takes a name, a comparison and a number");
    if (!read_options(d, value, &options))
        return false;
    dataset.value = (uint16_t)score;
    dataset.set = open_set(d, &options);
    return dataset.set && add_test(d, &dataset, false);
}

/* "any,Category,>,30", "src,Category,isset": the addresses are found now. */
bool keyword_iprep(struct draft *d, const struct keyword *keyword,
                   struct bytes value)
{
    static const char *const sides[] = { "any", "src", "dst", "both" };
    struct bytes side, name, word, number;
    uint8_t comparison = IS_GREATER_OR_EQUAL;
    uint64_t score = 0;

    (void)keyword;
    if (!part_next(&value, ',', &side) || !part_next(&value, ',', &name) ||
        !part_next(&value, ',', &word) ||
        part_index(side, sides, COUNT_OF(sides)) == COUNT_OF(sides))
        return draft_refuse(d, "iprep:any,CATEGORY,>,30",
                            "it takes a side, a category, a comparison and a "
                            "score");
    uint8_t category = reputations_category(d->set->reputations, name);
    if (category == 0)
        return draft_refuse(d, "put categories.txt and iprep.list beside the "
                               "rules", "%s is no category that is known",
                            draft_quote(d, name));
    bool unset = part_is(word, "isnotset");
    if (!unset && !part_is(word, "isset") &&
        (!read_comparison(word, &comparison) ||
         !part_next(&value, ',', &number) ||
         !part_number(number, REPUTATION_SCORE_MAX, &score)))
        return draft_refuse(d, "<, <=, =, !=, >, >= and 0 to 127, isset or "
                               "isnotset", "no comparison with a score");
    struct rule_condition *condition =
        draft_add_condition(d, CONDITION_IP_REPUTATION);
    if (!condition)
        return false;
    struct span_list list = reputations_find(
        d->set->reputations, category, (enum comparison)comparison,
        (uint8_t)score);
    condition->negated = unset;
    condition->reputation = (struct reputation_test){
        .side = (uint8_t)part_index(side, sides, COUNT_OF(sides)),
        .category = category,
        .addresses = network_intern(d->set->networks, &list),
    };
    span_list_clear(&list);
    return true;
}

/* "FILE": one digest a line, in hexadecimal digits. */
bool keyword_file_digests(struct draft *d, const struct keyword *keyword,
                          struct bytes value)
{
    struct list_options options = {
        .file = value, .type = LIST_DIGEST, .has_type = true,
        .size = (uint8_t)keyword->number,
    };
    struct arena_writer name;

    arena_writer_init(&name, &d->set->scratch, value.size + 16);
    arena_writer_text(&name, keyword->name);
    arena_writer_byte(&name, ':');
    arena_writer_bytes(&name, value);
    options.name = arena_writer_view(&name);
    struct dataset *set = open_set(d, &options);
    if (!set)
        return false;
    struct rule_test *test = draft_add_view_test(d, VIEW_FILE_DATA,
                                                 TEST_DIGEST);
    if (!test)
        return false;
    struct digest_list *list =
        arena_allocate_zeroed(&d->set->arena, 1, sizeof *list);
    *list = (struct digest_list){ options.size, set };
    test->negated = d->negated;
    test->digests = list;
    return true;
}
