/* The SGX extension of PCK certificates, written out in DER. */
#include "tests/client/forge/forge.h"

#include <stdlib.h>
#include <string.h>

#define TAG_INTEGER    0x02
#define TAG_OCTETS     0x04
#define TAG_OBJECT     0x06
#define TAG_ENUMERATED 0x0a
#define TAG_SEQUENCE   0x30
#define SHORT_FORM_MAX 0x7f
#define LONG_FORM_TWO  0x82

/* 1.2.840.113741.1.13.1 */
static const uint8_t sgx_oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

static void append(struct forge_bytes *to, const void *data, size_t count)
{
    to->data = realloc(to->data, to->count + count + 1);
    FORGE_CHECK(to->data != NULL);
    memcpy(to->data + to->count, data, count);
    to->count += count;
}

static void element(struct forge_bytes *to, uint8_t tag, const void *content, size_t count)
{
    uint8_t length[3] = {LONG_FORM_TWO, (uint8_t)(count >> 8), (uint8_t)count};

    append(to, &tag, 1);
    if (count <= SHORT_FORM_MAX)
        append(to, &length[2], 1);
    else
        append(to, length, sizeof(length));
    append(to, content, count);
}

/* SEQUENCE { sgx_oid.arcs, value }, where value is an element already; a second arc of 0: none. */
static void pair(struct forge_bytes *to, uint8_t arc, uint8_t second_arc,
                 const struct forge_bytes *value)
{
    struct forge_bytes content = {NULL, 0};
    uint8_t oid[sizeof(sgx_oid) + 2];

    memcpy(oid, sgx_oid, sizeof(sgx_oid));
    oid[sizeof(sgx_oid)] = arc;
    oid[sizeof(sgx_oid) + 1] = second_arc;
    element(&content, TAG_OBJECT, oid, sizeof(sgx_oid) + (second_arc ? 2 : 1));
    append(&content, value->data, value->count);
    element(to, TAG_SEQUENCE, content.data, content.count);
    free(content.data);
}

static void simple_pair(struct forge_bytes *to, uint8_t arc, uint8_t second_arc, uint8_t tag,
                        const void *data, size_t count)
{
    struct forge_bytes value = {NULL, 0};

    element(&value, tag, data, count);
    pair(to, arc, second_arc, &value);
    free(value.data);
}

/* Two bytes, so that 128 to 255 stay positive. */
static void number_pair(struct forge_bytes *to, uint8_t second_arc, uint16_t number)
{
    uint8_t octets[2] = {(uint8_t)(number >> 8), (uint8_t)number};
    bool one = number <= SHORT_FORM_MAX;

    simple_pair(to, 2, second_arc, TAG_INTEGER, one ? octets + 1 : octets, one ? 1 : 2);
}

static void tcb(struct forge_bytes *to, const struct recipe *recipe)
{
    struct forge_bytes list = {NULL, 0}, value = {NULL, 0};

    for (uint8_t i = 0; i < 16; i++)
        number_pair(&list, (uint8_t)(i + 1), recipe->platform_svns[i]);
    if (!recipe->short_sgx_extension)
        number_pair(&list, 17, recipe->pce_svn);
    simple_pair(&list, 2, 18, TAG_OCTETS, recipe->platform_svns, 16);
    element(&value, TAG_SEQUENCE, list.data, list.count);
    pair(to, 2, 0, &value);
    free(list.data);
    free(value.data);
}

struct forge_bytes forge_sgx_extension(const struct recipe *recipe)
{
    static const uint8_t ppid[16] = {1, 2, 3}, pce_id[2] = {0}, sgx_type[1] = {0};
    struct forge_bytes list = {NULL, 0}, extension = {NULL, 0};

    simple_pair(&list, 1, 0, TAG_OCTETS, ppid, sizeof(ppid));
    tcb(&list, recipe);
    simple_pair(&list, 3, 0, TAG_OCTETS, pce_id, sizeof(pce_id));
    simple_pair(&list, 4, 0, TAG_OCTETS, recipe->fmspc, sizeof(recipe->fmspc));
    simple_pair(&list, 5, 0, TAG_ENUMERATED, sgx_type, sizeof(sgx_type));
    element(&extension, TAG_SEQUENCE, list.data, list.count);
    free(list.data);
    return extension;
}
