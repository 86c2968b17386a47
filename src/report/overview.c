/* SPDX-License-Identifier: Apache-2.0 */
#include "report/overview.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { GROW_FIRST = 64 };

/* Room for one more; sizes double, so a count at a power of two is full. */
static void *grow(void *items, size_t count, size_t size)
{
    if (count == 0)
        return memory_new(GROW_FIRST, size);
    if (count < GROW_FIRST || (count & (count - 1)) != 0)
        return items;
    return memory_resize(items, size_multiply(count, 2), size);
}

static const char *copy(struct overview *overview, const char *text)
{
    return text ? arena_copy_text(&overview->arena, bytes_of_text(text))
                : NULL;
}

static int add_device(void *context, const struct ledger_device *device)
{
    struct overview *overview = context;

    overview->devices = grow(overview->devices, overview->device_count,
                             sizeof *overview->devices);
    overview->devices[overview->device_count++] = (struct overview_device){
        .id = copy(overview, device->id),
        .mac = copy(overview, device->mac),
        .same_as = copy(overview, device->same_as),
        .is_random_mac = device->is_random_mac,
        .is_gateway = device->is_gateway,
    };
    return 0;
}

static int add_address(void *context, const struct ledger_address *address)
{
    struct overview *overview = context;

    overview->addresses = grow(overview->addresses, overview->address_count,
                               sizeof *overview->addresses);
    overview->addresses[overview->address_count++] =
        (struct overview_address){
            .address = copy(overview, address->address),
            .device = overview->device_count, /* The one being read. */
            .last_ns = address->last_ns,
        };
    return 0;
}

static int compare_addresses(const void *left, const void *right)
{
    const struct overview_address *a = left;
    const struct overview_address *b = right;
    int result = strcmp(a->address, b->address);

    if (result != 0)
        return result;
    if (a->last_ns != b->last_ns)
        return a->last_ns > b->last_ns ? -1 : 1;
    return a->device < b->device ? -1 : a->device > b->device;
}

/* Sort, and keep of each address the device that had it last. */
static void sort_addresses(struct overview *overview)
{
    struct overview_address *all = overview->addresses;
    size_t kept = 0;

    if (overview->address_count == 0)
        return;
    qsort(all, overview->address_count, sizeof *all, compare_addresses);
    for (size_t i = 0; i < overview->address_count; i++)
        if (kept == 0 || strcmp(all[kept - 1].address, all[i].address) != 0)
            all[kept++] = all[i];
    overview->address_count = kept;
}

static int read_addresses(struct overview *overview, struct ledger *ledger,
                          int64_t run, struct failure *failure)
{
    size_t count = overview->device_count;
    int result = 0;

    for (size_t i = 0; i < count && result >= 0; i++) {
        overview->device_count = i;
        result = ledger_each_address(ledger, run, overview->devices[i].id,
                                     add_address, overview, failure);
    }
    overview->device_count = count;
    sort_addresses(overview);
    return result;
}

static int compare_address(const void *key, const void *item)
{
    return strcmp(key, ((const struct overview_address *)item)->address);
}

/* The device that had `address` last, or null. */
static struct overview_device *holder(const struct overview *overview,
                                      const char *address)
{
    const struct overview_address *found =
        !address || overview->address_count == 0
            ? NULL
            : bsearch(address, overview->addresses, overview->address_count,
                      sizeof *overview->addresses, compare_address);

    return found ? &overview->devices[found->device] : NULL;
}

static const char *first_of(const char *a, const char *b)
{
    return a ? a : b ? b : "";
}

static int add_finding(void *context, const struct ledger_finding *finding)
{
    struct overview *overview = context;
    const struct overview_device *victim =
        finding->device ? NULL : holder(overview, finding->peer);
    const char *host = victim ? victim->id : finding->device;

    overview->findings = grow(overview->findings, overview->finding_count,
                              sizeof *overview->findings);
    overview->findings[overview->finding_count] = (struct overview_finding){
        .host = host ? copy(overview, host)
                     : copy(overview,
                            first_of(finding->address, finding->mac)),
        .id = copy(overview, finding->id),
        .severity = copy(overview, finding->severity),
        .sentence = copy(overview, finding->sentence),
        .mac = copy(overview, finding->mac),
        .peer = copy(overview, finding->peer),
        .is_remote = !host,
        .order = overview->finding_count,
    };
    overview->finding_count++;
    return 0;
}

static int compare_sizes(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_hosts(const void *left, const void *right)
{
    const struct overview_finding *a = left;
    const struct overview_finding *b = right;
    int result = a->is_remote - b->is_remote;

    if (result == 0)
        result = strcmp(a->host, b->host);
    return result != 0 ? result : compare_sizes(a->order, b->order);
}

static int compare_ranks(const void *left, const void *right)
{
    const struct overview_finding *a = left;
    const struct overview_finding *b = right;
    int result = a->is_remote - b->is_remote;

    if (result == 0)
        result = compare_sizes(a->host_order, b->host_order);
    return result != 0 ? result : compare_sizes(a->order, b->order);
}

static bool same_host(const struct overview_finding *a,
                      const struct overview_finding *b)
{
    return a->is_remote == b->is_remote && strcmp(a->host, b->host) == 0;
}

/* A host stands where its worst finding would. */
static void sort_findings(struct overview *overview)
{
    struct overview_finding *all = overview->findings;

    if (overview->finding_count == 0)
        return;
    qsort(all, overview->finding_count, sizeof *all, compare_hosts);
    for (size_t i = 0; i < overview->finding_count; i++)
        all[i].host_order = i > 0 && same_host(&all[i - 1], &all[i])
                                ? all[i - 1].host_order
                                : all[i].order;
    qsort(all, overview->finding_count, sizeof *all, compare_ranks);
}

static int compare_id(const void *key, const void *item)
{
    return strcmp(key, ((const struct overview_device *)item)->id);
}

static struct overview_device *find(const struct overview *overview,
                                    const char *id)
{
    return overview->device_count == 0
               ? NULL
               : bsearch(id, overview->devices, overview->device_count,
                         sizeof *overview->devices, compare_id);
}

const struct overview_device *
overview_device_find(const struct overview *overview, const char *id)
{
    return find(overview, id);
}

static void mark_devices(struct overview *overview)
{
    for (size_t i = 0; i < overview->finding_count; i++) {
        const struct overview_finding *finding = &overview->findings[i];
        struct overview_device *device = find(overview, finding->host);
        struct overview_device *other = holder(overview, finding->peer);
        if (device)
            device->has_findings = true;
        if (other)
            other->is_other_end = true;
    }
}

int overview_init(struct overview *overview, struct ledger *ledger,
                  int64_t run, struct failure *failure)
{
    *overview = (struct overview){ 0 };
    arena_init(&overview->arena);
    int result =
        ledger_each_device(ledger, run, add_device, overview, failure);
    if (result >= 0)
        result = read_addresses(overview, ledger, run, failure);
    if (result >= 0)
        result =
            ledger_each_finding(ledger, run, add_finding, overview, failure);
    if (result < 0)
        return result;
    sort_findings(overview);
    mark_devices(overview);
    return 0;
}

void overview_clear(struct overview *overview)
{
    free(overview->devices);
    free(overview->addresses);
    free(overview->findings);
    arena_clear(&overview->arena);
    *overview = (struct overview){ 0 };
}
