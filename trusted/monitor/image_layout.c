#include "trusted/monitor/monitor.h"

/* The one piece of the image that toolchain/image writes. Alone in its file: a compiler
 * that sees this initialiser beside a use would take its zeros for the truth. */
const struct image_layout image_layout __attribute__((section(".image_layout"), used)) = {
    .version = RECLAVE_ABI_VERSION,
};
