/* Small helpers of the guest programs: whole input, text and numbers, without stdio's buffers. */
#ifndef RECLAVE_TESTS_GUEST_H
#define RECLAVE_TESTS_GUEST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define EXPORT(name) __attribute__((export_name(name)))

/* Reads stdin to its end or until `limit` bytes; returns the bytes read. */
static inline size_t read_input(void *buffer, size_t limit)
{
    size_t total = 0;

    while (total < limit) {
        ssize_t got = read(0, (char *)buffer + total, limit - total);

        if (got <= 0)
            break;
        total += (size_t)got;
    }
    return total;
}

/* Writes all of it; traps when the runtime refuses. */
static inline void write_all(int fd, const void *data, size_t bytes)
{
    size_t done = 0;

    while (done < bytes) {
        ssize_t put = write(fd, (const char *)data + done, bytes - done);

        if (put <= 0)
            __builtin_trap();
        done += (size_t)put;
    }
}

static inline void write_text(int fd, const char *text)
{
    write_all(fd, text, strlen(text));
}

/* "LABEL N\n" on stdout. */
static inline void write_number(const char *label, uint64_t number)
{
    char text[24];
    char *p = text + sizeof(text);

    *--p = '\n';
    do {
        *--p = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    *--p = ' ';
    write_text(1, label);
    write_all(1, p, (size_t)(text + sizeof(text) - p));
}

/* The decimal number that the input starts with, or `otherwise` when there is none. */
static inline uint64_t read_number(uint64_t otherwise)
{
    char text[24];
    size_t bytes = read_input(text, sizeof(text));
    uint64_t number = 0;
    size_t i = 0;

    for (; i < bytes && text[i] >= '0' && text[i] <= '9'; i++)
        number = number * 10 + (uint64_t)(text[i] - '0');
    return i ? number : otherwise;
}

#endif
