/* Arguments and environment: strings that L0 put into its page, each ending in NUL. */
#include "sandboxed/wasi/calls.h"

struct strings {
    uint32_t count;
    uint32_t offset; /* in l1_page.strings */
    uint32_t bytes;
};

static struct strings arguments(void)
{
    return (struct strings){l1_page()->arg_count, 0, l1_page()->arg_bytes};
}

static struct strings environment(void)
{
    return (struct strings){l1_page()->env_count, l1_page()->arg_bytes, l1_page()->env_bytes};
}

static enum wasi_errno store_sizes(struct strings strings, guest_address count, guest_address bytes)
{
    if (!guest_has(count, 4) || !guest_has(bytes, 4))
        return E_FAULT;
    if (!guest_store32(count, strings.count) || !guest_store32(bytes, strings.bytes))
        return E_FAULT;
    return E_SUCCESS;
}

/* Bytes of the string at `start`, its NUL included, or all that is left. */
static uint32_t string_bytes(struct strings strings, uint32_t start)
{
    uint32_t end = start;

    while (end < strings.bytes && l1_page()->strings[strings.offset + end] != '\0')
        end++;
    return end < strings.bytes ? end + 1 - start : strings.bytes - start;
}

/* The pointers to the strings, which start at `buffer`: as many as are staged at once. */
static bool store_pointers(struct strings strings, guest_address pointers, guest_address buffer)
{
    uint32_t start = 0, staged = 0;

    for (uint32_t i = 0; i < strings.count; i++) {
        stage32(staged, buffer + start);
        staged += 4;
        start += string_bytes(strings, start);
        if (staged < STAGED_MAX && i + 1 < strings.count)
            continue;
        if (!guest_store(pointers, staged))
            return false;
        pointers += staged;
        staged = 0;
    }
    return true;
}

/* L0 has checked that `bytes` bytes hold `count` strings, and L1_STRINGS_MAX bounds them. */
static enum wasi_errno store_strings(struct strings strings, guest_address pointers,
                                     guest_address buffer)
{
    uint64_t from = L1_PAGE_OFF + offsetof(struct l1_page, strings) + strings.offset;

    if (!guest_has_array(pointers, strings.count, 4) || !guest_has(buffer, strings.bytes))
        return E_FAULT;
    if (!copy_to_guest(buffer, from, strings.bytes) || !store_pointers(strings, pointers, buffer))
        return E_FAULT;
    return E_SUCCESS;
}

enum wasi_errno wasi_args_get(guest_address argv, guest_address buffer)
{
    return store_strings(arguments(), argv, buffer);
}

enum wasi_errno wasi_args_sizes_get(guest_address count, guest_address bytes)
{
    return store_sizes(arguments(), count, bytes);
}

enum wasi_errno wasi_environ_get(guest_address environ, guest_address buffer)
{
    return store_strings(environment(), environ, buffer);
}

enum wasi_errno wasi_environ_sizes_get(guest_address count, guest_address bytes)
{
    return store_sizes(environment(), count, bytes);
}
