/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whose network card: the IEEE registries of address blocks, as Debian's
 * ieee-data installs them (oui.txt, mam.txt, oui36.txt and iab.txt in one
 * folder). Held in one sorted array of numbers and one text in which each
 * name stands once, about 1.5 MB; the caller owns the list.
 */
#include "base/error.h"
#include "net/address.h"

enum {
    VENDOR_FILE_MAX = 32 << 20,  /* The largest is 5 MB. */
    VENDOR_COUNT_MAX = 1 << 20,  /* There are 50,000. */
    VENDOR_NAME_MAX = 255,       /* Bytes; the longest has 128. */
};

struct vendor_list;

/*
 * Read the files in `directory`. oui.txt must be there; the others may be
 * missing. 0 and the list, or a negative error with its text in `failure`.
 */
int vendor_list_load(const char *directory, struct vendor_list **list,
                     struct failure *failure) MUST_USE;
void vendor_list_free(struct vendor_list *list);

/* The organisation of the longest block (36, 28 or 24 bits) that holds `mac`,
 * valid as long as the list; empty when there is none or `list` is null. */
struct bytes vendor_list_find(const struct vendor_list *list, struct mac mac);

size_t vendor_list_count(const struct vendor_list *list);
size_t vendor_list_memory(const struct vendor_list *list);
