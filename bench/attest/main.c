/*
 * What does attestation cost? A list of parts; rounds go through all of them, so that none has
 * the machine's good minute to itself.
 */
#include "bench/attest/part.h"
#include "bench/common/machine.h"

#define DEFAULT_ROUNDS 30

static const struct {
    void (*set_up)(const struct bench_options *options);
    void (*round)(const struct bench_options *options);
    void (*report)(const struct bench_options *options);
} parts[] = {
    {verify_set_up, verify_round, verify_report},
    {invoke_set_up, invoke_round, invoke_report},
    {inside_set_up, inside_round, inside_report},
    {fleet_set_up, fleet_round, fleet_report},
};

#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

int main(int argc, char **argv)
{
    struct bench_options options =
        bench_options_parse(argc, argv, "What does attestation cost?", DEFAULT_ROUNDS);

    machine_print(&options, machine_driver(&options));
    for (size_t i = 0; i < PART_COUNT; i++)
        parts[i].set_up(&options);
    for (unsigned round = 0; round < options.rounds; round++)
        for (size_t i = 0; i < PART_COUNT; i++)
            parts[(round + i) % PART_COUNT].round(&options);
    for (size_t i = 0; i < PART_COUNT; i++)
        parts[i].report(&options);
    return 0;
}
