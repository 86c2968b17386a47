/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/vendor.h"

static const char large_blocks[] =
    "OUI/MA-L                    Organization\r\n"
    "company_id                  Organization\r\n"
    "\r\n"
    "00-22-72   (hex)\t\tAmerican Micro-Fuel Device Corp.\r\n"
    "002272     (base 16)\t\tAmerican Micro-Fuel Device Corp.\r\n"
    "\t\t\t\t2181 Buchanan Loop\r\n"
    "\r\n"
    "20-85-93   (hex)\t\tIEEE Registration Authority\r\n"
    "208593     (base 16)\t\t IEEE Registration Authority \r\n"
    "\r\n"
    "FF-FF-FF   (hex)\t\tThe Last One";

static const char medium_blocks[] =
    "20-85-93   (hex)\t\tIOG Products LLC\r\n"
    "B00000-BFFFFF     (base 16)\t\tIOG Products LLC\r\n"
    "20-85-93   (hex)\t\tNo Block Of Ours\r\n"
    "C00000-C00007     (base 16)\t\tNo Block Of Ours\r\n"
    "20-85-93   (hex)\t\tFor Digits That Are None\r\n"
    "X00000-XFFFFF     (base 16)\t\tFor Digits That Are None\r\n";

static const char small_blocks[] =
    "20-85-93   (hex)\t\tInside IOG\r\n"
    "B12000-B12FFF     (base 16)\t\tInside IOG\r\n";

/* A folder of our own that the test fills and leaves empty. */
struct folder {
    char path[64];
};

static void write_file(const struct folder *folder, const char *name,
                       const char *text)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void remove_file(const struct folder *folder, const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    (void)unlink(path); /* It may never have been written. */
}

static int make_folder(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    const char *parent = getenv("TMPDIR");

    assert_non_null(folder);
    snprintf(folder->path, sizeof folder->path, "%s/vendor-XXXXXX",
             parent && strlen(parent) < 40 ? parent : ".");
    assert_non_null(mkdtemp(folder->path));
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    static const char *const names[] = { "oui.txt", "mam.txt", "oui36.txt" };
    struct folder *folder = *state;

    for (size_t i = 0; i < COUNT_OF(names); i++)
        remove_file(folder, names[i]);
    assert_int_equal(rmdir(folder->path), 0);
    free(folder);
    return 0;
}

static void assert_vendor(const struct vendor_list *list, const char *mac,
                          const char *expected)
{
    struct mac parsed;

    assert_true(mac_parse(bytes_of_text(mac), &parsed));
    struct bytes name = vendor_list_find(list, parsed);
    assert_int_equal(name.size, strlen(expected));
    if (name.size > 0)
        assert_memory_equal(name.data, expected, name.size);
}

static void the_longest_block_names_the_vendor(void **state)
{
    struct folder *folder = *state;
    struct vendor_list *list;

    write_file(folder, "oui.txt", large_blocks);
    write_file(folder, "mam.txt", medium_blocks);
    write_file(folder, "oui36.txt", small_blocks);
    assert_int_equal(vendor_list_load(folder->path, &list, NULL), 0);
    assert_int_equal(vendor_list_count(list), 4);
    assert_vendor(list, "00:22:72:00:00:00",
                  "American Micro-Fuel Device Corp.");
    assert_vendor(list, "20:85:93:a0:00:00", "IEEE Registration Authority");
    assert_vendor(list, "20:85:93:b0:00:00", "IOG Products LLC");
    assert_vendor(list, "20:85:93:b1:1f:ff", "IOG Products LLC");
    assert_vendor(list, "20:85:93:b1:20:00", "Inside IOG");
    assert_vendor(list, "20:85:93:b1:2f:ff", "Inside IOG");
    assert_vendor(list, "20:85:93:b1:30:00", "IOG Products LLC");
    assert_vendor(list, "20:85:93:c0:00:01", "IEEE Registration Authority");
    assert_vendor(list, "00:22:73:00:00:00", "");
    assert_vendor(list, "ff:ff:ff:ff:ff:ff", "");
    vendor_list_free(list);
}

static void only_the_first_file_must_be_there(void **state)
{
    struct folder *folder = *state;
    struct vendor_list *list;
    struct failure failure;

    assert_int_equal(vendor_list_load(folder->path, &list, &failure), -ENOENT);
    assert_non_null(strstr(failure.text, "oui.txt"));
    write_file(folder, "oui.txt", large_blocks);
    assert_int_equal(vendor_list_load(folder->path, &list, &failure), 0);
    assert_int_equal(vendor_list_count(list), 2);
    vendor_list_free(list);
}

static void refuses_a_file_without_blocks(void **state)
{
    struct folder *folder = *state;
    struct vendor_list *list;
    struct failure failure;

    write_file(folder, "oui.txt", "<html>not found</html>\n");
    assert_int_equal(vendor_list_load(folder->path, &list, &failure),
                     ERROR_FORMAT);
}

static void no_list_names_no_vendor(void **state)
{
    (void)state;
    assert_vendor(NULL, "00:22:72:00:00:00", "");
}

static void the_installed_registries_fit_their_memory(void **state)
{
    struct vendor_list *list;

    (void)state;
    if (vendor_list_load("/usr/share/ieee-data", &list, NULL) < 0) {
        print_message("no ieee-data here: skipped\n");
        skip();
    }
    assert_true(vendor_list_count(list) > 30000);
    assert_true(vendor_list_memory(list) < 2 << 20);
    assert_vendor(list, "00:00:0c:01:02:03", "Cisco Systems, Inc");
    vendor_list_free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_longest_block_names_the_vendor,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(only_the_first_file_must_be_there,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(refuses_a_file_without_blocks,
                                        make_folder, remove_folder),
        cmocka_unit_test(no_list_names_no_vendor),
        cmocka_unit_test(the_installed_registries_fit_their_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
