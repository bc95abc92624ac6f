#include "trusted/monitor/monitor.h"

/* The linker puts it at the image's first byte, which lies at MON_IMAGE_OFF. */
extern const uint8_t monitor_image[] __attribute__((visibility("hidden")));

uint8_t *enclave_base(void)
{
    return (uint8_t *)((uintptr_t)monitor_image - MON_IMAGE_OFF);
}
