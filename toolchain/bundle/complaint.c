#include "toolchain/bundle/complaint.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct complaint complaint_none = {NULL, 0};

enum status complain(const struct complaint *complaint, enum status status, const char *format, ...)
{
    va_list arguments;

    if (!complaint->bytes)
        return status;
    va_start(arguments, format);
    vsnprintf(complaint->text, complaint->bytes, format, arguments);
    va_end(arguments);
    return status;
}

enum status complain_errno(const struct complaint *complaint, const char *what, const char *path)
{
    int cause = errno;
    enum status status =
        complain(complaint, ST_IO, "cannot %s %s: %s", what, path, strerror(cause));

    errno = cause;
    return status;
}
