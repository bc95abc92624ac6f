#include "sgx/problem.h"

#include <stdarg.h>
#include <stdio.h>

enum status sgx_problem(struct sgx_problem *p, enum status status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(p->text, sizeof(p->text), format, arguments);
    va_end(arguments);
    return status;
}
