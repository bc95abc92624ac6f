#include "bench/sfi/long_text.h"

#include "abi/sfi.h"
#include "bench/common/fail.h"
#include "bench/sfi/sfi.h"

#include <stdlib.h>
#include <string.h>

struct part {
    struct confined bundle;
    uint32_t bytes; /* of text: whole bundles, without the padding to the page's end */
};

static void read_part(const struct program *program, struct part *part)
{
    confined_read(program, CONFINED, &part->bundle);
    part->bytes = part->bundle.view.header.code_bytes;
    while (part->bytes > SFI_BUNDLE_BYTES &&
           part->bundle.view.code[part->bytes - 1] == SFI_PAD_BYTE)
        part->bytes--;
    part->bytes = (part->bytes + SFI_BUNDLE_BYTES - 1) / SFI_BUNDLE_BYTES * SFI_BUNDLE_BYTES;
}

/* The first page is padding, so that calls of gates, moved by a page at least, do not lead into
 * the gates page. Returns how many bytes of text there are. */
static uint32_t fill(uint8_t *text, size_t bytes, const struct part parts[PROGRAM_COUNT])
{
    uint32_t filled = PAGE_BYTES, rest;

    memset(text, SFI_PAD_BYTE, PAGE_BYTES);
    for (unsigned i = 0; filled < bytes; i = (i + 1) % PROGRAM_COUNT) {
        memcpy(text + filled, parts[i].bundle.view.code, parts[i].bytes);
        filled += parts[i].bytes;
    }
    rest = PAGE_BYTES - filled % PAGE_BYTES;
    memset(text + filled, SFI_PAD_BYTE, rest);
    return filled + rest;
}

void long_text_make(size_t bytes, struct long_text *out)
{
    static struct part parts[PROGRAM_COUNT];
    struct bundle_header *header;
    size_t room = PAGE_BYTES + bytes, front;
    uint32_t rodata = 0;

    for (unsigned i = 0; i < PROGRAM_COUNT; i++) {
        read_part(&programs[i], &parts[i]);
        room += parts[i].bundle.view.header.code_bytes;
        if (parts[i].bundle.view.header.rodata_bytes > rodata)
            rodata = parts[i].bundle.view.header.rodata_bytes;
    }
    front = BUNDLE_HEADER_BYTES + parts[0].bundle.view.header.manifest_bytes;
    out->bundle.data = loader_buffer_alloc(front + 2 * room + rodata);
    if (!out->bundle.data)
        bench_fail("out of memory");
    memcpy(out->bundle.data, parts[0].bundle.file.data, front);
    out->text = (uint8_t *)out->bundle.data + front;
    out->bytes = fill(out->text, bytes, parts);
    out->rodata_bytes = out->bytes + rodata;
    memset(out->text + out->bytes, 0, out->rodata_bytes);
    header = out->bundle.data;
    header->code_bytes = out->bytes;
    header->rodata_bytes = out->rodata_bytes;
    out->bundle.bytes = front + out->bytes + out->rodata_bytes;
    for (unsigned i = 0; i < PROGRAM_COUNT; i++)
        confined_free(&parts[i].bundle);
}

void long_text_free(struct long_text *long_text)
{
    free(long_text->bundle.data);
}

static const uint8_t system_call[] = {0x0f, 0x05};
static const uint8_t jump_into_itself[] = {0xeb, 0xff};

void long_text_break_first(struct long_text *long_text)
{
    memcpy(long_text->text, system_call, sizeof(system_call));
}

void long_text_break_last(struct long_text *long_text)
{
    memcpy(long_text->text + long_text->bytes - sizeof(jump_into_itself), jump_into_itself,
           sizeof(jump_into_itself));
}

void long_text_mend(struct long_text *long_text)
{
    memset(long_text->text, SFI_PAD_BYTE, sizeof(system_call));
    memset(long_text->text + long_text->bytes - sizeof(jump_into_itself), SFI_PAD_BYTE,
           sizeof(jump_into_itself));
}
