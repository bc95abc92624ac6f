#include "trusted/attest/digest.h"

#include "base/bytes.h"

#include <bearssl/bearssl_hash.h>
#include <bearssl/bearssl_hmac.h>
#include <string.h>

void sha256_pieces(const struct piece *pieces, size_t count, uint8_t digest[DIGEST_BYTES])
{
    br_sha256_context hash;

    br_sha256_init(&hash);
    for (size_t i = 0; i < count; i++)
        br_sha256_update(&hash, pieces[i].data, pieces[i].bytes);
    br_sha256_out(&hash, digest);
    bytes_wipe(&hash, sizeof(hash));
}

/* HMAC over the pieces and then `tail`, which may be empty. */
static void hmac_with_tail(const void *key, size_t key_bytes, const struct piece *pieces,
                           size_t count, struct piece tail, uint8_t mac[DIGEST_BYTES])
{
    br_hmac_key_context prepared;
    br_hmac_context hmac;

    br_hmac_key_init(&prepared, &br_sha256_vtable, key, key_bytes);
    br_hmac_init(&hmac, &prepared, 0);
    for (size_t i = 0; i < count; i++)
        br_hmac_update(&hmac, pieces[i].data, pieces[i].bytes);
    br_hmac_update(&hmac, tail.data, tail.bytes);
    br_hmac_out(&hmac, mac);
    bytes_wipe(&prepared, sizeof(prepared));
    bytes_wipe(&hmac, sizeof(hmac));
}

void hmac_sha256(const void *key, size_t key_bytes, const struct piece *pieces, size_t count,
                 uint8_t mac[DIGEST_BYTES])
{
    hmac_with_tail(key, key_bytes, pieces, count, (struct piece){"", 0}, mac);
}

void hkdf_extract(const void *salt, size_t salt_bytes, const struct piece *pieces, size_t count,
                  uint8_t prk[DIGEST_BYTES])
{
    hmac_sha256(salt, salt_bytes, pieces, count, prk);
}

void hkdf_expand(const uint8_t prk[DIGEST_BYTES], const struct piece *pieces, size_t count,
                 uint8_t *out, size_t bytes)
{
    static const uint8_t first_block = 1; /* RFC 5869, 2.3: T(1) */
    uint8_t block[DIGEST_BYTES];

    hmac_with_tail(prk, DIGEST_BYTES, pieces, count, (struct piece){&first_block, 1}, block);
    memcpy(out, block, bytes <= sizeof(block) ? bytes : sizeof(block));
    bytes_wipe(block, sizeof(block));
}

void hkdf_expand_text(const uint8_t prk[DIGEST_BYTES], const char *info, uint8_t *out, size_t bytes)
{
    const struct piece piece = {info, strlen(info)};

    hkdf_expand(prk, &piece, 1, out, bytes);
}
