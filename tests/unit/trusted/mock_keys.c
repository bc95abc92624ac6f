/* What of identity.c ENTRY_LOAD needs. */
#include "trusted/monitor/monitor.h"

void receiving_key_for(const uint8_t key_id[KEY_ID_BYTES], struct receiving_key *key)
{
    if (!ring_receiving_key(&enclave.ring, key_id, key))
        *key = enclave.receiving;
}
