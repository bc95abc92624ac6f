#include "bench/density/enclave15.h"

#include "base/status.h"
#include "bench/common/fail.h"
#include "tests/guests/identity.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_MS   60000u
#define OUTPUT_BYTES 64u

static struct slot *slot_of(struct enclave15 *enclave, unsigned slot)
{
    return enclave_slot(enclave->enclave, slot);
}

static void must(enum status status, const char *step)
{
    if (status != ST_OK)
        bench_fail("%s: %s", step, status_text(status));
}

static void open_image(struct image *image)
{
    char path[PATH_MAX];
    ssize_t bytes = readlink("/proc/self/exe", path, sizeof(path) - 8);
    struct message why;

    if (bytes < 0)
        bench_fail("/proc/self/exe: cannot read it");
    strcpy(path + bytes, ".rci");
    if (image_open(path, image, &why) != ST_OK)
        bench_fail("%s", why.text);
}

static uint64_t find_identity(const struct bench_file *bundle)
{
    const char *start = bundle->data;
    const char *found = memmem(start, bundle->bytes, IDENTITY_TEXT, IDENTITY_BYTES);

    if (!found || memmem(found + 1, bundle->bytes - (size_t)(found + 1 - start), IDENTITY_TEXT,
                         IDENTITY_BYTES))
        bench_fail("the bundle does not hold its identity once");
    return (uint64_t)(found - start);
}

void enclave15_open(struct enclave15 *enclave, const struct sgx_driver *driver)
{
    struct enclave_options options = {.driver = driver};
    struct message why;
    struct image image;

    *enclave = (struct enclave15){
        .bundle = bench_file_read("identity.rcl"),
        .input = {.data = loader_buffer_alloc(8)},
        .output = loader_buffer_alloc(OUTPUT_BYTES),
    };
    if (!enclave->input.data || !enclave->output)
        bench_fail("out of memory");
    enclave->identity_at = find_identity(&enclave->bundle);
    open_image(&image);
    if (enclave_create(&image, &options, &enclave->enclave, &why) != ST_OK)
        bench_fail("%s", why.text);
    image_close(&image);
    if (enclave_slot_count(enclave->enclave) != SLOTS)
        bench_fail("the image has not %u slots", SLOTS);
    must(enclave_init(enclave->enclave, &(struct enclave_terms){0}), "initialise");
    for (unsigned slot = 0; slot < SLOTS; slot++)
        must(slot_boot(slot_of(enclave, slot)), "boot");
}

void enclave15_close(struct enclave15 *enclave)
{
    enclave_destroy(enclave->enclave);
    free(enclave->bundle.data);
    free(enclave->input.data);
    free(enclave->output);
}

void enclave15_load(struct enclave15 *enclave, unsigned slot, uint64_t identity)
{
    struct slot_load load = {
        .bundle = enclave->bundle.data,
        .bundle_bytes = enclave->bundle.bytes,
        .timeout_ms = TIMEOUT_MS,
    };

    memcpy((char *)enclave->bundle.data + enclave->identity_at, &identity, sizeof(identity));
    must(slot_load(slot_of(enclave, slot), &load), "load");
}

static void check_answer(const struct enclave15 *enclave, uint64_t bytes, uint64_t identity)
{
    char expected[OUTPUT_BYTES];
    uint64_t sum = 0;

    for (uint32_t i = 0; i < IDENTITY_WORDS; i++)
        sum += identity_word(identity, i);
    snprintf(expected, sizeof(expected), "sum %" PRIu64 "\n", sum);
    if (bytes != strlen(expected) || memcmp(enclave->output, expected, bytes) != 0)
        bench_fail("function %" PRIu64 " gives another answer than it should", identity);
}

void enclave15_use(struct enclave15 *enclave, unsigned slot, uint64_t identity)
{
    struct entry_invocation invocation = {
        .input = (uintptr_t)enclave->input.data,
        .output = (uintptr_t)enclave->output,
        .output_limit = OUTPUT_BYTES,
    };

    must(slot_invoke(slot_of(enclave, slot), &invocation, TIMEOUT_MS), "invoke");
    if (invocation.outcome != OUTCOME_OK)
        bench_fail("the function ended with %s", outcome_name((enum outcome)invocation.outcome));
    check_answer(enclave, invocation.output_bytes, identity);
    must(slot_rewind(slot_of(enclave, slot), NULL), "rewind");
}

void enclave15_unload(struct enclave15 *enclave, unsigned slot)
{
    uint64_t pages;

    must(slot_reset(slot_of(enclave, slot), NULL), "reset");
    must(slot_trim(slot_of(enclave, slot), &pages), "trim");
}

struct entry_stats enclave15_stats(struct enclave15 *enclave)
{
    struct entry_stats stats;

    must(slot_stats(slot_of(enclave, 0), &stats), "statistics");
    return stats;
}
