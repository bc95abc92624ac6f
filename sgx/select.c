#include "sgx/driver.h"

#include "sgx/driver/hardware.h"
#include "sgx/emu/start.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const struct sgx_driver *emulator; /* once started */

static enum status select_emulator(const struct sgx_cpu *cpu, const struct sgx_driver **out)
{
    enum status status = ST_OK;

    pthread_mutex_lock(&lock);
    if (!emulator)
        status = emu_start(cpu, &emulator);
    *out = emulator;
    pthread_mutex_unlock(&lock);
    return status;
}

enum status sgx_driver_select(enum sgx_choice choice, const struct sgx_cpu *cpu,
                              const struct sgx_driver **out)
{
    enum status status;

    *out = NULL;
    if (choice == SGX_EMULATOR)
        return select_emulator(cpu, out);
    status = sgx_hardware(out);
    if (status == ST_SGX_NO_DEVICE && choice == SGX_AUTO)
        return select_emulator(cpu, out);
    return status;
}
