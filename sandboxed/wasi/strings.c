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
    guest_store32(count, strings.count);
    guest_store32(bytes, strings.bytes);
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

/* L0 has checked that `bytes` bytes hold `count` strings, and L1_STRINGS_MAX bounds them. */
static enum wasi_errno store_strings(struct strings strings, guest_address pointers,
                                     guest_address buffer)
{
    uint32_t start = 0;

    if (!guest_has_array(pointers, strings.count, 4) || !guest_has(buffer, strings.bytes))
        return E_FAULT;
    copy_to_guest(buffer, L1_PAGE_OFF + offsetof(struct l1_page, strings) + strings.offset,
                  strings.bytes);
    for (uint32_t i = 0; i < strings.count; i++) {
        guest_store32((uint64_t)pointers + 4ull * i, buffer + start);
        start += string_bytes(strings, start);
    }
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
