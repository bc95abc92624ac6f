/*
 * Address space: the reservation of ELRANGE and what is mapped into it.
 *
 * Linux lets the device be mapped with no more than the permissions that
 * ADD_PAGES gave to any page in the range; so each run is mapped by itself.
 * Pages that a lazy image commits later have no such limit: their regions are
 * mapped as a whole, and the EPCM's permissions are what protects them.
 * Everything else stays a PROT_NONE reservation: the guards.
 */
#include "host/loader/internal.h"

#include "abi/sgx_arch.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

struct region_place {
    uint64_t offset; /* from the slot's base */
    uint64_t bytes;
};

#define REGION_PLACE(name, offset, bytes) [REGION_##name] = {offset, bytes},
static const struct region_place regions[REGION_COUNT] = {REGION_LIST(REGION_PLACE)};

enum status space_reserve(const struct sgx_driver *driver, uint64_t bytes, uint64_t *base)
{
    /* Twice the size holds an aligned range wherever the kernel puts it. */
    void *wide = driver->mmap(NULL, 2 * bytes, PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uint64_t start, aligned, behind;

    if (wide == MAP_FAILED)
        return ST_NO_MEMORY;
    start = (uintptr_t)wide;
    aligned = (start + bytes - 1) & ~(bytes - 1);
    behind = start + 2 * bytes - (aligned + bytes);
    if (aligned != start)
        driver->munmap(wide, aligned - start);
    if (behind)
        driver->munmap((void *)(uintptr_t)(aligned + bytes), behind);
    *base = aligned;
    return ST_OK;
}

static enum status map_range(const struct enclave *enclave, uint64_t offset, uint64_t bytes,
                             int protection, struct message *why)
{
    void *at = (void *)(uintptr_t)(enclave->base + offset);

    if (enclave->driver->mmap(at, bytes, protection, MAP_SHARED | MAP_FIXED, enclave->fd,
                              (off_t)offset) == at)
        return ST_OK;
    message_set(why, "mapping enclave pages at offset 0x%llx: %s%s", (unsigned long long)offset,
                strerror(errno),
                errno == EACCES || errno == EPERM ? " (is /dev on a noexec mount?)" : "");
    return ST_SGX_REFUSED;
}

/* Linux maps a TCS read-write: the CPU writes to it. */
static int run_protection(const struct image_run *run)
{
    int protection = 0;

    if ((run->secinfo >> SECINFO_PT_SHIFT) == PT_TCS)
        return PROT_READ | PROT_WRITE;
    protection |= run->secinfo & SECINFO_R ? PROT_READ : 0;
    protection |= run->secinfo & SECINFO_W ? PROT_WRITE : 0;
    protection |= run->secinfo & SECINFO_X ? PROT_EXEC : 0;
    return protection;
}

/* The end of what the image puts into [start, start + bytes), as an offset >= start: what it
 * contains of a region is a prefix. */
static uint64_t measured_end(const struct image *image, uint64_t start, uint64_t bytes)
{
    uint64_t end = start;

    for (uint32_t i = 0; i < image->header->runs; i++) {
        const struct image_run *run = &image->runs[i];
        uint64_t run_end = run->offset + (uint64_t)run->pages * PAGE_BYTES;

        if (run->offset < start + bytes && run_end > end)
            end = run_end < start + bytes ? run_end : start + bytes;
    }
    return end;
}

/* Pages behind what the image contains of [start, start + bytes) come when L0 commits them. */
static enum status map_dynamic(const struct enclave *enclave, const struct image *image,
                               uint64_t start, uint64_t bytes, int protection, struct message *why)
{
    uint64_t dynamic = measured_end(image, start, bytes);

    if (dynamic == start + bytes)
        return ST_OK;
    return map_range(enclave, dynamic, start + bytes - dynamic, protection, why);
}

static enum status map_regions_of(const struct enclave *enclave, const struct image *image,
                                  uint64_t slot_base, struct message *why)
{
    enum status status = ST_OK;

    for (unsigned region = 0; region < REGION_COUNT && status == ST_OK; region++)
        status =
            map_dynamic(enclave, image, slot_base + regions[region].offset, regions[region].bytes,
                        PROT_READ | PROT_WRITE | (region == REGION_CODE ? PROT_EXEC : 0), why);
    return status;
}

enum status space_map(const struct enclave *enclave, const struct image *image, struct message *why)
{
    enum status status = ST_OK;

    for (uint32_t i = 0; i < image->header->runs && status == ST_OK; i++) {
        const struct image_run *run = &image->runs[i];

        status = map_range(enclave, run->offset, (uint64_t)run->pages * PAGE_BYTES,
                           run_protection(run), why);
    }
    if (enclave->lazy && status == ST_OK)
        status = map_dynamic(enclave, image, STORE_OFF, STORE_MAX, PROT_READ | PROT_WRITE, why);
    for (unsigned slot = 0; enclave->lazy && slot < enclave->slot_count && status == ST_OK; slot++)
        status = map_regions_of(enclave, image, MONITOR_ZONE_BYTES + slot * SLOT_STRIDE, why);
    return status;
}
