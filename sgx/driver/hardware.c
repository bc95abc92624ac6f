#include "sgx/driver/hardware.h"

#include "sgx/driver/vdso.h"

#include <cpuid.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEVICE "/dev/sgx_enclave"

uint64_t sgx_vdso_enter;

static int device_open(void)
{
    return open(DEVICE, O_RDWR | O_CLOEXEC);
}

static int device_ioctl(int fd, unsigned long request, void *arg)
{
    return ioctl(fd, request, arg);
}

static int plain_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
    return sigaction(sig, act, old);
}

static void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    __cpuid_count(leaf, subleaf, out[0], out[1], out[2], out[3]);
}

static const struct sgx_driver hardware = {
    .name = "sgx",
    .open = device_open,
    .close = close,
    .ioctl = device_ioctl,
    .mmap = mmap,
    .mprotect = mprotect,
    .munmap = munmap,
    .enter = sgx_hardware_enter,
    .sigaction = plain_sigaction,
    .cpuid = cpuid,
};

enum status sgx_hardware(const struct sgx_driver **out)
{
    int fd = device_open();

    if (fd < 0)
        return ST_SGX_NO_DEVICE;
    close(fd);
    sgx_vdso_enter = vdso_function(getauxval(AT_SYSINFO_EHDR), "__vdso_sgx_enter_enclave");
    if (!sgx_vdso_enter)
        return ST_SGX_NO_DEVICE;
    *out = &hardware;
    return ST_OK;
}
