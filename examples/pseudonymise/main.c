/*
 * The function: a JSON document with personal data on stdin, its pseudonymised
 * form on stdout.
 *
 *   PSEUDONYMISE_FIELDS  names of the fields to replace, between commas
 *   PSEUDONYMISE_KEY     the key; without it a demonstration key, which hides nothing
 *
 * Exit 1 with a message on stderr, and no output, when the document is malformed.
 */
#include "pseudonymise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_document(struct text *document)
{
    static uint8_t buffer[65536];
    ssize_t got;

    while ((got = read(0, buffer, sizeof(buffer))) > 0)
        if (!text_append(document, buffer, (size_t)got))
            return false;
    return got == 0;
}

static bool write_document(const struct text *document)
{
    for (size_t done = 0; done < document->bytes;) {
        ssize_t put = write(1, document->data + done, document->bytes - done);

        if (put <= 0)
            return false;
        done += (size_t)put;
    }
    return true;
}

/* Every name must fit a token; false with a message when one does not. */
static bool check_fields(const char *fields)
{
    for (size_t length; (length = strcspn(fields, ",")), true; fields += length + 1) {
        if (length > FIELD_NAME_LIMIT) {
            fprintf(stderr, "pseudonymise: a name in PSEUDONYMISE_FIELDS exceeds %d bytes\n",
                    FIELD_NAME_LIMIT);
            return false;
        }
        if (!fields[length])
            return true;
    }
}

int main(void)
{
    const char *fields = getenv("PSEUDONYMISE_FIELDS");
    const char *key = getenv("PSEUDONYMISE_KEY");
    struct text document = {0}, result = {0};
    struct problem problem;
    struct rules rules;

    rules.fields = fields ? fields : FIELDS_DEFAULT;
    rules.key = key ? key : "demonstration key, not secret";
    rules.key_bytes = strlen(rules.key);
    if (!check_fields(rules.fields))
        return 1;
    if (!read_document(&document)) {
        fprintf(stderr, "pseudonymise: cannot read the document\n");
        return 1;
    }
    if (!pseudonymise(&rules, document.data, document.bytes, &result, &problem)) {
        fprintf(stderr, "pseudonymise: %zu:%zu: %s\n", problem.line, problem.column,
                problem.message);
        return 1;
    }
    return write_document(&result) ? 0 : 1;
}
