#include "trusted/attest/certificate.h"

#include "trusted/attest/digest.h"

#include <bearssl/bearssl_ec.h>
#include <string.h>

/* [0] { INTEGER 2 }: version 3 */
static const uint8_t version_3[] = {0xa0, 0x03, 0x02, 0x01, 0x02};
/* SEQUENCE { OID ecdsa-with-SHA256 } */
static const uint8_t ecdsa_sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                       0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
/* SubjectPublicKeyInfo up to the point: ecPublicKey on prime256v1, uncompressed */
static const uint8_t p256_key[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                   0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                   0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
static const uint8_t oid_key_usage[] = {0x55, 0x1d, 0x0f};
static const uint8_t oid_basic_constraints[] = {0x55, 0x1d, 0x13};
/* 1.2.840.113741.1.13.1 */
static const uint8_t oid_sgx[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

#define KEY_CERT_SIGN 0x04u /* keyUsage bit 5, of the first byte */
#define SGX_TCB       2
#define SGX_FMSPC     4
#define SGX_PCE_SVN   17 /* below SGX_TCB; 1 .. 16 are the components */

/* ---- the certificate ----------------------------------------------------------- */

static bool read_serial(struct der *from, uint8_t serial[PCK_SERIAL_BYTES])
{
    struct der number;

    if (!der_take(from, DER_INTEGER, &number) || number.left == 0 || number.at[0] >= 0x80)
        return false;
    if (number.at[0] == 0 && number.left > 1) {
        number.at++;
        number.left--;
    }
    if (number.left > PCK_SERIAL_BYTES)
        return false;
    memset(serial, 0, PCK_SERIAL_BYTES);
    memcpy(serial + PCK_SERIAL_BYTES - number.left, number.at, number.left);
    return true;
}

static bool read_key(struct der *from, uint8_t key[SIGNING_KEY_BYTES])
{
    if (!der_take_exactly(from, p256_key, sizeof(p256_key)) || from->left < SIGNING_KEY_BYTES)
        return false;
    memcpy(key, from->at, SIGNING_KEY_BYTES);
    from->at += SIGNING_KEY_BYTES;
    from->left -= SIGNING_KEY_BYTES;
    return true;
}

/* BasicConstraints ::= SEQUENCE { BOOLEAN cA DEFAULT FALSE, INTEGER pathLen OPTIONAL } */
static bool is_ca(struct der value, bool *ca)
{
    struct der constraints, flag;

    if (!der_take(&value, DER_SEQUENCE, &constraints) || value.left != 0)
        return false;
    *ca = der_take(&constraints, DER_BOOLEAN, &flag) && der_is(flag, "\xff", 1);
    return true;
}

static bool may_sign(struct der value, bool *sign)
{
    struct der bits;

    if (!der_take(&value, DER_BIT_STRING, &bits) || value.left != 0 || bits.left < 2)
        return false;
    *sign = (bits.at[1] & KEY_CERT_SIGN) != 0;
    return true;
}

struct extensions {
    bool ca, has_constraints;
    bool sign, has_usage;
};

/* Extension ::= SEQUENCE { OID, BOOLEAN critical DEFAULT FALSE, OCTET STRING }. One that is
 * critical and not understood is a reason to refuse (RFC 5280, 4.2), and so is one of ours twice.
 */
static bool read_extension(struct der extension, struct certificate *out, struct extensions *seen)
{
    struct der oid, critical, value;
    bool is_critical;

    if (!der_take(&extension, DER_OID, &oid))
        return false;
    is_critical = der_take(&extension, DER_BOOLEAN, &critical);
    if (!der_take(&extension, DER_OCTETS, &value) || extension.left != 0)
        return false;
    if (der_is(oid, oid_basic_constraints, sizeof(oid_basic_constraints))) {
        if (seen->has_constraints)
            return false;
        seen->has_constraints = true;
        return is_ca(value, &seen->ca);
    }
    if (der_is(oid, oid_key_usage, sizeof(oid_key_usage))) {
        if (seen->has_usage)
            return false;
        seen->has_usage = true;
        return may_sign(value, &seen->sign);
    }
    if (der_is(oid, oid_sgx, sizeof(oid_sgx))) {
        if (out->sgx.left != 0)
            return false;
        out->sgx = value;
        return value.left != 0;
    }
    return !is_critical;
}

static bool read_extensions(struct der *from, struct certificate *out)
{
    struct extensions seen = {0};
    struct der wrapper, list, extension;

    if (!der_take(from, DER_EXTENSIONS, &wrapper) || !der_take(&wrapper, DER_SEQUENCE, &list) ||
        wrapper.left != 0)
        return false;
    while (list.left != 0)
        if (!der_take(&list, DER_SEQUENCE, &extension) || !read_extension(extension, out, &seen))
            return false;
    out->signs_certificates = seen.ca && seen.sign;
    return true;
}

static bool read_signed_part(struct der from, struct certificate *out)
{
    struct der validity;

    return der_take_exactly(&from, version_3, sizeof(version_3)) &&
           read_serial(&from, out->serial) &&
           der_take_exactly(&from, ecdsa_sha256, sizeof(ecdsa_sha256)) &&
           der_take(&from, DER_SEQUENCE, &out->issuer) &&
           der_take(&from, DER_SEQUENCE, &validity) &&
           der_take(&from, DER_SEQUENCE, &out->subject) && read_key(&from, out->public_key) &&
           read_extensions(&from, out) && from.left == 0;
}

bool certificate_read(const uint8_t *der, size_t bytes, struct certificate *out)
{
    struct der input = {der, bytes}, outer, copy, part;

    memset(out, 0, sizeof(*out));
    if (!der_take(&input, DER_SEQUENCE, &outer) || input.left != 0)
        return false;
    copy = outer;
    if (!der_take_whole(&outer, DER_SEQUENCE, &out->signed_part) ||
        !der_take(&copy, DER_SEQUENCE, &part) || !read_signed_part(part, out) ||
        !der_take_exactly(&outer, ecdsa_sha256, sizeof(ecdsa_sha256)) ||
        !der_take(&outer, DER_BIT_STRING, &out->signature) || outer.left != 0)
        return false;
    return der_take_exactly(&out->signature, "\0", 1); /* no unused bits */
}

bool certificate_is_signed_by(const struct certificate *certificate,
                              const uint8_t public_key[SIGNING_KEY_BYTES])
{
    uint8_t point[1 + SIGNING_KEY_BYTES] = {4}; /* uncompressed, SEC 1 2.3.3 */
    const br_ec_public_key key = {.curve = BR_EC_secp256r1, .q = point, .qlen = sizeof(point)};
    uint8_t digest[DIGEST_BYTES];

    memcpy(point + 1, public_key, SIGNING_KEY_BYTES);
    sha256_pieces(&(struct piece){certificate->signed_part.at, certificate->signed_part.left}, 1,
                  digest);
    return br_ecdsa_i31_vrfy_asn1(&br_ec_p256_m31, digest, sizeof(digest), &key,
                                  certificate->signature.at, certificate->signature.left) == 1;
}

/* ---- Intel's extension ------------------------------------------------------------- */

/* The next SEQUENCE { OID of Intel's, value }: *value is what follows the OID, *number the OID's
 * last part below `parent` (0: the extension itself). */
static bool next_entry(struct der *list, uint8_t parent, uint8_t *number, struct der *value)
{
    struct der oid;

    if (!der_take(list, DER_SEQUENCE, value) || !der_take(value, DER_OID, &oid) ||
        !der_take_exactly(&oid, oid_sgx, sizeof(oid_sgx)))
        return false;
    if (parent && !der_take_exactly(&oid, &parent, 1))
        return false;
    if (oid.left != 1)
        return false;
    *number = oid.at[0];
    return true;
}

static bool read_tcb(struct der value, struct pck_platform *out)
{
    uint32_t seen = 0, svn;
    uint8_t number;
    struct der list, entry;

    if (!der_take(&value, DER_SEQUENCE, &list) || value.left != 0)
        return false;
    while (list.left != 0) {
        if (!next_entry(&list, SGX_TCB, &number, &entry))
            return false;
        if (number < 1 || number > SGX_PCE_SVN)
            continue; /* the CPUSVN, which the components are */
        if ((seen & 1u << number) ||
            !der_take_number(&entry, number == SGX_PCE_SVN ? UINT16_MAX : UINT8_MAX, &svn) ||
            entry.left != 0)
            return false;
        seen |= 1u << number;
        if (number == SGX_PCE_SVN)
            out->pce_svn = (uint16_t)svn;
        else
            out->components[number - 1] = (uint8_t)svn;
    }
    return seen == (1u << (SGX_PCE_SVN + 1)) - 2;
}

static bool read_fmspc(struct der value, struct pck_platform *out)
{
    struct der octets;

    if (!der_take(&value, DER_OCTETS, &octets) || value.left != 0 ||
        octets.left != sizeof(out->fmspc))
        return false;
    memcpy(out->fmspc, octets.at, sizeof(out->fmspc));
    return true;
}

bool pck_platform_read(const struct certificate *pck, struct pck_platform *out)
{
    struct der value = pck->sgx, list, entry;
    unsigned tcbs = 0, fmspcs = 0;
    uint8_t number;

    memset(out, 0, sizeof(*out));
    if (!der_take(&value, DER_SEQUENCE, &list) || value.left != 0)
        return false;
    while (list.left != 0) {
        if (!next_entry(&list, 0, &number, &entry))
            return false;
        if (number == SGX_TCB && (tcbs++ || !read_tcb(entry, out)))
            return false;
        if (number == SGX_FMSPC && (fmspcs++ || !read_fmspc(entry, out)))
            return false;
    }
    return tcbs == 1 && fmspcs == 1;
}
