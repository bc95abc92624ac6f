/* Bodies that attract one another, stepped in time: floating point with square roots. */
#include "program.h"

#define BODIES 6
#define STEPS  2000 /* for each unit of scale */
#define STEP   0.001

struct body {
    double place[3], speed[3], mass;
};

static struct body bodies[BODIES];

static void place_bodies(void)
{
    uint64_t seed = 6;

    for (size_t i = 0; i < BODIES; i++) {
        for (size_t axis = 0; axis < 3; axis++) {
            bodies[i].place[axis] = 10 * random_double(&seed);
            bodies[i].speed[axis] = random_double(&seed);
        }
        bodies[i].mass = 1.5 + random_double(&seed);
    }
}

static void attract(struct body *a, struct body *b)
{
    double away[3], square = 0.01, force;

    for (size_t axis = 0; axis < 3; axis++) {
        away[axis] = a->place[axis] - b->place[axis];
        square += away[axis] * away[axis];
    }
    force = STEP / (square * __builtin_sqrt(square));
    for (size_t axis = 0; axis < 3; axis++) {
        a->speed[axis] -= away[axis] * b->mass * force;
        b->speed[axis] += away[axis] * a->mass * force;
    }
}

static void step(void)
{
    for (size_t i = 0; i < BODIES; i++)
        for (size_t j = i + 1; j < BODIES; j++)
            attract(&bodies[i], &bodies[j]);
    for (size_t i = 0; i < BODIES; i++)
        for (size_t axis = 0; axis < 3; axis++)
            bodies[i].place[axis] += STEP * bodies[i].speed[axis];
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0;

    place_bodies();
    for (uint32_t i = 0; i < scale * STEPS; i++)
        step();
    for (size_t i = 0; i < BODIES; i++)
        for (size_t axis = 0; axis < 3; axis++)
            checksum = mix_double(checksum, bodies[i].place[axis]);
    return checksum;
}
