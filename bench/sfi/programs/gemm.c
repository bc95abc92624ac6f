/* Dense matrix product, C = C / 2 + A B, in the loop order that runs along rows. */
#include "program.h"

#define N 160

static double a[N][N], b[N][N], c[N][N];

static void fill(void)
{
    uint64_t seed = 1;

    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            a[i][j] = random_double(&seed);
            b[i][j] = random_double(&seed);
            c[i][j] = 0;
        }
}

static void multiply(void)
{
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++)
            c[i][j] *= 0.5;
        for (size_t k = 0; k < N; k++)
            for (size_t j = 0; j < N; j++)
                c[i][j] += a[i][k] * b[k][j];
    }
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0;

    fill();
    for (uint32_t i = 0; i < scale; i++)
        multiply();
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            checksum = mix_double(checksum, c[i][j]);
    return checksum;
}
