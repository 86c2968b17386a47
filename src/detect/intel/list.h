/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lists of values, a line each: plain, with columns, and the layouts that
 * abuse.ch, Spamhaus and Suricata publish. A column map is stated by the user
 * or found from the line that names the columns.
 */
#include "detect/intel/internal.h"

enum {
    LIST_COLUMN_MAX = 64,  /* Of one line; the rest is not looked at. */
    LIST_LABEL_MAX = 8,    /* Columns that say what a value is. */
    LIST_CATEGORY_MAX = 64, /* Suricata's iprep has 60. */
};

enum list_form {
    LIST_PLAIN,
    LIST_COLUMNS,
    LIST_IPREP,
    LIST_DATASET_STRING,   /* Base64 */
    LIST_HASHES,           /* MISP: MD5 of a value, event. */
    LIST_KEV,
    LIST_EPSS,
};

/* Where what stands, columns from 1, 0 for not at all. */
struct intel_columns {
    bool is_stated;
    enum list_form form;
    enum intel_kind kind;
    bool has_header;
    uint8_t separator;
    size_t value;
    size_t type;
    size_t from;
    size_t until;
    size_t confidence;
    size_t labels[LIST_LABEL_MAX];
    size_t label_count;
    const char *categories[LIST_CATEGORY_MAX];
};

/* The map from a line that names its columns; false when it does not. */
bool list_columns_find(struct bytes header, struct intel_columns *columns);

/* The fields of a line: quotes are taken off, "" inside them is one. Views
 * into the line or `scratch`, which is reset; answers how many. */
size_t list_split(struct arena *scratch, struct bytes line, uint8_t separator,
                  struct bytes fields[LIST_COLUMN_MAX]);
