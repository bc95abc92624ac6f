/* A lock for critical sections of a few instructions. Whoever waits spins: there is nobody inside
 * an enclave to sleep with. A host that stops the holder stops those who wait, and nothing else. */
#ifndef RECLAVE_BASE_LOCK_H
#define RECLAVE_BASE_LOCK_H

#include <stdint.h>

static inline void lock_take(uint32_t *lock)
{
    while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
        __builtin_ia32_pause();
}

static inline void lock_release(uint32_t *lock)
{
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

#endif
