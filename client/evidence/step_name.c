#include "client/evidence/evidence.h"

const char *evidence_step_name(enum evidence_step step)
{
    static const char *const names[] = {
        [EVIDENCE_ACCEPTED] = "accepted",
        [EVIDENCE_FORMAT] = "evidence-format",
        [EVIDENCE_IDENTITY] = "evidence-identity",
        [EVIDENCE_CHALLENGE] = "evidence-challenge",
        [EVIDENCE_SIGNATURE] = "evidence-signature",
        [EVIDENCE_PROOF] = "evidence-proof",
        [EVIDENCE_WORKER] = "evidence-worker",
        [EVIDENCE_NONCE] = "evidence-nonce",
        [EVIDENCE_INPUT] = "evidence-input",
        [EVIDENCE_STRINGS] = "evidence-strings",
        [EVIDENCE_OUTPUT] = "evidence-output",
        [EVIDENCE_TENANT] = "evidence-tenant",
        [EVIDENCE_BUNDLE] = "evidence-bundle",
        [EVIDENCE_SNAPSHOT] = "evidence-snapshot",
        [EVIDENCE_POLICY] = "evidence-policy",
        [EVIDENCE_OUTCOME] = "evidence-outcome",
        [EVIDENCE_SYSTEM] = "evidence-system",
    };

    return (unsigned)step < sizeof(names) / sizeof(names[0]) ? names[step] : "unknown";
}
