#include "bench/common/machine.h"

#include "base/status.h"
#include "bench/common/fail.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 256

const struct sgx_driver *machine_driver(const struct bench_options *options)
{
    const struct sgx_driver *driver;
    enum status status = sgx_driver_select(options->backend, NULL, &driver);

    if (status != ST_OK)
        bench_fail("no SGX back end: %s", status_text(status));
    return driver;
}

bool machine_is_emulated(const struct sgx_driver *driver)
{
    return strcmp(driver->name, "emulator") == 0;
}

/* The value behind "key : " in a file of /proc. */
static void proc_value(const char *path, const char *key, char value[LINE_BYTES])
{
    FILE *file = fopen(path, "re");
    char line[LINE_BYTES];

    strcpy(value, "unknown");
    if (!file)
        return;
    while (fgets(line, sizeof(line), file)) {
        char *colon = strchr(line, ':');

        if (!colon || strncmp(line, key, strlen(key)) != 0)
            continue;
        line[strcspn(line, "\n")] = '\0';
        strcpy(value, colon + 1 + strspn(colon + 1, " \t"));
        break;
    }
    fclose(file);
}

static void print_date(void)
{
    time_t now = time(NULL);
    struct tm utc;
    char text[32];

    gmtime_r(&now, &utc);
    strftime(text, sizeof(text), "%Y-%m-%d", &utc);
    printf("date     %s\n", text);
}

void machine_print(const struct bench_options *options, const struct sgx_driver *driver)
{
    bool virtual = false;
    char cpu[LINE_BYTES], memory[LINE_BYTES], flags[4096];
    struct utsname kernel;
    FILE *file = fopen("/proc/cpuinfo", "re");

    while (file && fgets(flags, sizeof(flags), file))
        virtual |= strstr(flags, " hypervisor") != NULL;
    if (file)
        fclose(file);
    proc_value("/proc/cpuinfo", "model name", cpu);
    proc_value("/proc/meminfo", "MemTotal", memory);
    uname(&kernel);
    print_date();
    printf("cpu      %s, %ld cores%s\n", cpu, sysconf(_SC_NPROCESSORS_ONLN),
           virtual ? ", virtual machine" : "");
    printf("memory   %s\n", memory);
    printf("kernel   %s %s\n", kernel.sysname, kernel.release);
    printf("backend  %s\n", driver->name);
    printf("rounds   %u%s\n", options->rounds,
           options->quick ? " (--quick: the numbers mean nothing)" : "");
    if (machine_is_emulated(driver))
        printf("\nThe emulator's transitions, faults and page adds cost what signals and SHA-256 "
               "cost\n"
               "on this machine, not what SGX costs. What runs inside runs natively.\n");
}
