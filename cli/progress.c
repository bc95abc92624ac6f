#include "cli/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define ERASE_LINE "\r\033[K"

static bool shown;

void progress_show(const char *what)
{
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, ERASE_LINE "%s ...", what);
    fflush(stderr);
    shown = true;
}

void progress_pages(void *context, uint64_t done, uint64_t total)
{
    char line[64];

    (void)context;
    snprintf(line, sizeof(line), "adding enclave pages: %u %%",
             total ? (unsigned)(done * 100 / total) : 0);
    progress_show(line);
}

void progress_clear(void)
{
    if (!shown)
        return;
    fputs(ERASE_LINE, stderr);
    fflush(stderr);
    shown = false;
}
