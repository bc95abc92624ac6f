#include "client/evidence/evidence.h"

const char *evidence_step_name(enum evidence_step step)
{
    static const char *const names[] = {
        [EVIDENCE_ACCEPTED] = "accepted",
        [EVIDENCE_FORMAT] = "evidence_format",
        [EVIDENCE_IDENTITY] = "evidence_identity",
        [EVIDENCE_CHALLENGE] = "evidence_challenge",
        [EVIDENCE_SIGNATURE] = "evidence_signature",
        [EVIDENCE_PROOF] = "evidence_proof",
        [EVIDENCE_WORKER] = "evidence_worker",
        [EVIDENCE_NONCE] = "evidence_nonce",
        [EVIDENCE_INPUT] = "evidence_input",
        [EVIDENCE_STRINGS] = "evidence_strings",
        [EVIDENCE_OUTPUT] = "evidence_output",
        [EVIDENCE_TENANT] = "evidence_tenant",
        [EVIDENCE_BUNDLE] = "evidence_bundle",
        [EVIDENCE_SNAPSHOT] = "evidence_snapshot",
        [EVIDENCE_POLICY] = "evidence_policy",
        [EVIDENCE_OUTCOME] = "evidence_outcome",
        [EVIDENCE_EPOCH_AGE] = "epoch_age",
        [EVIDENCE_CERTIFICATE] = "worker_certificate",
        [EVIDENCE_MEASUREMENT] = "worker_measurement",
        [EVIDENCE_EPOCH] = "worker_epoch",
        [EVIDENCE_SYSTEM] = "evidence_system",
    };

    return (unsigned)step < sizeof(names) / sizeof(names[0]) ? names[step] : "unknown";
}
