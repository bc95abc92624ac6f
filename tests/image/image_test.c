/* Whole images: what lies where, what is signed, and that a changed file is refused. */
#include "tests/image/elf_forge.h"
#include "abi/gates.h"
#include "abi/sgx_arch.h"
#include "toolchain/image/image.h"
#include "toolchain/image/layout.h"
#include "toolchain/image/regions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct signing_key *key;
static char folder[] = "/tmp/reclave-image-XXXXXX";
static char monitor_path[64], l1_path[64];

static void write_forged(const char *path, const struct forged_elf *elf)
{
    struct file_bytes file = {(uint8_t *)elf, sizeof *elf};
    struct problem why;

    assert_int_equal(file_write(path, &file, &why), ST_OK);
}

static int set_up(void **state)
{
    struct forged_elf elf;

    (void)state;
    if (signing_key_generate(&key) || !mkdtemp(folder))
        return -1;
    snprintf(monitor_path, sizeof monitor_path, "%s/monitor.elf", folder);
    snprintf(l1_path, sizeof l1_path, "%s/l1.elf", folder);
    forge_monitor(&elf);
    write_forged(monitor_path, &elf);
    forge_l1(&elf);
    write_forged(l1_path, &elf);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    signing_key_free(key);
    unlink(monitor_path);
    unlink(l1_path);
    return rmdir(folder);
}

static struct image_options options(int lazy, uint64_t size_mib, uint32_t slots)
{
    return (struct image_options){
        .monitor = monitor_path, .l1 = l1_path, .lazy = lazy, .size_mib = size_mib, .slots = slots};
}

static void build(int lazy, uint64_t size_mib, uint32_t slots, struct file_bytes *out)
{
    struct image_options wanted = options(lazy, size_mib, slots);
    struct problem why = {""};

    if (image_build(&wanted, key, out, &why))
        fail_msg("%s", why.text);
}

/* An image with its pages; freed by done(). */
struct opened {
    struct file_bytes file;
    struct image_header header;
    struct plan plan;
};

static struct opened *open_image(int lazy, uint64_t size_mib, uint32_t slots)
{
    struct opened *image = calloc(1, sizeof *image);
    struct problem why = {""};

    assert_non_null(image);
    build(lazy, size_mib, slots, &image->file);
    if (image_parse("image", &image->file, &image->header, &image->plan, &why))
        fail_msg("%s", why.text);
    return image;
}

static void done(struct opened *image)
{
    plan_release(&image->plan);
    file_release(&image->file);
    free(image);
}

static const struct plan_run *run_at(const struct opened *image, uint64_t offset)
{
    for (unsigned i = 0; i < image->plan.count; i++)
        if (image->plan.runs[i].offset == offset)
            return image->plan.runs + i;
    fail_msg("no run at 0x%llx", (unsigned long long)offset);
    abort();
}

static const struct image_layout *layout_of(const struct opened *image)
{
    const struct plan_run *data = run_at(image, MON_IMAGE_OFF + offsetof(struct forged_elf, data));

    return (const void *)(data->contents + offsetof(struct forged_elf, data.layout) -
                          offsetof(struct forged_elf, data));
}

static void lazy_image_has_no_region_pages(void **state)
{
    struct opened *image = open_image(1, 0, 3);
    const struct image_layout *layout = layout_of(image);

    (void)state;
    assert_true(image->header.flags == IMAGE_LAZY && layout->flags == IMAGE_LAZY);
    assert_int_equal(image->header.elrange_bytes, 1ull << 36);
    assert_int_equal(layout->measured_pages, image->plan.pages);
    assert_int_equal(layout->l1_code_pages, 2);
    assert_int_equal(layout->l1_rodata_pages, 1);
    assert_int_equal(layout->reserved, 0);
    for (unsigned i = 0; i < REGION_COUNT; i++) {
        assert_int_equal(layout->region[i].present, 0);
        assert_int_equal(layout->region[i].max * (uint64_t)PAGE_BYTES, region_places[i].max_bytes);
    }
    assert_int_equal(layout->store_present, 0);
    assert_int_equal(layout->store_max * (uint64_t)PAGE_BYTES, STORE_MAX);
    for (unsigned i = 0; i < image->plan.count; i++)
        assert_true(image->plan.runs[i].offset < MONITOR_ZONE_BYTES);
    done(image);
}

static void eager_image_holds_the_size_asked_for(void **state)
{
    struct opened *image = open_image(0, 16, 1);
    const struct image_layout *layout = layout_of(image);
    uint64_t pages = 0;

    (void)state;
    assert_int_equal(image->header.flags, 0);
    assert_int_equal(image->header.heap_bytes, 16 << 20);
    for (unsigned i = 0; i < REGION_COUNT; i++) {
        const struct plan_run *run = run_at(image, MONITOR_ZONE_BYTES + region_places[i].offset);

        assert_int_equal(layout->region[i].present, layout->region[i].max);
        assert_int_equal(run->pages, layout->region[i].present);
        assert_null(run->contents);
        assert_int_equal(run->secinfo,
                         SECINFO_REG | SECINFO_R | SECINFO_W | (i == REGION_CODE ? SECINFO_X : 0));
        pages += i == REGION_MARKS ? 0 : run->pages; /* those come on top */
    }
    assert_int_equal(layout->store_present, layout->store_max);
    assert_int_equal(run_at(image, STORE_OFF)->pages, layout->store_present);
    assert_int_equal(run_at(image, STORE_OFF)->secinfo, SECINFO_REG | SECINFO_R | SECINFO_W);
    pages += layout->store_present;
    assert_int_equal(layout->region[REGION_MARKS].present,
                     (layout->region[REGION_LINEAR].present + PAGE_BYTES - 1) / PAGE_BYTES);
    /* Rounding of the four shares loses at most a page each. */
    assert_in_range(pages, 16 * 256 - 4, 16 * 256);
    done(image);
}

static void slots_share_an_eager_image_evenly(void **state)
{
    struct opened *image = open_image(0, 32, 2);
    struct opened *other = open_image(0, 16, 1);
    uint64_t linear = MONITOR_ZONE_BYTES + region_places[REGION_LINEAR].offset;

    (void)state;
    assert_int_equal(run_at(image, linear)->pages, run_at(image, linear + SLOT_STRIDE)->pages);
    assert_int_equal(layout_of(image)->store_present / 2, /* one store for both */
                     layout_of(other)->store_present);
    done(other);
    done(image);
}

static void elrange_is_the_smallest_power_of_two(void **state)
{
    static const struct {
        uint32_t slots;
        unsigned bits;
    } expected[] = {{1, 35}, {2, 36}, {3, 36}, {4, 37}, {7, 37}, {8, 38}, {15, 38}};
    struct image_layout layout;
    struct problem why;

    (void)state;
    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(layout_choose(expected[i].slots, 1, 0, &layout, &why), ST_OK);
        assert_int_equal(layout.elrange_bytes, 1ull << expected[i].bits);
    }
    assert_int_equal(layout_choose(0, 1, 0, &layout, &why), ST_OUT_OF_RANGE);
    assert_int_equal(layout_choose(SLOTS_MAX + 1, 1, 0, &layout, &why), ST_OUT_OF_RANGE);
}

static void sizes_that_do_not_fit_are_refused_by_region(void **state)
{
    struct image_layout layout;
    struct problem why;

    (void)state;
    assert_int_equal(layout_choose(1, 0, 6, &layout, &why), ST_OK);
    assert_int_equal(layout_choose(1, 0, 0, &layout, &why), ST_OUT_OF_RANGE);
    assert_non_null(strstr(why.text, "LINEAR"));
    assert_int_equal(layout_choose(1, 0, 4, &layout, &why), ST_OUT_OF_RANGE);
    assert_non_null(strstr(why.text, "CODE"));
    assert_int_equal(layout_choose(4, 0, 16, &layout, &why), ST_OUT_OF_RANGE);
    assert_int_equal(layout_choose(1, 0, 1 << 20, &layout, &why), ST_OUT_OF_RANGE);
    assert_non_null(strstr(why.text, "above its limit"));
    assert_int_equal(layout_choose(1, 0, UINT64_MAX, &layout, &why), ST_OUT_OF_RANGE);
}

static void a_tcs_leads_to_the_monitors_entry(void **state)
{
    struct opened *image = open_image(1, 0, 3);

    (void)state;
    for (uint64_t slot = 0; slot < 3; slot++) {
        uint64_t control = SLOT_CONTROL_OFF + slot * SLOT_CONTROL_STRIDE;
        const struct plan_run *run = run_at(image, control + CTL_TCS);
        const struct sgx_tcs *tcs = (const void *)run->contents;

        assert_int_equal(run->secinfo, SECINFO_TCS);
        assert_int_equal(tcs->oentry, MON_IMAGE_OFF + offsetof(struct forged_elf, text));
        assert_int_equal(tcs->ossa, control + CTL_SSA);
        assert_int_equal(tcs->nssa, 2);
        assert_int_equal(tcs->flags | tcs->state | tcs->cssa | tcs->aep, 0);
        assert_int_equal(tcs->ofsbase, control + CTL_TLS);
        assert_int_equal(tcs->ogsbase, control + CTL_TLS);
        assert_int_equal(run_at(image, control + CTL_SSA)->pages, 2);
        assert_int_equal(run_at(image, control + CTL_STACK)->pages, CTL_STACK_BYTES / PAGE_BYTES);
    }
    done(image);
}

static void gates_jump_to_the_monitors_gates(void **state)
{
    struct opened *image = open_image(1, 0, 1);
    const struct plan_run *gates = run_at(image, L1_CODE_OFF);

    (void)state;
    assert_int_equal(gates->secinfo, SECINFO_REG | SECINFO_R | SECINFO_X);
    for (unsigned gate = 0; gate < GATE1_COUNT; gate++) {
        const uint8_t *entry = gates->contents + gate * GATE_ENTRY_BYTES;
        int32_t displacement;

        assert_int_equal(entry[0], 0xe9);
        memcpy(&displacement, entry + 1, 4);
        /* The forged gates lie 64 bytes apart, behind monitor_entry. */
        assert_int_equal(L1_CODE_OFF + gate * GATE_ENTRY_BYTES + 5 + displacement,
                         MON_IMAGE_OFF + 4096 + 64 * (gate + 1));
        for (unsigned i = 5; i < GATE_ENTRY_BYTES; i++)
            assert_int_equal(entry[i], 0xf4);
    }
    for (unsigned i = GATE1_COUNT * GATE_ENTRY_BYTES; i < PAGE_BYTES; i++)
        assert_int_equal(gates->contents[i], 0xf4);
    done(image);
}

static void layer_1_has_text_and_read_only_data(void **state)
{
    struct opened *image = open_image(1, 0, 1);
    const struct plan_run *text = run_at(image, L1_CODE_OFF + L1_ENTRY_OFF);
    const struct plan_run *rodata = run_at(image, L1_CODE_OFF + CODE_RODATA_OFF);

    (void)state;
    assert_int_equal(text->secinfo, SECINFO_REG | SECINFO_R | SECINFO_X);
    assert_int_equal(rodata->secinfo, SECINFO_REG | SECINFO_R);
    assert_int_equal(text->pages, 1);
    assert_int_equal(rodata->pages, 1);
    done(image);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    struct file_bytes first = {0}, second = {0};

    (void)state;
    build(0, 16, 1, &first);
    build(0, 16, 1, &second);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    file_release(&first);
    file_release(&second);
}

static void measured_identity_depends_on_the_image_only(void **state)
{
    struct opened *one = open_image(1, 0, 1), *two = open_image(1, 0, 2);
    struct image_options svn = options(1, 0, 1);
    struct file_bytes file = {0};
    struct image_header header;
    struct problem why;

    (void)state;
    assert_memory_not_equal(one->header.mrenclave, two->header.mrenclave, 32);
    svn.svn = 5;
    assert_int_equal(image_build(&svn, key, &file, &why), ST_OK);
    memcpy(&header, file.data, sizeof header);
    assert_memory_equal(one->header.mrenclave, header.mrenclave, 32);
    file_release(&file);
    done(one);
    done(two);
}

/* Every field of the file's own, and one byte of each part. */
static void refuse_changed(const struct file_bytes *good, size_t at, const char *complaint)
{
    struct plan *plan = calloc(1, sizeof *plan);
    struct image_header header;
    struct problem why = {""};
    enum status status;

    assert_non_null(plan);
    good->data[at] ^= 0x10;
    status = image_parse("changed", good, &header, plan, &why);
    good->data[at] ^= 0x10;
    plan_release(plan);
    free(plan);
    if (status != ST_CORRUPT || !strstr(why.text, complaint))
        fail_msg("byte %zu: status %d, '%s', expected '%s'", at, status, why.text, complaint);
}

#define HEADER(member) offsetof(struct image_header, member)
#define RUN(member)    (sizeof(struct image_header) + offsetof(struct image_run, member))
#define SIG(member)    (HEADER(sigstruct) + offsetof(struct sgx_sigstruct, member))

static void a_changed_file_is_refused(void **state)
{
    struct file_bytes file = {0};

    (void)state;
    build(1, 0, 1, &file);
    refuse_changed(&file, HEADER(magic), "not an enclave image");
    refuse_changed(&file, HEADER(format_version), "format version");
    refuse_changed(&file, HEADER(abi_version), "ABI version");
    refuse_changed(&file, HEADER(flags), "unknown flags");
    refuse_changed(&file, HEADER(reserved), "unknown flags");
    refuse_changed(&file, HEADER(slots), "slots");
    refuse_changed(&file, HEADER(runs) + 1, "runs");
    refuse_changed(&file, HEADER(ssa_frame_pages), "SSA frame");
    refuse_changed(&file, HEADER(elrange_bytes), "ELRANGE");
    refuse_changed(&file, HEADER(attributes), "attributes");
    refuse_changed(&file, HEADER(xfrm), "attributes, XFRM");
    refuse_changed(&file, HEADER(miscselect), "MISCSELECT");
    refuse_changed(&file, HEADER(mrenclave), "do not measure");
    refuse_changed(&file, SIG(enclavehash), "signature does not match");
    refuse_changed(&file, SIG(q2), "Q2");
    refuse_changed(&file, RUN(offset), "misaligned");
    refuse_changed(&file, RUN(offset) + 7, "outside ELRANGE");
    refuse_changed(&file, RUN(pages) + 1, "outside the file");
    refuse_changed(&file, RUN(flags), "unknown flags");
    refuse_changed(&file, RUN(secinfo), "do not measure");
    refuse_changed(&file, RUN(file_offset), "outside the file");
    refuse_changed(&file, RUN(file_offset) + 6, "outside the file");
    refuse_changed(&file, file.size - 1, "do not measure");
    file_release(&file);
}

static void a_truncated_file_is_refused(void **state)
{
    struct plan *plan = calloc(1, sizeof *plan);
    struct file_bytes file = {0}, part;
    struct image_header header;
    struct problem why;

    (void)state;
    assert_non_null(plan);
    build(1, 0, 1, &file);
    part = file;
    for (part.size = 0; part.size < file.size; part.size += part.size < 4096 ? 1 : 4096) {
        assert_int_equal(image_parse("part", &part, &header, plan, &why), ST_CORRUPT);
        plan_release(plan);
    }
    free(plan);
    file_release(&file);
}

static void a_monitor_of_another_abi_is_refused(void **state)
{
    struct image_options wanted = options(1, 0, 1);
    char path[64];
    struct forged_elf elf;
    struct file_bytes file = {0};
    struct problem why;

    (void)state;
    forge_monitor(&elf);
    elf.symbols[forged_symbol(&elf, "image_layout")].st_size -= 8;
    snprintf(path, sizeof path, "%s/other.elf", folder);
    write_forged(path, &elf);
    wanted.monitor = path;
    assert_int_equal(image_build(&wanted, key, &file, &why), ST_CORRUPT);
    assert_non_null(strstr(why.text, "another ABI"));
    unlink(path);
}

/* ---- plain images ---------------------------------------------------------- */

static void a_plain_image_is_one_program_and_one_thread(void **state)
{
    struct image_options wanted = {.enclave = monitor_path, .prod_id = 9, .svn = 8};
    struct opened *image = calloc(1, sizeof *image);
    struct sgx_sigstruct sigstruct;
    const struct sgx_tcs *tcs;
    struct problem why = {""};

    (void)state;
    assert_int_equal(image_build(&wanted, key, &image->file, &why), ST_OK);
    assert_int_equal(image_parse("plain", &image->file, &image->header, &image->plan, &why), ST_OK);
    assert_int_equal(image->header.flags, IMAGE_PLAIN);
    assert_int_equal(image->header.slots, 0);
    assert_int_equal(image->header.heap_bytes, 0);
    assert_int_equal(image->header.elrange_bytes, PLAIN_ELRANGE_BYTES);
    memcpy(&sigstruct, image->header.sigstruct, sizeof sigstruct);
    assert_int_equal(sigstruct.miscselect, 0);
    assert_int_equal(sigstruct.miscmask, UINT32_MAX);
    assert_int_equal(sigstruct.isvprodid, 9);
    assert_int_equal(sigstruct.isvsvn, 8);
    tcs = (const void *)run_at(image, PLAIN_TCS)->contents;
    assert_int_equal(tcs->oentry, offsetof(struct forged_elf, text));
    assert_int_equal(tcs->ossa, PLAIN_SSA);
    assert_int_equal(run_at(image, PLAIN_SSA)->pages, SSA_FRAMES * SSA_FRAME_PAGES);
    assert_int_equal(run_at(image, PLAIN_STACK)->pages, PLAIN_STACK_BYTES / PAGE_BYTES);
    assert_null(run_at(image, PLAIN_THREAD)->contents);
    done(image);
}

/* Each of these header fields belongs to an image with slots. */
static void a_plain_image_with_slots_is_refused(void **state)
{
    struct image_options wanted = {.enclave = monitor_path};
    struct image_header *header, parsed;
    struct plan *plan = calloc(1, sizeof *plan);
    struct file_bytes file = {0};
    struct problem why = {""};

    (void)state;
    assert_non_null(plan);
    assert_int_equal(image_build(&wanted, key, &file, &why), ST_OK);
    header = (void *)file.data;
    for (unsigned i = 0; i < 4; i++) {
        struct image_header good = *header;

        header->flags |= i == 0 ? IMAGE_LAZY : 0;
        header->slots = i == 1;
        header->heap_bytes = i == 2;
        header->elrange_bytes <<= i == 3;
        assert_int_equal(image_parse("plain", &file, &parsed, plan, &why), ST_CORRUPT);
        assert_non_null(strstr(why.text, "a plain image with slots, a heap or another ELRANGE"));
        *header = good;
        plan_release(plan);
    }
    assert_int_equal(image_parse("plain", &file, &parsed, plan, &why), ST_OK);
    plan_release(plan);
    free(plan);
    file_release(&file);
}

static void a_plain_program_must_begin_in_its_code(void **state)
{
    struct image_options wanted = {.enclave = monitor_path};
    struct file_bytes file = {0};
    struct forged_elf elf;
    struct problem why = {""};

    (void)state;
    forge_monitor(&elf);
    elf.header.e_entry = offsetof(struct forged_elf, data);
    write_forged(monitor_path, &elf);
    assert_int_equal(image_build(&wanted, key, &file, &why), ST_CORRUPT);
    assert_non_null(strstr(why.text, "its entry is not in its code"));
    forge_monitor(&elf);
    write_forged(monitor_path, &elf);
    assert_int_equal(image_build(&wanted, key, &file, &why), ST_OK);
    file_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lazy_image_has_no_region_pages),
        cmocka_unit_test(eager_image_holds_the_size_asked_for),
        cmocka_unit_test(slots_share_an_eager_image_evenly),
        cmocka_unit_test(elrange_is_the_smallest_power_of_two),
        cmocka_unit_test(sizes_that_do_not_fit_are_refused_by_region),
        cmocka_unit_test(a_tcs_leads_to_the_monitors_entry),
        cmocka_unit_test(gates_jump_to_the_monitors_gates),
        cmocka_unit_test(layer_1_has_text_and_read_only_data),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(measured_identity_depends_on_the_image_only),
        cmocka_unit_test(a_changed_file_is_refused),
        cmocka_unit_test(a_truncated_file_is_refused),
        cmocka_unit_test(a_monitor_of_another_abi_is_refused),
        cmocka_unit_test(a_plain_image_is_one_program_and_one_thread),
        cmocka_unit_test(a_plain_image_with_slots_is_refused),
        cmocka_unit_test(a_plain_program_must_begin_in_its_code),
    };

    return cmocka_run_group_tests_name("image", tests, set_up, tear_down);
}
