/*
 * Intel's SGX extension of a PCK certificate, in DER. All its object identifiers are
 * 1.2.840.113741.1.13.1.x or ….x.y with x, y < 128, all its integers non-negative and below 2^15:
 * this writer knows no more.
 */
#include "sgx/devroot/internal.h"

#include <string.h>

#define TAG_BOOLEAN    0x01
#define TAG_INTEGER    0x02
#define TAG_OCTETS     0x04
#define TAG_OID        0x06
#define TAG_ENUMERATED 0x0a
#define TAG_SEQUENCE   0x30

#define SGX_TYPE_SCALABLE 1

/* Grows to the end; a write that does not fit sets `failed` and is dropped. */
struct der {
    uint8_t bytes[SGX_EXTENSION_MAX];
    size_t used;
    bool failed;
};

static void put(struct der *to, const void *bytes, size_t count)
{
    if (to->failed || count > sizeof(to->bytes) - to->used) {
        to->failed = true;
        return;
    }
    memcpy(to->bytes + to->used, bytes, count);
    to->used += count;
}

static void put_value(struct der *to, uint8_t tag, const void *content, size_t count)
{
    const uint8_t short_head[] = {tag, (uint8_t)count};
    const uint8_t long_head[] = {tag, 0x82, (uint8_t)(count >> 8), (uint8_t)count};

    if (count < 0x80)
        put(to, short_head, sizeof(short_head));
    else if (count < 0x100)
        put(to, (const uint8_t[]){tag, 0x81, (uint8_t)count}, 3);
    else
        put(to, long_head, sizeof(long_head));
    put(to, content, count);
}

static void put_der(struct der *to, uint8_t tag, const struct der *content)
{
    to->failed |= content->failed;
    put_value(to, tag, content->bytes, content->used);
}

/* SEQUENCE { OID 1.2.840.113741.1.13.1.<x>[.<y>], value }; y = 0: none. */
static void put_entry(struct der *to, uint8_t x, uint8_t y, const struct der *value)
{
    const uint8_t oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01, x, y};
    struct der pair = {.failed = value->failed};

    put_value(&pair, TAG_OID, oid, y ? sizeof(oid) : sizeof(oid) - 1);
    put(&pair, value->bytes, value->used);
    put_der(to, TAG_SEQUENCE, &pair);
}

static void put_octets(struct der *to, uint8_t x, uint8_t y, const uint8_t *octets, size_t count)
{
    struct der value = {0};

    put_value(&value, TAG_OCTETS, octets, count);
    put_entry(to, x, y, &value);
}

static void put_number(struct der *to, uint8_t tag, uint8_t x, uint8_t y, uint16_t number)
{
    const uint8_t big_endian[] = {(uint8_t)(number >> 8), (uint8_t)number};
    bool wide = number > 0x7f; /* one byte would be negative */
    struct der value = {.failed = number > INT16_MAX};

    put_value(&value, tag, big_endian + !wide, wide ? 2 : 1);
    put_entry(to, x, y, &value);
}

static void put_tcb(struct der *to, const struct devroot_platform *platform)
{
    struct der entries = {0}, value = {0};

    for (uint8_t i = 0; i < 16; i++)
        put_number(&entries, TAG_INTEGER, 2, (uint8_t)(i + 1), platform->cpu_svn[i]);
    put_number(&entries, TAG_INTEGER, 2, 17, platform->pce_svn);
    put_octets(&entries, 2, 18, platform->cpu_svn, sizeof(platform->cpu_svn));
    put_der(&value, TAG_SEQUENCE, &entries);
    put_entry(to, 2, 0, &value);
}

/* Dynamic platform, cached keys, SMT: none. */
static void put_configuration(struct der *to)
{
    struct der entries = {0}, value = {0};

    for (uint8_t i = 1; i <= 3; i++)
        put_number(&entries, TAG_BOOLEAN, 7, i, 0);
    put_der(&value, TAG_SEQUENCE, &entries);
    put_entry(to, 7, 0, &value);
}

size_t sgx_extension(const struct devroot_platform *platform, const uint8_t ppid[16],
                     const uint8_t instance[16], uint8_t *out, size_t room)
{
    static const uint8_t pce_id[2] = {0, 0}, fmspc[DEVROOT_FMSPC_BYTES] = DEVROOT_FMSPC;
    struct der entries = {0}, all = {0};

    put_octets(&entries, 1, 0, ppid, 16);
    put_tcb(&entries, platform);
    put_octets(&entries, 3, 0, pce_id, sizeof(pce_id));
    put_octets(&entries, 4, 0, fmspc, sizeof(fmspc));
    put_number(&entries, TAG_ENUMERATED, 5, 0, SGX_TYPE_SCALABLE);
    put_octets(&entries, 6, 0, instance, 16);
    put_configuration(&entries);
    put_der(&all, TAG_SEQUENCE, &entries);
    if (all.failed || all.used > room)
        return 0;
    memcpy(out, all.bytes, all.used);
    return all.used;
}
