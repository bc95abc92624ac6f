/* Preloaded into a worker whose memory is searched: what it frees stays as it was, to be found. */
#include <stdlib.h>

void free(void *memory)
{
    (void)memory;
}
