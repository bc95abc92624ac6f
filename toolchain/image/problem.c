#include "toolchain/image/problem.h"

#include <stdarg.h>
#include <stdio.h>

enum status problem(struct problem *p, enum status status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(p->text, sizeof p->text, format, arguments);
    va_end(arguments);
    return status;
}
