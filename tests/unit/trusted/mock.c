#include "tests/unit/trusted/mock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct image_layout mock_layout;
extern const struct image_layout image_layout __attribute__((alias("mock_layout")));
struct enclave_state enclave;
uint64_t mock_eaccept_result;
unsigned mock_eaccept_calls, mock_eaccept_fails_at;
uint8_t *mock_eaccept_page;
uint64_t mock_eaccept_flags;

static uint8_t *base;
static uint64_t bytes;

struct slot *mock_enclave(unsigned slots, uint32_t image_flags)
{
    struct slot *slot;

    bytes = MONITOR_ZONE_BYTES + slots * SLOT_STRIDE;
    base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                -1, 0);
    if (base == MAP_FAILED)
        abort();
    memset(&mock_layout, 0, sizeof(mock_layout));
    memset(&enclave, 0, sizeof(enclave));
    mock_layout.flags = image_flags;
    mock_layout.slots = slots;
    mock_layout.elrange_bytes = bytes;
    enclave.initialised = 2;
    enclave.cpu_level = 2;
    mock_eaccept_result = 0;
    mock_eaccept_calls = mock_eaccept_fails_at = 0;
    slot = (struct slot *)(void *)(base + SLOT_CONTROL_OFF + CTL_SLOT);
    slot->state = SLOT_BOOTED;
    return slot;
}

void mock_release(void)
{
    munmap(base, bytes);
}

void mock_region(unsigned region, uint32_t present, uint32_t max)
{
    mock_layout.region[region].present = present;
    mock_layout.region[region].max = max;
}

uint8_t *enclave_base(void)
{
    return base;
}

uint64_t enclu_eaccept(uint8_t *page, uint64_t flags)
{
    mock_eaccept_page = page;
    mock_eaccept_flags = flags;
    return mock_eaccept_calls++ >= mock_eaccept_fails_at ? mock_eaccept_result : 0;
}

void enclu_emodpe(uint8_t *page, uint64_t flags)
{
    (void)page;
    (void)flags;
}
