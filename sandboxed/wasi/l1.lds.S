/*
 * Layer 1's image, linked at 0, to run at any base: a code zone (abi/geometry.h).
 * The gates page comes first and is not part of the file; then text, and from
 * CODE_RODATA_OFF on read-only data. No writable section and no relocation may
 * exist: layer 1's data lies in its cage, and one copy of this image serves all
 * slots. What is left between functions is HLT.
 */
#include "abi/gates.h"
#include "abi/geometry.h"

ENTRY(l1_entry)

PHDRS
{
    text PT_LOAD FLAGS(5);
    rodata PT_LOAD FLAGS(4);
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
        gate1_write = . + GATE1_WRITE * GATE_ENTRY_BYTES;
    } :NONE

    .text L1_ENTRY_OFF : { *(.text.l1_entry) *(.text .text.*) } :text =0xf4f4f4f4
    .rodata CODE_RODATA_OFF : { *(.rodata .rodata.*) } :rodata

    .writable : {
        *(.data .data.* .bss .bss.* COMMON .tdata .tdata.* .tbss .tbss.*)
        *(.got .got.* .plt .plt.* .dynbss .init_array .init_array.* .fini_array .fini_array.* .ctors .dtors)
    }
    .relocations : { *(.rela .rela.* .rel .rel.*) }
    /DISCARD/ : {
        *(.comment) *(.note .note.*) *(.eh_frame .eh_frame_hdr) *(.gnu.*) *(.sframe) *(.interp .dynamic .dynstr .dynsym .hash)
    }

    ASSERT(l1_entry == L1_ENTRY_OFF, "l1_entry must be the first instruction after the gates page")
    ASSERT(ADDR(.text) + SIZEOF(.text) <= CODE_TEXT_MAX, "layer 1's text is larger than its zone")
    ASSERT(SIZEOF(.writable) == 0, "layer 1 has writable data: keep it in struct l1_state")
    ASSERT(SIZEOF(.relocations) == 0, "layer 1 stores an absolute address: it must run at any base")
}
