/* Sequential tenancy: one tenant in an enclave at a time. Decided here, at each load, and not by
 * how the host places its functions. */
#include "base/bytes.h"
#include "base/lock.h"
#include "trusted/monitor/monitor.h"

#include <string.h>

enum status tenant_enter(struct slot *slot)
{
    enum status status = ST_OK;

    lock_take(&enclave.tenant_lock);
    if (!enclave.tenant_slots)
        memcpy(enclave.tenant, slot->function.tenant, sizeof(enclave.tenant));
    else if (!enclave.shared_tenancy &&
             memcmp(enclave.tenant, slot->function.tenant, sizeof(enclave.tenant)) != 0)
        status = ST_OTHER_TENANT;
    if (status == ST_OK) {
        enclave.tenant_slots++;
        slot->holds_tenant = true;
    }
    lock_release(&enclave.tenant_lock);
    return status;
}

void tenant_leave(struct slot *slot)
{
    if (!slot->holds_tenant)
        return;
    lock_take(&enclave.tenant_lock);
    if (--enclave.tenant_slots == 0)
        bytes_wipe(enclave.tenant, sizeof(enclave.tenant));
    lock_release(&enclave.tenant_lock);
    slot->holds_tenant = false;
}
