/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intel/list.h"

size_t list_split(struct arena *scratch, struct bytes line, uint8_t separator,
                  struct bytes fields[LIST_COLUMN_MAX])
{
    size_t count = 0;
    size_t at = 0;

    arena_reset(scratch);
    while (count < LIST_COLUMN_MAX && at <= line.size) {
        while (at < line.size && line.data[at] == ' ')
            at++;
        if (at >= line.size || line.data[at] != '"') {
            struct bytes rest = bytes_slice(line, at, line.size);
            size_t size = bytes_find_byte(rest, separator);
            fields[count++] = bytes_trim(bytes_slice(rest, 0, size));
            at += size + 1;
            continue;
        }
        uint8_t *text = arena_allocate(scratch, line.size - at + 1);
        size_t size = 0;
        for (at++; at < line.size; at++) {
            if (line.data[at] == '"') {
                if (at + 1 >= line.size || line.data[at + 1] != '"')
                    break;
                at++;
            }
            text[size++] = line.data[at];
        }
        fields[count++] = bytes_of(text, size);
        while (at < line.size && line.data[at] != separator)
            at++;
        at++;
    }
    return count;
}

enum part {
    PART_VALUE,
    PART_TYPE,
    PART_FROM,
    PART_UNTIL,
    PART_CONFIDENCE,
    PART_LABEL,
    PART_CVE,
    PART_EPSS,
};

static const struct {
    const char *name;
    enum part part;
} names[] = {
    { "ioc_value", PART_VALUE }, { "ioc", PART_VALUE },
    { "indicator", PART_VALUE }, { "value", PART_VALUE },
    { "url", PART_VALUE }, { "domain", PART_VALUE },
    { "hostname", PART_VALUE }, { "host", PART_VALUE },
    { "ip", PART_VALUE }, { "dst_ip", PART_VALUE },
    { "ip_address", PART_VALUE }, { "ipaddress", PART_VALUE },
    { "cidr", PART_VALUE }, { "netblock", PART_VALUE },
    { "sha256_hash", PART_VALUE }, { "sha256", PART_VALUE },
    { "sha1", PART_VALUE }, { "sha1_hash", PART_VALUE },
    { "md5_hash", PART_VALUE }, { "md5", PART_VALUE },
    { "ja3_md5", PART_VALUE }, { "mac", PART_VALUE },
    { "type", PART_TYPE }, { "ioc_type", PART_TYPE },
    { "indicator_type", PART_TYPE },
    { "first_seen_utc", PART_FROM }, { "first_seen", PART_FROM },
    { "firstseen", PART_FROM }, { "dateadded", PART_FROM },
    { "date_added", PART_FROM }, { "valid_from", PART_FROM },
    { "listingdate", PART_FROM },
    { "valid_until", PART_UNTIL }, { "expires", PART_UNTIL },
    { "expiration", PART_UNTIL },
    { "confidence", PART_CONFIDENCE },
    { "confidence_level", PART_CONFIDENCE },
    { "threat", PART_LABEL }, { "threat_type", PART_LABEL },
    { "malware", PART_LABEL }, { "malware_printable", PART_LABEL },
    { "tags", PART_LABEL }, { "category", PART_LABEL },
    { "labels", PART_LABEL }, { "signature", PART_LABEL },
    { "listingreason", PART_LABEL },
    { "cve", PART_CVE }, { "cveid", PART_CVE }, { "epss", PART_EPSS },
};

static void place(struct intel_columns *columns, enum part part,
                  struct bytes name, size_t column)
{
    switch (part) {
    case PART_VALUE:
        if (!columns->value) {
            columns->value = column;
            columns->kind = intel_kind_find(name);
        }
        break;
    case PART_TYPE:
        columns->type = column;
        break;
    case PART_FROM:
        columns->from = column;
        break;
    case PART_UNTIL:
        columns->until = column;
        break;
    case PART_CONFIDENCE:
        columns->confidence = column;
        break;
    case PART_LABEL:
        if (columns->label_count < LIST_LABEL_MAX)
            columns->labels[columns->label_count++] = column;
        break;
    case PART_CVE:
        columns->value = column;
        columns->form = LIST_KEV;
        break;
    case PART_EPSS:
        columns->confidence = column;
        columns->form = LIST_EPSS;
        break;
    }
}

bool list_columns_find(struct bytes header, struct intel_columns *columns)
{
    static const uint8_t separators[] = { ',', '\t', ';' };
    struct intel_columns found = {
        .form = LIST_COLUMNS, .kind = INTEL_ANY, .separator = ',',
    };
    struct bytes fields[LIST_COLUMN_MAX];
    struct arena scratch;
    size_t count = 0;

    while (header.size > 0 &&
           (header.data[0] == '#' || header.data[0] == ' '))
        header = bytes_slice(header, 1, header.size);
    arena_init(&scratch);
    for (size_t i = 0; i < COUNT_OF(separators) && count < 2; i++) {
        found.separator = separators[i];
        count = list_split(&scratch, header, separators[i], fields);
    }
    for (size_t i = 0; i < count && count > 1; i++)
        for (size_t j = 0; j < COUNT_OF(names); j++)
            if (bytes_equal_nocase(fields[i],
                                   bytes_of_text(names[j].name)))
                place(&found, names[j].part, fields[i], i + 1);
    arena_clear(&scratch);
    if (!found.value || (found.form == LIST_KEV && !found.from))
        return false;
    *columns = found;
    return true;
}
