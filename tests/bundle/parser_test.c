/* The module parser: any bytes in, an outline or a complaint that names the place out. */
#include "toolchain/bundle/wasm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEADER "\0asm\1\0\0\0"

struct sample {
    const char *name, *bytes;
    size_t count;
    const char *complaint; /* a part of it; NULL: accepted */
};

/* clang-format off */
#define MODULE(text) HEADER text, sizeof(HEADER text) - 1
#define RAW(text) text, sizeof(text) - 1

static const struct sample samples[] = {
    {"empty module", MODULE(""), NULL},
    {"nothing", RAW(""), "8 bytes are needed"},
    {"half a magic", RAW("\0as"), "8 bytes are needed"},
    {"other magic", RAW("\177ELF\1\0\0\0"), "not a WebAssembly binary"},
    {"version 2", RAW("\0asm\2\0\0\0"), "version 1"},
    {"component", RAW("\0asm\r\0\1\0"), "no components"},

    {"custom section", MODULE("\0\5\4name"), NULL},
    {"two custom sections", MODULE("\0\1\0" "\0\1\0"), NULL},
    {"custom section beyond the end", MODULE("\0\5\4nam"), "cut off"},
    {"section without length", MODULE("\1"), "cut off"},
    {"unknown section", MODULE("\x0e\0"), "unknown section 14"},
    {"repeated section", MODULE("\1\1\0" "\1\1\0"), "repeated or out of order"},
    {"sections out of order", MODULE("\3\1\0" "\1\1\0"), "repeated or out of order"},
    {"data count before code", MODULE("\x0c\1\0" "\x0a\1\0"), NULL},
    {"data count after code", MODULE("\x0a\1\0" "\x0c\1\0"), "out of order"},

    {"LEB128 with padding", MODULE("\1\x85\x80\x80\x80\0\1\x60\0\0\0"), "1 bytes too many"},
    {"LEB128 of five bytes", MODULE("\1\x84\x80\x80\x80\0\1\x60\0\0"), NULL},
    {"LEB128 of six bytes", MODULE("\1\x84\x80\x80\x80\x80\0"), "32 bits"},
    {"LEB128 above 32 bits", MODULE("\1\xff\xff\xff\xff\x1f"), "32 bits"},
    {"LEB128 cut off", MODULE("\1\x80"), "cut off"},

    {"a type", MODULE("\1\6\1\x60\1\x7f\1\x7e"), NULL},
    {"reference types", MODULE("\1\6\1\x60\1\x70\1\x6f"), NULL},
    {"more types than bytes", MODULE("\1\5\xff\xff\xff\xff\x0f"), "do not fit"},
    {"type of unknown form", MODULE("\1\4\1\x5f\0\0"), "unknown form 0x5f"},
    {"unknown value type", MODULE("\1\5\1\x60\1\x40\0"), "unknown value type 0x40"},
    {"SIMD value type", MODULE("\1\5\1\x60\1\x7b\0"), "-mno-simd128"},
    {"more parameters than bytes", MODULE("\1\4\1\x60\x7f\0"), "do not fit"},
    {"bytes after the types", MODULE("\1\5\1\x60\0\0\0"), "1 bytes too many"},

    {"function import", MODULE("\1\4\1\x60\0\0" "\2\7\1\1m\1f\0\0"), NULL},
    {"import of a missing type", MODULE("\1\4\1\x60\0\0" "\2\7\1\1m\1f\0\1"),
     "type 1 does not exist"},
    {"memory import", MODULE("\2\x08\1\1m\1f\2\0\1"), NULL},
    {"table import", MODULE("\2\x09\1\1m\1f\1\x70\0\1"), NULL},
    {"global import", MODULE("\2\x08\1\1m\1f\3\x7f\0"), NULL},
    {"import of unknown kind", MODULE("\2\x06\1\1m\1f\7"), "unknown kind"},
    {"import name beyond the section", MODULE("\2\4\1\x7fm\1"), "cut off"},

    {"functions", MODULE("\1\4\1\x60\0\0" "\3\3\2\0\0"), NULL},
    {"function of a missing type", MODULE("\1\4\1\x60\0\0" "\3\2\1\1"), "type 1 does not exist"},
    {"more functions than bytes", MODULE("\1\4\1\x60\0\0" "\3\2\x7f\0"), "do not fit"},

    {"table", MODULE("\4\4\1\x70\0\1"), NULL},
    {"table of numbers", MODULE("\4\4\1\x7f\0\1"), "element type 0x7f"},
    {"memory with maximum", MODULE("\5\4\1\1\1\2"), NULL},
    {"memory with maximum below minimum", MODULE("\5\4\1\1\2\1"), "below the minimum"},
    {"memory above 4 GiB", MODULE("\5\5\1\0\x81\x80\4"), "more than 4 GiB"},
    {"memory of exactly 4 GiB", MODULE("\5\5\1\0\x80\x80\4"), NULL},
    {"shared memory", MODULE("\5\4\1\3\1\2"), "-pthread"},
    {"64-bit memory", MODULE("\5\3\1\4\1"), "wasm32"},
    {"unknown limits", MODULE("\5\3\1\x08\1"), "limits flags 0x08"},

    {"exported function", MODULE("\1\4\1\x60\0\0" "\3\2\1\0" "\7\5\1\1x\0\0"), NULL},
    {"export of a missing function", MODULE("\1\4\1\x60\0\0" "\3\2\1\0" "\7\5\1\1x\0\1"),
     "function 1, which does not exist"},
    {"exported memory", MODULE("\5\3\1\0\1" "\7\5\1\1x\2\0"), NULL},
    {"export of unknown kind", MODULE("\7\5\1\1x\x09\0"), "unknown kind"},
    {"export name with NUL", MODULE("\5\3\1\0\1" "\7\6\1\2x\0\2\0"), NULL},
};
/* clang-format on */

/* Exactly as large as the module, so that the sanitizer sees any byte read too many. */
static enum status parse(const struct sample *sample, size_t count, char *text, size_t text_bytes,
                         struct wasm_module *module)
{
    struct complaint complaint = {text, text_bytes};
    uint8_t *copy = malloc(count ? count : 1);
    enum status status;

    assert_non_null(copy);
    memcpy(copy, sample->bytes, count);
    text[0] = '\0';
    status = wasm_parse(copy, count, module, &complaint);
    if (status == ST_OK)
        wasm_free(module);
    free(copy);
    return status;
}

static void every_sample(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        const struct sample *sample = &samples[i];
        struct wasm_module module;
        char text[400];
        enum status status = parse(sample, sample->count, text, sizeof(text), &module);

        if (!sample->complaint && status != ST_OK)
            fail_msg("%s: refused: %s", sample->name, text);
        if (sample->complaint && (status == ST_OK || !strstr(text, sample->complaint)))
            fail_msg("%s: status %d, \"%s\"", sample->name, status, text);
    }
}

static void every_truncation_of_every_sample(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
        for (size_t count = 0; count < samples[i].count; count++) {
            struct wasm_module module;
            char text[400];

            /* Between two sections a shorter module is a module. */
            if (parse(&samples[i], count, text, sizeof(text), &module) != ST_OK)
                assert_true(text[0]);
        }
}

static void the_outline_is_right(void **state)
{
    static const char bytes[] = HEADER "\1\x0a\2\x60\2\x7f\x7e\1\x7d\x60\0\0"
                                       "\2\7\1\1m\1f\0\0"
                                       "\3\2\1\1"
                                       "\4\5\1\x70\1\2\3"
                                       "\5\3\1\0\5"
                                       "\7\x07\1\3run\0\1";
    struct wasm_module module;
    char type[WASM_TYPE_TEXT];

    (void)state;
    assert_int_equal(
        wasm_parse((const uint8_t *)bytes, sizeof(bytes) - 1, &module, &complaint_none), ST_OK);
    assert_int_equal(module.type_count, 2);
    assert_true(wasm_type_is(&module.types[0], "iI", "f"));
    assert_false(wasm_type_is(&module.types[0], "iI", ""));
    assert_false(wasm_type_is(&module.types[0], "i", "f"));
    assert_string_equal(wasm_type_text(&module.types[0], type), "(i32, i64) -> (f32)");
    assert_true(wasm_name_is(module.imports[0].module, "m"));
    assert_false(wasm_name_is(module.imports[0].module, "mm"));
    assert_int_equal(module.function_count, 2);
    assert_int_equal(module.functions[0], 0);
    assert_int_equal(module.functions[1], 1);
    assert_int_equal(module.tables[0].limits.min, 2);
    assert_int_equal(module.tables[0].limits.max, 3);
    assert_int_equal(module.memories[0].min, 5);
    assert_false(module.memories[0].has_max);
    assert_true(wasm_name_is(module.exports[0].name, "run"));
    assert_int_equal(module.exports[0].index, 1);
    wasm_free(&module);
}

static void names_are_shown_harmlessly(void **state)
{
    static const uint8_t hostile[] = "a\n\033[31m\0\xff";
    uint8_t endless[300];
    char text[WASM_NAME_TEXT];

    (void)state;
    memset(endless, 'x', sizeof(endless));
    assert_string_equal(wasm_name_text((struct wasm_name){hostile, sizeof(hostile) - 1}, text),
                        "a??[31m??");
    wasm_name_text((struct wasm_name){endless, sizeof(endless)}, text);
    assert_true(strlen(text) < WASM_NAME_TEXT);
    assert_non_null(strstr(text, "..."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample),
        cmocka_unit_test(every_truncation_of_every_sample),
        cmocka_unit_test(the_outline_is_right),
        cmocka_unit_test(names_are_shown_harmlessly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
