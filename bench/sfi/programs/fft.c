/* Fourier transform of complex numbers, radix 2, in place, forwards and backwards. */
#include "program.h"

#define LOG  13
#define SIZE (1u << LOG)

struct complex {
    double re, im;
};

static struct complex data[SIZE], root[SIZE / 2];

static struct complex product(struct complex a, struct complex b)
{
    return (struct complex){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

/* root[k] = e^(-2 pi i k / SIZE): k's bits choose factors, found by halving the angle from pi. */
static void find_roots(void)
{
    struct complex half = {-1, 0};

    root[0] = (struct complex){1, 0};
    for (size_t bit = SIZE / 4; bit > 0; bit /= 2) {
        half =
            (struct complex){__builtin_sqrt((1 + half.re) / 2), -__builtin_sqrt((1 - half.re) / 2)};
        for (size_t k = 0; k < SIZE / 2; k += 2 * bit)
            root[k + bit] = product(root[k], half);
    }
}

static void reorder(void)
{
    for (uint32_t i = 0, j = 0; i < SIZE; i++) {
        uint32_t bit = SIZE / 2;

        if (i < j) {
            struct complex kept = data[i];

            data[i] = data[j];
            data[j] = kept;
        }
        for (; j & bit; bit /= 2)
            j ^= bit;
        j |= bit;
    }
}

static void transform(double direction)
{
    reorder();
    for (size_t half = 1; half < SIZE; half *= 2)
        for (size_t start = 0; start < SIZE; start += 2 * half)
            for (size_t k = 0; k < half; k++) {
                struct complex factor = root[k * (SIZE / 2 / half)];
                struct complex a = data[start + k], b;

                factor.im *= direction;
                b = product(data[start + half + k], factor);
                data[start + k] = (struct complex){a.re + b.re, a.im + b.im};
                data[start + half + k] = (struct complex){a.re - b.re, a.im - b.im};
            }
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0, seed = 7;

    find_roots();
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (struct complex){random_double(&seed), random_double(&seed)};
    for (uint32_t round = 0; round < scale; round++) {
        transform(1);
        checksum = mix_double(checksum, data[round % SIZE].im);
        transform(-1);
        for (size_t i = 0; i < SIZE; i++) {
            data[i].re *= 1.0 / SIZE;
            data[i].im *= 1.0 / SIZE;
        }
    }
    for (size_t i = 0; i < SIZE; i++)
        checksum = mix_double(checksum, data[i].re);
    return checksum;
}
