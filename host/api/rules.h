/* What triggers need of rules. */
#ifndef RECLAVE_HOST_API_RULES_H
#define RECLAVE_HOST_API_RULES_H

#include "host/api/internal.h"

/* The name of a rule's action. */
bool rule_action(const struct entity *rule, struct full_name *out);
/* All rules of a trigger become inactive. */
MUST_CHECK enum status rules_disable(struct session *session, const struct user *space,
                                     const char *trigger);

#endif
