/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dns_message.h"

#include "base/arena_writer.h"

/* Mnemonics of the IANA registry "Domain Name System (DNS) Parameters". */
struct mnemonic {
    uint16_t number;
    const char *name;
};

/* Types below 70 by their number. */
static const char *const low_types[] = {
    [1] = "A",           [2] = "NS",          [3] = "MD",
    [4] = "MF",          [5] = "CNAME",       [6] = "SOA",
    [7] = "MB",          [8] = "MG",          [9] = "MR",
    [10] = "NULL",       [11] = "WKS",        [12] = "PTR",
    [13] = "HINFO",      [14] = "MINFO",      [15] = "MX",
    [16] = "TXT",        [17] = "RP",         [18] = "AFSDB",
    [19] = "X25",        [20] = "ISDN",       [21] = "RT",
    [22] = "NSAP",       [23] = "NSAP-PTR",   [24] = "SIG",
    [25] = "KEY",        [26] = "PX",         [27] = "GPOS",
    [28] = "AAAA",       [29] = "LOC",        [30] = "NXT",
    [31] = "EID",        [32] = "NIMLOC",     [33] = "SRV",
    [34] = "ATMA",       [35] = "NAPTR",      [36] = "KX",
    [37] = "CERT",       [38] = "A6",         [39] = "DNAME",
    [40] = "SINK",       [41] = "OPT",        [42] = "APL",
    [43] = "DS",         [44] = "SSHFP",      [45] = "IPSECKEY",
    [46] = "RRSIG",      [47] = "NSEC",       [48] = "DNSKEY",
    [49] = "DHCID",      [50] = "NSEC3",      [51] = "NSEC3PARAM",
    [52] = "TLSA",       [53] = "SMIMEA",     [55] = "HIP",
    [56] = "NINFO",      [57] = "RKEY",       [58] = "TALINK",
    [59] = "CDS",        [60] = "CDNSKEY",    [61] = "OPENPGPKEY",
    [62] = "CSYNC",      [63] = "ZONEMD",     [64] = "SVCB",
    [65] = "HTTPS",      [66] = "DSYNC",
};

static const struct mnemonic high_types[] = {
    { 99, "SPF" },    { 104, "NID" },   { 105, "L32" },   { 106, "L64" },
    { 107, "LP" },    { 108, "EUI48" }, { 109, "EUI64" }, { 249, "TKEY" },
    { 250, "TSIG" },  { 251, "IXFR" },  { 252, "AXFR" },  { 253, "MAILB" },
    { 254, "MAILA" }, { 255, "ANY" },   { 256, "URI" },   { 257, "CAA" },
    { 258, "AVC" },   { 260, "AMTRELAY" }, { 32768, "TA" }, { 32769, "DLV" },
};

static const struct mnemonic classes[] = {
    { 1, "IN" }, { 3, "CH" }, { 4, "HS" }, { 254, "NONE" }, { 255, "ANY" },
};

static const char *const rcodes[] = {
    "NOERROR", "FORMERR",  "SERVFAIL", "NXDOMAIN", "NOTIMP",  "REFUSED",
    "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE", "DSOTYPENI",
    NULL,       NULL,      NULL,       NULL,       "BADVERS", "BADKEY",
    "BADTIME",  "BADMODE", "BADNAME",  "BADALG",   "BADTRUNC", "BADCOOKIE",
};

static const char *const opcodes[] = {
    "QUERY", "IQUERY", "STATUS", NULL, "NOTIFY", "UPDATE", "DSO",
};

static const char *find(const struct mnemonic *table, size_t count,
                        uint16_t number)
{
    for (size_t i = 0; i < count; i++)
        if (table[i].number == number)
            return table[i].name;
    return NULL;
}

/* The name, or the prefix with the number (RFC 3597 section 5). */
static struct bytes name_or_number(const char *name, const char *prefix,
                                   unsigned number, struct arena *arena)
{
    struct arena_writer w;

    if (name)
        return bytes_of_text(name);
    arena_writer_init(&w, arena, 16);
    arena_writer_text(&w, prefix);
    arena_writer_number(&w, number);
    return arena_writer_view(&w);
}

static const char *find_type(uint16_t type)
{
    if (type < COUNT_OF(low_types))
        return low_types[type];
    return find(high_types, COUNT_OF(high_types), type);
}

bool dns_type_is_known(uint16_t type)
{
    return find_type(type) != NULL;
}

struct bytes dns_type_name(uint16_t type, struct arena *arena)
{
    return name_or_number(find_type(type), "TYPE", type, arena);
}

struct bytes dns_class_name(uint16_t class, struct arena *arena)
{
    return name_or_number(find(classes, COUNT_OF(classes), class), "CLASS",
                          class, arena);
}

struct bytes dns_rcode_name(unsigned rcode, struct arena *arena)
{
    return name_or_number(rcode < COUNT_OF(rcodes) ? rcodes[rcode] : NULL,
                          "RCODE", rcode, arena);
}

struct bytes dns_opcode_name(unsigned opcode, struct arena *arena)
{
    return name_or_number(opcode < COUNT_OF(opcodes) ? opcodes[opcode] : NULL,
                          "OPCODE", opcode, arena);
}
