/* Shorthand for the files of this folder. */
#ifndef RECLAVE_CLIENT_EVIDENCE_VERDICT_H
#define RECLAVE_CLIENT_EVIDENCE_VERDICT_H

#include "client/evidence/evidence.h"

static inline struct evidence_verdict accepted(void)
{
    return (struct evidence_verdict){EVIDENCE_ACCEPTED, "accepted"};
}

static inline struct evidence_verdict rejected(enum evidence_step step, const char *reason)
{
    return (struct evidence_verdict){step, reason};
}

#endif
