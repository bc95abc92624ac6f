#include "trusted/monitor/monitor.h"

#include <elf.h>

struct enclave_state enclave;

extern const Elf64_Rela __rela_start[] __attribute__((visibility("hidden")));
extern const Elf64_Rela __rela_end[] __attribute__((visibility("hidden")));

/* The image is linked at 0 and may lie anywhere. toolchain/image has checked that every
 * relocation is relative and in a writable page. Tables of pointers (BearSSL's) are
 * unusable before; nothing that runs until then has one. */
static void relocate(void)
{
    uint8_t *image = enclave_base() + MON_IMAGE_OFF;

    for (const Elf64_Rela *r = __rela_start; r < __rela_end; r++)
        *(uint64_t *)(void *)(image + r->r_offset) = (uint64_t)(image + r->r_addend);
}

/* A keeper's policy says nothing but its terms, which come later. */
static bool role_is_sound(const struct entry_init *request)
{
    static const uint8_t none[sizeof(request->keeper)];

    if (request->role == ROLE_WORKER)
        return true;
    return request->role == ROLE_KEEPER && !(request->flags & ~(uint64_t)INIT_RDTSC) &&
           __builtin_memcmp(request->keeper, none, sizeof(none)) == 0;
}

enum status init_enclave(const struct entry_init *request)
{
    uint32_t expected = 0;
    enum status status;

    if (request->flags & ~(uint64_t)(INIT_RDTSC | INIT_SHARED_TENANCY | INIT_ENCRYPTED_ONLY))
        return ST_INVALID_ARGUMENT;
    if (request->cpu_level < 2 || request->cpu_level > 4 || !role_is_sound(request))
        return ST_INVALID_ARGUMENT;
    if (!__atomic_compare_exchange_n(&enclave.initialised, &expected, 1, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE))
        return ST_ALREADY_INITIALISED;
    relocate();
    enclave.rdtsc = (request->flags & INIT_RDTSC) != 0;
    enclave.shared_tenancy = (request->flags & INIT_SHARED_TENANCY) != 0;
    enclave.store_pages = image_layout.store_present;
    enclave.snapshots.store.base = enclave_base() + STORE_OFF;
    enclave.snapshots.store.commit = commit_store;
    enclave.cpu_level = (uint32_t)request->cpu_level;
    enclave.page_limit = request->page_limit;
    enclave.committed_pages = image_layout.measured_pages;
    enclave.encrypted_only = (request->flags & INIT_ENCRYPTED_ONLY) != 0;
    __builtin_memcpy(enclave.keeper_id, request->keeper, sizeof(enclave.keeper_id));
    random_hardware(enclave.boot_id, sizeof(enclave.boot_id));
    status = identity_make(request);
    if (status != ST_OK)
        return status; /* initialised stays 1: nothing works in an enclave without keys */
    __atomic_store_n(&enclave.initialised, 2, __ATOMIC_RELEASE);
    return ST_OK;
}

void report_stats(const struct slot *slot, struct entry_stats *request)
{
    request->state = slot->state;
    request->invocations = slot->invocations;
    request->rewinds = slot->rewinds;
    request->committed_pages = __atomic_load_n(&enclave.committed_pages, __ATOMIC_RELAXED);
    for (unsigned region = 0; region < REGION_COUNT; region++)
        request->slot_pages += slot->committed[region];
    snapshot_count(&enclave.snapshots, &request->snapshot_pages, &request->shared_pages);
    request->store_pages = __atomic_load_n(&enclave.store_pages, __ATOMIC_RELAXED);
    request->slots = image_layout.slots;
    __builtin_memcpy(request->boot_id, enclave.boot_id, sizeof(request->boot_id));
}
