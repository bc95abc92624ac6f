/*
 * Draws random bytes before the snapshot, so every invocation would repeat them:
 * refused, unless built with --allow-init-random. With AFTER_REWIND
 * (init_random_reseed) it draws again after each rewind, which makes it good.
 */
#include "guest.h"

static uint64_t seed;

static void draw(void)
{
    if (getentropy(&seed, sizeof(seed)))
        __builtin_trap();
}

__attribute__((constructor)) static void prepare(void)
{
    draw();
}

#ifdef AFTER_REWIND
EXPORT("reclave_after_rewind") void after_rewind(void)
{
    draw();
}
#endif

EXPORT("handle") int handle(void)
{
    write_number("seed", seed);
    return 0;
}
