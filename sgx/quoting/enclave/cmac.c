#include "base/bytes.h"
#include "sgx/quoting/enclave/qe.h"

#include <bearssl/bearssl_block.h>
#include <string.h>

#define BLOCK 16

/* Multiplication by x in GF(2^128), RFC 4493, 2.3; no branch on the key's bits. */
static void double_block(uint8_t block[BLOCK])
{
    uint8_t carry = (uint8_t)(block[0] >> 7);

    for (unsigned i = 0; i + 1 < BLOCK; i++)
        block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
    block[BLOCK - 1] = (uint8_t)(block[BLOCK - 1] << 1 ^ (0x87 & -carry));
}

void cmac(const uint8_t key[16], const void *message, size_t bytes, uint8_t mac[16])
{
    static const uint8_t zeros[BLOCK];
    const uint8_t *last = (const uint8_t *)message + bytes - BLOCK;
    br_aes_ct64_ctrcbc_keys aes;
    uint8_t tail[BLOCK] = {0};

    br_aes_ct64_ctrcbc_init(&aes, key, 16);
    br_aes_ct64_ctrcbc_mac(&aes, tail, zeros, BLOCK); /* one block: plain encryption */
    double_block(tail);                               /* K1 */
    for (unsigned i = 0; i < BLOCK; i++)
        tail[i] ^= last[i];
    memset(mac, 0, BLOCK);
    br_aes_ct64_ctrcbc_mac(&aes, mac, message, bytes - BLOCK);
    br_aes_ct64_ctrcbc_mac(&aes, mac, tail, BLOCK);
    bytes_wipe(&aes, sizeof(aes));
    bytes_wipe(tail, sizeof(tail));
}
