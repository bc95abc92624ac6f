/* The one memory, checked. */
#include "forth.h"

bool forth_fail(struct forth *forth, const char *error)
{
    if (!forth->error)
        forth->error = error;
    return false;
}

bool memory_check(struct forth *forth, uint32_t address, uint32_t bytes)
{
    if (address < MEMORY_FIRST || bytes > MEMORY_BYTES || address > MEMORY_BYTES - bytes)
        return forth_fail(forth, "no such address");
    return true;
}

bool cell_fail(struct forth *forth, uint32_t address)
{
    return forth_fail(forth,
                      address % CELL ? "the address is no multiple of 4" : "no such address");
}

bool memory_allot(struct forth *forth, uint32_t bytes)
{
    if (bytes > MEMORY_BYTES - forth->here)
        return forth_fail(forth, "out of memory");
    forth->here += bytes;
    return true;
}

bool memory_append(struct forth *forth, uint32_t cell)
{
    uint32_t address = (forth->here + CELL - 1) & ~(CELL - 1);

    return memory_allot(forth, address + CELL - forth->here) && cell_write(forth, address, cell);
}
