#include "toolchain/image/plan.h"

#include "abi/geometry.h"
#include "toolchain/image/measure.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static uint64_t end_of(const struct plan_run *run)
{
    return run->offset + (uint64_t)run->pages * PAGE_BYTES;
}

enum status plan_add(struct plan *plan, uint64_t offset, uint64_t pages, uint64_t secinfo,
                     const uint8_t *contents, struct problem *p)
{
    struct plan_run *run = plan->runs + plan->count;

    if (pages == 0)
        return ST_OK;
    if (plan->count == PLAN_RUNS_MAX || pages > UINT32_MAX || offset % PAGE_BYTES ||
        (plan->count && offset < end_of(run - 1)))
        return problem(p, ST_INVALID_ARGUMENT,
                       "%" PRIu64 " pages at 0x%" PRIx64 " do not fit into the layout", pages,
                       offset);
    *run = (struct plan_run){.offset = offset, .pages = (uint32_t)pages, .secinfo = secinfo};
    if (contents) {
        run->contents = malloc(pages * PAGE_BYTES);
        if (!run->contents)
            return problem(p, ST_NO_MEMORY, "out of memory");
        memcpy(run->contents, contents, pages * PAGE_BYTES);
    }
    plan->count++;
    plan->pages += pages;
    return ST_OK;
}

void plan_release(struct plan *plan)
{
    for (unsigned i = 0; i < plan->count; i++)
        free(plan->runs[i].contents);
    plan->count = 0;
    plan->pages = 0;
}

static enum status measure_run(struct measurement *m, const struct plan_run *run)
{
    static const uint8_t zero_page[PAGE_BYTES];

    for (uint32_t i = 0; i < run->pages; i++) {
        uint64_t offset = run->offset + (uint64_t)i * PAGE_BYTES;
        const uint8_t *page = run->contents ? run->contents + (uint64_t)i * PAGE_BYTES : zero_page;
        enum status status = measure_add_page(m, offset, run->secinfo);

        if (!status)
            status = measure_extend_page(m, offset, page);
        if (status)
            return status;
    }
    return ST_OK;
}

enum status plan_measure(const struct plan *plan, uint32_t ssa_frame_pages, uint64_t elrange_bytes,
                         uint8_t mrenclave[32], struct problem *p)
{
    struct measurement *m = NULL;
    enum status status = measure_create(ssa_frame_pages, elrange_bytes, &m);

    for (unsigned i = 0; !status && i < plan->count; i++)
        status = measure_run(m, plan->runs + i);
    if (!status)
        status = measure_final(m, mrenclave);
    measure_free(m);
    return status ? problem(p, status, "the image cannot be measured") : ST_OK;
}
