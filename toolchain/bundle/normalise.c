#include "toolchain/bundle/normalise.h"

static void add_u8(struct text *out, uint8_t value)
{
    text_add(out, &value, 1);
}

static void add_u32(struct text *out, uint32_t value)
{
    while (value >= 0x80) {
        add_u8(out, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    add_u8(out, (uint8_t)value);
}

static void add_section(struct text *out, uint8_t id, const void *body, size_t bytes)
{
    add_u8(out, id);
    add_u32(out, (uint32_t)bytes);
    text_add(out, body, bytes);
}

/* Exported functions stay exported: being exported makes ref.func of them valid. */
static void add_exports(struct text *out, const struct wasm_module *module)
{
    struct text body = {0}, name = {0};
    uint32_t count = 0;

    for (uint32_t i = 0; i < module->export_count; i++)
        count += module->exports[i].kind == KIND_FUNCTION;
    add_u32(&body, count);
    for (uint32_t i = 0; i < module->export_count; i++) {
        if (module->exports[i].kind != KIND_FUNCTION)
            continue;
        name.bytes = 0;
        text_print(&name, "x%u", i);
        add_u32(&body, (uint32_t)name.bytes);
        text_add(&body, name.data, name.bytes);
        add_u8(&body, KIND_FUNCTION);
        add_u32(&body, module->exports[i].index);
    }
    add_section(out, SECTION_EXPORT, body.data, body.bytes);
    out->failed |= body.failed | name.failed;
    text_free(&name);
    text_free(&body);
}

void normalise_module(const struct wasm_module *module, struct text *out)
{
    text_add(out, "\0asm\1\0\0\0", 8);
    for (uint32_t i = 0; i < module->section_count; i++) {
        const struct wasm_section *section = &module->sections[i];

        if (section->id == SECTION_EXPORT)
            add_exports(out, module);
        else if (section->id != SECTION_CUSTOM)
            add_section(out, (uint8_t)section->id, section->body, section->bytes);
    }
}
