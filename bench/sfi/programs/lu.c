/* LU factorisation in place, without pivoting: the matrix is diagonally dominant. */
#include "program.h"

#define N 160

static double a[N][N];

static void fill(uint64_t *seed)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            a[i][j] = random_double(seed) + (i == j ? 2.0 * N : 0.0);
}

static void factorise(void)
{
    for (size_t k = 0; k < N; k++)
        for (size_t i = k + 1; i < N; i++) {
            double factor = a[i][k] / a[k][k];

            a[i][k] = factor;
            for (size_t j = k + 1; j < N; j++)
                a[i][j] -= factor * a[k][j];
        }
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0, seed = 3;

    for (uint32_t i = 0; i < scale; i++) {
        fill(&seed);
        factorise();
        for (size_t j = 0; j < N; j++)
            checksum = mix_double(checksum, a[j][N - 1 - j]);
    }
    return checksum;
}
