/*
 * Descriptors and the table of enclaves. A descriptor is a memfd; the
 * emulator keeps a duplicate, so that an enclave outlives its descriptor as
 * long as it is mapped, as with Linux's driver.
 */
#include "sgx/emu/emu.h"
#include "sgx/emu/start.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x10u /* Linux 6.3 */
#endif

#define ENCLAVES_MAX 256
#define SPINS        100u /* before others get the CPU */

static struct emu_enclave *_Atomic table[ENCLAVES_MAX];
static atomic_int table_lock;

/* Held for microseconds, unless its holder lost the CPU. Handlers take it, so it is no mutex. */
static void spin_lock(atomic_int *lock)
{
    for (unsigned tries = 1; atomic_exchange_explicit(lock, 1, memory_order_acquire); tries++) {
        if (tries % SPINS == 0)
            sched_yield();
        else
            __builtin_ia32_pause();
    }
}

static void spin_unlock(atomic_int *lock)
{
    atomic_store_explicit(lock, 0, memory_order_release);
}

void emu_lock(struct emu_enclave *e)
{
    spin_lock(&e->lock);
}

void emu_unlock(struct emu_enclave *e)
{
    spin_unlock(&e->lock);
}

struct emu_enclave *emu_enclave_by_index(size_t index)
{
    return index < ENCLAVES_MAX ? table[index] : NULL;
}

struct emu_enclave *emu_enclave_of_fd(int fd)
{
    struct emu_enclave *e;

    for (size_t i = 0; fd >= 0 && (e = emu_enclave_by_index(i)); i++) {
        if (e->used && e->fd == fd)
            return e;
    }
    return NULL;
}

struct emu_enclave *emu_enclave_at(uint64_t address)
{
    struct emu_enclave *e;

    for (size_t i = 0; (e = emu_enclave_by_index(i)); i++) {
        if (emu_inside_elrange(e, address))
            return e;
    }
    return NULL;
}

/* A free entry, marked used; NULL: too many enclaves, or no memory. */
static struct emu_enclave *take_entry(void)
{
    struct emu_enclave *found = NULL;

    spin_lock(&table_lock);
    for (size_t i = 0; i < ENCLAVES_MAX && !found; i++) {
        if (!table[i])
            table[i] = calloc(1, sizeof(struct emu_enclave));
        if (!table[i])
            break;
        if (!table[i]->used)
            found = table[i];
    }
    if (found)
        found->used = true;
    spin_unlock(&table_lock);
    return found;
}

static int memory_file(void)
{
    int fd = memfd_create("sgx_enclave", MFD_CLOEXEC | MFD_EXEC);

    return fd < 0 && errno == EINVAL ? memfd_create("sgx_enclave", MFD_CLOEXEC) : fd;
}

static int emu_open(void)
{
    struct emu_enclave *e = take_entry();
    int fd;

    emu_signals_check();
    if (!e) {
        errno = ENOMEM;
        return -1;
    }
    fd = memory_file();
    if (fd < 0)
        goto no_file;
    e->memory = dup(fd);
    if (e->memory < 0)
        goto no_duplicate;
    e->fd = fd;
    return fd;

no_duplicate:
    close(fd);
no_file:
    e->used = false;
    return -1;
}

static void unmap_all(struct emu_enclave *e)
{
    uint64_t pages = e->size / PAGE_BYTES;

    if (e->alias)
        munmap(e->alias, e->size);
    if (e->park)
        munmap(e->park, e->size);
    if (e->epcm)
        munmap(e->epcm, pages * sizeof(*e->epcm));
    if (e->populated)
        munmap(e->populated, (pages / EMU_CHUNK + 1) * sizeof(*e->populated));
}

static void destroy(struct emu_enclave *e)
{
    while (e->counters.pages)
        emu_epc_give(e);
    e->base = 0;
    unmap_all(e);
    free(e->vmas);
    free(e->runs);
    EVP_MD_CTX_free(e->measurement);
    close(e->memory);
    /* Everything but the lock, which the caller still holds. */
    memset((char *)e + sizeof(e->lock), 0, sizeof(*e) - sizeof(e->lock));
}

void emu_unlock_and_release(struct emu_enclave *e)
{
    if (e->used && e->fd < 0 && !e->vma_count && !e->inside)
        destroy(e);
    emu_unlock(e);
}

static int emu_close(int fd)
{
    struct emu_enclave *e = emu_enclave_of_fd(fd);

    if (e) {
        emu_lock(e);
        e->fd = -1;
        emu_unlock_and_release(e);
    }
    return close(fd);
}

/* Hexadecimal at the end of a zero-terminated text; enough room is the caller's business. */
static void append_hex(char *text, uint64_t value)
{
    char *p = text + strlen(text);

    *p++ = '0';
    *p++ = 'x';
    for (int shift = 60; shift >= 0; shift -= 4)
        *p++ = "0123456789abcdef"[value >> shift & 15];
    *p = 0;
}

void emu_fatal(const char *what, uint64_t address, uint64_t rip)
{
    char line[256] = "sgx emulator: ";

    strncat(line, what, 120);
    strcat(line, ": address ");
    append_hex(line, address);
    strcat(line, ", rip ");
    append_hex(line, rip);
    strcat(line, "\n");
    if (write(STDERR_FILENO, line, strlen(line)) < 0)
        abort(); /* nowhere to say it */
    abort();
}

const struct sgx_driver emu_driver = {
    .name = "emulator",
    .open = emu_open,
    .close = emu_close,
    .ioctl = emu_ioctl,
    .mmap = emu_mmap,
    .mprotect = emu_mprotect,
    .munmap = emu_munmap,
    .enter = emu_enter,
    .sigaction = emu_sigaction,
    .cpuid = emu_cpuid,
};
