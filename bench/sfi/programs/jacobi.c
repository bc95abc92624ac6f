/* Jacobi relaxation with a five-point stencil, from one grid into the other and back. */
#include "program.h"

#define N      250
#define SWEEPS 4 /* pairs for each unit of scale */

static double now[N][N], next[N][N];

static void fill(void)
{
    uint64_t seed = 2;

    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            now[i][j] = next[i][j] = random_double(&seed);
}

static void sweep(double to[N][N], double from[N][N])
{
    for (size_t i = 1; i < N - 1; i++)
        for (size_t j = 1; j < N - 1; j++)
            to[i][j] = 0.2 * (from[i][j] + from[i][j - 1] + from[i][j + 1] + from[i - 1][j] +
                              from[i + 1][j]);
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0;

    fill();
    for (uint32_t i = 0; i < scale * SWEEPS; i++) {
        sweep(next, now);
        sweep(now, next);
    }
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            checksum = mix_double(checksum, now[i][j]);
    return checksum;
}
