/* The ENCLS leaves that build an enclave: ECREATE, EADD's and EEXTEND's records, EINIT. */
#include "sgx/emu/emu.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ATTR_KNOWN                                                                                 \
    (ATTR_INIT | ATTR_DEBUG | ATTR_MODE64BIT | ATTR_PROVISIONKEY | ATTR_EINITTOKENKEY)

#define EXTEND_BYTES 256 /* one EEXTEND */

static bool secs_legal(const struct sgx_secs *s)
{
    uint64_t frame = emu_xstate_bytes(s->xfrm) + GPRSGX_BYTES;

    if (s->miscselect & MISC_EXINFO)
        frame += EXINFO_BYTES;
    return s->size >= 2 * PAGE_BYTES && (s->size & (s->size - 1)) == 0 &&
           s->size <= 1ull << emu_cpu.elrange_bits && s->base && s->base % s->size == 0 &&
           s->base < 1ull << 47 && s->ssa_frame_pages && s->ssa_frame_pages <= 16 &&
           frame <= (uint64_t)s->ssa_frame_pages * PAGE_BYTES &&
           (s->miscselect & ~MISC_EXINFO) == 0 && (s->xfrm & XFRM_LEGACY) == XFRM_LEGACY &&
           (s->xfrm & ~emu_cpu.xfrm) == 0 && s->attributes & ATTR_MODE64BIT &&
           (s->attributes & ~(uint64_t)(ATTR_KNOWN & ~ATTR_INIT)) == 0 &&
           emu_all_zero(s->reserved1, sizeof(s->reserved1)) &&
           emu_all_zero(s->reserved2, sizeof(s->reserved2)) &&
           emu_all_zero(s->reserved3, sizeof(s->reserved3)) &&
           /* Fields of Key Separation and Sharing, which is not supported. */
           emu_all_zero(s->configid, sizeof(s->configid)) && s->configsvn == 0 &&
           emu_all_zero(s->reserved4, sizeof(s->reserved4));
}

static void *reserve(uint64_t bytes, int prot)
{
    void *p = mmap(NULL, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

/* Address space for contents, park and EPCM: sparse, whatever ELRANGE's size. */
static bool reserve_memory(struct emu_enclave *e)
{
    uint64_t pages = e->size / PAGE_BYTES;

    if (ftruncate(e->memory, (off_t)e->size) != 0)
        return false;
    e->alias =
        mmap(NULL, e->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, e->memory, 0);
    if (e->alias == MAP_FAILED)
        e->alias = NULL;
    e->park = reserve(e->size, PROT_NONE);
    e->epcm = reserve(pages * sizeof(*e->epcm), PROT_READ | PROT_WRITE);
    e->populated = reserve((pages / EMU_CHUNK + 1) * sizeof(*e->populated), PROT_READ | PROT_WRITE);
    return e->alias && e->park && e->epcm && e->populated;
}

/* EVP's calls on a started SHA-256 do not fail; if one does, nothing must be trusted. */
static void measure(struct emu_enclave *e, const void *bytes, size_t count)
{
    if (EVP_DigestUpdate(e->measurement, bytes, count) != 1)
        emu_fatal("measurement failed", e->base, 0);
}

static void measure_ecreate(struct emu_enclave *e)
{
    struct __attribute__((packed)) {
        char tag[8];
        uint32_t ssa_frame_pages;
        uint64_t size;
        uint8_t zero[44];
    } record = {.tag = "ECREATE", .ssa_frame_pages = e->secs.ssa_frame_pages, .size = e->size};

    _Static_assert(sizeof(record) == 64, "SDM 40.3, ECREATE");
    measure(e, &record, sizeof(record));
}

int emu_ecreate(struct emu_enclave *e, const struct sgx_secs *secs)
{
    if (!secs_legal(secs)) {
        errno = EIO;
        return -1;
    }
    if (!emu_epc_take(e)) {
        errno = ENOMEM;
        return -1;
    }
    e->secs = *secs;
    memset(e->secs.mrenclave, 0, sizeof(e->secs.mrenclave));
    memset(e->secs.mrsigner, 0, sizeof(e->secs.mrsigner));
    e->secs.isvprodid = 0;
    e->secs.isvsvn = 0;
    e->size = secs->size;
    e->measurement = EVP_MD_CTX_new();
    if (!e->measurement || EVP_DigestInit_ex(e->measurement, EVP_sha256(), NULL) != 1 ||
        !reserve_memory(e))
        goto no_memory;
    e->base = secs->base;
    if (!emu_vma_bind(e))
        goto no_memory;
    measure_ecreate(e);
    return 0;

no_memory: /* what was reserved goes with the descriptor */
    e->base = 0;
    errno = ENOMEM;
    return -1;
}

void emu_measure_eadd(struct emu_enclave *e, uint64_t page, uint64_t secinfo_flags)
{
    struct {
        char tag[8];
        uint64_t offset;
        uint64_t flags; /* the first of SECINFO's 48 bytes */
        uint8_t secinfo_rest[40];
    } record = {.tag = "EADD", .offset = page * PAGE_BYTES, .flags = secinfo_flags};

    _Static_assert(sizeof(record) == 64, "SDM 40.3, EADD");
    measure(e, &record, sizeof(record));
}

void emu_measure_eextend(struct emu_enclave *e, uint64_t page)
{
    struct {
        char tag[8];
        uint64_t offset;
        uint8_t zero[48];
        uint8_t contents[EXTEND_BYTES];
    } records[PAGE_BYTES / EXTEND_BYTES];

    _Static_assert(sizeof(records[0]) == 64 + EXTEND_BYTES, "SDM 40.3, EEXTEND");
    for (size_t i = 0; i < PAGE_BYTES / EXTEND_BYTES; i++) {
        uint64_t offset = page * PAGE_BYTES + i * EXTEND_BYTES;

        memcpy(records[i].tag, "EEXTEND", 8);
        records[i].offset = offset;
        memset(records[i].zero, 0, sizeof(records[i].zero));
        memcpy(records[i].contents, e->alias + offset, EXTEND_BYTES);
    }
    measure(e, records, sizeof(records));
}

bool emu_tcs_legal(const struct sgx_tcs *tcs)
{
    return (tcs->flags & ~1ull) == 0 && tcs->ossa % PAGE_BYTES == 0 &&
           tcs->ofsbase % PAGE_BYTES == 0 && tcs->ogsbase % PAGE_BYTES == 0 &&
           emu_all_zero(tcs->reserved, sizeof(tcs->reserved));
}

static bool attributes_match(const struct sgx_secs *secs, const struct sgx_sigstruct *s)
{
    return ((secs->attributes ^ s->attributes) & s->attributes_mask & ~(uint64_t)ATTR_INIT) == 0 &&
           ((secs->xfrm ^ s->xfrm) & s->xfrm_mask) == 0 &&
           ((secs->miscselect ^ s->miscselect) & s->miscmask) == 0;
}

int emu_einit(struct emu_enclave *e, const struct sgx_sigstruct *sigstruct)
{
    uint8_t measurement[32], mrsigner[32];
    EVP_MD_CTX *copy;
    bool ok;

    if (!emu_sigstruct_header_legal(sigstruct))
        return SGX_INVALID_SIG_STRUCT;
    if (!emu_sigstruct_verify(sigstruct))
        return SGX_INVALID_SIGNATURE;
    /* A refused EINIT may be tried again: the running hash stays. */
    copy = EVP_MD_CTX_new();
    ok = copy && EVP_MD_CTX_copy_ex(copy, e->measurement) == 1 &&
         EVP_DigestFinal_ex(copy, measurement, NULL) == 1 &&
         EVP_Digest(sigstruct->modulus, sizeof(sigstruct->modulus), mrsigner, NULL, EVP_sha256(),
                    NULL) == 1;
    EVP_MD_CTX_free(copy);
    if (!ok || memcmp(measurement, sigstruct->enclavehash, sizeof(measurement)) != 0)
        return SGX_INVALID_MEASUREMENT;
    if (!attributes_match(&e->secs, sigstruct))
        return SGX_INVALID_ATTRIBUTE;

    memcpy(e->secs.mrenclave, measurement, sizeof(measurement));
    memcpy(e->secs.mrsigner, mrsigner, sizeof(mrsigner));
    e->secs.isvprodid = sigstruct->isvprodid;
    e->secs.isvsvn = sigstruct->isvsvn;
    e->secs.attributes |= ATTR_INIT;
    e->initialised = true;
    return 0;
}
