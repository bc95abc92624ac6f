/*
 * What the host's page tables show of an enclave.
 *
 * A run is a maximal range of pages with one effective protection (VMA and
 * EPCM together). While no thread is inside, all runs are hidden: any access
 * then comes from the host. On entry, runs that this TCS used last time are
 * shown, others at their first fault.
 *
 * Hiding costs: mprotect about 2 us and 0.1 us per populated page; mremap to
 * the park and back about 8 us, for any size. So small runs are closed in
 * place, large ones are parked. (mremap with DONTUNMAP leaves the range
 * reserved at every moment; a hole could be taken by another thread's mmap.)
 *
 * While any thread is inside, everything it has shown is visible to the
 * host's other threads as well. So it is after exits that are not watched
 * (watch_every of struct sgx_cpu).
 */
#include "sgx/emu/emu.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PARK_FROM_PAGES 64
#define NO_TCS          UINT64_MAX

static void *page_address(const struct emu_enclave *e, uint64_t page)
{
    return (void *)(e->base + page * PAGE_BYTES);
}

static void protect(void *address, uint64_t pages, int prot)
{
    if (mprotect(address, pages * PAGE_BYTES, prot) != 0)
        emu_fatal("mprotect of enclave memory failed (vm.max_map_count?)", (uint64_t)address, 0);
}

static bool move(void *from, void *to, uint64_t pages)
{
    size_t bytes = pages * PAGE_BYTES;

    return mremap(from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to) !=
           MAP_FAILED;
}

static void show(struct emu_enclave *e, struct emu_run *run)
{
    uint64_t pages = run->end - run->first;
    void *here = page_address(e, run->first);

    if (run->state == RUN_CLOSED)
        protect(here, pages, run->prot);
    else if (run->state == RUN_PARKED && !move(e->park + run->first * PAGE_BYTES, here, pages))
        emu_fatal("mremap of enclave memory failed", (uint64_t)here, 0);
    run->state = RUN_SHOWN;
}

static void hide(struct emu_enclave *e, struct emu_run *run)
{
    uint64_t pages = run->end - run->first;
    void *here = page_address(e, run->first);

    if (run->state != RUN_SHOWN)
        return;
    run->state = RUN_CLOSED;
    if (pages >= PARK_FROM_PAGES && move(here, e->park + run->first * PAGE_BYTES, pages))
        run->state = RUN_PARKED;
    protect(here, pages, PROT_NONE);
}

/* Index of the first run that ends after page. */
static size_t run_after(const struct emu_enclave *e, uint64_t page)
{
    size_t low = 0, high = e->run_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (e->runs[middle].end > page)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void reserve_runs(struct emu_enclave *e, size_t more)
{
    size_t room = e->run_count + more;
    struct emu_run *grown;

    if (room <= e->run_room)
        return;
    grown = realloc(e->runs, 2 * room * sizeof(*grown));
    if (!grown)
        emu_fatal("out of memory", e->base, 0);
    e->runs = grown;
    e->run_room = 2 * room;
}

static void insert_run(struct emu_enclave *e, size_t at, struct emu_run run)
{
    reserve_runs(e, 1);
    memmove(e->runs + at + 1, e->runs + at, (e->run_count - at) * sizeof(*e->runs));
    e->runs[at] = run;
    e->run_count++;
}

static void delete_run(struct emu_enclave *e, size_t at)
{
    e->run_count--;
    memmove(e->runs + at, e->runs + at + 1, (e->run_count - at) * sizeof(*e->runs));
}

/* Make page a border between runs. */
static void split_run(struct emu_enclave *e, uint64_t page)
{
    size_t i = run_after(e, page);

    if (i < e->run_count && e->runs[i].first < page) {
        insert_run(e, i, e->runs[i]);
        e->runs[i].end = page;
        e->runs[i + 1].first = page;
    }
}

/* One run where run i and its successor touch and agree. Parked ones stay apart: the
 * kernel might not have merged them, and can't move two at once. */
static void merge_with_next(struct emu_enclave *e, size_t i)
{
    struct emu_run *a = e->runs + i, *b = a + 1;

    if (i + 1 < e->run_count && a->end == b->first && a->prot == b->prot && a->state == b->state &&
        a->state != RUN_PARKED) {
        a->end = b->end;
        delete_run(e, i + 1);
    }
}

/* Effective protection of a page, and how many pages from it on, up to `end`, share its VMA. */
static int vma_prot(const struct emu_enclave *e, uint64_t page, uint64_t end, uint64_t *share)
{
    uint64_t address = e->base + page * PAGE_BYTES;
    const struct emu_vma *vma = emu_vma_from(e, address);
    bool inside = vma && vma->start <= address;
    uint64_t border = !vma ? UINT64_MAX : inside ? vma->end : vma->start;

    *share = end;
    if (border < e->base + end * PAGE_BYTES)
        *share = (border - e->base) / PAGE_BYTES;
    return inside ? vma->prot : PROT_NONE;
}

/* [first, end) had protection `old` (run i) and gets `prot`. Returns the index after it. */
static size_t change_run(struct emu_enclave *e, size_t i, int prot)
{
    struct emu_run *run = e->runs + i;
    uint64_t pages = run->end - run->first;

    if (run->prot != prot) {
        if (run->state == RUN_SHOWN)
            protect(page_address(e, run->first), pages, prot);
        else if (run->state == RUN_PARKED)
            protect(e->park + run->first * PAGE_BYTES, pages, prot);
        run->prot = prot;
    }
    if (prot == PROT_NONE) {
        delete_run(e, i);
        return i;
    }
    return i + 1;
}

/* Pages of [first, end) without a run become one. Returns the index after it. */
static size_t new_run(struct emu_enclave *e, size_t i, uint64_t first, uint64_t end, int prot)
{
    struct emu_run run = {first, end, prot, RUN_CLOSED, NO_TCS};

    if (prot == PROT_NONE)
        return i;
    if (e->inside)
        show(e, &run);
    insert_run(e, i, run);
    return i + 1;
}

/* [first, end) gets protection prot. */
static void set_protection(struct emu_enclave *e, uint64_t first, uint64_t end, int prot)
{
    size_t begin, i;

    split_run(e, first);
    split_run(e, end);
    begin = i = run_after(e, first);
    while (first < end) {
        bool old = i < e->run_count && e->runs[i].first < end;
        uint64_t gap_end = old ? e->runs[i].first : end;

        if (first < gap_end) {
            i = new_run(e, i, first, gap_end, prot);
            first = gap_end;
        }
        if (old) {
            first = e->runs[i].end;
            i = change_run(e, i, prot);
        }
    }
    /* Merge from the last new run to the one before the first. */
    for (i = i < e->run_count ? i : e->run_count; i-- > (begin ? begin - 1 : 0);)
        merge_with_next(e, i);
}

void emu_visible_update(struct emu_enclave *e, uint64_t first, uint64_t count)
{
    uint64_t end = first + count;

    while (first < end) {
        uint64_t share, start = first;
        int prot, vma = vma_prot(e, first, end, &share);

        /* Whole chunks without a page need no look at each. */
        prot = vma & emu_page_prot(e->epcm[first]);
        do {
            if (first % EMU_CHUNK == 0 && first + EMU_CHUNK <= share && prot == PROT_NONE &&
                !e->populated[first / EMU_CHUNK])
                first += EMU_CHUNK;
            else
                first++;
        } while (first < share && (vma & emu_page_prot(e->epcm[first])) == prot);
        set_protection(e, start, first, prot);
    }
}

void emu_visible_forget(struct emu_enclave *e, uint64_t first, uint64_t count)
{
    size_t i;

    split_run(e, first);
    split_run(e, first + count);
    i = run_after(e, first);
    while (i < e->run_count && e->runs[i].first < first + count) {
        if (e->runs[i].state == RUN_PARKED)
            protect(e->park + e->runs[i].first * PAGE_BYTES, e->runs[i].end - e->runs[i].first,
                    PROT_NONE);
        delete_run(e, i);
    }
}

/* Lenient mode: give back the pages that host accesses replaced. */
static void remove_ghosts(struct emu_enclave *e)
{
    for (size_t i = 0; i < e->ghost_count; i++) {
        uint64_t page = e->ghosts[i];

        if (mmap(page_address(e, page), PAGE_BYTES, PROT_NONE,
                 MAP_SHARED | MAP_NORESERVE | MAP_FIXED, e->memory,
                 (off_t)(page * PAGE_BYTES)) == MAP_FAILED)
            emu_fatal("mmap of enclave memory failed", e->base + page * PAGE_BYTES, 0);
    }
    e->ghost_count = 0;
}

void emu_visible_enter(struct emu_enclave *e, uint64_t tcs)
{
    if (e->inside++ == 0)
        remove_ghosts(e);
    for (size_t i = 0; i < e->run_count; i++) {
        if (e->runs[i].tcs == tcs && e->runs[i].state != RUN_SHOWN)
            show(e, &e->runs[i]);
    }
}

void emu_visible_leave(struct emu_enclave *e)
{
    if (--e->inside || ++e->unwatched < emu_cpu.watch_every)
        return;
    e->unwatched = 0;
    for (size_t i = 0; i < e->run_count; i++)
        hide(e, &e->runs[i]);
}

bool emu_visible_touch(struct emu_enclave *e, uint64_t page, uint64_t tcs)
{
    size_t i = run_after(e, page);
    struct emu_run *run = e->runs + i;

    if (i == e->run_count || run->first > page || run->state == RUN_SHOWN)
        return false;
    show(e, run);
    run->tcs = tcs;
    return true;
}

/* Async-signal-safe: the host may have been anywhere, in malloc for instance. */
void emu_visible_host_access(struct emu_enclave *e, uint64_t address, uint64_t rip)
{
    uint64_t page = (address - e->base) / PAGE_BYTES;
    void *here = page_address(e, page);

    if (!emu_cpu.lenient)
        emu_fatal("the host accessed enclave memory", address, rip);
    if (e->inside || e->ghost_count == EMU_GHOSTS)
        emu_fatal("the host accessed enclave memory (lenient mode can't serve it)", address, rip);
    if (mmap(here, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
             0) == MAP_FAILED)
        emu_fatal("mmap failed", address, rip);
    memset(here, 0xff, PAGE_BYTES);
    e->ghosts[e->ghost_count++] = page;
    e->counters.host_accesses++;
}
