/*
 * The driver's mmap, mprotect and munmap. The table of VMAs is what the
 * caller asked for; visible.c makes the real page tables follow it and the
 * EPCM.
 */
#include "sgx/emu/emu.h"

#include "base/bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define RESERVE (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

static int fail(int error)
{
    errno = error;
    return -1;
}

/* Index of the first VMA that ends after address. */
static size_t vma_after(const struct emu_enclave *e, uint64_t address)
{
    size_t low = 0, high = e->vma_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (e->vmas[middle].end > address)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

const struct emu_vma *emu_vma_from(const struct emu_enclave *e, uint64_t address)
{
    size_t i = vma_after(e, address);

    return i < e->vma_count ? &e->vmas[i] : NULL;
}

const struct emu_vma *emu_vma_at(const struct emu_enclave *e, uint64_t address)
{
    const struct emu_vma *vma = emu_vma_from(e, address);

    return vma && vma->start <= address ? vma : NULL;
}

static bool reserve_vmas(struct emu_enclave *e, size_t more)
{
    size_t room = e->vma_count + more;
    struct emu_vma *grown;

    if (room <= e->vma_room)
        return true;
    grown = realloc(e->vmas, 2 * room * sizeof(*grown));
    if (!grown)
        return false;
    e->vmas = grown;
    e->vma_room = 2 * room;
    return true;
}

static void insert_vma(struct emu_enclave *e, size_t at, struct emu_vma vma)
{
    memmove(e->vmas + at + 1, e->vmas + at, (e->vma_count - at) * sizeof(*e->vmas));
    e->vmas[at] = vma;
    e->vma_count++;
}

/* Make address a border between VMAs. Room for one more is the caller's business. */
static void split_vma(struct emu_enclave *e, uint64_t address)
{
    size_t i = vma_after(e, address);

    if (i < e->vma_count && e->vmas[i].start < address) {
        insert_vma(e, i, e->vmas[i]);
        e->vmas[i].end = address;
        e->vmas[i + 1].start = address;
    }
}

/* Forget the VMAs in [start, end). */
static void cut_vmas(struct emu_enclave *e, uint64_t start, uint64_t end)
{
    size_t from, to;

    split_vma(e, start);
    split_vma(e, end);
    from = vma_after(e, start);
    to = vma_after(e, end);
    memmove(e->vmas + from, e->vmas + to, (e->vma_count - to) * sizeof(*e->vmas));
    e->vma_count -= to - from;
}

/* Pages of [start, end) that lie in ELRANGE, relative to base. */
static bool elrange_pages(const struct emu_enclave *e, uint64_t start, uint64_t end,
                          uint64_t *first, uint64_t *count)
{
    uint64_t low = start > e->base ? start : e->base;
    uint64_t high = end < e->base + e->size ? end : e->base + e->size;

    if (!e->base || low >= high)
        return false;
    *first = (low - e->base) / PAGE_BYTES;
    *count = (high - low) / PAGE_BYTES;
    return true;
}

/* Linux's sgx_encl_may_map: 0 or an errno. */
static int may_map(const struct emu_enclave *e, uint64_t start, uint64_t end, int prot)
{
    uint64_t first, count;

    if (e->initialised && !range_inside(start, end - start, e->base, e->size))
        return EACCES;
    if (!prot || !elrange_pages(e, start, end, &first, &count))
        return 0;
    for (uint64_t page = first; page < first + count; page++) {
        if (page % EMU_CHUNK == 0 && !e->populated[page / EMU_CHUNK]) {
            page += EMU_CHUNK - 1;
            continue;
        }
        if (e->epcm[page] & EPCM_PRESENT &&
            prot & ~(e->epcm[page] >> EPCM_MAX_SHIFT) & (int)EPCM_RWX)
            return EACCES;
    }
    return 0;
}

/* The real mapping of one VMA: of the contents where they exist, inaccessible for now. */
static bool bind_range(struct emu_enclave *e, uint64_t start, uint64_t end)
{
    int flags = RESERVE | MAP_FIXED, fd = -1;
    off_t offset = 0;

    if (e->base && range_inside(start, end - start, e->base, e->size)) {
        flags = MAP_SHARED | MAP_NORESERVE | MAP_FIXED;
        fd = e->memory;
        offset = (off_t)(start - e->base);
    }
    return mmap((void *)start, end - start, PROT_NONE, flags, fd, offset) != MAP_FAILED;
}

bool emu_vma_bind(struct emu_enclave *e)
{
    for (size_t i = 0; i < e->vma_count; i++) {
        uint64_t first, count;

        if (!bind_range(e, e->vmas[i].start, e->vmas[i].end))
            return false;
        if (elrange_pages(e, e->vmas[i].start, e->vmas[i].end, &first, &count))
            emu_visible_update(e, first, count);
    }
    return true;
}

/* Another mapping takes the place of the enclaves' VMAs in [start, end), or nothing does. */
static void forget_range(uint64_t start, uint64_t end)
{
    struct emu_enclave *e;

    for (size_t i = 0; (e = emu_enclave_by_index(i)); i++) {
        uint64_t first, count;
        size_t at;

        if (!e->used)
            continue;
        emu_lock(e);
        at = vma_after(e, start);
        if (at < e->vma_count && e->vmas[at].start < end && reserve_vmas(e, 2)) {
            cut_vmas(e, start, end);
            if (elrange_pages(e, start, end, &first, &count))
                emu_visible_forget(e, first, count);
        }
        emu_unlock_and_release(e);
    }
}

/* Lock held; [start, end) is free of this enclave's VMAs. */
static int map_range(struct emu_enclave *e, uint64_t start, uint64_t end, int prot)
{
    uint64_t first, count;
    int error = may_map(e, start, end, prot);

    if (error)
        return error;
    if (!reserve_vmas(e, 1))
        return ENOMEM;
    if (!bind_range(e, start, end))
        return errno;
    insert_vma(e, vma_after(e, start), (struct emu_vma){start, end, prot});
    if (elrange_pages(e, start, end, &first, &count))
        emu_visible_update(e, first, count);
    return 0;
}

static void *map_enclave(struct emu_enclave *e, void *addr, size_t length, int prot, int flags)
{
    uint64_t start, end;
    int error;

    if ((flags & MAP_TYPE) != MAP_SHARED && (flags & MAP_TYPE) != MAP_SHARED_VALIDATE) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    length = round_up(length, PAGE_BYTES);
    if (!(flags & MAP_FIXED) || flags & MAP_FIXED_NOREPLACE) {
        /* Let the kernel choose and reserve. */
        addr = mmap(addr, length, PROT_NONE, RESERVE | (flags & MAP_FIXED_NOREPLACE), -1, 0);
        if (addr == MAP_FAILED)
            return addr;
    }
    start = (uint64_t)addr;
    if (length == 0 || start % PAGE_BYTES || !add_u64(start, length, &end)) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    emu_lock(e);
    error = may_map(e, start, end, prot);
    emu_unlock(e);
    if (!error) {
        forget_range(start, end);
        emu_lock(e);
        error = map_range(e, start, end, prot);
        emu_unlock(e);
    }
    if (error) {
        errno = error;
        return MAP_FAILED;
    }
    return addr;
}

void *emu_mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
    struct emu_enclave *e = emu_enclave_of_fd(fd);

    if (e)
        return map_enclave(e, addr, length, prot, flags);
    if (flags & MAP_FIXED)
        forget_range((uint64_t)addr, (uint64_t)addr + round_up(length, PAGE_BYTES));
    return mmap(addr, length, prot, flags, fd, offset);
}

/* The enclave with a VMA in [start, end), or NULL. */
static struct emu_enclave *enclave_mapped_in(uint64_t start, uint64_t end)
{
    struct emu_enclave *e;

    for (size_t i = 0; (e = emu_enclave_by_index(i)); i++) {
        size_t at = e->used ? vma_after(e, start) : 0;

        if (e->used && at < e->vma_count && e->vmas[at].start < end)
            return e;
    }
    return NULL;
}

/* Lock held. VMAs of e in [start, end) change; gaps must not exist, as in Linux. */
static int protect_range(struct emu_enclave *e, uint64_t start, uint64_t end, int prot)
{
    uint64_t first, count;
    int error = may_map(e, start, end, prot);

    if (error)
        return error;
    if (!reserve_vmas(e, 2))
        return ENOMEM;
    split_vma(e, start);
    split_vma(e, end);
    for (size_t i = vma_after(e, start); start < end; i++) {
        if (i == e->vma_count || e->vmas[i].start != start)
            return ENOMEM;
        e->vmas[i].prot = prot;
        if (elrange_pages(e, start, e->vmas[i].end, &first, &count))
            emu_visible_update(e, first, count);
        start = e->vmas[i].end;
    }
    return 0;
}

int emu_mprotect(void *addr, size_t length, int prot)
{
    uint64_t start = (uint64_t)addr, end;
    struct emu_enclave *e;
    int error;

    length = round_up(length, PAGE_BYTES);
    if (start % PAGE_BYTES || !add_u64(start, length, &end))
        return fail(EINVAL);
    e = enclave_mapped_in(start, end);
    if (!e)
        return mprotect(addr, length, prot);
    emu_lock(e);
    error = protect_range(e, start, end, prot);
    emu_unlock(e);
    return error ? fail(error) : 0;
}

int emu_munmap(void *addr, size_t length)
{
    int result = munmap(addr, length);

    if (result == 0)
        forget_range((uint64_t)addr, (uint64_t)addr + round_up(length, PAGE_BYTES));
    return result;
}
