#include "toolchain/bundle/wasm.h"

#include <stdio.h>
#include <string.h>

bool wasm_name_is(struct wasm_name name, const char *text)
{
    return name.bytes == strlen(text) && memcmp(name.text, text, name.bytes) == 0;
}

const char *wasm_name_text(struct wasm_name name, char text[WASM_NAME_TEXT])
{
    uint32_t shown = name.bytes < WASM_NAME_TEXT - 4 ? name.bytes : WASM_NAME_TEXT - 4;

    for (uint32_t i = 0; i < shown; i++)
        text[i] = name.text[i] >= 0x20 && name.text[i] < 0x7f ? (char)name.text[i] : '?';
    strcpy(text + shown, shown < name.bytes ? "..." : "");
    return text;
}

static char value_letter(uint8_t type)
{
    switch (type) {
    case VALUE_I32:
        return 'i';
    case VALUE_I64:
        return 'I';
    case VALUE_F32:
        return 'f';
    case VALUE_F64:
        return 'F';
    case VALUE_V128:
        return 'v';
    case VALUE_FUNCREF:
        return 'r';
    case VALUE_EXTERNREF:
        return 'e';
    default:
        return '?';
    }
}

static const char *value_text(uint8_t type)
{
    static const char *const names[] = {"i32",  "i64",     "f32",       "f64",
                                        "v128", "funcref", "externref", "?"};
    const char *letter = strchr("iIfFvre?", value_letter(type));

    return names[letter - "iIfFvre?"];
}

static bool values_are(const uint8_t *types, uint32_t count, const char *letters)
{
    if (count != strlen(letters))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (value_letter(types[i]) != letters[i])
            return false;
    return true;
}

bool wasm_type_is(const struct wasm_type *type, const char *params, const char *results)
{
    return values_are(type->params, type->param_count, params) &&
           values_are(type->results, type->result_count, results);
}

static size_t append(char *text, size_t used, size_t room, const char *more)
{
    size_t bytes = strlen(more);

    if (used + bytes + 1 > room)
        return used;
    memcpy(text + used, more, bytes + 1);
    return used + bytes;
}

static size_t append_values(char *text, size_t used, const uint8_t *types, uint32_t count)
{
    const size_t room = WASM_TYPE_TEXT;

    used = append(text, used, room, "(");
    for (uint32_t i = 0; i < count && i < 10; i++) {
        used = append(text, used, room, i ? ", " : "");
        used = append(text, used, room, value_text(types[i]));
    }
    return append(text, used, room, count > 10 ? ", ...)" : ")");
}

const char *wasm_type_text(const struct wasm_type *type, char text[WASM_TYPE_TEXT])
{
    size_t used = append_values(text, 0, type->params, type->param_count);

    used = append(text, used, WASM_TYPE_TEXT, " -> ");
    append_values(text, used, type->results, type->result_count);
    return text;
}
