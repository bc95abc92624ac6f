/* Where everything of an image lies: monitor, layer 1, slots. */
#ifndef RECLAVE_TOOLCHAIN_IMAGE_LAYOUT_H
#define RECLAVE_TOOLCHAIN_IMAGE_LAYOUT_H

#include "abi/image.h"
#include "toolchain/image/elf.h"
#include "toolchain/image/plan.h"

/* version, flags, slots, elrange_bytes and regions of a layout. size_mib is for eager images;
 * ST_OUT_OF_RANGE when slots or size do not fit. */
MUST_CHECK enum status layout_choose(uint32_t slots, int lazy, uint64_t size_mib,
                                     struct image_layout *out, struct problem *p);

/*
 * The pages of an image with this layout. Completes layout (layer 1's and all measured pages) and
 * writes it into the monitor's image_layout. The caller calls plan_release, also on failure.
 */
MUST_CHECK enum status layout_plan(struct image_layout *layout, struct elf_program *monitor,
                                   const struct elf_program *l1, struct plan *plan,
                                   struct problem *p);

/* plain.c: the same for a plain image (IMAGE_PLAIN) of one program. */
MUST_CHECK enum status layout_plan_plain(const struct elf_program *program, struct plan *plan,
                                         struct problem *p);

/* layout.c: the segments of a program whose offset 0 lies at base. */
MUST_CHECK enum status layout_add_segments(struct plan *plan, uint64_t base,
                                           const struct elf_program *program, struct problem *p);

/* gates_page.c: layer 1's gates page. Entry N jumps to the monitor's gate N; what is unused is HLT.
 */
MUST_CHECK enum status gates_page(const struct elf_program *monitor, uint8_t page[PAGE_BYTES],
                                  struct problem *p);

/* A monitor symbol that code jumps to: its offset from the enclave's base. */
MUST_CHECK enum status monitor_code_symbol(const struct elf_program *monitor, const char *symbol,
                                           uint64_t *offset, struct problem *p);

#endif
