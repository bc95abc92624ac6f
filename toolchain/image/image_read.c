#include "abi/entry.h"
#include "abi/sgx_arch.h"
#include "base/bytes.h"
#include "toolchain/image/image.h"

#include <inttypes.h>
#include <string.h>

#define REFUSE(...) problem(p, ST_CORRUPT, __VA_ARGS__)

/* ELRANGE and slots: what the loaders rely on. */
static enum status check_geometry(const char *name, const struct image_header *h, struct problem *p)
{
    if (h->flags & IMAGE_PLAIN) {
        if (h->flags != IMAGE_PLAIN || h->slots || h->heap_bytes ||
            h->elrange_bytes != PLAIN_ELRANGE_BYTES)
            return REFUSE("%s: a plain image with slots, a heap or another ELRANGE", name);
        return ST_OK;
    }
    if (h->slots < 1 || h->slots > SLOTS_MAX)
        return REFUSE("%s: %u slots, must be from 1 to %d", name, h->slots, SLOTS_MAX);
    if ((h->elrange_bytes & (h->elrange_bytes - 1)) ||
        h->elrange_bytes < MONITOR_ZONE_BYTES + h->slots * SLOT_STRIDE)
        return REFUSE("%s: ELRANGE of 0x%" PRIx64 " bytes does not hold its slots", name,
                      h->elrange_bytes);
    return ST_OK;
}

static enum status check_header(const char *name, const struct image_header *h, struct problem *p)
{
    if (memcmp(h->magic, IMAGE_MAGIC, sizeof h->magic))
        return REFUSE("%s: not an enclave image", name);
    if (h->format_version != IMAGE_FORMAT_VERSION)
        return REFUSE("%s: format version %u, this tool reads %u", name, h->format_version,
                      IMAGE_FORMAT_VERSION);
    if (h->abi_version != RECLAVE_ABI_VERSION)
        return REFUSE("%s: ABI version %u, this tool reads %u", name, h->abi_version,
                      RECLAVE_ABI_VERSION);
    if ((h->flags & ~(IMAGE_LAZY | IMAGE_PLAIN)) || h->reserved)
        return REFUSE("%s: unknown flags", name);
    if (h->runs < 1 || h->runs > PLAN_RUNS_MAX)
        return REFUSE("%s: %u runs, must be from 1 to %d", name, h->runs, PLAN_RUNS_MAX);
    if (h->ssa_frame_pages != SSA_FRAME_PAGES)
        return REFUSE("%s: %u pages per SSA frame, must be %d", name, h->ssa_frame_pages,
                      SSA_FRAME_PAGES);
    return check_geometry(name, h, p);
}

static enum status add_run(const char *name, const struct file_bytes *file,
                           const struct image_header *h, uint32_t index, struct plan *plan,
                           struct problem *p)
{
    const uint8_t *contents = NULL;
    struct image_run run;
    uint64_t bytes;

    memcpy(&run, file->data + sizeof *h + index * sizeof run, sizeof run);
    bytes = (uint64_t)run.pages * PAGE_BYTES;
    if (run.pages == 0 || (run.flags & ~IMAGE_ZERO))
        return REFUSE("%s: run %u has no pages or unknown flags", name, index);
    if (!range_inside(run.offset, bytes, 0, h->elrange_bytes))
        return REFUSE("%s: run %u lies outside ELRANGE", name, index);
    if (!(run.flags & IMAGE_ZERO)) {
        if (run.file_offset % PAGE_BYTES || !range_inside(run.file_offset, bytes, 0, file->size))
            return REFUSE("%s: the pages of run %u lie outside the file", name, index);
        contents = file->data + run.file_offset;
    } else if (run.file_offset) {
        return REFUSE("%s: run %u of zero pages has a place in the file", name, index);
    }
    if (plan_add(plan, run.offset, run.pages, run.secinfo, contents, p))
        return REFUSE("%s: run %u is misaligned or overlaps the one before it", name, index);
    return ST_OK;
}

/* SECS as the loader will set it up against what the SIGSTRUCT demands. */
static enum status check_claims(const char *name, const struct image_header *h,
                                const struct sgx_sigstruct *s, struct problem *p)
{
    if (memcmp(h->mrenclave, s->enclavehash, sizeof h->mrenclave))
        return REFUSE("%s: the SIGSTRUCT is of another enclave", name);
    if (((h->attributes ^ s->attributes) & s->attributes_mask) ||
        ((h->xfrm ^ s->xfrm) & s->xfrm_mask) || ((h->miscselect ^ s->miscselect) & s->miscmask))
        return REFUSE("%s: attributes, XFRM or MISCSELECT are not those that were signed", name);
    return ST_OK;
}

static enum status check_identity(const char *name, const struct image_header *h,
                                  const struct plan *plan, struct problem *p)
{
    enum sigstruct_defect defect;
    struct sgx_sigstruct sigstruct;
    uint8_t mrenclave[32];
    enum status status = plan_measure(plan, h->ssa_frame_pages, h->elrange_bytes, mrenclave, p);

    if (status)
        return status;
    if (memcmp(mrenclave, h->mrenclave, sizeof mrenclave))
        return REFUSE("%s: its pages do not measure to its MRENCLAVE", name);
    memcpy(&sigstruct, h->sigstruct, sizeof sigstruct);
    defect = sigstruct_verify(&sigstruct);
    if (defect)
        return REFUSE("%s: SIGSTRUCT: %s", name, sigstruct_defect_text(defect));
    return check_claims(name, h, &sigstruct, p);
}

enum status image_parse(const char *name, const struct file_bytes *file,
                        struct image_header *header, struct plan *plan, struct problem *p)
{
    enum status status;

    plan->count = 0;
    plan->pages = 0;
    if (file->size < sizeof *header)
        return REFUSE("%s: too short for an enclave image", name);
    memcpy(header, file->data, sizeof *header);
    status = check_header(name, header, p);
    if (status)
        return status;
    if (!range_inside(sizeof *header, header->runs * sizeof(struct image_run), 0, file->size))
        return REFUSE("%s: the table of runs lies outside the file", name);
    for (uint32_t i = 0; !status && i < header->runs; i++)
        status = add_run(name, file, header, i, plan, p);
    return status ? status : check_identity(name, header, plan, p);
}
