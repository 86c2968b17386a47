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

static int add_finding(void *context, const struct ledger_finding *finding)
{
    struct overview *overview = context;
    const char *host = finding->device    ? finding->device
                       : finding->address ? finding->address
                       : finding->mac     ? finding->mac
                                          : "";

    overview->findings = grow(overview->findings, overview->finding_count,
                              sizeof *overview->findings);
    overview->findings[overview->finding_count] = (struct overview_finding){
        .host = copy(overview, host),
        .id = copy(overview, finding->id),
        .severity = copy(overview, finding->severity),
        .sentence = copy(overview, finding->sentence),
        .mac = copy(overview, finding->mac),
        .is_remote = !finding->device,
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
        struct overview_device *device =
            find(overview, overview->findings[i].host);
        if (device)
            device->has_findings = true;
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
    free(overview->findings);
    arena_clear(&overview->arena);
    *overview = (struct overview){ 0 };
}
