#include "toolchain/image/measure.h"

#include "abi/sgx_arch.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_BYTES 64
#define CHUNK_BYTES  256

struct measurement {
    EVP_MD_CTX *hash;
};

static void put_u32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static void put_u64(uint8_t *to, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static enum status hash(struct measurement *m, const void *data, size_t bytes)
{
    return EVP_DigestUpdate(m->hash, data, bytes) == 1 ? ST_OK : ST_NO_MEMORY;
}

enum status measure_create(uint32_t ssa_frame_pages, uint64_t elrange_bytes,
                           struct measurement **out)
{
    /* "ECREATE\0", SSAFRAMESIZE u32, SIZE u64 (unaligned), zeros */
    uint8_t record[RECORD_BYTES] = "ECREATE";
    struct measurement *m;

    if (elrange_bytes < 2 * PAGE_BYTES || (elrange_bytes & (elrange_bytes - 1)))
        return ST_INVALID_ARGUMENT;
    m = calloc(1, sizeof *m);
    if (!m)
        return ST_NO_MEMORY;
    m->hash = EVP_MD_CTX_new();
    if (!m->hash || EVP_DigestInit_ex(m->hash, EVP_sha256(), NULL) != 1)
        goto fail;
    put_u32(record + 8, ssa_frame_pages);
    put_u64(record + 12, elrange_bytes);
    if (hash(m, record, sizeof record))
        goto fail;
    *out = m;
    return ST_OK;
fail:
    measure_free(m);
    return ST_NO_MEMORY;
}

enum status measure_add_page(struct measurement *m, uint64_t offset, uint64_t secinfo)
{
    /* "EADD\0\0\0\0", offset u64, the first 48 bytes of SECINFO */
    uint8_t record[RECORD_BYTES] = "EADD";

    if (offset % PAGE_BYTES)
        return ST_INVALID_ARGUMENT;
    if (((secinfo >> SECINFO_PT_SHIFT) & 0xff) == PT_TCS)
        secinfo &= ~(uint64_t)(SECINFO_R | SECINFO_W | SECINFO_X);
    put_u64(record + 8, offset);
    put_u64(record + 16, secinfo);
    return hash(m, record, sizeof record);
}

enum status measure_extend_page(struct measurement *m, uint64_t offset,
                                const uint8_t page[PAGE_BYTES])
{
    if (offset % PAGE_BYTES)
        return ST_INVALID_ARGUMENT;
    for (unsigned at = 0; at < PAGE_BYTES; at += CHUNK_BYTES) {
        /* "EEXTEND\0", offset of the chunk u64, zeros; then the chunk */
        uint8_t record[RECORD_BYTES] = "EEXTEND";
        enum status status;

        put_u64(record + 8, offset + at);
        status = hash(m, record, sizeof record);
        if (!status)
            status = hash(m, page + at, CHUNK_BYTES);
        if (status)
            return status;
    }
    return ST_OK;
}

enum status measure_final(struct measurement *m, uint8_t mrenclave[MRENCLAVE_BYTES])
{
    unsigned bytes = 0;

    if (EVP_DigestFinal_ex(m->hash, mrenclave, &bytes) != 1 || bytes != MRENCLAVE_BYTES)
        return ST_INVALID_ARGUMENT;
    return ST_OK;
}

void measure_free(struct measurement *m)
{
    if (!m)
        return;
    EVP_MD_CTX_free(m->hash);
    free(m);
}
