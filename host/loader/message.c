#include "host/loader/message.h"

#include <stdarg.h>
#include <stdio.h>

void message_set(struct message *message, const char *format, ...)
{
    va_list arguments;

    if (!message)
        return;
    va_start(arguments, format);
    vsnprintf(message->text, sizeof(message->text), format, arguments);
    va_end(arguments);
}
