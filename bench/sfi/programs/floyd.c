/* Floyd and Warshall: all shortest paths of a dense graph with integer distances. */
#include "program.h"

#define N 128

static int32_t distance[N][N];

static void fill(uint64_t *seed)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            distance[i][j] = i == j ? 0 : (int32_t)(next_random(seed) % 100000);
}

static void relax(void)
{
    for (size_t k = 0; k < N; k++)
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++) {
                int32_t detour = distance[i][k] + distance[k][j];

                if (detour < distance[i][j])
                    distance[i][j] = detour;
            }
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0, seed = 4;

    for (uint32_t round = 0; round < scale; round++) {
        fill(&seed);
        relax();
        for (size_t i = 0; i < N; i++)
            checksum = mix(checksum, (uint32_t)distance[i][(i * 7) % N]);
    }
    return checksum;
}
