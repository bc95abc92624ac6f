/* What the compiler and BearSSL expect of a C library. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    void *result = to;

    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
    return result;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    uint8_t *target = to;
    const uint8_t *source = from;

    if ((uintptr_t)target - (uintptr_t)source >= bytes)
        return memcpy(to, from, bytes);
    /* Overlapping, target above: backwards, in words while both have a whole one left. */
    for (; bytes >= 8; bytes -= 8) {
        uint64_t word;

        __builtin_memcpy(&word, source + bytes - 8, 8);
        __builtin_memcpy(target + bytes - 8, &word, 8);
    }
    while (bytes-- > 0)
        target[bytes] = source[bytes];
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    void *result = to;

    __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
    return result;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *x = a;
    const uint8_t *y = b;

    for (size_t i = 0; i < bytes; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

void *memchr(const void *in, int value, size_t bytes)
{
    const uint8_t *p = in;

    for (size_t i = 0; i < bytes; i++)
        if (p[i] == (uint8_t)value)
            return (void *)(uintptr_t)(p + i);
    return NULL;
}

size_t strlen(const char *text)
{
    size_t bytes = 0;

    while (text[bytes])
        bytes++;
    return bytes;
}

/* A smashed stack inside L0 is a broken promise: stop, here and now. */
void __stack_chk_fail(void);
void __stack_chk_fail(void)
{
    __builtin_trap();
}

/* Debian's BearSSL is compiled with _FORTIFY_SOURCE. */
void *__memcpy_chk(void *to, const void *from, size_t bytes, size_t room);
void *__memcpy_chk(void *to, const void *from, size_t bytes, size_t room)
{
    if (bytes > room)
        __builtin_trap();
    return memcpy(to, from, bytes);
}

void *__memmove_chk(void *to, const void *from, size_t bytes, size_t room);
void *__memmove_chk(void *to, const void *from, size_t bytes, size_t room)
{
    if (bytes > room)
        __builtin_trap();
    return memmove(to, from, bytes);
}

void *__memset_chk(void *to, int value, size_t bytes, size_t room);
void *__memset_chk(void *to, int value, size_t bytes, size_t room)
{
    if (bytes > room)
        __builtin_trap();
    return memset(to, value, bytes);
}
