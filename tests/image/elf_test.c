/* Which ELF files may become an enclave: one accepted of each kind, and one refused per rule. */
#include "tests/image/elf_forge.h"
#include "abi/geometry.h"
#include "abi/sgx_arch.h"
#include "toolchain/image/elf.h"
#include "toolchain/image/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_forged_monitor_is_accepted(void **state)
{
    struct elf_program program;
    struct elf_symbol symbol;
    struct forged_elf elf;
    struct problem why;

    (void)state;
    forge_monitor(&elf);
    assert_int_equal(elf_read_monitor("m", (const uint8_t *)&elf, sizeof elf, &program, &why),
                     ST_OK);
    assert_int_equal(program.segment_count, 3);
    assert_int_equal(program.segments[LOAD_TEXT].permissions, SECINFO_R | SECINFO_X);
    assert_int_equal(program.segments[LOAD_DATA].permissions, SECINFO_R | SECINFO_W);
    assert_int_equal(program.segments[LOAD_DATA].pages, 2);
    assert_int_equal(program.end, 4 * 4096);
    assert_int_equal(elf_pages(&program), 4);
    assert_memory_equal(elf_bytes(&program, 4096, 4096), elf.text, sizeof elf.text);
    assert_null(elf_bytes(&program, 4096, 4097));
    assert_int_equal(elf_find(&program, "image_layout", &symbol, &why), ST_OK);
    assert_int_equal(symbol.size, sizeof(struct image_layout));
    assert_int_equal(elf_find(&program, "no_such_thing", &symbol, &why), ST_NOT_FOUND);
    assert_non_null(strstr(why.text, "no_such_thing"));
    elf_release(&program);
}

static void the_forged_l1_is_accepted(void **state)
{
    struct elf_program program;
    struct forged_elf elf;
    struct problem why;

    (void)state;
    forge_l1(&elf);
    assert_int_equal(elf_read_l1("l", (const uint8_t *)&elf, sizeof elf, &program, &why), ST_OK);
    assert_int_equal(program.segment_count, 2);
    assert_int_equal(program.segments[0].permissions, SECINFO_R | SECINFO_X);
    assert_int_equal(program.segments[1].permissions, SECINFO_R);
    assert_int_equal(program.segments[1].offset, CODE_RODATA_OFF);
    assert_int_equal(elf_pages(&program), 2);
    assert_null(elf_bytes(&program, 0, 1));
    elf_release(&program);
}

static void what_is_left_of_a_page_is_filled(void **state)
{
    struct elf_program program;
    struct forged_elf elf;
    struct problem why;

    (void)state;
    forge_l1(&elf);
    for (unsigned i = 0; i < 2; i++)
        elf.program[i].p_filesz = elf.program[i].p_memsz = 40;
    assert_int_equal(elf_read_l1("l", (const uint8_t *)&elf, sizeof elf, &program, &why), ST_OK);
    assert_int_equal(program.segments[0].memory[39], 0xcc);
    for (unsigned at = 40; at < PAGE_BYTES; at++) {
        assert_int_equal(program.segments[0].memory[at], 0xf4);
        assert_int_equal(program.segments[1].memory[at], 0);
    }
    elf_release(&program);
}

/* One rule broken, and a word that the refusal must contain. */
struct spoiled {
    const char *what;
    void (*spoil)(struct forged_elf *elf);
    const char *complaint;
};

static void not_elf(struct forged_elf *elf)
{
    elf->header.e_ident[1] = 'X';
}

static void of_32_bits(struct forged_elf *elf)
{
    elf->header.e_ident[EI_CLASS] = ELFCLASS32;
}

static void of_another_machine(struct forged_elf *elf)
{
    elf->header.e_machine = EM_AARCH64;
}

static void without_program_headers(struct forged_elf *elf)
{
    elf->header.e_phnum = 0;
}

static void program_headers_outside(struct forged_elf *elf)
{
    elf->header.e_phoff = UINT64_MAX - 8;
}

static void section_headers_outside(struct forged_elf *elf)
{
    elf->header.e_shoff = sizeof *elf - 8;
}

static void nothing_to_load(struct forged_elf *elf)
{
    for (unsigned i = 0; i < FORGED_LOADS; i++)
        elf->program[i].p_type = PT_NULL;
}

static void writable_and_executable(struct forged_elf *elf)
{
    elf->program[LOAD_TEXT].p_flags |= PF_W;
}

static void not_readable(struct forged_elf *elf)
{
    elf->program[LOAD_TEXT].p_flags = PF_X;
}

static void segment_beyond_the_file(struct forged_elf *elf)
{
    elf->program[LOAD_TEXT].p_offset = sizeof *elf;
}

static void segment_offset_that_overflows(struct forged_elf *elf)
{
    elf->program[LOAD_TEXT].p_offset = UINT64_MAX - 100;
}

static void file_part_larger_than_memory(struct forged_elf *elf)
{
    elf->program[LOAD_TEXT].p_memsz = 16;
}

static void larger_than_the_zone(struct forged_elf *elf)
{
    elf->program[LOAD_DATA].p_memsz = MON_IMAGE_MAX;
}

static void address_that_overflows(struct forged_elf *elf)
{
    elf->program[LOAD_DATA].p_vaddr = UINT64_MAX - 4096;
}

static void segments_that_share_a_page(struct forged_elf *elf)
{
    elf->program[LOAD_HEADERS].p_memsz = 4097;
}

static void segments_out_of_order(struct forged_elf *elf)
{
    Elf64_Phdr text = elf->program[LOAD_TEXT];

    elf->program[LOAD_TEXT] = elf->program[LOAD_DATA];
    elf->program[LOAD_DATA] = text;
}

static void with_interpreter(struct forged_elf *elf)
{
    elf->program[FORGED_FREE].p_type = PT_INTERP;
}

static void with_thread_local_data(struct forged_elf *elf)
{
    elf->program[FORGED_FREE].p_type = PT_TLS;
}

static void with_executable_stack(struct forged_elf *elf)
{
    elf->program[FORGED_STACK].p_flags |= PF_X;
}

static void position_dependent(struct forged_elf *elf)
{
    elf->header.e_type = ET_EXEC;
}

static void relocation_of_another_type(struct forged_elf *elf)
{
    elf->relocations[1].r_info = ELF64_R_INFO(1, R_X86_64_GLOB_DAT);
}

static void relocation_in_text(struct forged_elf *elf)
{
    elf->relocations[1].r_offset = offsetof(struct forged_elf, text);
}

static void relocation_outside(struct forged_elf *elf)
{
    elf->relocations[1].r_offset = 1ull << 40;
}

static void relocation_across_the_end(struct forged_elf *elf)
{
    elf->relocations[1].r_offset = 4 * 4096 - 4;
}

static void relocation_to_the_outside(struct forged_elf *elf)
{
    elf->relocations[1].r_addend = 1ll << 40;
}

static void relocation_to_a_negative_address(struct forged_elf *elf)
{
    elf->relocations[1].r_addend = -8;
}

static void relocation_table_of_a_crooked_size(struct forged_elf *elf)
{
    elf->dynamic[1].d_un.d_val = 25;
}

static void relocation_table_outside(struct forged_elf *elf)
{
    elf->dynamic[0].d_un.d_ptr = UINT64_MAX - 8;
}

static void dynamic_section_outside(struct forged_elf *elf)
{
    elf->program[FORGED_DYNAMIC].p_offset = sizeof *elf - 8;
}

static void add_tag(struct forged_elf *elf, int64_t tag, uint64_t value)
{
    elf->dynamic[FORGED_FREE_DYNAMIC] = (Elf64_Dyn){tag, {value}};
}

static void with_shared_library(struct forged_elf *elf)
{
    add_tag(elf, DT_NEEDED, 1);
}

static void with_text_relocations(struct forged_elf *elf)
{
    add_tag(elf, DT_TEXTREL, 0);
}

static void with_text_relocation_flag(struct forged_elf *elf)
{
    add_tag(elf, DT_FLAGS, DF_TEXTREL);
}

static void with_rel(struct forged_elf *elf)
{
    add_tag(elf, DT_REL, 4096);
}

static void with_relr(struct forged_elf *elf)
{
    add_tag(elf, DT_RELRSZ, 8);
}

static void with_plt(struct forged_elf *elf)
{
    add_tag(elf, DT_JMPREL, 4096);
}

static void with_constructors(struct forged_elf *elf)
{
    add_tag(elf, DT_INIT_ARRAYSZ, 8);
}

static void with_destructors(struct forged_elf *elf)
{
    add_tag(elf, DT_FINI_ARRAYSZ, 8);
}

static void symbols_outside(struct forged_elf *elf)
{
    elf->sections[1].sh_size = sizeof *elf;
}

static void symbol_names_outside(struct forged_elf *elf)
{
    elf->symbols[1].st_name = sizeof elf->strings;
}

static void strings_without_end(struct forged_elf *elf)
{
    elf->strings[sizeof elf->strings - 1] = 'x';
}

static void strings_of_no_section(struct forged_elf *elf)
{
    elf->sections[1].sh_link = 3;
}

static const struct spoiled spoiled_monitors[] = {
    {"not ELF", not_elf, "not an ELF file"},
    {"32 bits", of_32_bits, "not an x86-64"},
    {"another machine", of_another_machine, "not an x86-64"},
    {"no program headers", without_program_headers, "no program headers"},
    {"program headers outside", program_headers_outside, "program headers lie outside"},
    {"section headers outside", section_headers_outside, "section headers lie outside"},
    {"nothing to load", nothing_to_load, "nothing to load"},
    {"writable and executable", writable_and_executable, "both writable and executable"},
    {"not readable", not_readable, "not readable"},
    {"segment beyond the file", segment_beyond_the_file, "outside the file"},
    {"segment offset overflows", segment_offset_that_overflows, "outside the file"},
    {"file part larger than memory", file_part_larger_than_memory, "outside the file"},
    {"too large", larger_than_the_zone, "beyond the limit"},
    {"address overflows", address_that_overflows, "beyond the limit"},
    {"a page of two segments", segments_that_share_a_page, "shares a page"},
    {"segments out of order", segments_out_of_order, "shares a page"},
    {"interpreter", with_interpreter, "interpreter"},
    {"thread-local data", with_thread_local_data, "thread-local"},
    {"executable stack", with_executable_stack, "executable stack"},
    {"position-dependent", position_dependent, "not position-independent"},
    {"relocation type", relocation_of_another_type, "only R_X86_64_RELATIVE"},
    {"relocation in text", relocation_in_text, "not in a writable segment"},
    {"relocation outside", relocation_outside, "not in a writable segment"},
    {"relocation across the end", relocation_across_the_end, "not in a writable segment"},
    {"relocation to the outside", relocation_to_the_outside, "points outside"},
    {"relocation to a negative address", relocation_to_a_negative_address, "points outside"},
    {"relocation table's size", relocation_table_of_a_crooked_size, "relocation table"},
    {"relocation table outside", relocation_table_outside, "relocation table"},
    {"dynamic section outside", dynamic_section_outside, "dynamic section"},
    {"shared library", with_shared_library, "shared library"},
    {"text relocations", with_text_relocations, "relocations in its text"},
    {"text relocation flag", with_text_relocation_flag, "relocations in its text"},
    {"REL", with_rel, "without addends"},
    {"RELR", with_relr, "packed relative"},
    {"PLT", with_plt, "procedure linkage table"},
    {"constructors", with_constructors, "constructors"},
    {"destructors", with_destructors, "destructors"},
    {"symbols outside", symbols_outside, "symbol table lies outside"},
    {"symbol names outside", symbol_names_outside, "name lies outside"},
    {"strings without end", strings_without_end, "symbol table lies outside"},
    {"strings of no section", strings_of_no_section, "no string table"},
};

static void with_relocations(struct forged_elf *elf)
{
    struct forged_elf monitor;

    forge_monitor(&monitor);
    elf->program[FORGED_DYNAMIC] = monitor.program[FORGED_DYNAMIC];
    memcpy(elf->dynamic, monitor.dynamic, sizeof elf->dynamic);
}

static void entry_elsewhere(struct forged_elf *elf)
{
    elf->header.e_entry += 32;
}

static void writable_data(struct forged_elf *elf)
{
    struct forged_elf monitor;

    forge_monitor(&monitor);
    elf->program[1] = monitor.program[LOAD_DATA];
}

static void code_in_the_gates_page(struct forged_elf *elf)
{
    elf->program[1] = elf->program[0];
    elf->program[0].p_offset = elf->program[0].p_vaddr = 0;
    elf->program[0].p_filesz = elf->program[0].p_memsz = 64;
}

static void no_text(struct forged_elf *elf)
{
    elf->program[0].p_type = PT_NULL;
}

static void text_behind_the_entry(struct forged_elf *elf)
{
    elf->program[0].p_vaddr += PAGE_BYTES;
}

static void text_that_is_not_executable(struct forged_elf *elf)
{
    elf->program[0].p_flags = PF_R;
}

static void text_beyond_its_zone(struct forged_elf *elf)
{
    elf->program[0].p_memsz = CODE_TEXT_MAX;
    elf->program[1].p_type = PT_NULL;
}

static void rodata_in_the_text_zone(struct forged_elf *elf)
{
    elf->program[1].p_vaddr = CODE_RODATA_OFF - PAGE_BYTES;
}

static void rodata_elsewhere(struct forged_elf *elf)
{
    elf->program[1].p_vaddr += PAGE_BYTES;
}

static void executable_rodata(struct forged_elf *elf)
{
    elf->program[1].p_flags |= PF_X;
}

static void rodata_beyond_its_zone(struct forged_elf *elf)
{
    elf->program[1].p_memsz = CODE_RODATA_MAX + 1;
}

static void a_third_segment(struct forged_elf *elf)
{
    elf->program[2] = elf->program[1];
    elf->program[2].p_vaddr += PAGE_BYTES;
}

static void no_rodata(struct forged_elf *elf)
{
    elf->program[1].p_type = PT_NULL;
}

static void an_empty_segment(struct forged_elf *elf)
{
    elf->program[2] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R};
}

static const struct spoiled spoiled_l1s[] = {
    {"relocations", with_relocations, "relocations"},
    {"entry elsewhere", entry_elsewhere, "its entry is at"},
    {"writable data", writable_data, "writable data"},
    {"code in the gates page", code_in_the_gates_page, "reserved for the gates"},
    {"no text", no_text, "no code at its entry"},
    {"text behind the entry", text_behind_the_entry, "no code at its entry"},
    {"text is not executable", text_that_is_not_executable, "no code at its entry"},
    {"text beyond its zone", text_beyond_its_zone, "larger than the text zone"},
    {"read-only data in the text zone", rodata_in_the_text_zone, "one of read-only data at"},
    {"read-only data elsewhere", rodata_elsewhere, "one of read-only data at"},
    {"executable read-only data", executable_rodata, "one of read-only data at"},
    {"read-only data beyond its zone", rodata_beyond_its_zone, "beyond the limit"},
    {"a third segment", a_third_segment, "one of read-only data at"},
    {"no read-only data", no_rodata, NULL /* must be accepted */},
    {"an empty segment", an_empty_segment, NULL},
};

typedef enum status reader(const char *, const uint8_t *, size_t, struct elf_program *,
                           struct problem *);

static void check_spoiled(const struct spoiled *s, void (*forge)(struct forged_elf *), reader *read)
{
    struct elf_program program;
    struct problem why = {""};
    struct forged_elf elf;
    enum status status;

    forge(&elf);
    s->spoil(&elf);
    status = read("forged", (const uint8_t *)&elf, sizeof elf, &program, &why);
    if (!s->complaint) {
        assert_int_equal(status, ST_OK);
        elf_release(&program);
    } else if (status != ST_CORRUPT || !strstr(why.text, s->complaint)) {
        fail_msg("%s: status %d, '%s'", s->what, status, why.text);
    }
}

static void a_monitor_that_breaks_a_rule_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof spoiled_monitors / sizeof spoiled_monitors[0]; i++)
        check_spoiled(spoiled_monitors + i, forge_monitor, elf_read_monitor);
}

static void an_l1_that_breaks_a_rule_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof spoiled_l1s / sizeof spoiled_l1s[0]; i++)
        check_spoiled(spoiled_l1s + i, forge_l1, elf_read_l1);
}

/* A copy of exactly these bytes, so that the sanitizer sees a read past the end. */
static void read_exactly(reader *read, const struct forged_elf *elf, size_t bytes)
{
    uint8_t *copy = malloc(bytes + !bytes);
    struct elf_program program;
    struct problem why;

    assert_non_null(copy);
    memcpy(copy, elf, bytes);
    if (read("forged", copy, bytes, &program, &why) == ST_OK)
        elf_release(&program);
    free(copy);
}

static void no_truncation_reads_past_the_end(void **state)
{
    struct forged_elf elf;

    (void)state;
    forge_monitor(&elf);
    for (size_t bytes = 0; bytes < offsetof(struct forged_elf, sections) + 256; bytes++)
        read_exactly(elf_read_monitor, &elf, bytes);
}

static void no_changed_byte_reads_past_the_end(void **state)
{
    uint32_t random = 1;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        struct forged_elf elf;
        size_t at;

        random = random * 1664525 + 1013904223;
        at = (random >> 8) % offsetof(struct forged_elf, text);
        (i & 1 ? forge_monitor : forge_l1)(&elf);
        ((uint8_t *)&elf)[at] = (uint8_t)(random >> 24);
        read_exactly(i & 1 ? elf_read_monitor : elf_read_l1, &elf, sizeof elf);
    }
}

static void a_symbol_that_code_jumps_to_must_be_code(void **state)
{
    struct elf_program program;
    struct forged_elf elf;
    uint8_t page[PAGE_BYTES];
    struct problem why;

    (void)state;
    forge_monitor(&elf);
    elf.symbols[forged_symbol(&elf, "gate1_trap")].st_value = offsetof(struct forged_elf, data);
    assert_int_equal(elf_read_monitor("m", (const uint8_t *)&elf, sizeof elf, &program, &why),
                     ST_OK);
    assert_int_equal(gates_page(&program, page, &why), ST_CORRUPT);
    assert_non_null(strstr(why.text, "gate1_trap is not in executable code"));
    elf_release(&program);
}

static void a_symbol_defined_twice_is_refused(void **state)
{
    struct elf_program program;
    struct elf_symbol symbol;
    struct forged_elf elf;
    struct problem why;

    (void)state;
    forge_monitor(&elf);
    elf.symbols[9] = elf.symbols[forged_symbol(&elf, "gate1_exit")];
    elf.symbols[9].st_value += 8;
    assert_int_equal(elf_read_monitor("m", (const uint8_t *)&elf, sizeof elf, &program, &why),
                     ST_OK);
    assert_int_equal(elf_find(&program, "gate1_exit", &symbol, &why), ST_CORRUPT);
    elf_release(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_forged_monitor_is_accepted),
        cmocka_unit_test(the_forged_l1_is_accepted),
        cmocka_unit_test(what_is_left_of_a_page_is_filled),
        cmocka_unit_test(a_monitor_that_breaks_a_rule_is_refused),
        cmocka_unit_test(an_l1_that_breaks_a_rule_is_refused),
        cmocka_unit_test(no_truncation_reads_past_the_end),
        cmocka_unit_test(no_changed_byte_reads_past_the_end),
        cmocka_unit_test(a_symbol_that_code_jumps_to_must_be_code),
        cmocka_unit_test(a_symbol_defined_twice_is_refused),
    };

    return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
