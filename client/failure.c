#include "client/failure.h"

#include <stdarg.h>
#include <stdio.h>

static void make_printable(char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

bool reject_at(struct failure *failure, enum reclave_step step, const char *format, ...)
{
    va_list arguments;

    failure->step = step;
    va_start(arguments, format);
    vsnprintf(failure->reason, sizeof(failure->reason), format, arguments);
    va_end(arguments);
    make_printable(failure->reason);
    return false;
}
