/* The calls of abi/entry.h, typed. */
#include "host/loader/internal.h"

#include "abi/sgx_arch.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

enum status slot_boot(struct slot *slot)
{
    return slot_call(slot, ENTRY_BOOT, NULL, 0, SLOT_SERVICE_TIMEOUT_MS);
}

/* Slots change their pages in parallel, but the driver answers EBUSY to an ioctl while another one
 * of the same enclave is under way. */
static int page_ioctl(struct enclave *enclave, unsigned long request, void *call)
{
    int result, error;

    pthread_mutex_lock(&enclave->ioctl_lock);
    result = enclave->driver->ioctl(enclave->fd, request, call);
    error = errno;
    pthread_mutex_unlock(&enclave->ioctl_lock);
    errno = error;
    return result;
}

/* The driver may stop early and says how far it came: may the call be made again for the rest?
 * Right after page_ioctl, whose errno it reads. */
static bool went_on(int result, uint64_t count, uint64_t bytes)
{
    if (count > bytes)
        return false;
    return result == 0 ? count != 0 : errno == EINTR || (errno == EAGAIN && count);
}

/* EMODPR over the range. */
static enum status restrict_code(struct enclave *enclave, uint64_t offset, uint64_t bytes)
{
    while (bytes) {
        struct sgx_enclave_restrict_permissions call = {
            .offset = offset,
            .length = bytes,
            .permissions = SECINFO_R | SECINFO_X,
        };
        int result = page_ioctl(enclave, SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, &call);

        if (!went_on(result, call.count, bytes))
            return ST_SGX_REFUSED;
        offset += call.count;
        bytes -= call.count;
    }
    return ST_OK;
}

static enum status enter_load(struct slot *slot, struct slot_load *load, struct entry_load *entry)
{
    enum status status;

    *entry = (struct entry_load){
        .bundle = (uintptr_t)load->bundle,
        .bundle_bytes = load->bundle_bytes,
        .memory_limit = load->memory_limit,
    };
    status = slot_call(slot, ENTRY_LOAD, entry, sizeof(*entry), SLOT_SERVICE_TIMEOUT_MS);
    load->needed_pages = entry->needed_pages;
    load->verify_reason = entry->verify_reason;
    load->verify_offset = entry->verify_offset;
    memcpy(load->bundle_sha256, entry->bundle_sha256, sizeof(load->bundle_sha256));
    memcpy(load->wasm_sha256, entry->wasm_sha256, sizeof(load->wasm_sha256));
    memcpy(load->tenant, entry->tenant, sizeof(load->tenant));
    return status;
}

enum status slot_load(struct slot *slot, struct slot_load *load)
{
    struct entry_load entry;
    enum status status;

    memset(&load->initial, 0, sizeof(load->initial));
    if ((uintptr_t)load->bundle % 8 || (uintptr_t)load->log % 8)
        return ST_BAD_POINTER;
    status = enter_load(slot, load, &entry);
    if (status != ST_OK)
        return status;
    status = restrict_code(slot->enclave, entry.restrict_offset, entry.restrict_bytes);
    if (status != ST_OK)
        return status;
    load->initial.log = (uintptr_t)load->log;
    load->initial.log_limit = load->log_limit;
    return slot_call(slot, ENTRY_FINISH_LOAD, &load->initial, sizeof(load->initial),
                     load->timeout_ms);
}

enum status slot_invoke(struct slot *slot, struct entry_invocation *invocation, uint64_t timeout_ms)
{
    if ((invocation->input | invocation->strings | invocation->output | invocation->log |
         invocation->claims) %
        8)
        return ST_BAD_POINTER;
    invocation->realtime_ns = clock_ns(CLOCK_REALTIME);
    invocation->monotonic_ns = clock_ns(CLOCK_MONOTONIC);
    return slot_call(slot, ENTRY_INVOKE, invocation, sizeof(*invocation), timeout_ms);
}

static enum status call_envelope(struct slot *slot, enum entry_call call,
                                 struct entry_envelope *envelope, uint64_t timeout_ms)
{
    if ((envelope->message | envelope->answer | envelope->log) % 8)
        return ST_BAD_POINTER;
    envelope->realtime_ns = clock_ns(CLOCK_REALTIME);
    envelope->monotonic_ns = clock_ns(CLOCK_MONOTONIC);
    return slot_call(slot, call, envelope, sizeof(*envelope), timeout_ms);
}

enum status slot_invoke_sealed(struct slot *slot, struct entry_envelope *envelope,
                               uint64_t timeout_ms)
{
    return call_envelope(slot, ENTRY_INVOKE_SEALED, envelope, timeout_ms);
}

enum status slot_session_open(struct slot *slot, struct entry_envelope *envelope)
{
    return call_envelope(slot, ENTRY_SESSION_OPEN, envelope, SLOT_SERVICE_TIMEOUT_MS);
}

enum status slot_sign(struct slot *slot, void *root, uint64_t *root_bytes, uint64_t *leaves)
{
    struct entry_sign argument = {.root = (uintptr_t)root};
    enum status status =
        slot_call(slot, ENTRY_SIGN, &argument, sizeof(argument), SLOT_SERVICE_TIMEOUT_MS);

    *root_bytes = argument.root_bytes;
    *leaves = argument.leaves;
    return status;
}

enum status slot_report(struct slot *slot, struct entry_report *report)
{
    return slot_call(slot, ENTRY_REPORT, report, sizeof(*report), SLOT_SERVICE_TIMEOUT_MS);
}

enum status slot_ask_admission(struct slot *slot, uint8_t nonce[32])
{
    struct entry_admission argument = {0};
    enum status status =
        slot_call(slot, ENTRY_ADMISSION, &argument, sizeof(argument), SLOT_SERVICE_TIMEOUT_MS);

    memcpy(nonce, argument.nonce, sizeof(argument.nonce));
    return status;
}

enum status slot_take_grant(struct slot *slot, const void *granted)
{
    struct entry_grant argument = {.granted = (uintptr_t)granted};

    return slot_call(slot, ENTRY_GRANT, &argument, sizeof(argument), SLOT_SERVICE_TIMEOUT_MS);
}

enum status slot_keeper_call(struct slot *slot, struct entry_keeper *call)
{
    if ((call->request | call->answer) % 8)
        return ST_BAD_POINTER;
    return slot_call(slot, ENTRY_KEEPER, call, sizeof(*call), SLOT_SERVICE_TIMEOUT_MS);
}

static enum status restore(struct slot *slot, enum entry_call call, struct entry_rewind *result)
{
    struct entry_rewind argument = {0};
    enum status status =
        slot_call(slot, call, &argument, sizeof(argument), SLOT_SERVICE_TIMEOUT_MS);

    if (result)
        *result = argument;
    return status;
}

enum status slot_rewind(struct slot *slot, struct entry_rewind *result)
{
    return restore(slot, ENTRY_REWIND, result);
}

enum status slot_reset(struct slot *slot, struct entry_rewind *result)
{
    return restore(slot, ENTRY_RESET, result);
}

/* ---- trimming ------------------------------------------------------------------ */

static enum status change_type(struct enclave *enclave, uint64_t offset, uint64_t bytes)
{
    while (bytes) {
        struct sgx_enclave_modify_types call = {
            .offset = offset, .length = bytes, .page_type = PT_TRIM};
        int result = page_ioctl(enclave, SGX_IOC_ENCLAVE_MODIFY_TYPES, &call);

        if (!went_on(result, call.count, bytes))
            return ST_SGX_REFUSED;
        offset += call.count;
        bytes -= call.count;
    }
    return ST_OK;
}

static enum status remove_pages(struct enclave *enclave, uint64_t offset, uint64_t bytes)
{
    while (bytes) {
        struct sgx_enclave_remove_pages call = {.offset = offset, .length = bytes};
        int result = page_ioctl(enclave, SGX_IOC_ENCLAVE_REMOVE_PAGES, &call);

        if (!went_on(result, call.count, bytes))
            return ST_SGX_REFUSED;
        offset += call.count;
        bytes -= call.count;
    }
    return ST_OK;
}

static enum status trim_range(struct slot *slot, uint64_t offset, uint64_t bytes, uint64_t *pages)
{
    struct entry_trim accepted = {0};
    enum status status = change_type(slot->enclave, offset, bytes);

    if (status != ST_OK)
        return status;
    status =
        slot_call(slot, ENTRY_TRIM_ACCEPT, &accepted, sizeof(accepted), SLOT_SERVICE_TIMEOUT_MS);
    *pages += accepted.bytes / PAGE_BYTES;
    return status == ST_OK ? remove_pages(slot->enclave, offset, bytes) : status;
}

enum status slot_trim(struct slot *slot, uint64_t *pages)
{
    *pages = 0;
    for (;;) {
        struct entry_trim range = {0};
        enum status status =
            slot_call(slot, ENTRY_TRIM, &range, sizeof(range), SLOT_SERVICE_TIMEOUT_MS);

        if (status != ST_OK || !range.bytes)
            return status;
        status = trim_range(slot, range.offset, range.bytes, pages);
        if (status != ST_OK)
            return status;
    }
}

enum status slot_stats(struct slot *slot, struct entry_stats *result)
{
    memset(result, 0, sizeof(*result));
    return slot_call(slot, ENTRY_STATS, result, sizeof(*result), SLOT_SERVICE_TIMEOUT_MS);
}

enum status slot_null(struct slot *slot)
{
    return slot_call(slot, ENTRY_NULL, NULL, 0, SLOT_SERVICE_TIMEOUT_MS);
}
