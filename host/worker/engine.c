#include "host/worker/engine_internal.h"

#include "base/status.h"
#include "host/worker/images.h"
#include "host/worker/outcome.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#define NULL_CALLS    64u
#define NS_PER_MS     1000000u
#define NS_PER_US     1000u
#define PAGES_PER_MIB 256u
#define CPUID_SGX     0x12
#define CPUID_SGX2    0x2u /* leaf 12h, EAX */

uint64_t engine_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t engine_now_cycles(void)
{
    return __rdtsc();
}

/* Pages of all EPC sections (SDM table 37-6), less what SECS and version arrays take. */
static uint64_t epc_pages(const struct sgx_driver *driver)
{
    uint64_t bytes = 0;

    for (uint32_t subleaf = 2; subleaf < 34; subleaf++) {
        uint32_t leaf[4] = {0};

        driver->cpuid(CPUID_SGX, subleaf, leaf);
        if ((leaf[0] & 0xf) != 1)
            break;
        bytes += ((uint64_t)(leaf[3] & 0xfffff) << 32) | (leaf[2] & 0xfffff000u);
    }
    return bytes / PAGE_BYTES - bytes / PAGE_BYTES / 256;
}

static bool choose_lazy(const struct engine_options *options, const struct sgx_driver *driver)
{
    uint32_t leaf[4] = {0};

    if (options->pages != ENGINE_PAGES_AUTO)
        return options->pages == ENGINE_PAGES_LAZY;
    driver->cpuid(CPUID_SGX, 0, leaf);
    return (leaf[0] & CPUID_SGX2) != 0;
}

static enum status select_driver(const struct engine_options *options,
                                 const struct sgx_driver **driver, struct message *why)
{
    enum status status = sgx_driver_select(options->backend, options->emulated_cpu, driver);

    if (status == ST_SGX_NO_DEVICE)
        message_set(why, "no usable /dev/sgx_enclave here: use --backend emulator (which protects "
                         "nothing) or a machine with SGX");
    else if (status != ST_OK)
        message_set(why, "no SGX back end: %s", status_text(status));
    return status;
}

static enum status open_image(const struct engine *engine, const struct engine_options *options,
                              struct image *image, struct message *why)
{
    char path[PATH_MAX];
    enum status status =
        images_choose(options->images_folder, engine->lazy ? IMAGE_PAGES_LAZY : IMAGE_PAGES_EAGER,
                      options->enclave_mib, path, sizeof(path), why);

    return status == ST_OK ? image_open(path, image, why) : status;
}

void engine_say_failed_call(const struct slot_record *record, const char *what, enum status status,
                            struct message *why)
{
    if (slot_lost(record->slot) || status == ST_SGX_ENTER)
        message_set(why, "the enclave is lost while it should %s: %s; start again", what,
                    slot_fault(record->slot));
    else
        message_set(why, "the enclave refused to %s: %s", what, status_text(status));
}

static enum status ensure_booted(struct slot_record *record, struct message *why)
{
    enum status status;

    if (record->booted)
        return ST_OK;
    status = slot_boot(record->slot);
    if (status == ST_OK)
        record->booted = true;
    else
        engine_say_failed_call(record, "boot the slot", status, why);
    return status;
}

/* A machine that cannot attest can still run functions; whoever asks for a quote is told. */
static void open_quoting_early(struct engine *engine)
{
    struct message why = {""};

    if (engine_open_quoting(engine, &why) != ST_OK)
        fprintf(stderr, "reclave worker: %s\n", why.text);
}

static enum status initialise(struct engine *engine, const struct engine_options *options,
                              struct message *why)
{
    struct enclave_terms terms = {
        .shared_tenancy = options->shared_tenancy,
        .encrypted_only = options->encrypted_only,
    };
    enum status status;

    if (engine->lazy)
        terms.page_limit =
            options->enclave_mib ? options->enclave_mib * PAGES_PER_MIB : epc_pages(engine->driver);
    status = engine_name_keeper(options, &terms, why);
    if (status != ST_OK)
        return status;
    status = enclave_init(engine->enclave, &terms);
    if (status != ST_OK) {
        engine_say_failed_call(&engine->slots[0], "initialise", status, why);
        return status;
    }
    status = engine_learn_identity(engine, why);
    if (status == ST_OK)
        status = engine_use_keeper(engine, options, &terms, why);
    if (status == ST_OK && options->quote_early)
        open_quoting_early(engine);
    return status == ST_OK ? ensure_booted(&engine->slots[0], why) : status;
}

static enum status measure_null(struct engine *engine, struct message *why)
{
    struct samples samples = {0};
    enum status status = ST_OK;

    for (unsigned i = 0; i < NULL_CALLS && status == ST_OK; i++) {
        uint64_t start = engine_now_ns();

        status = slot_null(engine->slots[0].slot);
        samples_add(&samples, engine_now_ns() - start);
    }
    engine->null_ns = samples_median(&samples);
    samples_free(&samples);
    if (status != ST_OK)
        engine_say_failed_call(&engine->slots[0], "answer an empty call", status, why);
    return status;
}

static void setup_records(struct engine *engine)
{
    for (unsigned i = 0; i < engine_slots(engine); i++) {
        engine->slots[i].slot = enclave_slot(engine->enclave, i);
        pthread_mutex_init(&engine->slots[i].lock, NULL);
    }
}

static enum status start(struct engine *engine, const struct image *image,
                         const struct engine_options *options, struct message *why)
{
    struct enclave_options create = {.driver = engine->driver,
                                     .progress = options->progress,
                                     .progress_context = options->progress_context};
    enum status status;

    engine->start_ns = engine_now_ns();
    engine->start_cycles = engine_now_cycles();
    memcpy(engine->mrenclave, image->header->mrenclave, sizeof(engine->mrenclave));
    status = enclave_create(image, &create, &engine->enclave, why);
    if (status != ST_OK)
        return status;
    setup_records(engine);
    status = initialise(engine, options, why);
    engine->cold_create_ns = engine_now_ns() - engine->start_ns;
    if (status == ST_OK && options->measure_calls)
        status = measure_null(engine, why);
    return status;
}

enum status engine_open(const struct engine_options *options, struct engine **out,
                        struct message *why)
{
    struct engine *engine = calloc(1, sizeof(*engine));
    struct image image;
    enum status status;

    *out = NULL;
    message_set(why, "%s", "");
    if (!engine)
        return ST_NO_MEMORY;
    pthread_mutex_init(&engine->quoting_lock, NULL);
    pthread_mutex_init(&engine->certificate_lock, NULL);
    status = select_driver(options, &engine->driver, why);
    if (status != ST_OK)
        goto fail;
    engine->retain_pages = options->retain_mib * PAGES_PER_MIB;
    engine->lazy = choose_lazy(options, engine->driver);
    engine->images_folder = strdup(options->images_folder);
    status = engine->images_folder ? ST_OK : ST_NO_MEMORY;
    if (status != ST_OK)
        goto fail;
    status = open_image(engine, options, &image, why);
    if (status != ST_OK)
        goto fail;
    status = start(engine, &image, options, why);
    image_close(&image);
    if (status != ST_OK)
        goto fail;
    *out = engine;
    return ST_OK;

fail:
    if (why && !why->text[0])
        message_set(why, "%s", status_text(status));
    engine_close(engine);
    return status;
}

static void free_record(struct slot_record *record)
{
    samples_free(&record->run_ns);
    samples_free(&record->rewind_ns);
    samples_free(&record->rewind_cycles);
    samples_free(&record->pages_restored);
    free(record->root);
    pthread_mutex_destroy(&record->lock);
}

void engine_close(struct engine *engine)
{
    if (!engine)
        return;
    for (unsigned i = 0; engine->enclave && i < engine_slots(engine); i++)
        free_record(&engine->slots[i]);
    enclave_destroy(engine->enclave);
    quoting_close(engine->quoting);
    pthread_mutex_destroy(&engine->quoting_lock);
    pthread_mutex_destroy(&engine->certificate_lock);
    free(engine->keeper_socket);
    free(engine->images_folder);
    free(engine);
}

unsigned engine_slots(const struct engine *engine)
{
    return enclave_slot_count(engine->enclave);
}

enum status engine_refresh(struct engine *engine, unsigned slot)
{
    struct slot_record *record = &engine->slots[slot];
    struct entry_stats stats;
    enum status status = slot_stats(record->slot, &stats);

    if (status != ST_OK)
        return status;
    pthread_mutex_lock(&record->lock);
    record->pages = stats;
    pthread_mutex_unlock(&record->lock);
    return ST_OK;
}

static struct outcome_time time_since(uint64_t began_ns, uint64_t limit_ms)
{
    return (struct outcome_time){limit_ms * NS_PER_MS, engine_now_ns() - began_ns};
}

static void record_load(struct slot_record *record, const struct slot_load *load, uint64_t ns)
{
    pthread_mutex_lock(&record->lock);
    memcpy(record->bundle_sha256, load->bundle_sha256, sizeof(record->bundle_sha256));
    memcpy(record->wasm_sha256, load->wasm_sha256, sizeof(record->wasm_sha256));
    memcpy(record->tenant, load->tenant, sizeof(record->tenant));
    memcpy(record->snapshot_sha256, load->initial.snapshot_sha256, sizeof(record->snapshot_sha256));
    record->load_ns = ns;
    record->loaded = true;
    pthread_mutex_unlock(&record->lock);
}

/* A failed load may leave the slot half-way. If it cannot be cleaned, later calls say so. */
static void clean_after_failed_load(struct slot_record *record)
{
    enum status status = slot_reset(record->slot, NULL);

    record->booted = status == ST_OK || status == ST_SLOT_BOOTED;
}

enum status engine_load(struct engine *engine, unsigned slot, struct slot_load *load,
                        struct message *why)
{
    struct slot_record *record = &engine->slots[slot];
    enum status status;
    uint64_t began;

    if (record->loaded) {
        message_set(why, "%s", status_text(ST_SLOT_READY));
        return ST_SLOT_READY;
    }
    status = ensure_booted(record, why);
    if (status != ST_OK)
        return status;
    began = engine_now_ns();
    status = slot_load(record->slot, load);
    if (status != ST_OK) {
        if (slot_lost(record->slot) || status == ST_SGX_REFUSED)
            engine_say_failed_call(record, "load the function", status, why);
        else
            outcome_of_load(status, load, time_since(began, load->timeout_ms), why);
        clean_after_failed_load(record);
        return status;
    }
    record_load(record, load, engine_now_ns() - began);
    return engine_refresh(engine, slot);
}

bool engine_invoke(struct engine *engine, unsigned slot, struct entry_invocation *invocation,
                   uint64_t timeout_ms, enum status *status, struct message *why)
{
    struct slot_record *record = &engine->slots[slot];
    uint64_t began = engine_now_ns();
    bool ok;

    *status = slot_invoke(record->slot, invocation, timeout_ms);
    record->dirty = true; /* or it was refused and is READY: engine_rewind finds out */
    engine_note_leaf(record, invocation->claims_bytes != 0, invocation->leaf);
    record->surplus_pages = invocation->surplus_pages;
    ok = outcome_ok(*status, invocation, time_since(began, timeout_ms), why);
    if (slot_lost(record->slot))
        engine_say_failed_call(record, "run the function", *status, why);
    pthread_mutex_lock(&record->lock);
    record->invocations++;
    record->failed += !ok;
    samples_add(&record->run_ns, engine_now_ns() - began);
    pthread_mutex_unlock(&record->lock);
    return ok;
}

/* Before the rewind, which then has less to restore. */
static enum status trim(const struct engine *engine, struct slot_record *record,
                        struct message *why)
{
    enum status status;
    uint64_t pages;

    if (record->surplus_pages <= engine->retain_pages)
        return ST_OK;
    status = slot_trim(record->slot, &pages);
    if (status != ST_OK)
        engine_say_failed_call(record, "give memory back", status, why);
    record->surplus_pages = 0;
    pthread_mutex_lock(&record->lock);
    record->pages_trimmed += pages;
    pthread_mutex_unlock(&record->lock);
    return status;
}

enum status engine_rewind(struct engine *engine, unsigned slot, struct message *why)
{
    struct slot_record *record = &engine->slots[slot];
    struct entry_rewind result;
    enum status status;
    uint64_t began;

    if (!record->dirty)
        return ST_OK;
    status = engine_make_room(record, why);
    if (status != ST_OK)
        return status;
    status = trim(engine, record, why);
    if (status != ST_OK)
        return status;
    began = engine_now_ns();
    status = slot_rewind(record->slot, &result);
    if (status == ST_SLOT_READY) {
        record->dirty = false;
        return ST_OK;
    }
    if (status != ST_OK) {
        engine_say_failed_call(record, "rewind", status, why);
        return status;
    }
    record->dirty = false;
    pthread_mutex_lock(&record->lock);
    samples_add(&record->rewind_ns, engine_now_ns() - began);
    samples_add(&record->rewind_cycles, result.cycles);
    samples_add(&record->pages_restored, result.pages_restored);
    pthread_mutex_unlock(&record->lock);
    return ST_OK;
}

enum status engine_reset(struct engine *engine, unsigned slot, struct message *why)
{
    struct slot_record *record = &engine->slots[slot];
    struct entry_rewind result;
    enum status status;

    if (!record->loaded)
        return ST_OK;
    status = slot_reset(record->slot, &result);
    if (status != ST_OK) {
        engine_say_failed_call(record, "reset", status, why);
        return status;
    }
    record->surplus_pages = result.surplus_pages;
    record->dirty = false;
    pthread_mutex_lock(&record->lock);
    record->loaded = false;
    record->resets++;
    pthread_mutex_unlock(&record->lock);
    status = trim(engine, record, why);
    return status == ST_OK ? engine_refresh(engine, slot) : status;
}

void engine_abort(struct engine *engine, unsigned slot)
{
    slot_abort(engine->slots[slot].slot);
}

void engine_clear_abort(struct engine *engine, unsigned slot)
{
    slot_clear_abort(engine->slots[slot].slot);
}

struct engine_times engine_last_times(struct engine *engine, unsigned slot)
{
    struct slot_record *record = &engine->slots[slot];
    struct engine_times times;

    pthread_mutex_lock(&record->lock);
    times.run_us = samples_last(&record->run_ns) / NS_PER_US;
    times.rewind_us = samples_last(&record->rewind_ns) / NS_PER_US;
    pthread_mutex_unlock(&record->lock);
    return times;
}
