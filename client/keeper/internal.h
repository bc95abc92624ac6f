/* For the files of this folder. */
#ifndef RECLAVE_CLIENT_KEEPER_INTERNAL_H
#define RECLAVE_CLIENT_KEEPER_INTERNAL_H

#include "client/keeper/fleet.h"

#include <stdbool.h>

/* Is it the keeper's image or one that its policy names? */
bool fleet_has_image(const struct fleet_keeper *keeper, const uint8_t mrenclave[32]);

#endif
