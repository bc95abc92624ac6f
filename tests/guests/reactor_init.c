/* Prepares a table once, before the snapshot; every invocation finds it prepared and unspoilt. */
#include "guest.h"

static uint64_t squares[1000];
static uint64_t initialisations;

__attribute__((constructor)) static void prepare(void)
{
    initialisations++;
    for (uint64_t i = 0; i < 1000; i++)
        squares[i] = i * i;
}

EXPORT("handle") int handle(void)
{
    uint64_t sum = 0;

    for (int i = 0; i < 1000; i++) {
        sum += squares[i];
        squares[i] = 0;
    }
    write_number("initialisations", initialisations);
    write_number("sum", sum);
    return 0;
}
