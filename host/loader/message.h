/*
 * A sentence for the person in front of the terminal, beside an enum status
 * for the program: what is wrong and what to do about it.
 */
#ifndef RECLAVE_HOST_LOADER_MESSAGE_H
#define RECLAVE_HOST_LOADER_MESSAGE_H

#define MESSAGE_BYTES 512

/* Without trailing full stop or newline; "" where the status says it all. */
struct message {
    char text[MESSAGE_BYTES];
};

/* Formats into message (NULL: dropped); what does not fit is cut off. */
void message_set(struct message *message, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
