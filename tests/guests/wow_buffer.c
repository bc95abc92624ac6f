/* A module of the wasm executor for OpenWhisk: input and result in a buffer of its own. */
#define _GNU_SOURCE /* memmem */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(name)))

static char *buffer;
static uint32_t length;

EXPORT("wasm_memory_buffer_allocate_space") void allocate(uint32_t bytes)
{
    buffer = malloc(bytes);
    length = bytes;
}

EXPORT("get_wasm_memory_buffer_pointer") char *pointer(void)
{
    return buffer;
}

EXPORT("get_wasm_memory_buffer_len") uint32_t buffer_length(void)
{
    return length;
}

int main(int argc, char **argv)
{
    size_t bytes = argc > 0 ? (size_t)atol(argv[0]) : 0;
    char *answer = malloc(bytes + 64);
    int n;

    if (!answer || bytes != length)
        return 1;
    printf("no newline at the end");
    fflush(stdout);
    if (memmem(buffer, length, "fail", 4))
        n = snprintf(answer, bytes + 64, "{\"Err\":\"as asked\"}");
    else
        n = snprintf(answer, bytes + 64, "{\"Ok\":%.*s}", (int)length, buffer);
    buffer = answer;
    length = (uint32_t)n;
    return 0;
}
