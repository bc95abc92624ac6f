/*
 * The driver's ioctls, with the checks of Linux's arch/x86/kernel/cpu/sgx/ioctl.c
 * in its order: each errno below is one that a caller of the real driver gets.
 */
#include "sgx/emu/emu.h"

#include "base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

/* What may be had without a provisioning device. */
#define ATTR_ALLOWED (ATTR_DEBUG | ATTR_MODE64BIT | ATTR_KSS)

#define VENDOR_INTEL 0x8086u

/* Copies that report a bad address instead of faulting. */
static bool copy(void *to, const void *from, size_t bytes, bool in)
{
    struct iovec here = {in ? to : (void *)from, bytes};
    struct iovec there = {in ? (void *)from : to, bytes};
    ssize_t done = in ? process_vm_readv(getpid(), &here, 1, &there, 1, 0)
                      : process_vm_writev(getpid(), &here, 1, &there, 1, 0);

    return done == (ssize_t)bytes;
}

static bool copy_in(void *to, uint64_t from, size_t bytes)
{
    return copy(to, (const void *)from, bytes, true);
}

static bool copy_out(void *to, const void *from, size_t bytes)
{
    return copy(to, from, bytes, false);
}

static bool range_legal(const struct emu_enclave *e, uint64_t offset, uint64_t length)
{
    return offset % PAGE_BYTES == 0 && length && length % PAGE_BYTES == 0 &&
           range_inside(offset, length, 0, e->size);
}

/* ---- CREATE, ADD_PAGES, INIT: 0 or an errno ---------------------------- */

static int create(struct emu_enclave *e, void *arg)
{
    struct sgx_enclave_create parameters;
    struct sgx_secs secs;

    if (e->base)
        return EINVAL;
    if (!copy_in(&parameters, (uint64_t)arg, sizeof(parameters)) ||
        !copy_in(&secs, parameters.src, sizeof(secs)))
        return EFAULT;
    return emu_ecreate(e, &secs) == 0 ? 0 : errno;
}

static bool secinfo_legal(const struct sgx_secinfo *s)
{
    uint64_t type = s->flags & EPCM_TYPE, permissions = s->flags & EPCM_RWX;

    if (type != SECINFO_REG && type != SECINFO_TCS)
        return false;
    if (permissions & SECINFO_W && !(permissions & SECINFO_R))
        return false;
    if (type == SECINFO_TCS && permissions)
        return false;
    if (s->flags & ~(uint64_t)(EPCM_TYPE | EPCM_RWX))
        return false;
    return emu_all_zero(s->reserved, sizeof(s->reserved));
}

/* Copy contents; returns the bytes of whole pages that could be read. */
static uint64_t fill_pages(struct emu_enclave *e, uint64_t offset, uint64_t source, uint64_t length)
{
    uint64_t done = 0;

    while (done < length) {
        ssize_t n =
            pwrite(e->memory, (const void *)(source + done), length - done, (off_t)(offset + done));

        if (n <= 0)
            break;
        done += (uint64_t)n;
    }
    return done / PAGE_BYTES * PAGE_BYTES;
}

/* Absent pages have zero contents: EAUG relies on it. */
static void wipe_pages(struct emu_enclave *e, uint64_t offset, uint64_t length)
{
    if (fallocate(e->memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
                  (off_t)length) != 0)
        memset(e->alias + offset, 0, length);
}

/* EADD of one page whose contents are in place. Returns 0 or an errno. */
static int eadd(struct emu_enclave *e, uint64_t page, uint64_t flags, bool measure)
{
    uint16_t most = flags & EPCM_RWX;

    if ((flags & EPCM_TYPE) == SECINFO_TCS) {
        struct sgx_tcs *tcs = (struct sgx_tcs *)(e->alias + page * PAGE_BYTES);

        if (!emu_tcs_legal(tcs))
            return EIO;
        tcs->flags = 0;
        tcs->state = 0;
        tcs->cssa = 0;
        tcs->aep = 0;
        most = SECINFO_R | SECINFO_W; /* the driver's own rule */
    }
    if (!emu_epc_take(e))
        return ENOMEM;
    emu_page_insert(e, page, (uint16_t)(flags | (unsigned)most << EPCM_MAX_SHIFT));
    e->counters.eadd++;
    emu_measure_eadd(e, page, flags);
    if (measure)
        emu_measure_eextend(e, page);
    return 0;
}

static int add_range(struct emu_enclave *e, struct sgx_enclave_add_pages *p, uint64_t flags)
{
    uint64_t first = p->offset / PAGE_BYTES, pages = p->length / PAGE_BYTES, fresh = 0, filled;
    int error = 0;

    while (fresh < pages && !(e->epcm[first + fresh] & EPCM_PRESENT))
        fresh++;
    filled = fill_pages(e, p->offset, p->src, fresh * PAGE_BYTES) / PAGE_BYTES;
    for (p->count = 0; p->count < filled * PAGE_BYTES && !error; p->count += error ? 0 : PAGE_BYTES)
        error = eadd(e, first + p->count / PAGE_BYTES, flags, p->flags & SGX_PAGE_MEASURE);
    if (p->count < filled * PAGE_BYTES)
        wipe_pages(e, p->offset + p->count, filled * PAGE_BYTES - p->count);
    emu_visible_update(e, first, pages);
    if (error)
        return error;
    if (filled < fresh)
        return EFAULT;
    return fresh < pages ? EBUSY : 0;
}

static int add_pages(struct emu_enclave *e, void *arg)
{
    struct sgx_enclave_add_pages parameters;
    struct sgx_secinfo secinfo;
    int error;

    if (!e->base || e->initialised)
        return EINVAL;
    if (!copy_in(&parameters, (uint64_t)arg, sizeof(parameters)))
        return EFAULT;
    if (parameters.src % PAGE_BYTES || !range_legal(e, parameters.offset, parameters.length))
        return EINVAL;
    if (!copy_in(&secinfo, parameters.secinfo, sizeof(secinfo)))
        return EFAULT;
    if (!secinfo_legal(&secinfo))
        return EINVAL;
    error = add_range(e, &parameters, secinfo.flags);
    return copy_out(arg, &parameters, sizeof(parameters)) ? error : EFAULT;
}

static int init(struct emu_enclave *e, void *arg)
{
    struct sgx_enclave_init parameters;
    struct sgx_sigstruct sigstruct;

    if (!e->base || e->initialised)
        return EINVAL;
    if (!copy_in(&parameters, (uint64_t)arg, sizeof(parameters)) ||
        !copy_in(&sigstruct, parameters.sigstruct, sizeof(sigstruct)))
        return EFAULT;
    if (sigstruct.vendor != 0 && sigstruct.vendor != VENDOR_INTEL)
        return EINVAL;
    if (e->secs.attributes & ~(uint64_t)ATTR_ALLOWED)
        return EACCES;
    return emu_einit(e, &sigstruct) == 0 ? 0 : EPERM;
}

/* ---- SGX2: dynamic pages ----------------------------------------------- */

static int sgx2_ready(const struct emu_enclave *e)
{
    if (!emu_cpu.sgx2)
        return ENODEV;
    return e->initialised ? 0 : EINVAL;
}

/* EMODPR and EMODT refuse pages whose last change the enclave has not accepted. */
static bool modifiable(uint16_t entry)
{
    return !(entry & (SECINFO_PENDING | SECINFO_MODIFIED));
}

static int restrict_page(struct emu_enclave *e, uint64_t page, uint64_t permissions, __u64 *result)
{
    uint16_t entry = e->epcm[page];

    if (!(entry & EPCM_PRESENT))
        return EFAULT;
    if ((entry & EPCM_TYPE) != SECINFO_REG)
        return EINVAL;
    if (!modifiable(entry)) {
        *result = SGX_PAGE_NOT_MODIFIABLE;
        return EFAULT;
    }
    e->epcm[page] = (uint16_t)((entry & (~EPCM_RWX | permissions)) | SECINFO_PR);
    return 0;
}

static int restrict_permissions(struct emu_enclave *e, void *arg)
{
    struct sgx_enclave_restrict_permissions p;
    int error = sgx2_ready(e);

    if (error)
        return error;
    if (!copy_in(&p, (uint64_t)arg, sizeof(p)))
        return EFAULT;
    if (!range_legal(e, p.offset, p.length) || p.permissions & ~(uint64_t)EPCM_RWX ||
        (p.permissions & SECINFO_W && !(p.permissions & SECINFO_R)) || p.result || p.count)
        return EINVAL;
    for (; p.count < p.length && !error; p.count += error ? 0 : PAGE_BYTES)
        error = restrict_page(e, (p.offset + p.count) / PAGE_BYTES, p.permissions, &p.result);
    emu_visible_update(e, p.offset / PAGE_BYTES, p.length / PAGE_BYTES);
    return copy_out(arg, &p, sizeof(p)) ? error : EFAULT;
}

static int modify_page(struct emu_enclave *e, uint64_t page, uint64_t type, __u64 *result)
{
    uint16_t entry = e->epcm[page], most = entry & (EPCM_RWX << EPCM_MAX_SHIFT);
    uint16_t old = entry & EPCM_TYPE;

    if (!(entry & EPCM_PRESENT))
        return EFAULT;
    if (old != SECINFO_REG && !(old == SECINFO_TCS && type == PT_TRIM))
        return EINVAL;
    if (!modifiable(entry)) {
        *result = SGX_PAGE_NOT_MODIFIABLE;
        return EFAULT;
    }
    if (type == PT_TCS)
        most = (SECINFO_R | SECINFO_W) << EPCM_MAX_SHIFT;
    e->epcm[page] = (uint16_t)(EPCM_PRESENT | most | (entry & EPCM_UNMAPPED) | SECINFO_MODIFIED |
                               type << SECINFO_PT_SHIFT);
    return 0;
}

static int modify_types(struct emu_enclave *e, void *arg)
{
    struct sgx_enclave_modify_types p;
    int error = sgx2_ready(e);

    if (error)
        return error;
    if (!copy_in(&p, (uint64_t)arg, sizeof(p)))
        return EFAULT;
    if (!range_legal(e, p.offset, p.length) || (p.page_type != PT_TCS && p.page_type != PT_TRIM) ||
        p.result || p.count)
        return EINVAL;
    for (; p.count < p.length && !error; p.count += error ? 0 : PAGE_BYTES)
        error = modify_page(e, (p.offset + p.count) / PAGE_BYTES, p.page_type, &p.result);
    emu_visible_update(e, p.offset / PAGE_BYTES, p.length / PAGE_BYTES);
    return copy_out(arg, &p, sizeof(p)) ? error : EFAULT;
}

static int remove_page(struct emu_enclave *e, uint64_t page)
{
    uint16_t entry = e->epcm[page];

    if (!(entry & EPCM_PRESENT))
        return EFAULT;
    if ((entry & EPCM_TYPE) != SECINFO_TRIM || entry & SECINFO_MODIFIED)
        return EPERM;
    emu_page_remove(e, page);
    return 0;
}

static int remove_pages(struct emu_enclave *e, void *arg)
{
    struct sgx_enclave_remove_pages p;
    int error = sgx2_ready(e);

    if (error)
        return error;
    if (!copy_in(&p, (uint64_t)arg, sizeof(p)))
        return EFAULT;
    if (!range_legal(e, p.offset, p.length) || p.count)
        return EINVAL;
    for (; p.count < p.length && !error; p.count += error ? 0 : PAGE_BYTES)
        error = remove_page(e, (p.offset + p.count) / PAGE_BYTES);
    emu_visible_update(e, p.offset / PAGE_BYTES, p.length / PAGE_BYTES);
    return copy_out(arg, &p, sizeof(p)) ? error : EFAULT;
}

/* ------------------------------------------------------------------------ */

static int dispatch(struct emu_enclave *e, unsigned long request, void *arg)
{
    switch (request) {
    case SGX_IOC_ENCLAVE_CREATE:
        return create(e, arg);
    case SGX_IOC_ENCLAVE_ADD_PAGES:
        return add_pages(e, arg);
    case SGX_IOC_ENCLAVE_INIT:
        return init(e, arg);
    case SGX_IOC_ENCLAVE_PROVISION:
        return EINVAL; /* no descriptor is one of a provisioning device */
    case SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS:
        return restrict_permissions(e, arg);
    case SGX_IOC_ENCLAVE_MODIFY_TYPES:
        return modify_types(e, arg);
    case SGX_IOC_ENCLAVE_REMOVE_PAGES:
        return remove_pages(e, arg);
    default:
        return ENOTTY;
    }
}

int emu_ioctl(int fd, unsigned long request, void *arg)
{
    struct emu_enclave *e = emu_enclave_of_fd(fd);
    int error;

    if (!e)
        return ioctl(fd, request, arg);
    if (atomic_exchange(&e->ioctl_busy, true)) {
        errno = EBUSY;
        return -1;
    }
    emu_lock(e);
    error = dispatch(e, request, arg);
    emu_unlock(e);
    atomic_store(&e->ioctl_busy, false);
    if (error) {
        errno = error;
        return -1;
    }
    return 0;
}
