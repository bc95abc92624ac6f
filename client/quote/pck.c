#include "client/quote/pck.h"

#include <openssl/asn1.h>
#include <stdlib.h>
#include <string.h>

#define SGX_EXTENSION "1.2.840.113741.1.13.1"
#define OID_TEXT_MAX  64
#define PCE_SVN_AT    17 /* .2.17; .2.1 to .2.16 are the components, .2.18 repeats them as CPUSVN */

/* Which fields were seen, one bit each. */
#define SEEN_PCE_SVN (1u << 16)
#define SEEN_TCB     (1u << 17)
#define SEEN_PCE_ID  (1u << 18)
#define SEEN_FMSPC   (1u << 19)
#define SEEN_ALL     ((1u << 20) - 1)

struct reading {
    struct pck_extension *extension;
    unsigned seen;
};

/* Sets the bit; false when it was set before. */
static bool see(struct reading *reading, unsigned bit)
{
    if (reading->seen & bit)
        return false;
    reading->seen |= bit;
    return true;
}

static bool number(const ASN1_TYPE *value, int64_t most, int64_t *out)
{
    return value->type == V_ASN1_INTEGER &&
           ASN1_INTEGER_get_int64(out, value->value.integer) == 1 && *out >= 0 && *out <= most;
}

static bool octets(const ASN1_TYPE *value, uint8_t *out, size_t bytes)
{
    if (value->type != V_ASN1_OCTET_STRING ||
        (size_t)ASN1_STRING_length(value->value.octet_string) != bytes)
        return false;
    memcpy(out, ASN1_STRING_get0_data(value->value.octet_string), bytes);
    return true;
}

typedef bool field_reader(const char *oid, const ASN1_TYPE *value, struct reading *reading);

/* SEQUENCE { OBJECT IDENTIFIER, value } */
static bool pair(const ASN1_TYPE *item, field_reader *field, struct reading *reading)
{
    const uint8_t *at;
    ASN1_SEQUENCE_ANY *pair;
    char oid[OID_TEXT_MAX];
    bool good = false;

    if (item->type != V_ASN1_SEQUENCE)
        return false;
    at = ASN1_STRING_get0_data(item->value.sequence);
    pair = d2i_ASN1_SEQUENCE_ANY(NULL, &at, ASN1_STRING_length(item->value.sequence));
    if (pair && sk_ASN1_TYPE_num(pair) == 2 && sk_ASN1_TYPE_value(pair, 0)->type == V_ASN1_OBJECT) {
        int length = OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_TYPE_value(pair, 0)->value.object, 1);

        good = length > 0 && (size_t)length < sizeof(oid) &&
               field(oid, sk_ASN1_TYPE_value(pair, 1), reading);
    }
    sk_ASN1_TYPE_pop_free(pair, ASN1_TYPE_free);
    return good;
}

/* A SEQUENCE of such pairs: calls `field` for each. */
static bool each_field(const uint8_t *der, size_t bytes, field_reader *field,
                       struct reading *reading)
{
    const uint8_t *at = der;
    ASN1_SEQUENCE_ANY *list = d2i_ASN1_SEQUENCE_ANY(NULL, &at, (long)bytes);
    bool good = list && at == der + bytes;

    for (int i = 0; good && i < sk_ASN1_TYPE_num(list); i++)
        good = pair(sk_ASN1_TYPE_value(list, i), field, reading);
    sk_ASN1_TYPE_pop_free(list, ASN1_TYPE_free);
    return good;
}

static bool tcb_field(const char *oid, const ASN1_TYPE *value, struct reading *reading)
{
    const char *prefix = SGX_EXTENSION ".2.";
    int64_t svn;
    long index;

    if (strncmp(oid, prefix, strlen(prefix)) != 0)
        return false;
    index = strtol(oid + strlen(prefix), NULL, 10);
    if (index >= 1 && index <= TCB_COMPONENTS) {
        if (!see(reading, 1u << (index - 1)) || !number(value, UINT8_MAX, &svn))
            return false;
        reading->extension->component_svns[index - 1] = (uint8_t)svn;
    } else if (index == PCE_SVN_AT) {
        if (!see(reading, SEEN_PCE_SVN) || !number(value, UINT16_MAX, &svn))
            return false;
        reading->extension->pce_svn = (uint16_t)svn;
    }
    return true;
}

static bool top_field(const char *oid, const ASN1_TYPE *value, struct reading *reading)
{
    struct pck_extension *extension = reading->extension;

    if (strcmp(oid, SGX_EXTENSION ".2") == 0)
        return see(reading, SEEN_TCB) && value->type == V_ASN1_SEQUENCE &&
               each_field(ASN1_STRING_get0_data(value->value.sequence),
                          (size_t)ASN1_STRING_length(value->value.sequence), tcb_field, reading);
    if (strcmp(oid, SGX_EXTENSION ".3") == 0)
        return see(reading, SEEN_PCE_ID) &&
               octets(value, extension->pce_id, sizeof(extension->pce_id));
    if (strcmp(oid, SGX_EXTENSION ".4") == 0)
        return see(reading, SEEN_FMSPC) &&
               octets(value, extension->fmspc, sizeof(extension->fmspc));
    return true; /* PPID, SGX type, platform instance, configuration: nothing here depends on them
                  */
}

/* The one extension with Intel's OID; NULL when there is none, or two. */
static const ASN1_OCTET_STRING *find_extension(X509 *certificate)
{
    ASN1_OBJECT *oid = OBJ_txt2obj(SGX_EXTENSION, 1);
    const ASN1_OCTET_STRING *content = NULL;
    int at = oid ? X509_get_ext_by_OBJ(certificate, oid, -1) : -1;

    if (at >= 0 && X509_get_ext_by_OBJ(certificate, oid, at) < 0)
        content = X509_EXTENSION_get_data(X509_get_ext(certificate, at));
    ASN1_OBJECT_free(oid);
    return content;
}

bool pck_read(X509 *certificate, struct pck_extension *extension, struct failure *failure)
{
    const ASN1_OCTET_STRING *content = find_extension(certificate);
    struct reading reading = {extension, 0};

    memset(extension, 0, sizeof(*extension));
    if (!content)
        return reject_at(failure, RECLAVE_STEP_PCK_EXTENSION,
                         "the leaf of the PCK chain is not a PCK certificate: it does not have "
                         "exactly one SGX extension");
    if (!each_field(ASN1_STRING_get0_data(content), (size_t)ASN1_STRING_length(content), top_field,
                    &reading) ||
        reading.seen != SEEN_ALL)
        return reject_at(failure, RECLAVE_STEP_PCK_EXTENSION,
                         "the SGX extension of the PCK certificate is malformed or incomplete");
    return true;
}
