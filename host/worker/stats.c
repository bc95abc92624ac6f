/* The statistics object: one flat place for keys, units and how they are derived. */
#include "host/worker/engine_internal.h"

#include "abi/geometry.h"
#include "sgx/emu/instrument.h"

#include <stdio.h>

#define CALIBRATION_NS 10000000u /* shortest span that gives the TSC's frequency to 0.1 % */

static double us(uint64_t ns)
{
    return (double)ns / 1000.0;
}

static double cycles_per_ns(const struct engine *engine)
{
    uint64_t ns, cycles;

    do {
        ns = engine_now_ns() - engine->start_ns;
        cycles = engine_now_cycles() - engine->start_cycles;
    } while (ns < CALIBRATION_NS);
    return (double)cycles / (double)ns;
}

/* Inside L0, transitions excluded. Without RDTSC inside, the call less an empty call. */
static double rewind_us(const struct engine *engine, const struct slot_record *record)
{
    uint64_t cycles = samples_median(&record->rewind_cycles);
    uint64_t call = samples_median(&record->rewind_ns);

    if (cycles)
        return us(1) * (double)cycles / cycles_per_ns(engine);
    return us(call > engine->null_ns ? call - engine->null_ns : 0);
}

static json_t *hex(const uint8_t digest[32])
{
    char text[65];

    for (unsigned i = 0; i < 32; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return json_string(text);
}

/* Exact where the machine counts; else what the loader sees, which misses the interrupts that
 * the kernel resumes by itself. */
static void count_transitions(struct engine *engine, uint64_t *transitions, uint64_t *aex)
{
    struct emu_counters exact;

    *transitions = 0;
    *aex = 0;
    if (emu_counters(enclave_fd(engine->enclave), &exact) == ST_OK) {
        *transitions = exact.eenter + exact.eresume;
        *aex = exact.aex;
        return;
    }
    for (unsigned i = 0; i < engine_slots(engine); i++) {
        struct slot_counters seen = slot_counters(engine->slots[i].slot);

        *transitions += seen.transitions;
        *aex += seen.exceptions + seen.kicks;
    }
}

static int put_enclave(json_t *object, struct engine *engine)
{
    uint64_t transitions, aex;

    count_transitions(engine, &transitions, &aex);
    return json_object_set_new(object, "backend", json_string(engine->driver->name)) |
           json_object_set_new(object, "pages", json_string(engine->lazy ? "lazy" : "eager")) |
           json_object_set_new(object, "mrenclave", hex(engine->mrenclave)) |
           json_object_set_new(object, "slots", json_integer(engine_slots(engine))) |
           json_object_set_new(object, "cold_create_us", json_real(us(engine->cold_create_ns))) |
           json_object_set_new(object, "null_call_us_p50", json_real(us(engine->null_ns))) |
           json_object_set_new(object, "transitions", json_integer((json_int_t)transitions)) |
           json_object_set_new(object, "aex", json_integer((json_int_t)aex));
}

static int put_function(json_t *object, const struct slot_record *record)
{
    return json_object_set_new(object, "bundle_sha256", hex(record->bundle_sha256)) |
           json_object_set_new(object, "wasm_sha256", hex(record->wasm_sha256)) |
           json_object_set_new(object, "tenant", hex(record->tenant)) |
           json_object_set_new(object, "snapshot_sha256", hex(record->snapshot_sha256)) |
           json_object_set_new(object, "load_us", json_real(us(record->load_ns)));
}

static int put_integer(json_t *object, const char *key, uint64_t value)
{
    return json_object_set_new(object, key, json_integer((json_int_t)value));
}

static int put_slot(json_t *object, const struct engine *engine, const struct slot_record *record)
{
    return put_integer(object, "invocations", record->invocations) |
           put_integer(object, "failed", record->failed) |
           put_integer(object, "resets", record->resets) |
           put_integer(object, "signatures", record->signatures) |
           put_integer(object, "pages_restored_p50", samples_median(&record->pages_restored)) |
           json_object_set_new(object, "loaded", json_boolean(record->loaded)) |
           put_integer(object, "enclave_pages", record->pages.committed_pages) |
           put_integer(object, "slot_pages", record->pages.slot_pages) |
           put_integer(object, "snapshot_pages", record->pages.snapshot_pages) |
           put_integer(object, "shared_pages", record->pages.shared_pages) |
           put_integer(object, "store_pages", record->pages.store_pages) |
           put_integer(object, "pages_trimmed", record->pages_trimmed) |
           json_object_set_new(object, "run_us_p50",
                               json_real(us(samples_median(&record->run_ns)))) |
           json_object_set_new(object, "rewind_us_p50", json_real(rewind_us(engine, record))) |
           json_object_set_new(object, "rewind_call_us_p50",
                               json_real(us(samples_median(&record->rewind_ns))));
}

json_t *engine_stats(struct engine *engine, unsigned slot)
{
    struct slot_record *record = &engine->slots[slot];
    json_t *object = json_object();
    int failed;

    if (!object)
        return NULL;
    failed = put_enclave(object, engine);
    pthread_mutex_lock(&record->lock);
    failed |= put_function(object, record) | put_slot(object, engine, record);
    pthread_mutex_unlock(&record->lock);
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}
