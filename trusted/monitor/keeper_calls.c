/* ENTRY_KEEPER, ENTRY_ADMISSION and ENTRY_GRANT: what trusted/keeper works on is copied in and out
 * here. Too large for the stack, so there is one place for it, which has one user at a time. */
#include "base/bytes.h"
#include "trusted/attest/report.h"
#include "trusted/keeper/keeper.h"
#include "trusted/monitor/monitor.h"

#include <string.h>

static uint32_t in_use;
static union {
    union keeper_request request;
    struct worker_granted granted;
} input;
static union keeper_reply output;
static struct keeper keeper;

static bool enter(void)
{
    return __atomic_exchange_n(&in_use, 1, __ATOMIC_ACQUIRE) == 0;
}

static void leave(void)
{
    bytes_wipe(&input, sizeof(input));
    bytes_wipe(&output, sizeof(output));
    __atomic_store_n(&in_use, 0, __ATOMIC_RELEASE);
}

static void fill_from_hardware(void *context, void *to, size_t bytes)
{
    (void)context;
    random_hardware(to, (uint32_t)bytes);
}

static struct keeper_self self_of_enclave(void)
{
    static const uint8_t nobody[sizeof(struct sgx_targetinfo)];
    static const uint8_t nothing[REPORT_DATA_BYTES];
    struct keeper_self self = {.signing = &enclave.signing,
                               .receiving = &enclave.receiving,
                               .identity = &enclave.identity,
                               .random = {.fill = fill_from_hardware}};
    struct sgx_report report;

    report_create(nobody, nothing, &report);
    memcpy(self.mrenclave, report.mrenclave, sizeof(self.mrenclave));
    return self;
}

bool keeper_is_ready(void)
{
    return __atomic_load_n(&keeper.ready, __ATOMIC_ACQUIRE) == 1;
}

/* ---- a worker's half ---------------------------------------------------------------- */

enum status ask_admission(struct entry_admission *request)
{
    const struct random_source random = {.fill = fill_from_hardware};

    if (request->reserved)
        return ST_INVALID_ARGUMENT;
    if (!enter())
        return ST_BUSY;
    ring_begin(&enclave.ring, &random, request->nonce);
    leave();
    return ST_OK;
}

static enum status install(const struct entry_grant *request)
{
    const struct keeper_self self = self_of_enclave();
    static const uint8_t nobody[sizeof(enclave.keeper_id)];

    if (memcmp(enclave.keeper_id, nobody, sizeof(nobody)) == 0)
        return ST_KEEPER_OTHER; /* its policy says that it takes no grants */
    if (!border_outside(request->granted, sizeof(input.granted)))
        return ST_BAD_POINTER;
    border_copy_in(&input.granted, request->granted, sizeof(input.granted));
    return ring_install(&enclave.ring, &self, enclave.keeper_id, &input.granted);
}

enum status take_grant(const struct entry_grant *request)
{
    enum status status;

    if (!enter())
        return ST_BUSY;
    status = install(request);
    leave();
    return status;
}

/* ---- a keeper ------------------------------------------------------------------------- */

static enum status run(struct entry_keeper *request)
{
    struct keeper_self self = self_of_enclave();
    struct keeper_sizes sizes;
    size_t out_bytes;
    enum status status = keeper_sizes(&keeper, request->command, &sizes);

    if (status != ST_OK)
        return status;
    out_bytes = sizes.reply ? sizes.reply : sizes.state;
    if (request->request_bytes != sizes.request || request->answer_limit < out_bytes)
        return ST_BAD_LENGTH;
    if (!border_outside(request->request, sizes.request) ||
        !border_outside(request->answer, request->answer_limit))
        return ST_BAD_POINTER;
    border_copy_in(&input.request, request->request, sizes.request);
    self.time = request->time;
    status = keeper_run(&keeper, &self, request->command, &input.request, &output);
    if (status != ST_OK)
        return status;
    border_copy_out(request->answer, &output, out_bytes);
    request->answer_bytes = out_bytes;
    return ST_OK;
}

enum status keeper_call(struct entry_keeper *request)
{
    enum status status;

    if (!enter())
        return ST_BUSY;
    status = run(request);
    leave();
    return status;
}
