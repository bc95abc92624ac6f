/*
 * Prints N records with invented personal data (default 1000), one JSON document
 * a line. Deterministic: the same N lines everywhere.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 20240229;

/* SplitMix64 (Steele, Lea, Flood 2014) */
static uint64_t next(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static unsigned below(unsigned limit)
{
    return (unsigned)(next() % limit);
}

#define PICK(list) (list)[below(sizeof(list) / sizeof((list)[0]))]

static const char *const first_names[] = {"Ada",  "Björn", "Chloé", "Dmitri", "Esra", "Fatima",
                                          "Gwen", "Hiro",  "Inês",  "Jonas",  "Kofi", "Lucía"};
static const char *const last_names[] = {"Okafor", "Müller", "Sørensen", "O\\\"Neill", "Nowak",
                                         "Silva",  "Tanaka", "Yılmaz",   "Dubois",     "Kask"};
static const char *const streets[] = {"Station Road", "Rue des Lilas", "Lange Gasse", "Calle Mayor",
                                      "Ulica Długa"};
static const char *const cities[] = {"Leeds", "Lyon", "Graz", "Sevilla", "Gda\\u0144sk"};
static const char *const codes[] = {"E11.9", "I10", "J45.0", "M54.5", "Z00.0"};
static const char *const notes[] = {"follow-up in six weeks", "referred to cardiology",
                                    "no findings", "medication adjusted"};

/* One draw per statement: C leaves the order of a call's arguments open. */
static void print_visit(void)
{
    unsigned month = below(12) + 1;
    unsigned day = below(28) + 1;
    unsigned cents = below(90000) + 2000;
    const char *code = PICK(codes);
    const char *note = PICK(notes);

    printf("{\"date\":\"2023-%02u-%02u\",\"code\":\"%s\",\"cost\":%u.%02u,\"note\":\"%s\"}", month,
           day, code, cents / 100, cents % 100, note);
}

static void print_person(void)
{
    const char *first = PICK(first_names);
    const char *last = PICK(last_names);
    unsigned year = below(85) + 1930;
    unsigned month = below(12) + 1;
    unsigned day = below(28) + 1;
    unsigned mailbox = below(500);
    unsigned phone = below(1000);
    unsigned ssn = below(900000000) + 100000000;

    printf("\"name\":\"%s %s\",\"birthdate\":\"%u-%02u-%02u\"", first, last, year, month, day);
    printf(",\"email\":\"person%u@example.org\",\"phone\":\"+44 20 7946 %04u\",\"ssn\":%u", mailbox,
           phone, ssn);
}

static void print_address(void)
{
    const char *street = PICK(streets);
    unsigned house = below(200) + 1;
    unsigned zip = below(100000);
    const char *city = PICK(cities);

    printf("\"address\":{\"street\":\"%s %u\",\"zip\":\"%05u\",\"city\":\"%s\"}", street, house,
           zip, city);
}

static void print_record(unsigned long id)
{
    unsigned visits = below(8);

    printf("{\"id\":%lu,", id);
    print_person();
    printf(",");
    print_address();
    printf(",\"insured\":%s,\"visits\":[", below(10) ? "true" : "false");
    for (unsigned i = 0; i < visits; i++) {
        printf("%s", i ? "," : "");
        print_visit();
    }
    printf("]}\n");
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;

    for (unsigned long id = 1; id <= count; id++)
        print_record(id);
    return fflush(stdout) || ferror(stdout);
}
