#include "abi/entry.h"
#include "toolchain/image/elf.h"
#include "toolchain/image/image.h"
#include "toolchain/image/layout.h"

#include <stdlib.h>
#include <string.h>

static enum status read_elf(const char *path,
                            enum status (*read)(const char *, const uint8_t *, size_t,
                                                struct elf_program *, struct problem *),
                            struct elf_program *out, struct problem *p)
{
    struct file_bytes file = {0};
    enum status status = file_read(path, &file, p);

    if (status)
        return status;
    status = read(path, file.data, file.size, out, p);
    file_release(&file);
    return status;
}

static enum status sign(const struct image_options *options, const struct signing_key *key,
                        struct image_header *header, struct problem *p)
{
    struct sigstruct_claims claims;
    struct sgx_sigstruct sigstruct;

    sigstruct_claims_default(&claims, header->mrenclave);
    claims.prod_id = options->prod_id;
    claims.svn = options->svn;
    if (options->enclave) /* handles no exceptions */
        claims.miscselect = 0;
    if (sigstruct_date(options->date, &claims.date))
        return problem(p, ST_OUT_OF_RANGE, "the date is outside the years 1970 to 9999");
    if (sigstruct_sign(&claims, key, &sigstruct))
        return problem(p, ST_NO_MEMORY, "the image cannot be signed with this key");
    header->attributes = claims.attributes;
    header->xfrm = claims.xfrm;
    header->miscselect = claims.miscselect;
    memcpy(header->sigstruct, &sigstruct, sizeof sigstruct);
    return ST_OK;
}

static void fill_header(const struct image_options *options, const struct image_layout *layout,
                        struct image_header *header)
{
    memset(header, 0, sizeof *header);
    memcpy(header->magic, IMAGE_MAGIC, sizeof header->magic);
    header->format_version = IMAGE_FORMAT_VERSION;
    header->abi_version = RECLAVE_ABI_VERSION;
    header->flags = layout->flags;
    header->slots = layout->slots;
    header->ssa_frame_pages = SSA_FRAME_PAGES;
    header->elrange_bytes = layout->elrange_bytes;
    header->heap_bytes = options->lazy || options->enclave ? 0 : options->size_mib << 20;
}

static enum status measure_and_sign(const struct image_options *options,
                                    const struct signing_key *key,
                                    const struct image_layout *layout, const struct plan *plan,
                                    struct file_bytes *out, struct problem *p)
{
    struct image_header header;
    enum status status;

    fill_header(options, layout, &header);
    status = plan_measure(plan, header.ssa_frame_pages, header.elrange_bytes, header.mrenclave, p);
    if (!status)
        status = sign(options, key, &header, p);
    if (!status)
        status = image_serialise(&header, plan, out, p);
    return status;
}

static enum status build_layers(const struct image_options *options, const struct signing_key *key,
                                struct plan *plan, struct file_bytes *out, struct problem *p)
{
    struct elf_program monitor = {0}, l1 = {0};
    struct image_layout layout;
    enum status status =
        layout_choose(options->slots, options->lazy, options->size_mib, &layout, p);

    if (!status)
        status = read_elf(options->monitor, elf_read_monitor, &monitor, p);
    if (!status)
        status = read_elf(options->l1, elf_read_l1, &l1, p);
    if (!status)
        status = layout_plan(&layout, &monitor, &l1, plan, p);
    if (!status)
        status = measure_and_sign(options, key, &layout, plan, out, p);
    elf_release(&l1);
    elf_release(&monitor);
    return status;
}

static enum status build_plain(const struct image_options *options, const struct signing_key *key,
                               struct plan *plan, struct file_bytes *out, struct problem *p)
{
    const struct image_layout layout = {.flags = IMAGE_PLAIN, .elrange_bytes = PLAIN_ELRANGE_BYTES};
    struct elf_program program = {0};
    enum status status = read_elf(options->enclave, elf_read_plain, &program, p);

    if (!status)
        status = layout_plan_plain(&program, plan, p);
    if (!status)
        status = measure_and_sign(options, key, &layout, plan, out, p);
    elf_release(&program);
    return status;
}

enum status image_build(const struct image_options *options, const struct signing_key *key,
                        struct file_bytes *out, struct problem *p)
{
    struct plan *plan = calloc(1, sizeof *plan);
    enum status status;

    if (!plan)
        return problem(p, ST_NO_MEMORY, "out of memory");
    status = options->enclave ? build_plain(options, key, plan, out, p)
                              : build_layers(options, key, plan, out, p);
    plan_release(plan);
    free(plan);
    return status;
}
