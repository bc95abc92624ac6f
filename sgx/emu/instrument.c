/* What only an emulator can offer: see instrument.h. */
#include "sgx/emu/instrument.h"

#include "base/bytes.h"
#include "sgx/emu/emu.h"

#include <string.h>

#define PAGE_TAKEN_AWAY (1ull << 63)

/* The enclave of fd, once created, with its lock held. */
static struct emu_enclave *locked(int fd)
{
    struct emu_enclave *e = emu_enclave_of_fd(fd);

    if (!e || !e->base)
        return NULL;
    emu_lock(e);
    return e;
}

/* The page number at offset; false if it lies outside. */
static bool page_at(const struct emu_enclave *e, uint64_t offset, uint64_t *page)
{
    *page = offset / PAGE_BYTES;
    return offset < e->size;
}

enum status emu_counters(int fd, struct emu_counters *out)
{
    struct emu_enclave *e = locked(fd);

    if (!e)
        return ST_NOT_FOUND;
    *out = e->counters;
    emu_unlock(e);
    return ST_OK;
}

enum status emu_next_page(int fd, uint64_t offset, struct emu_page *out)
{
    struct emu_enclave *e = locked(fd);
    enum status status = ST_NOT_FOUND;
    uint64_t page, pages;

    if (!e)
        return ST_NOT_FOUND;
    pages = e->size / PAGE_BYTES;
    for (page = offset / PAGE_BYTES; page < pages; page++) {
        uint16_t entry;

        if (page % EMU_CHUNK == 0 && !e->populated[page / EMU_CHUNK]) {
            page += EMU_CHUNK - 1;
            continue;
        }
        entry = e->epcm[page];
        if (entry & EPCM_PRESENT) {
            out->offset = page * PAGE_BYTES;
            out->flags = entry & (EPCM_TYPE | EPCM_STATE | EPCM_RWX);
            if (entry & EPCM_UNMAPPED)
                out->flags |= PAGE_TAKEN_AWAY;
            status = ST_OK;
            break;
        }
    }
    emu_unlock(e);
    return status;
}

enum status emu_peek(int fd, uint64_t offset, void *to, size_t bytes)
{
    struct emu_enclave *e = locked(fd);
    bool inside;

    if (!e)
        return ST_NOT_FOUND;
    inside = range_inside(offset, bytes, 0, e->size);
    if (inside)
        memcpy(to, e->alias + offset, bytes);
    emu_unlock(e);
    return inside ? ST_OK : ST_OUT_OF_RANGE;
}

enum status emu_poke(int fd, uint64_t offset, const void *from, size_t bytes)
{
    struct emu_enclave *e = locked(fd);
    bool inside;

    if (!e)
        return ST_NOT_FOUND;
    inside = range_inside(offset, bytes, 0, e->size);
    if (inside)
        memcpy(e->alias + offset, from, bytes);
    emu_unlock(e);
    return inside ? ST_OK : ST_OUT_OF_RANGE;
}

enum status emu_hostile_remove(int fd, uint64_t offset)
{
    struct emu_enclave *e = locked(fd);
    enum status status = ST_OK;
    uint64_t page;

    if (!e)
        return ST_NOT_FOUND;
    if (!page_at(e, offset, &page) || !(e->epcm[page] & EPCM_PRESENT)) {
        status = ST_NOT_FOUND;
    } else if (e->inside) {
        status = ST_BUSY; /* EREMOVE refuses while a thread is inside */
    } else {
        emu_page_remove(e, page);
        emu_visible_update(e, page, 1);
    }
    emu_unlock(e);
    return status;
}

enum status emu_hostile_augment(int fd, uint64_t offset)
{
    struct emu_enclave *e = locked(fd);
    enum status status = ST_OK;
    uint64_t page;

    if (!e)
        return ST_NOT_FOUND;
    if (!page_at(e, offset, &page) || e->epcm[page] & EPCM_PRESENT)
        status = ST_INVALID_ARGUMENT;
    else if (!emu_cpu.sgx2)
        status = ST_UNSUPPORTED;
    else if (!emu_page_augment(e, page))
        status = ST_NO_MEMORY;
    emu_unlock(e);
    return status;
}

enum status emu_hostile_unmap(int fd, uint64_t offset, int unmapped)
{
    struct emu_enclave *e = locked(fd);
    enum status status = ST_OK;
    uint64_t page;

    if (!e)
        return ST_NOT_FOUND;
    if (!page_at(e, offset, &page) || !(e->epcm[page] & EPCM_PRESENT)) {
        status = ST_NOT_FOUND;
    } else {
        e->epcm[page] =
            (uint16_t)(unmapped ? e->epcm[page] | EPCM_UNMAPPED : e->epcm[page] & ~EPCM_UNMAPPED);
        emu_visible_update(e, page, 1);
    }
    emu_unlock(e);
    return status;
}
