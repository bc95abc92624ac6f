/* Conjugate gradients on a sparse matrix in compressed rows: a grid with a few far links. */
#include "program.h"

#define SIDE       90
#define ROWS       (SIDE * SIDE)
#define PER_ROW    7
#define ITERATIONS 10 /* for each unit of scale */

static struct {
    uint32_t row_start[ROWS + 1];
    uint32_t column[ROWS * PER_ROW];
    double value[ROWS * PER_ROW];
} matrix;

static double x[ROWS], residual[ROWS], direction[ROWS], image[ROWS];

static void add(uint32_t *used, size_t column, double value)
{
    matrix.column[*used] = (uint32_t)column;
    matrix.value[(*used)++] = value;
}

/* Symmetric: i is linked with its grid neighbours and with ROWS - 1 - i. */
static void build_matrix(void)
{
    uint32_t used = 0;

    for (size_t i = 0; i < ROWS; i++) {
        size_t line = i / SIDE, place = i % SIDE;

        matrix.row_start[i] = used;
        add(&used, i, 6.5);
        if (line > 0)
            add(&used, i - SIDE, -1);
        if (place > 0)
            add(&used, i - 1, -1);
        if (place < SIDE - 1)
            add(&used, i + 1, -1);
        if (line < SIDE - 1)
            add(&used, i + SIDE, -1);
        add(&used, ROWS - 1 - i, -1);
    }
    matrix.row_start[ROWS] = used;
}

static void multiply(double *to, const double *from)
{
    for (size_t i = 0; i < ROWS; i++) {
        double sum = 0;

        for (uint32_t k = matrix.row_start[i]; k < matrix.row_start[i + 1]; k++)
            sum += matrix.value[k] * from[matrix.column[k]];
        to[i] = sum;
    }
}

static double dot(const double *a, const double *b)
{
    double sum = 0;

    for (size_t i = 0; i < ROWS; i++)
        sum += a[i] * b[i];
    return sum;
}

static double iterate(double square)
{
    double step, next, ratio;

    multiply(image, direction);
    step = square / dot(direction, image);
    for (size_t i = 0; i < ROWS; i++) {
        x[i] += step * direction[i];
        residual[i] -= step * image[i];
    }
    next = dot(residual, residual);
    ratio = next / square;
    for (size_t i = 0; i < ROWS; i++)
        direction[i] = residual[i] + ratio * direction[i];
    return next;
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0, seed = 5;

    build_matrix();
    for (uint32_t round = 0; round < scale; round++) {
        double square;

        for (size_t i = 0; i < ROWS; i++) {
            x[i] = 0;
            residual[i] = direction[i] = random_double(&seed);
        }
        square = dot(residual, residual);
        for (unsigned i = 0; i < ITERATIONS; i++)
            square = iterate(square);
        checksum = mix_double(checksum, square);
        checksum = mix_double(checksum, x[round % ROWS]);
    }
    return checksum;
}
