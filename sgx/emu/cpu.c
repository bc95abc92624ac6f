#include "sgx/emu/emu.h"

#include <cpuid.h>
#include <string.h>

/* x87, SSE, AVX, AVX-512; what an enclave may have of the host's XCR0. */
#define XFRM_KNOWN 0xe7u

#define DEFAULT_EPC_BYTES    (128ull << 30)
#define DEFAULT_ELRANGE_BITS 47u
#define ELRANGE_BITS_32      31u

/* An address range that no memory has: SGX hardware reports where its EPC lies. */
#define EPC_PHYSICAL_BASE 0x100000000000ull

struct emu_cpu emu_cpu;

static const uint8_t default_key[16] = "not secret at al"; /* fills the array, no NUL */

static uint64_t read_xcr0(void)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low | (uint64_t)high << 32;
}

void emu_cpu_init(const struct sgx_cpu *wanted)
{
    static const struct sgx_cpu defaults;
    const struct sgx_cpu *cpu = wanted ? wanted : &defaults;

    emu_cpu.sgx2 = !cpu->sgx1_only;
    emu_cpu.lenient = cpu->lenient != 0;
    emu_cpu.watch_every = cpu->watch_every ? cpu->watch_every : 1;
    emu_cpu.epc_pages = (cpu->epc_bytes ? cpu->epc_bytes : DEFAULT_EPC_BYTES) / PAGE_BYTES;
    emu_cpu.elrange_bits = cpu->elrange_bits ? cpu->elrange_bits : DEFAULT_ELRANGE_BITS;
    emu_cpu.xfrm = read_xcr0() & XFRM_KNOWN;
    memcpy(emu_cpu.key, emu_all_zero(cpu->key, sizeof(cpu->key)) ? default_key : cpu->key,
           sizeof(emu_cpu.key));
}

/* SDM 3A, CPUID leaf 12h. */
static void sgx_leaf(uint32_t subleaf, uint32_t out[4])
{
    uint64_t epc_bytes = emu_cpu.epc_pages * PAGE_BYTES;

    switch (subleaf) {
    case 0: /* capabilities */
        out[0] = emu_cpu.sgx2 ? 3 : 1;
        out[1] = MISC_EXINFO;
        out[3] = emu_cpu.elrange_bits << 8 | ELRANGE_BITS_32;
        break;
    case 1: /* attributes that ECREATE allows */
        out[0] = ATTR_DEBUG | ATTR_MODE64BIT | ATTR_PROVISIONKEY | ATTR_EINITTOKENKEY;
        out[2] = (uint32_t)emu_cpu.xfrm;
        out[3] = (uint32_t)(emu_cpu.xfrm >> 32);
        break;
    case 2: /* the only EPC section: type and properties in the low bits */
        out[0] = (uint32_t)EPC_PHYSICAL_BASE | 1;
        out[1] = (uint32_t)(EPC_PHYSICAL_BASE >> 32);
        out[2] = (uint32_t)epc_bytes | 1;
        out[3] = (uint32_t)(epc_bytes >> 32);
        break;
    default: /* no more sections */
        break;
    }
}

void emu_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    out[0] = out[1] = out[2] = out[3] = 0;
    if (leaf == 0x12)
        sgx_leaf(subleaf, out);
    else
        __cpuid_count(leaf, subleaf, out[0], out[1], out[2], out[3]);
}

bool emu_gp(struct emu_fault *fault)
{
    *fault = (struct emu_fault){.vector = VECTOR_GP};
    return false;
}

bool emu_pf(struct emu_fault *fault, uint64_t address, uint32_t error)
{
    *fault = (struct emu_fault){.vector = VECTOR_PF, .error = error, .address = address};
    return false;
}
