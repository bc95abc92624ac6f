#include "toolchain/image/show.h"

#include "abi/sgx_arch.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

struct hex32 {
    char text[65];
};

static struct hex32 hex32(const uint8_t bytes[32])
{
    struct hex32 out;

    for (unsigned i = 0; i < 32; i++)
        snprintf(out.text + 2 * i, 3, "%02x", bytes[i]);
    return out;
}

struct permissions {
    char text[4];
};

static struct permissions permissions(uint64_t secinfo)
{
    struct permissions out = {"tcs"};

    if (((secinfo >> SECINFO_PT_SHIFT) & 0xff) == PT_TCS)
        return out;
    out.text[0] = secinfo & SECINFO_R ? 'r' : '-';
    out.text[1] = secinfo & SECINFO_W ? 'w' : '-';
    out.text[2] = secinfo & SECINFO_X ? 'x' : '-';
    return out;
}

static enum status identity(const struct image_header *h, struct sgx_sigstruct *sigstruct,
                            uint8_t mrsigner[32])
{
    memcpy(sigstruct, h->sigstruct, sizeof *sigstruct);
    return sigstruct_mrsigner(sigstruct, mrsigner);
}

static const char *pages_text(const struct image_header *h)
{
    if (h->flags & IMAGE_PLAIN)
        return "plain";
    return h->flags & IMAGE_LAZY ? "lazy" : "eager";
}

enum status show_text(FILE *to, const struct image_header *h, const struct plan *plan)
{
    struct sgx_sigstruct sigstruct;
    uint8_t mrsigner[32];
    enum status status = identity(h, &sigstruct, mrsigner);

    if (status)
        return status;
    fprintf(to, "mrenclave  %s\n", hex32(h->mrenclave).text);
    fprintf(to, "mrsigner   %s\n", hex32(mrsigner).text);
    fprintf(to, "product    %u, version %u, signed %08x\n", sigstruct.isvprodid, sigstruct.isvsvn,
            sigstruct.date);
    fprintf(to, "pages      %s, %" PRIu64 " in the image\n", pages_text(h), plan->pages);
    fprintf(to, "slots      %u, ELRANGE 0x%" PRIx64 "\n", h->slots, h->elrange_bytes);
    fprintf(to, "secs       attributes 0x%" PRIx64 ", xfrm 0x%" PRIx64 ", miscselect 0x%x\n\n",
            h->attributes, h->xfrm, h->miscselect);
    fprintf(to, "%12s %9s  perm  contents\n", "offset", "pages");
    for (unsigned i = 0; i < plan->count; i++) {
        const struct plan_run *run = plan->runs + i;

        fprintf(to, "%12" PRIx64 " %9u  %s   %s\n", run->offset, run->pages,
                permissions(run->secinfo).text, run->contents ? "stored" : "zero");
    }
    return ST_OK;
}

static json_t *runs_json(const struct plan *plan)
{
    json_t *runs = json_array();

    for (unsigned i = 0; i < plan->count; i++) {
        const struct plan_run *run = plan->runs + i;
        json_t *entry = json_pack("{s:I, s:I, s:s, s:b}", "offset", (json_int_t)run->offset,
                                  "pages", (json_int_t)run->pages, "permissions",
                                  permissions(run->secinfo).text, "zero", run->contents == NULL);

        if (json_array_append_new(runs, entry)) {
            json_decref(runs);
            return NULL;
        }
    }
    return runs;
}

enum status show_json(FILE *to, const struct image_header *h, const struct plan *plan)
{
    struct sgx_sigstruct sigstruct;
    uint8_t mrsigner[32];
    enum status status = identity(h, &sigstruct, mrsigner);
    json_t *root;

    if (status)
        return status;
    root = json_pack("{s:s, s:s, s:i, s:i, s:s, s:i, s:I, s:I, s:I, s:o}", "mrenclave",
                     hex32(h->mrenclave).text, "mrsigner", hex32(mrsigner).text, "product_id",
                     (int)sigstruct.isvprodid, "svn", (int)sigstruct.isvsvn, "pages", pages_text(h),
                     "slots", (int)h->slots, "elrange_bytes", (json_int_t)h->elrange_bytes,
                     "heap_bytes", (json_int_t)h->heap_bytes, "image_pages",
                     (json_int_t)plan->pages, "runs", runs_json(plan));
    if (!root)
        return ST_NO_MEMORY;
    status = json_dumpf(root, to, JSON_INDENT(2)) ? ST_IO : ST_OK;
    json_decref(root);
    fputc('\n', to);
    return status;
}
