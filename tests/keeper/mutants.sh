#!/bin/bash
# Each check of quotes, exchanges, statements and state is taken out of a copy, one at a time; at least
# one test must then fail. A mutant that survives is a failure, and so is an edit that changes nothing.
# The shipped source has no switch for this.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
ROOT=$BUILD/keeper-mutants
CC=${CC:-gcc}
CFLAGS='-std=gnu17 -O1 -D_GNU_SOURCE -w'
LDLIBS='-lcmocka -l:libbearssl.a -lcrypto -ljansson'
read -ra SOURCES <<<"$(make -s --no-print-directory keeper-sources)"

# name, test, source file, Perl edit of the whole file
MUTANTS=()
mutant() { MUTANTS+=("$1" "$2" "$3" "$4"); }
A=trusted/attest
K=trusted/keeper
F=client/keeper

# The controls: nothing that matters changes. They must survive.
mutant 'control quote' quote $A/aead.c 's|\A|/* unchanged */\n|'
mutant 'control protocol' protocol $A/aead.c 's|\A|/* unchanged */\n|'

mutant 'quote: any version' quote $A/quote_check.c 's/header->version != QUOTE_VERSION \|\| //'
mutant 'quote: any kind of enclave' quote $A/quote_check.c 's/header->tee_type != 0 \|\|//'
mutant 'quote: issuers need not be CAs' quote $A/quote_check.c 's/!issuer.signs_certificates \|\| //'
mutant 'quote: CAs as PCK' quote $A/quote_check.c 's/ \|\| pck->signs_certificates//'
mutant 'quote: any root' quote $A/quote_check.c 's/!certificate_is_signed_by\(&issuer, root_key\) \|\|//'
mutant 'quote: any PCK' quote $A/quote_check.c 's/ \|\|\s+!certificate_is_signed_by\(pck, issuer.public_key\)//'
mutant 'quote: revoked PCKs' quote $A/quote_check.c 's/is_revoked\(policy, pck->serial\) \|\| //'
mutant 'quote: revoked issuers' quote $A/quote_check.c 's/ \|\| is_revoked\(policy, issuer.serial\)//'
mutant 'quote: any family' quote $A/quote_check.c 's/memcmp\(policy->levels\[i\].fmspc.*?== 0 &&//s'
mutant 'quote: any PCESVN' quote $A/quote_check.c 's/if \(platform->pce_svn < level->pce_svn\)/if (0)/'
mutant 'quote: any component' quote $A/quote_check.c 's/if \(platform->components\[i\] < level->components\[i\]\)/if (0)/'
mutant 'quote: levels behind the count' quote $A/quote_check.c 's/i < policy->level_count/i < 2/'
mutant 'quote: the PCK did not sign' quote $A/quote_check.c 's/if \(!is_signed\(pck->public_key.*?\)\)\n/if (0)\n/s'
mutant 'quote: a quoting enclave in debug mode' quote $A/quote_check.c 's/if \(!in_production\(&qe\) \|\| /if (/'
mutant 'quote: any quoting enclave' quote $A/quote_check.c 's/memcmp\(qe.mrsigner.*?\) != 0 \|\|//'
mutant 'quote: any product' quote $A/quote_check.c 's/qe.isvprodid != root->qe_prod_id \|\| //'
mutant 'quote: old quoting enclaves' quote $A/quote_check.c 's/ \|\| qe.isvsvn < policy->qe_svn//'
mutant 'quote: any attestation key' quote $A/quote_check.c 's/return memcmp\(qe.reportdata, expected.*?;/return ST_OK;/'
mutant 'quote: unsigned' quote $A/quote_check.c 's/if \(!is_signed\(s->attestation_key.*?\)\)\n/if (0)\n/s'
mutant 'quote: debug enclaves' quote $A/quote_check.c 's/if \(!in_production\(&report\)\)/if (0)/'
mutant 'quote: half a root' quote $A/quote_check.c 's/if \(intel != all_zero.*?\)\)\n/if (0)\n/s'
mutant 'certificate: without the extension' quote $A/certificate.c 's/return tcbs == 1 && fmspcs == 1;/return true;/; s/if \(!der_take\(&value, DER_SEQUENCE, &list\) \|\| value.left != 0\)(\s+return false;\s+while \(list.left != 0\) \{\s+if \(!next_entry\(&list, 0)/if (!der_take(&value, DER_SEQUENCE, &list)) return true; if (0)$1/'
mutant 'certificate: components may be missing' quote $A/certificate.c 's/return seen == .*?;/return true;/'
mutant 'certificate: bytes behind it' quote $A/certificate.c 's/if \(!der_take\(&input, DER_SEQUENCE, &outer\) \|\| input.left != 0\)/if (!der_take(\&input, DER_SEQUENCE, \&outer))/'

mutant 'exchange: nonces are used again' protocol $K/admission.c 's/bytes_wipe\(&keeper->pending\[i\].*?;/;/'
mutant 'exchange: any keeper nonce' protocol $K/admission.c 's/ \|\|\s+memcmp\(keeper->pending\[i\].nonces.keeper.*?\) != 0\)/)/s'
mutant 'exchange: one domain for both sides' protocol $K/channel.c 's/ASKER_DOMAIN, sizeof\(ASKER_DOMAIN\)/KEEPER_DOMAIN, sizeof(KEEPER_DOMAIN)/'
mutant 'peer: any role' protocol $K/channel.c 's/if \(peer->identity->role != peer->role\)/if (0)/'
mutant 'peer: any identity' protocol $K/channel.c 's/if \(memcmp\(quoted.report_data, expected.*?\) != 0\)/if (0)/'
mutant 'peer: any policy' protocol $K/channel.c 's/if \(memcmp\(peer->identity->policy_sha256.*?\) != 0\)/if (0)/'
mutant 'grant: the transcript is not bound' protocol $K/channel.c 's/\{transcript, 32\},/{"", 0},/; s/memcpy\(info \+ sizeof\(GRANT_INFO\), transcript, 32\)/memset(info + sizeof(GRANT_INFO), 0, 32)/'
mutant 'grant: any kind' protocol $K/channel.c 's/ \|\| parts->header->kind != kind//; s/\{grant->header, sizeof\(\*grant->header\)\}/{"", 0}/; s/parts.header, sizeof\(\*parts.header\), parts.body/"", 0, parts.body/; s/parts->header, sizeof\(\*parts->header\), parts->body/"", 0, parts->body/'
mutant 'grant: unsigned' protocol $K/channel.c 's/if \(!signature_is_valid\(keeper_key.*?\)\)/if (0)/'
mutant 'grant: a refused one stays' protocol $K/channel.c 's/bytes_wipe\(grant, GRANT_BYTES\(body_bytes\)\);(\s+return ST_GRANT_FORGED)/;$1/'
mutant 'admission: other keepers'"'"' workers' protocol $K/admission.c 's/ \|\|\s+memcmp\(request->policy.keeper.*?\) != 0\)/)/s'
mutant 'admission: policies of another role' protocol $K/admission.c 's/ \|\| request->policy.role != ROLE_WORKER//'
mutant 'admission: policies of another version' protocol $K/admission.c 's/request->policy.version != POLICY_VERSION \|\| //'
mutant 'admission: any image' protocol $K/admission.c 's/if \(!platform_names_image\(.*?\)\)\n/if (0)\n/'
mutant 'admission: revoked workers' protocol $K/admission.c 's/return is_revoked\(.*?;/return ST_OK;/'
mutant 'admission: after the last epoch' protocol $K/admission.c 's/state->epoch > state->policy.last_epoch/0/'
mutant 'admission: all functions'"'"' keys' protocol $K/admission.c 's/ \|\| !function_policy_names\(&entry->policy, worker\)//'
mutant 'admission: revoked functions'"'"' keys' protocol $K/admission.c 's/entry->revoked \|\| //'

mutant 'worker: any keeper' protocol $K/ring.c 's/if \(memcmp\(id, keeper_id.*?\) != 0\)/if (0)/'
mutant 'worker: any platform policy' protocol $K/ring.c 's/status = platform_policy_check\(&answer->policy, answer->owner\);/status = ST_OK;/'
mutant 'worker: any image' protocol $K/ring.c 's/status == ST_OK &&\s+!platform_names_image\(.*?\)\)/0)/'
mutant 'worker: nonces are used again' protocol $K/ring.c 's/ring->waiting = 0;/;/'
mutant 'worker: older epochs' protocol $K/ring.c 's/body->epoch < ring->epoch \|\| //'
mutant 'worker: older states' protocol $K/ring.c 's/ \|\| body->counter < ring->counter//'

mutant 'owner: any signature' protocol $K/owner.c 's/return signature_is_valid\(.*?;/return true;/'
mutant 'owner: entries behind the counts' protocol $K/owner.c 's/ \|\| !unused_is_zero\(policy\)//'
mutant 'owner: no levels' protocol $K/owner.c 's/policy->level_count == 0 \|\| //'
mutant 'owner: any keeper (release)' protocol $K/owner.c 's/if \(memcmp\(release->keeper.*?\) != 0\)/if (0)/'
mutant 'owner: any keeper (revocation)' protocol $K/owner.c 's/if \(memcmp\(revocation->keeper.*?\) != 0\)/if (0)/'
mutant 'owner: any keeper (handover)' protocol $K/owner.c 's/if \(memcmp\(policy->from_keeper.*?\) != 0\)/if (0)/'
mutant 'function: any image of the signer' protocol $K/owner.c 's/ && enclave->isv_svn >= policy->isv_svn//'
mutant 'function: any product of the signer' protocol $K/owner.c 's/policy->isv_prod_id == enclave->isv_prod_id &&/1 \&\&/'
mutant 'function: no signer is a signer' protocol $K/owner.c 's/return !all_zero\(policy->mrsigner, sizeof\(policy->mrsigner\)\) &&/return/'
mutant 'function: shared tenancy' protocol $K/owner.c 's/if \(\(policy->flags & FUNCTION_NEEDS_SEQUENTIAL\).*?\)\n/if (0)\n/'
mutant 'function: plain input' protocol $K/owner.c 's/return !\(policy->flags & FUNCTION_NEEDS_ENCRYPTED\).*?;/return true;/'
mutant 'release: taken over by another' protocol $K/functions.c 's/if \(memcmp\(entry->tenant, tenant, sizeof\(entry->tenant\)\) != 0\)/if (0)/'
mutant 'release: after revocation' protocol $K/functions.c 's/if \(entry->revoked\)/if (0)/'
mutant 'release: older policies' protocol $K/functions.c 's/return release->policy.serial > entry->policy.serial.*?;/return ST_OK;/'
mutant 'release: beyond the table' protocol $K/functions.c 's/if \(state->key_count == KEEPER_KEYS_MAX\)/if (0)/'
mutant 'revocation: by anybody (function)' protocol $K/functions.c 's/if \(memcmp\(entry->tenant, tenant, sizeof\(tenant\)\) != 0\)/if (0)/'
mutant 'revocation: by anybody (worker)' protocol $K/functions.c 's/if \(memcmp\(revocation->signer, state->owner.*?\) != 0\)/if (0)/'
mutant 'revocation: the key stays' protocol $K/functions.c 's/bytes_wipe\(entry->key, sizeof\(entry->key\)\);/;/'
mutant 'revocation: the epoch goes on' protocol $K/functions.c 's/status = keeper_rotate\(keeper, self\);/status = ST_OK;/'

mutant 'epoch: the old key stays' protocol $K/epoch.c 's/memcpy\(state->previous, state->current, sizeof\(state->previous\)\);/if (state->epoch == 1) $&/'
mutant 'epoch: no previous one' protocol $K/epoch.c 's/state->has_previous = state->epoch != 0;/;/'
mutant 'state: the counter stays' protocol $K/state.c 's/keeper->state.counter\+\+;/if (!keeper->state.counter) keeper->state.counter = 1;/'
mutant 'state: contradictions' protocol $K/state.c 's/is_sound\(&keeper->state, &header\)\s+\?/1 ?/'
mutant 'state: the policy is not checked' protocol $K/state.c 's/platform_policy_check\(&state->policy, state->owner\) == ST_OK/1/'
mutant 'state: fresh keys after a restart' protocol $K/state.c 's/memcpy\(self->signing->public_key, .*?;/;/'
mutant 'command: restored twice' protocol $K/command.c 's/if \(entry->before && keeper->ready\)/if (0)/'
mutant 'command: before the start' protocol $K/command.c 's/if \(!entry->before && !keeper->ready\)/if (0)/'
mutant 'policy: another root' protocol $K/command.c 's/if \(memcmp\(&before, &after, sizeof\(before\)\) != 0\)/if (0)/'
mutant 'policy: an older one' protocol $K/command.c 's/if \(policy->serial <= state->policy.serial\)/if (0)/'

mutant 'handover: to any image' protocol $K/handover.c 's/return memcmp\(successor->mrenclave.*?;/return ST_OK;/s'
mutant 'handover: unsigned' protocol $K/handover.c 's/status = handover_check\(&request->policy, state->owner, self->signing->worker_id\);/status = ST_OK;/'
mutant 'handover: from any image' protocol $K/handover.c 's/if \(status == ST_OK && memcmp\(request->policy.from_mrenclave.*?\) != 0\)/if (0)/'
mutant 'handover: all keys' protocol $K/handover.c 's/state->keys\[i\].revoked \|\| function_policy_names.*?\)\)/1)/'
mutant 'handover: revocations are forgotten' protocol $K/handover.c 's/state->keys\[i\].revoked \|\| //'
mutant 'handover: the successor does not ask who it is' protocol $K/handover.c 's/status = peer_check\(&answer->quote, &peer, &predecessor\);/memcpy(predecessor.mrenclave, request->handover.from_mrenclave, 32);/'
mutant 'handover: a policy beside the terms' protocol $K/handover.c 's/ \|\| !is_unused\(&admission->policy\)//'
mutant 'handover: any owner in the answer' protocol $K/handover.c 's/memcmp\(answer->owner, state->owner, sizeof\(answer->owner\)\) != 0/0/'
mutant 'handover: any platform policy in the answer' protocol $K/handover.c 's/status = platform_policy_check\(&answer->policy, state->owner\);/;/'
mutant 'handover: into a keeper in use' protocol $K/handover.c 's/if \(state->key_count != 0 \|\| state->worker_count != 0\)/if (0)/'
mutant 'handover: nonces are used again' protocol $K/handover.c 's/keeper->taking_over = 0;/;/'
mutant 'handover: the epoch begins again' protocol $K/handover.c 's/if \(state->epoch < body->epoch\)/if (0)/'

I=client/invoke
mutant 'control caller' caller $A/aead.c 's|\A|/* unchanged */\n|'
mutant 'fleet: any keeper owner' caller $I/fleet.c 's/return digest_list_allows\(&policy->keeper_owners, id\) \|\|/return true ||/'
mutant 'fleet: an owner need not be named' caller $I/fleet.c 's/if \(policy->keeper_owners.count == 0 && !any_owner\)/if (0)/'
mutant 'fleet: any root' caller $I/fleet.c 's/return memcmp\(fleets, trusted, sizeof\(trusted\)\) == 0 \|\|/return true ||/'
mutant 'fleet: terms are not checked' caller $I/fleet.c 's/check_terms\(&fleet->policy, keeper, failure\) &&//'
mutant 'fleet: any identity' caller $I/fleet.c 's/if \(bound.step != EVIDENCE_ACCEPTED\)/if (0)/'
mutant 'fleet: the epoch certificate is not checked' caller $I/fleet.c 's/(    const char \*wrong;\n\n)    if \(status != ST_OK\)/$1    if (0)/'
mutant 'fleet: a rolled back keeper' caller $I/fleet.c 's/options->oldest_counter, fleet/0, fleet/'
mutant 'fleet: the age of the described epoch' caller $I/fleet.c 's/wrong = what_is_wrong_with_age\(fleet, fleet->epoch.began\);/wrong = NULL;/'
mutant 'fleet: the age when a request is made' caller $I/fleet.c 's/enclave->is_fleet \? what_is_wrong_with_age\(enclave, enclave->epoch.began\) : NULL/NULL/'
mutant "fleet: the age of the worker's epoch" caller $I/fleet.c 's/const char \*wrong = what_is_wrong_with_age\(fleet, worker->began\);/const char *wrong = NULL;/'
mutant 'fleet: epochs of the future' caller $I/fleet.c 's/ \|\| began > now \+ CLOCK_SKEW_SECONDS//'
mutant 'fleet: old epochs' caller $I/fleet.c 's/return began < now && now - began > fleet->policy.epoch_seconds_most/return 0/'
mutant 'fleet: any policy of workers' caller $I/fleet.c 's/return digest_list_allows\(&fleet->policy.enclave_policies, policy_sha256\) \|\|/return true ||/'
mutant 'fleet: workers without a certificate' caller $I/fleet.c 's/return rejected\(EVIDENCE_CERTIFICATE, "the worker has no certificate.*?;/return accepted();/'
mutant 'fleet: any certificate' caller $I/fleet.c 's/verdict = refusal_of\(fleet_worker_check.*?;/(void)!fleet_worker_check(\&enclave->keeper, certificate, bytes, 0, \&worker); verdict = accepted();/s'
mutant 'fleet: old certificates' caller $I/fleet.c 's/worker->epoch != fleet->epoch.epoch && worker->epoch != fleet->epoch.epoch \+ 1/worker->epoch > fleet->epoch.epoch + 1/'
mutant 'fleet: certificates of later epochs' caller $I/fleet.c 's/worker->epoch != fleet->epoch.epoch && worker->epoch != fleet->epoch.epoch \+ 1/worker->epoch < fleet->epoch.epoch/'
mutant 'fleet: no certificates of the next epoch' caller $I/fleet.c 's/ && worker->epoch != fleet->epoch.epoch \+ 1//'
mutant 'fleet: workers of another policy' caller $I/fleet.c 's/if \(memcmp\(worker->identity.policy_sha256, fleet->identity.policy_sha256, 32\) != 0\)/if (0)/'
mutant 'fleet: an image that nobody names' caller $F/certificates.c 's/if \(!fleet_has_image\(keeper, worker.mrenclave\)\)/if (0)/'
mutant 'fleet: keepers as workers' caller $F/certificates.c 's/if \(worker.identity.role != ROLE_WORKER\)/if (0)/'
mutant "fleet: answers under another worker's certificate" caller $I/answer.c 's/memcmp\(claims->worker_id, origin->worker_id, 32\) != 0 \|\|//; s/memcmp\(claims->boot_id, identity->boot_id, BOOT_ID_BYTES\) != 0 \|\|//'
mutant "fleet: sessions under another worker's certificate" caller $I/session.c 's/ && memcmp\(who.worker_id, worker.worker_id, 32\) == 0 &&\s+memcmp\(who.boot_id, worker.identity.boot_id, BOOT_ID_BYTES\) == 0//'
mutant "fleet: evidence under another worker's certificate" caller $I/evidence.c 's/memcmp\(&evidence->identity, &worker->identity, sizeof\(worker->identity\)\) != 0/0/'
mutant 'fleet: unsigned evidence' caller $I/evidence.c 's/verdict = evidence_check_signed\(evidence\);//'
mutant 'fleet: a single enclave under a policy about keepers' caller $I/enclave.c 's/verifier->policy.has_epoch_seconds \|\| verifier->policy.keeper_owners.count/0/'
mutant 'fleet: sealing for an old epoch' caller $I/seal.c 's/enclave && !invoke_epoch_is_fresh\(enclave, error\)/0/'
mutant 'fleet: half a member' caller client/keeper/description.c 's/json_read_hex\(object, name, to, bytes\) \|\|/json_read_hex(object, name, to, bytes) || 1 ||/'
mutant "epoch: the host's clock may go back" caller $K/epoch.c 's/if \(state->epoch_began < self->time\)/if (1)/'
mutant 'epoch: it never began' caller $K/epoch.c 's/state->epoch_began = self->time;/;/'

mutant 'caller: any certificate' protocol $F/certificates.c 's/return is_signed_by\(.*?;/return ST_OK;/'
mutant 'caller: any platform policy' protocol $F/certificates.c 's/if \(!is_under\(&keeper->policy, policy_sha256\)\)/if (0)/g'
mutant 'caller: old states' protocol $F/certificates.c 's/if \(epoch.counter < oldest_counter\)/if (0)/'
mutant 'caller: old workers' protocol $F/certificates.c 's/if \(worker.epoch < oldest_epoch\)/if (0)/'
mutant 'caller: any image of the fleet' protocol $F/terms.c 's/if \(!is_accepted\(accepted, keeper->policy.images\[i\]\)\)/if (0)/'
mutant 'caller: any terms' protocol $F/terms.c 's/if \(memcmp\(keeper->identity.policy_sha256, expected.*?\) != 0\)/if (0)/'
mutant 'caller: any role' protocol $F/terms.c 's/if \(keeper->identity.role != ROLE_KEEPER\)/if (0)/'

rm -rf "$ROOT"
mkdir -p "$ROOT"
mkdir -p "$ROOT/objects"

object_of() { echo "$ROOT/objects/${1//\//_}.o"; }
compile() { $CC $CFLAGS -I. -c "$1" -o "$2"; }
export -f object_of compile
export CC CFLAGS ROOT
TESTS=(quote protocol caller)
printf '%s\n' "${SOURCES[@]}" "${TESTS[@]/%/_test.c}" | sed 's|^\([a-z]*_test.c\)$|tests/keeper/\1|' |
    xargs -P "$(nproc)" -I{} bash -c 'compile {} "$(object_of {})"' || exit 1

# The unchanged objects with one of them in the mutant's place.
link_mutant() { # FOLDER TEST SOURCE
    local objects=()
    for source in "${SOURCES[@]}" "tests/keeper/$2_test.c"; do
        [ "$source" = "$3" ] || objects+=("$(object_of "$source")")
    done
    $CC "$1/mutant.o" "${objects[@]}" $LDLIBS -o "$1/test"
}

judge() { # INDEX
    local i=$1 name=${MUTANTS[$1 * 4]} test=${MUTANTS[$1 * 4 + 1]}
    local file=${MUTANTS[$1 * 4 + 2]} edit=${MUTANTS[$1 * 4 + 3]} folder=$ROOT/$1
    mkdir -p "$folder"
    perl -0pe "$edit" "$file" >"$folder/mutant.c"
    if cmp -s "$file" "$folder/mutant.c"; then
        echo "not ok $((i + 1)) - $name: the edit changes nothing"
        return
    fi
    if ! compile "$folder/mutant.c" "$folder/mutant.o" 2>"$folder/log" ||
        ! link_mutant "$folder" "$test" "$file" 2>>"$folder/log"; then
        echo "not ok $((i + 1)) - $name: does not compile"
        return
    fi
    if CMOCKA_TEST_ABORT=1 timeout 60 "$folder/test" >"$folder/log" 2>&1; then
        [[ $name = control* ]] && echo "ok $((i + 1)) - $name survives" ||
            echo "not ok $((i + 1)) - $name: no test notices"
    else
        [[ $name = control* ]] && echo "not ok $((i + 1)) - $name fails" ||
            echo "ok $((i + 1)) - $name (noticed)"
    fi
}

COUNT=$((${#MUTANTS[@]} / 4))
echo "1..$COUNT"
JOBS=$(nproc)
for ((j = 0; j < JOBS; j++)); do
    (for ((i = j; i < COUNT; i += JOBS)); do judge $i; done) >"$ROOT/results.$j" 2>/dev/null &
done
wait
sed 's/^\(not ok\|ok\) \([0-9]*\)/\2 &/' "$ROOT"/results.* | sort -n | cut -d' ' -f2-
! grep -q '^not ok' "$ROOT"/results.*
