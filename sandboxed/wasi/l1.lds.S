/*
 * Layer 1's image: flat, linked at 0, to run at any base. The gates page comes
 * first and is not part of the file; then text, then read-only data on pages of
 * its own. No writable section and no relocation may exist: layer 1's data lies
 * in its cage, and one copy of this image serves all slots.
 */
#include "abi/gates.h"
#include "abi/geometry.h"

ENTRY(l1_entry)

PHDRS
{
    text PT_LOAD FLAGS(5);
}

SECTIONS
{
    .gates 0 (NOLOAD) :
    {
        gate1_return = . + GATE1_RETURN * GATE_ENTRY_BYTES;
        gate1_exit = . + GATE1_EXIT * GATE_ENTRY_BYTES;
        gate1_commit = . + GATE1_COMMIT * GATE_ENTRY_BYTES;
        gate1_random = . + GATE1_RANDOM * GATE_ENTRY_BYTES;
        gate1_trap = . + GATE1_TRAP * GATE_ENTRY_BYTES;
    } :NONE

    .text L1_ENTRY_OFF : { *(.text.l1_entry) *(.text .text.*) } :text
    .rodata : ALIGN(PAGE_BYTES) { *(.rodata .rodata.*) } :text

    .writable : {
        *(.data .data.* .bss .bss.* COMMON .tdata .tdata.* .tbss .tbss.*)
        *(.got .got.* .plt .plt.* .dynbss .init_array .init_array.* .fini_array .fini_array.* .ctors .dtors)
    }
    .relocations : { *(.rela .rela.* .rel .rel.*) }
    /DISCARD/ : {
        *(.comment) *(.note .note.*) *(.eh_frame .eh_frame_hdr) *(.gnu.*) *(.sframe) *(.interp .dynamic .dynstr .dynsym .hash)
    }

    ASSERT(l1_entry == L1_ENTRY_OFF, "l1_entry must be the first instruction after the gates page")
    ASSERT(SIZEOF(.writable) == 0, "layer 1 has writable data: keep it in struct l1_state")
    ASSERT(SIZEOF(.relocations) == 0, "layer 1 stores an absolute address: it must run at any base")
}
