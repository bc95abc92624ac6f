/*
 * SGX's architectural structures and constants (Intel SDM volume 3D, chapters
 * 37 to 40; section in each comment). Little-endian, sizes fixed by hardware.
 */
#ifndef RECLAVE_ABI_SGX_ARCH_H
#define RECLAVE_ABI_SGX_ARCH_H

/* Leaf numbers of ENCLU (EAX), 40.4. */
#define ENCLU_EREPORT     0
#define ENCLU_EGETKEY     1
#define ENCLU_EENTER      2
#define ENCLU_ERESUME     3
#define ENCLU_EEXIT       4
#define ENCLU_EACCEPT     5
#define ENCLU_EMODPE      6
#define ENCLU_EACCEPTCOPY 7

/* Status codes in RAX, SDM 3D table "error codes" (values as in Linux arch/x86/include/asm/sgx.h).
 */
#define SGX_INVALID_SIG_STRUCT       1
#define SGX_INVALID_ATTRIBUTE        2
#define SGX_INVALID_MEASUREMENT      4
#define SGX_INVALID_SIGNATURE        8
#define SGX_INVALID_EINITTOKEN       16
#define SGX_PAGE_ATTRIBUTES_MISMATCH 19
#define SGX_PAGE_NOT_MODIFIABLE      20
#define SGX_INVALID_CPUSVN           32
#define SGX_INVALID_ISVSVN           64
#define SGX_INVALID_KEYNAME          256

/* SECINFO.FLAGS, 37.11 */
#define SECINFO_R        0x1u
#define SECINFO_W        0x2u
#define SECINFO_X        0x4u
#define SECINFO_PENDING  0x8u
#define SECINFO_MODIFIED 0x10u
#define SECINFO_PR       0x20u
#define SECINFO_PT_SHIFT 8
#define PT_SECS          0u
#define PT_TCS           1u
#define PT_REG           2u
#define PT_VA            3u
#define PT_TRIM          4u
#define SECINFO_TCS      (PT_TCS << SECINFO_PT_SHIFT)
#define SECINFO_REG      (PT_REG << SECINFO_PT_SHIFT)
#define SECINFO_TRIM     (PT_TRIM << SECINFO_PT_SHIFT)

/* ATTRIBUTES.FLAGS, 37.7.1 */
#define ATTR_INIT          0x01u
#define ATTR_DEBUG         0x02u
#define ATTR_MODE64BIT     0x04u
#define ATTR_PROVISIONKEY  0x10u
#define ATTR_EINITTOKENKEY 0x20u
#define ATTR_KSS           0x80u

/* XFRM, 37.7.2: the bits of XCR0. */
#define XFRM_LEGACY 0x3u
#define XFRM_AVX    0x4u

#define MISC_EXINFO 0x1u /* MISCSELECT, 37.7.3 */

/* SSA frame, 37.9: XSAVE area at the base, MISC then GPRSGX at the end. */
#define GPRSGX_BYTES 184
#define EXINFO_BYTES 16
/* Offsets in GPRSGX for assembly. */
#define GPRSGX_RIP      136
#define GPRSGX_URSP     144
#define GPRSGX_EXITINFO 160

/* EXITINFO, 37.9.1.1 */
#define EXITINFO_VECTOR(x) ((x)&0xffu)
#define EXITINFO_TYPE(x)   (((x) >> 8) & 7u) /* 3 hardware, 6 software */
#define EXITINFO_VALID     0x80000000u

/* Exception vectors, SDM 6.3.1 */
#define VECTOR_DE 0
#define VECTOR_DB 1
#define VECTOR_BP 3
#define VECTOR_BR 5
#define VECTOR_UD 6
#define VECTOR_GP 13
#define VECTOR_PF 14
#define VECTOR_MF 16
#define VECTOR_AC 17
#define VECTOR_XM 19

/* Page-fault error code bits, SDM 4.7 */
#define PF_PRESENT 0x1u
#define PF_WRITE   0x2u
#define PF_USER    0x4u
#define PF_INSTR   0x10u
#define PF_SGX     0x8000u

/* KEYREQUEST.KEYNAME, 37.17.1 */
#define KEYNAME_EINITTOKEN     0
#define KEYNAME_PROVISION      1
#define KEYNAME_PROVISION_SEAL 2
#define KEYNAME_REPORT         3
#define KEYNAME_SEAL           4
/* KEYREQUEST.KEYPOLICY, 37.17.2 */
#define KEYPOLICY_MRENCLAVE 0x1u
#define KEYPOLICY_MRSIGNER  0x2u

#ifndef __ASSEMBLER__

#include <stdint.h>

struct sgx_secs { /* 37.7; 4096 bytes */
    uint64_t size;
    uint64_t base;
    uint32_t ssa_frame_pages;
    uint32_t miscselect;
    uint8_t reserved1[24];
    uint64_t attributes;
    uint64_t xfrm;
    uint8_t mrenclave[32];
    uint8_t reserved2[32];
    uint8_t mrsigner[32];
    uint8_t reserved3[32];
    uint8_t configid[64];
    uint16_t isvprodid;
    uint16_t isvsvn;
    uint16_t configsvn;
    uint8_t reserved4[3834];
};

struct sgx_tcs { /* 37.8; 4096 bytes */
    uint64_t state;
    uint64_t flags;
    uint64_t ossa;
    uint32_t cssa;
    uint32_t nssa;
    uint64_t oentry;
    uint64_t aep;
    uint64_t ofsbase;
    uint64_t ogsbase;
    uint32_t fslimit;
    uint32_t gslimit;
    uint8_t reserved[4024];
};

struct sgx_gprs { /* GPRSGX, 37.9.1 */
    uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rflags, rip, ursp, urbp;
    uint32_t exitinfo, reserved;
    uint64_t fsbase, gsbase;
};

struct sgx_exinfo { /* MISC region with EXINFO, 37.9.2.1 */
    uint64_t maddr;
    uint32_t errcd;
    uint32_t reserved;
};

struct sgx_secinfo { /* 37.11; aligned to 64 */
    uint64_t flags;
    uint8_t reserved[56];
} __attribute__((aligned(64)));

struct sgx_sigstruct { /* 37.14; 1808 bytes */
    uint8_t header[16];
    uint32_t vendor;
    uint32_t date; /* BCD yyyymmdd */
    uint8_t header2[16];
    uint32_t swdefined;
    uint8_t reserved1[84];
    uint8_t modulus[384]; /* little-endian */
    uint32_t exponent;    /* 3 */
    uint8_t signature[384];
    uint32_t miscselect;
    uint32_t miscmask;
    uint8_t reserved2[4];
    uint8_t isvfamilyid[16];
    uint64_t attributes;
    uint64_t xfrm;
    uint64_t attributes_mask;
    uint64_t xfrm_mask;
    uint8_t enclavehash[32];
    uint8_t reserved3[16];
    uint8_t isvextprodid[16];
    uint16_t isvprodid;
    uint16_t isvsvn;
    uint8_t reserved4[12];
    uint8_t q1[384];
    uint8_t q2[384];
} __attribute__((packed));

struct sgx_targetinfo { /* 37.18; 512 bytes, aligned to 512 */
    uint8_t mrenclave[32];
    uint64_t attributes;
    uint64_t xfrm;
    uint8_t cetattributes;
    uint8_t reserved1;
    uint16_t configsvn;
    uint32_t miscselect;
    uint8_t reserved2[8];
    uint8_t configid[64];
    uint8_t reserved3[384];
} __attribute__((aligned(512)));

struct sgx_report { /* 37.16; 432 bytes, aligned to 512; MAC over the first 384 */
    uint8_t cpusvn[16];
    uint32_t miscselect;
    uint8_t cetattributes;
    uint8_t reserved1[11];
    uint8_t isvextprodid[16];
    uint64_t attributes;
    uint64_t xfrm;
    uint8_t mrenclave[32];
    uint8_t reserved2[32];
    uint8_t mrsigner[32];
    uint8_t reserved3[32];
    uint8_t configid[64];
    uint16_t isvprodid;
    uint16_t isvsvn;
    uint16_t configsvn;
    uint8_t reserved4[42];
    uint8_t isvfamilyid[16];
    uint8_t reportdata[64];
    uint8_t keyid[32];
    uint8_t mac[16];
};

struct sgx_keyrequest { /* 37.17; 512 bytes, aligned to 512 */
    uint16_t keyname;
    uint16_t keypolicy;
    uint16_t isvsvn;
    uint8_t cetattributes_mask;
    uint8_t reserved1;
    uint8_t cpusvn[16];
    uint64_t attributes_mask;
    uint64_t xfrm_mask;
    uint8_t keyid[32];
    uint32_t miscmask;
    uint16_t configsvn;
    uint8_t reserved2[434];
} __attribute__((aligned(512)));

_Static_assert(sizeof(struct sgx_secs) == 4096, "SECS");
_Static_assert(sizeof(struct sgx_tcs) == 4096, "TCS");
_Static_assert(sizeof(struct sgx_gprs) == GPRSGX_BYTES, "GPRSGX");
_Static_assert(sizeof(struct sgx_exinfo) == EXINFO_BYTES, "EXINFO");
_Static_assert(sizeof(struct sgx_sigstruct) == 1808, "SIGSTRUCT");
_Static_assert(sizeof(struct sgx_targetinfo) == 512, "TARGETINFO");
_Static_assert(sizeof(struct sgx_report) == 432, "REPORT");
_Static_assert(sizeof(struct sgx_keyrequest) == 512, "KEYREQUEST");

#endif
#endif
