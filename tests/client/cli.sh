#!/bin/bash
# reclave verify: third parties' quotes get their known verdicts; forged ones show options, exit codes
# and output.
source "$(dirname "$0")/../e2e/functions.bash"
vectors=${RECLAVE_TEST_VECTORS:-../shared/vectors}/quotes
now=1700000000

verify() { timeout 120 "$reclave" verify "$@"; }

# members MEMBER=VALUE...: all hold of the JSON object in $s/out. Lists as a,b; null as null. Prints
# failed_step, and whether there is a reason.
members() {
    python3 - "$s/out" "$@" <<'PYTHON'
import json, sys
with open(sys.argv[1]) as file:
    found = json.load(file)
def text(value):
    return ",".join(value) if isinstance(value, list) else json.dumps(value).strip('"')
for pair in sys.argv[2:]:
    name, expected = pair.split("=", 1)
    if text(found[name]) != expected:
        sys.exit(f"{name} is {text(found[name])}, not {expected}")
print(text(found["failed_step"]), "reason" if found["reason"] else "none")
PYTHON
}

# verdict NAME STATUS EXPECTED OPTIONS...: EXPECTED is "MEMBER=VALUE ..."
verdict() {
    local name=$1 want=$2 expected=$3 good=0 step reason
    shift 3
    verify --json "$@" >"$s/out" 2>"$s/err"
    status=$?
    [ "$status" = "$want" ] || good=1
    # shellcheck disable=SC2086
    members $expected >"$s/members" 2>>"$s/out" || good=1
    read -r step reason <"$s/members" || good=1
    # A rejection says why, on both channels; an acceptance says nothing there.
    if [ "$want" = 1 ]; then
        grep -q "rejected at $step: " "$s/err" && [ "$reason" = reason ] || good=1
    else
        [ ! -s "$s/err" ] && [ "$step $reason" = "null none" ] || good=1
    fi
    report $good "$name"
}

# ---- quotes of third parties ----

real() { # NAME STATUS EXPECTED OPTIONS...
    if [ -d "$vectors" ]; then verdict "$@"; else skip "$1" "no third-party vectors in $vectors"; fi
}

oasis_collateral() { # CERTIFICATES FILE: Intel's answers, as one object, without CRLs
    python3 - "$vectors/oasis" "$1" "$2" <<'PYTHON'
import json, sys
folder, certificates, target = sys.argv[1:]
chain = open(f"{folder}/{certificates}").read()
info = open(f"{folder}/tcb_info_v3_fmspc_00606A000000.json").read()
identity = open(f"{folder}/qe_identity_v2.json").read()
json.dump({"tcb_info": info, "tcb_info_issuer_chain": chain,
           "qe_identity": identity, "qe_identity_issuer_chain": chain}, open(target, "w"))
PYTHON
}
if [ -d "$vectors" ]; then
    oasis_collateral tcb_info_v3_fmspc_00606A000000_certs.pem "$s/oasis.json"
    oasis_collateral tcb_info_v3_fmspc_00606A000000_certs_bad.pem "$s/oasis-bad.json"
fi
oasis=(--quote "$vectors/oasis/quote_v3_ecdsa_p256_pck_chain.bin" --collateral "$s/oasis.json" --allow-missing-crl)
real "oasis: accepted" 0 \
    "verdict=accept failed_step=null tcb_status=SWHardeningNeeded qe_tcb_status=UpToDate advisories=INTEL-SA-00615,INTEL-SA-00657 debug=false fmspc=00606a000000" \
    "${oasis[@]}" --time 1671497404
real "oasis: PCK expired" 1 "verdict=reject failed_step=pck_validity" "${oasis[@]}" --time 1891163522
real "oasis: PCK not yet valid" 1 "failed_step=pck_validity" "${oasis[@]}" --time 1670238720
real "oasis: QE identity of the future" 1 "failed_step=qe_identity_validity" "${oasis[@]}" --time 1671194735
real "oasis: QE identity expired" 1 "failed_step=qe_identity_validity" "${oasis[@]}" --time 1673786737
real "oasis: without CRLs" 1 "failed_step=crl" "${oasis[@]:0:4}" --time 1671497404
real "oasis: bad signing certificate" 1 "failed_step=qe_identity_signature" \
    "${oasis[@]:0:2}" --collateral "$s/oasis-bad.json" --allow-missing-crl --time 1671497404
real "oasis: encrypted PPID" 1 "failed_step=certification_data" \
    --quote "$vectors/oasis/quote_v3_ecdsa_p256_eppid.bin"

phala=(--quote "$vectors/phala/sgx_quote" --collateral "$vectors/phala/sgx_quote_collateral.json")
echo '{"accept_tcb_status": ["ConfigurationAndSWHardeningNeeded"]}' >"$s/both.json"
real "phala: rejected without a policy" 1 \
    "failed_step=tcb_status tcb_status=ConfigurationAndSWHardeningNeeded qe_tcb_status=UpToDate advisories=INTEL-SA-00289,INTEL-SA-00615" \
    "${phala[@]}" --time 1751328000
real "phala: accepted by a policy" 0 \
    "verdict=accept tcb_status=ConfigurationAndSWHardeningNeeded advisories=INTEL-SA-00289,INTEL-SA-00615" \
    "${phala[@]}" --time 1751328000 --policy "$s/both.json"
real "phala: before its collateral's time" 1 "failed_step=crl_validity" "${phala[@]}" --time 1750204800
real "phala: after its collateral's time" 1 "failed_step=crl_validity" "${phala[@]}" --time 1752969600
real "phala: with another platform's collateral" 1 "failed_step=qe_identity_validity" \
    "${phala[@]:0:2}" --collateral "$s/oasis.json" --allow-missing-crl --time 1751328000

echo '{"allow_debug": true}' >"$s/debug.json"
fortanix=(--quote "$vectors/fortanix/quote_pck_cert_chain.bin" --time 1671497404)
real "fortanix: a debug enclave" 1 "failed_step=debug debug=true" "${fortanix[@]}"
real "fortanix: debug allowed, but no collateral" 1 "failed_step=collateral debug=true" \
    "${fortanix[@]}" --policy "$s/debug.json"
real "fortanix: corrupted" 1 "failed_step=quote_signature" \
    --quote "$vectors/fortanix/quote_pck_cert_chain_corrupted.bin" --time 1671497404

# ---- forged ones ----

mkdir "$s/v" && "$build/tests/client-vectors" "$s/v" || bail "no vectors"
forged() { # NAME: its options
    printf '%s\n' --quote "$s/v/$1.quote" --collateral "$s/v/$1.json" --root "$s/v/up-to-date.pem" --time $now
}
own() { # NAME STATUS EXPECTED OPTIONS...
    local name=$1 options
    mapfile -t options < <(forged "$name")
    verdict "forged: $name${4:+ $4}" "$2" "$3" "${options[@]}" "${@:4}"
}
own up-to-date 0 "verdict=accept tcb_status=UpToDate advisories= failed_step=null debug=false mrenclave=$(printf '4d%.0s' {1..32}) mrsigner=$(printf '53%.0s' {1..32}) isv_svn=3 isv_prod_id=7 quote_version=3 trailing_bytes=0 tcb_evaluation_data_number=15"
own version-4 0 "verdict=accept quote_version=4"
own sw-hardening-needed 0 "tcb_status=SWHardeningNeeded advisories=INTEL-SA-00008"
own configuration-needed 1 "failed_step=tcb_status tcb_status=ConfigurationNeeded"
own out-of-date 1 "failed_step=tcb_status tcb_status=OutOfDate"
own revoked-tcb 1 "failed_step=tcb_status tcb_status=Revoked"
own revoked-leaf 1 "failed_step=revoked tcb_status=null"
own revoked-intermediate 1 "failed_step=revoked"
own expired-collateral 1 "failed_step=qe_identity_validity"
own other-fmspc 1 "failed_step=tcb_info"
own bad-qe-identity 1 "failed_step=qe_identity_signature"
own other-root 1 "failed_step=trusted_root"
own reordered 0 "verdict=accept"
own trailing-bytes 0 "verdict=accept trailing_bytes=100"
own debug 1 "failed_step=debug debug=true"
own debug 0 "verdict=accept debug=true" --policy "$s/debug.json"
own no-crl 1 "failed_step=crl"
own no-crl 0 "verdict=accept" --allow-missing-crl

mapfile -t good < <(forged up-to-date)
verdict "no root named: not Intel's" 1 "failed_step=trusted_root" "${good[@]:0:4}" --time $now
verdict "no collateral" 1 "failed_step=collateral" "${good[@]:0:2}" "${good[@]:4}"
verdict "the nonce that the quote was made for" 0 "verdict=accept" "${good[@]}" --nonce "$(printf '52%.0s' {1..32})"
verdict "another nonce" 1 "failed_step=challenge" "${good[@]}" --nonce "$(printf '53%.0s' {1..32})"
verdict "a quote of no bytes" 1 "failed_step=quote_format mrenclave=null debug=null" --quote /dev/null
verdict "a file too long for a quote" 1 "failed_step=quote_format mrenclave=null" --quote /dev/zero
verdict "collateral too long" 1 "failed_step=collateral" --quote "$s/v/up-to-date.quote" --root "$s/v/up-to-date.pem" --time $now \
    --collateral /dev/zero
verdict "evidence too long" 1 "failed_step=evidence_format evidence=null" "${good[@]}" --evidence /dev/zero
expect "a policy too long" 2 '' 'larger than' verify "${good[@]}" --policy /dev/zero
yes garbage | head -c 5000 >"$s/garbage"
verdict "garbage as a quote" 1 "failed_step=quote_format" --quote "$s/garbage"
verdict "garbage as collateral" 1 "failed_step=collateral" "${good[@]:0:2}" "${good[@]:4}" --collateral "$s/garbage"
verdict "no bytes of collateral" 1 "failed_step=collateral" "${good[@]:0:2}" "${good[@]:4}" --collateral /dev/null
expect "a root of garbage" 2 '' 'not exactly one certificate' verify --quote x --root "$s/garbage"
printf '\x04\x00\x02\x00\x81\x00\x00\x00' | cat - <(head -c 5000 /dev/zero) >"$s/tdx"
verdict "a TDX quote" 1 "failed_step=quote_format" --quote "$s/tdx"
expect "... is refused by name" 1 '*' 'this is a TDX quote' verify --quote "$s/tdx"
fine=("${good[@]:2}")
piped() { verify --quote - "${fine[@]}" <"$s/v/up-to-date.quote"; }
expect "a quote on standard input" 0 '*' '' piped
expect "lines for people" 0 '*' '' verify "${good[@]}"
grep -Eq '^verdict +accept$' "$s/out" && grep -Eq '^tcb_status +UpToDate$' "$s/out"
report $? "... with the same members"

# ---- wrong usage, and files of the caller's own ----

policy() { # NAME MESSAGE TEXT
    echo "$3" >"$s/policy.json"
    expect "policy: $1" 2 '' "policy.json: .*$2" verify "${good[@]}" --policy "$s/policy.json"
}
policy "an unknown field is named" 'unknown policy field "mrenclaves"' '{"mrenclaves": []}'
policy "a field of the wrong type is named" '"isv_svn" must be a number' '{"isv_svn": "3"}'
policy "not JSON" 'not a JSON object' 'mrenclave: 00'
expect "no --quote" 2 '' '--quote FILE is missing' verify --json
expect "an unknown option" 2 '' 'unrecognized option' verify --quotes x
expect "--quote twice" 2 '' 'given twice' verify --quote a --quote b
expect "a file without option" 2 '' 'named by options' verify quote.bin
expect "a nonce of 7 bytes" 2 '' '--nonce needs 16 to 64' verify --quote x --nonce "$(printf '52%.0s' {1..7})"
expect "a nonce of 33 bytes" 2 '' '--nonce needs 16 to 64' verify --quote x --nonce "$(printf '52%.0s' {1..33})"
expect "... is one for evidence; one of 65 is not" 2 '' '--nonce needs 16 to 128' \
    verify --quote x --evidence y --nonce "$(printf '52%.0s' {1..65})"
expect "a nonce that is no number" 2 '' '--nonce needs 16 to 64' verify --quote x --nonce "$(printf 'x2%.0s' {1..32})"
for time in yesterday '' -1 1e9 0x10 253402300800 9223372036854775808 18446744073709551616; do
    expect "a time that is none: '$time'" 2 '' '--time needs' verify --quote x --time "$time"
done
verdict "the first second" 1 "failed_step=pck_validity" "${good[@]:0:6}" --time 0
verdict "the last second" 1 "failed_step=pck_validity" "${good[@]:0:6}" --time 253402300799
expect "a quote that is not there" 2 '' 'nowhere.bin: No such file' verify --quote "$s/nowhere.bin"
expect "collateral that is not there" 2 '' 'nowhere.json: No such file' \
    verify --quote "$s/v/debug.quote" --collateral "$s/nowhere.json"
expect "a root that is not there" 2 '' 'nowhere.pem: No such file' verify --quote x --root "$s/nowhere.pem"
expect "a root that is none" 2 '' 'not exactly one certificate' verify --quote x --root "$s/v/debug.json"
for option in input output name arg env challenge; do
    expect "--$option without --evidence is not ignored" 2 '' "--evidence FILE is missing" verify "${good[@]}" --$option 0011223344556677
done
expect "--arg needs the function's name" 2 '' 'need --name' verify "${good[@]}" --evidence /dev/null --arg x
verdict "evidence of no bytes" 1 "failed_step=evidence_format evidence=null" "${good[@]}" --evidence /dev/null
expect "--help" 0 '*' '' verify --help
grep -q 'Example:' "$s/out" && grep -q -- '--allow-missing-crl' "$s/out"
report $? "... with an example"

# ---- the closed list ----

diff <(sed -n 's/.*= "\([a-z_]*\)",/\1/p' client/step.c | sort) \
    <(sed -n 's/^| `\([a-z_]*\)` *| step .*/\1/p' docs/verify.md | sort) >"$s/out" 2>"$s/err"
report $? "docs/verify.md lists exactly the steps that there are"
diff <(sed -n 's/^ *{"\([a-z_0-9]*\)", take_.*/\1/p' client/policy/parse.c | sort) \
    <(sed -n 's/^| `\([a-z_0-9]*\)` *| policy .*/\1/p' docs/verify.md | sort) >"$s/out" 2>"$s/err"
report $? "... and exactly the policy fields"
finish
