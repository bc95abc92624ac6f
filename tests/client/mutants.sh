#!/bin/bash
# Each check of the quote's verification is taken out of a copy, one at a time; a case must then come
# out differently. A mutant that survives is a failure, and so is an edit that changes nothing.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
ROOT=$BUILD/client-mutants
CC=${CC:-gcc}
CFLAGS='-std=gnu17 -O0 -D_GNU_SOURCE -w'
LIBRARIES='-lcmocka -lcrypto -ljansson'

# name, source file in client/, Perl edit of the whole file
MUTANTS=()
mutant() { MUTANTS+=("$1" "$2" "$3"); }

# The control: nothing that matters changes. It must survive.
mutant 'control' quote/verify.c 's|\A|/* unchanged */\n|'

# Steps that are not taken.
for step in check_certification_data check_qe_report_signature check_qe_report_data \
    check_quote_signature check_debug check_collateral check_revocation check_qe_identity \
    check_tcb_info check_tcb_status check_policy check_challenge; do
    mutant "$step is left out" quote/verify.c "s/\\n    $step,//"
done
mutant 'what needs evidence passes without' quote/verify.c 's/!quote_alone \|\| check_evidence_is_not_needed\(&attempt\)/true/'
mutant 'half of the challenge is compared' quote/verify.c 's/sizeof\(verifier->challenge\)\) == 0/16) == 0/'
mutant 'a wanted challenge may be missing' quote/verify.c 's/return !verifier->policy.require_challenge \|\|/return true ||/'
mutant 'a leaf may be a CA' quote/verify.c 's/X509_check_ca\(attempt->chain.leaf\) != 0/false/'
mutant "the second half of the QE's report data is not compared" quote/verify.c \
    's/memcmp\(expected, quote->qe.report_data, sizeof\(expected\)\)/memcmp(expected, expected, 1)/'
mutant 'a policy that is not understood is taken' quote/verify.c 's/attempt->verifier->policy_broken/false/'

# The quote.
mutant 'TDX is not told apart' quote/quote.c 's/quote->version <= 5 && tee_type == TEE_TDX/false/'
mutant 'any version' quote/quote.c 's/quote->version != 3 && quote->version != 4/false/'
mutant 'no limit of size' quote/quote.c 's/bytes > RECLAVE_QUOTE_BYTES_MAX/false/'
mutant 'slack in the signature data' quote/quote.c 's/\|\|\s+reader->left != 0\)/)/'

# Certificates.
mutant 'any number of certificates' quote/certificates.c \
    's/certificates->count == expected\)\n        return true/certificates->count)\n        return true/'
mutant 'text behind the chain' quote/pem.c 's/if \(only_nuls\(text\)\)/if (text->left && *text->at != "-"[0])/'
mutant 'another root is as good' quote/chain.c 's/if \(!is_anchor\(/if (0 \&\& !is_anchor(/'
mutant 'the key of the root is not compared' quote/chain.c \
    's{X509_get0_pubkey\(root\) &&.*?X509_verify\(root, key\) == 1}{1}s'
mutant 'the time is the present' quote/chain.c 's/\n    X509_STORE_CTX_set_time.*?;//'
mutant 'CRLs are not looked at' quote/chain.c 's/if \(trust->check_crls\)/if (false)/'
mutant "only the leaf's CRL is looked at" quote/chain.c 's/ \| X509_V_FLAG_CRL_CHECK_ALL//'
mutant 'missing CRLs are always forgiven' quote/chain.c 's/verification->trust->allow_missing_crl &&//'
mutant 'every problem with CRLs is forgiven' quote/chain.c \
    's/return X509_STORE_CTX_get_error\(context\) == X509_V_ERR_UNABLE_TO_GET_CRL &&/return/'
mutant 'a CRL of another issuer counts as missing' quote/chain.c \
    's/verification->trust->allow_missing_crl &&\s+crl_is_missing\(.*?\)\)/verification->trust->allow_missing_crl/s'
mutant 'the SGX extension may be incomplete' quote/pck.c 's/reading.seen != SEEN_ALL/false/'

# Collateral.
mutant 'signatures of collateral are not checked' quote/signed_text.c 's/if \(!p256_verify\(/if (0 \&\& !p256_verify(/'
mutant 'chains of collateral are not checked' quote/signed_text.c 's/if \(!chain_verify\(/if (0 \&\& !chain_verify(/'
mutant 'a CA may sign collateral' quote/signed_text.c 's/X509_check_ca\(chain.leaf\) != 0/false/'
mutant 'collateral of the future' quote/signed_text.c 's/time < issued/false/'
mutant 'expired collateral' quote/signed_text.c 's/time > next\)/false)/'
mutant 'any id' quote/signed_text.c 's/if \(!json_is_text\(object, "id"/if (0 \&\& !json_is_text(object, "id"/'
mutant 'any version of a text' quote/signed_text.c 's/ \|\|\s+version != kind->version//'
mutant 'members may occur twice' json.c 's/JSON_REJECT_DUPLICATES/0/'
mutant 'any signer of the QE' quote/qe_identity.c 's/memcmp\(mrsigner, qe->mrsigner, sizeof\(mrsigner\)\) != 0/false/'
mutant 'any product of the QE' quote/qe_identity.c 's/product == qe->isv_prod_id/true/'
mutant 'any attributes of the QE' quote/qe_identity.c 's/ check_attributes\(identity, qe, failure\) &&//'
mutant 'any MISCSELECT of the QE' quote/qe_identity.c 's/ check_miscselect\(identity, qe, failure\) &&//'
mutant 'a QE below all levels is up to date' quote/qe_identity.c \
    's/qe_tcb_status = RECLAVE_TCB_REVOKED/qe_tcb_status = RECLAVE_TCB_UP_TO_DATE/'
mutant 'any FMSPC' quote/tcb_info.c 's/memcmp\(fmspc, platform->fmspc, sizeof\(fmspc\)\) != 0/false/'
mutant 'any PCE' quote/tcb_info.c 's/memcmp\(pce_id, platform->pce_id, sizeof\(pce_id\)\) != 0/false/'
mutant 'the SVN of the PCE is not compared' quote/tcb_info.c 's/platform->pce_svn >= svn/true/'
mutant 'the last component only is compared' quote/tcb_info.c 's/enough = enough && /enough = /'
mutant 'components compare the wrong way' quote/tcb_info.c 's/component_svns\[i\] >= svn/component_svns[i] <= svn/'
mutant 'components must be higher' quote/tcb_info.c 's/component_svns\[i\] >= svn/component_svns[i] > svn/'
mutant 'statuses do not converge' quote/tcb_status.c 's/return outdated\(platform\)/return platform/'
mutant 'a revoked QE does not matter' quote/tcb_status.c 's/default:\n        return RECLAVE_TCB_REVOKED/default:\n        return platform/'

# Policy.
mutant 'a policy may accept Revoked' policy/policy.c 's/status < RECLAVE_TCB_REVOKED/status <= RECLAVE_TCB_REVOKED/'
mutant 'any status is accepted' policy/policy.c 's/\(policy->accepted_tcb & 1u << status\) != 0/true/'
mutant 'lists allow everything' policy/policy.c 's/(digest, POLICY_DIGEST_BYTES\)) == 0/$1 | 1/; s/return false;\n\}/return true;\n}/'
for field in mrenclave mrsigner; do
    mutant "any $field" policy/policy.c "s/!digest_list_allows\\(&policy->$field, report->$field\\)/false/"
done
mutant 'any product' policy/policy.c 's/report->isv_prod_id != policy->isv_prod_id/false/'
mutant 'any version of the enclave' policy/policy.c 's/report->isv_svn < policy->isv_svn_least/false/'
mutant 'any evaluation number' policy/policy.c \
    's/verdict->tcb_evaluation_data_number < policy->tcb_evaluation_least/false/'
mutant 'unknown fields are ignored' policy/parse.c 's/    return reject_at\(failure, RECLAVE_STEP_POLICY,\s+"unknown policy field.*?;\n/    return true;\n/s'
mutant 'empty lists are taken' policy/parse.c 's/return list->count > 0/return true/'

# The verifier.
mutant 'a root need not be self-signed' verifier.c 's/ && X509_self_signed\(certificate, 1\) == 1//'
mutant 'old collateral outlives broken one' verifier.c \
    's/    collateral_free\(&verifier->collateral\);\n    memset.*?;\n    verifier->has_collateral =\n/    verifier->has_collateral |=\n/s'

compile() { $CC $CFLAGS -I"$1" -I. -c "$2" -o "$3"; }
object_of() { echo "$ROOT/clean/${1//\//-}.o"; }

mapfile -t SOURCES < <(find client -name '*.c' | sort)
HARNESS=(base/{bytes,status,cbor,merkle,padding}.c tests/client/case.c tests/client/forge/*.c)
PROGRAMS=(verifier verdict)
rm -rf "$ROOT" && mkdir -p "$ROOT/clean"
printf '%s\n' "${SOURCES[@]}" "${HARNESS[@]}" tests/client/{verdict,verifier}_test.c |
    xargs -P "$(nproc)" -I{} sh -c "$CC $CFLAGS -I. -c {} -o $ROOT/clean/\$(echo {} | tr / -).o" || exit 1

# number: builds and judges one mutant, prints a line of TAP
judge() {
    local i=$1 name=${MUTANTS[$1 * 3]} file=client/${MUTANTS[$1 * 3 + 1]} edit=${MUTANTS[$1 * 3 + 2]}
    local work=$ROOT/$i objects=() source program caught=0
    mkdir -p "$work/$(dirname "$file")" && cp "$file" "$work/$file" && perl -0pi -e "$edit" "$work/$file"
    if cmp -s "$file" "$work/$file"; then
        echo "not ok $((i + 1)) - $name: the edit changes nothing"
        return
    fi
    compile "$work" "$work/$file" "$work/mutant.o" || { echo "not ok $((i + 1)) - $name: does not compile"; return; }
    for source in "${SOURCES[@]}" "${HARNESS[@]}"; do
        [ "$source" = "$file" ] && objects+=("$work/mutant.o") || objects+=("$(object_of "$source")")
    done
    for program in "${PROGRAMS[@]}"; do
        $CC "$(object_of "tests/client/${program}_test.c")" "${objects[@]}" $LIBRARIES -o "$work/$program" ||
            { echo "not ok $((i + 1)) - $name: does not link"; return; }
        # The first failure aborts: one is enough.
        { CMOCKA_TEST_ABORT=1 timeout 60 "$work/$program" >"$work/out" 2>&1 || caught=1; } 2>/dev/null
        [ "$caught" -gt 0 ] && break
    done
    rm -rf "$work"
    if [ "$name" = control ]; then
        [ "$caught" -eq 0 ] && echo "ok $((i + 1)) - $name" || echo "not ok $((i + 1)) - $name"
    elif [ "$caught" -gt 0 ]; then
        echo "ok $((i + 1)) - $name (noticed)"
    else
        echo "not ok $((i + 1)) - $name: no case notices"
    fi
}

COUNT=$((${#MUTANTS[@]} / 3))
echo "1..$COUNT"
JOBS=$(nproc)
for ((j = 0; j < JOBS; j++)); do
    (for ((i = j; i < COUNT; i += JOBS)); do judge $i; done) >"$ROOT/results.$j" &
done
wait
sed 's/^\(not ok\|ok\) \([0-9]*\)/\2 &/' "$ROOT"/results.* | sort -n | cut -d' ' -f2-
! grep -q '^not ok' "$ROOT"/results.*
