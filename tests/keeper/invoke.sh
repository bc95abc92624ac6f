#!/bin/bash
# reclave invoke --keeper: one description of the keeper, any worker of its fleet, and evidence that
# hangs on the keeper's word.
source "$(dirname "$0")/../e2e/functions.bash"
export RECLAVE_STATE_DIR=$s/state
processes=()
trap 'kill "${processes[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$s"' EXIT

keeper() { timeout 60 "$reclave" keeper "$@"; }
invoke() { timeout 60 "$reclave" invoke "$@"; }

# start NAME LINE COMMAND...: in the background, until its first line has LINE
start() {
    local name=$1 line=$2 first fd
    shift 2
    mkfifo "$s/$name.out"
    "$@" >"$s/$name.out" 2>"$s/$name.err" &
    processes+=("$!")
    exec {fd}<"$s/$name.out" # open for as long as the process may print
    read -r -t 60 -u "$fd" first && [[ $first == *"$line"* ]] && return
    sed 's/^/# /' "$s/$name.err"
    bail "$name does not start"
}

member() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"; }
worker() { start "$1" listening "$reclave" worker --socket "$s/$1.sock" --backend emulator --keeper "$s/k.sock" "${@:2}"; }

"$build/tests/quoting-sample" "$s" "$(date +%s)" || bail 'no quote of this platform'
"$reclave" key new "$s/owner.pem" >/dev/null
root=(--root "$s/root.pem")
keeper policy --quote "$s/quote.bin" --collateral "$s/collateral.json" --key "$s/owner.pem" --last-epoch 1000 \
    "${root[@]}" -o "$s/fleet.policy" || bail 'no platform policy'
start keeper listening "$reclave" keeper --socket "$s/k.sock" --state "$s/k.state" --backend emulator --policy "$s/fleet.policy"
echo '{}' >"$s/any.json"
keeper describe --keeper "$s/k.sock" "${root[@]}" --verify "$s/any.json" -o "$s/fleet.json" || bail 'no description'
owner=$(python3 -c 'import hashlib, json, sys
print(hashlib.sha256(bytes.fromhex(json.load(open(sys.argv[1]))["owner"])).hexdigest())' "$s/fleet.json")
printf '{"keeper_owner":"%s","mrenclave":"%s","max_epoch_seconds":3600}' "$owner" "$(member "$s/fleet.json" mrenclave)" >"$s/policy.json"
printf '{"keeper_owner":"%064d"}' 3 >"$s/stranger.json"
printf '{"keeper_owner":"%s"' "$owner" | sed 's/$/,"max_epoch_seconds":1}/' >"$s/young.json"
worker alice
worker bob
start lonely listening "$reclave" worker --socket "$s/lonely.sock" --backend emulator
echo=$guests/echo.wasm
"$reclave" build "$echo" -o "$s/echo.rcl" || bail 'no function'
call=("$s/echo.rcl" "${root[@]}" --verify "$s/policy.json" --keeper "$s/fleet.json")

expect 'the help has an example of a fleet' 0 '*' '' invoke --help
grep -q -- '--keeper fleet.json' "$s/out"
report $? '... with --keeper'
expect 'a fleet without a policy' 2 '' '--verify POLICY' invoke "$s/echo.rcl" --worker "$s/alice.sock" --keeper "$s/fleet.json"
expect 'a fleet option without a fleet' 2 '' '--keeper FILE is missing' invoke "$s/echo.rcl" --worker "$s/alice.sock" --encrypted-only
expect 'a description that is not there' 1 '' 'nowhere.json' with_input x invoke "${call[@]}" --keeper "$s/nowhere.json" --worker "$s/alice.sock"
for name in alice bob; do
    expect "$name serves" 0 'secret' '' with_input secret invoke "${call[@]}" --worker "$s/$name.sock"
done
expect '... in a session, too' 0 'one\ntwo\n' '' with_input 'one\ntwo' invoke "${call[@]}" --worker "$s/bob.sock" --session --input-lines
expect 'a worker of no fleet does not' 1 '' '.' with_input secret invoke "${call[@]}" --worker "$s/lonely.sock"
expect 'workers of another policy do not' 1 '' '.' with_input secret invoke "${call[@]}" --worker "$s/alice.sock" --encrypted-only
expect 'the keeper of a stranger' 1 '' 'keeper_owner' with_input x invoke "${call[@]}" --verify "$s/stranger.json" --worker "$s/alice.sock"
expect 'a keeper of whose owner nothing is said' 1 '' 'keeper_owner' with_input x invoke "${call[@]}" --verify "$s/any.json" --worker "$s/alice.sock"
expect 'a keeper whose state was rolled back' 1 '' 'keeper_epoch' with_input x invoke "${call[@]}" --oldest-counter 1000 --worker "$s/alice.sock"
expect 'an epoch that has grown old' 1 '' 'epoch_age' \
    with_input x invoke "${call[@]}" --verify "$s/young.json" --time $(($(date +%s) + 600)) --worker "$s/alice.sock"
expect 'the policy of a fleet is not one for a single enclave' 1 '' 'evidence_policy' \
    with_input x invoke "$s/echo.rcl" "${root[@]}" --encrypt --verify "$s/policy.json" --worker "$s/alice.sock"

# ---- evidence ----
nonce=0123456789abcdef
printf secret >"$s/in"
expect 'evidence is written' 0 'secret' '' invoke "${call[@]}" --worker "$s/alice.sock" --input "$s/in" --nonce $nonce --evidence "$s/e"
expect '... and of another worker' 0 'secret' '' invoke "${call[@]}" --worker "$s/bob.sock" --input "$s/in" --nonce $nonce --evidence "$s/f"
cmp -s "$s/e.keeper.json" "$s/fleet.json" && [ -s "$s/e.certificate" ] && [ ! -e "$s/e.quote" ]
report $? '... with keeper and certificate, and no quote of the worker'
judge=("$reclave" verify "${root[@]}" --keeper "$s/e.keeper.json" --nonce $nonce --output "$s/in")
verify=("${judge[@]}" --policy "$s/policy.json" --input "$s/in")
expect 'others can verify it' 0 '*' '' "${verify[@]}" --certificate "$s/e.certificate" --evidence "$s/e" --json
[ "$(member "$s/out" verdict)" = accept ]
report $? '... with a verdict'
expect "under another worker's certificate it is rejected" 1 '*' 'evidence_identity' "${verify[@]}" --certificate "$s/f.certificate" --evidence "$s/e" --json
[ "$(member "$s/out" failed_step)" = evidence_identity ]
report $? '... and the step says so'
expect 'on another input' 1 '*' 'evidence_input' "${judge[@]}" --policy "$s/policy.json" --certificate "$s/e.certificate" --evidence "$s/e" --input /dev/null
expect 'of a stranger' 1 '*' 'keeper_owner' "${judge[@]}" --policy "$s/stranger.json" --certificate "$s/e.certificate" --evidence "$s/e"
expect 'without the certificate it is wrong usage' 2 '' '--certificate' "${verify[@]}" --evidence "$s/e"
expect 'and so is a tenancy without a keeper' 2 '' '--keeper FILE is missing' "$reclave" verify --quote "$s/quote.bin" --tenancy shared
expect 'and so are a quote and a keeper' 2 '' '--keeper' "${verify[@]}" --quote "$s/quote.bin" --certificate "$s/e.certificate" --evidence "$s/e"

# ---- epochs ----
keeper rotate --keeper "$s/k.sock" || bail 'no new epoch'
keeper rotate --keeper "$s/k.sock" || bail 'no new epoch'
worker carol
expect 'a worker of later epochs cannot read requests to an old one' 1 '' '.' \
    with_input secret invoke "${call[@]}" --worker "$s/carol.sock"
keeper describe --keeper "$s/k.sock" "${root[@]}" --verify "$s/policy.json" -o "$s/now.json" || bail 'no description'
expect 'the keeper described again, she serves' 0 'secret' '' with_input secret invoke "${call[@]}" --keeper "$s/now.json" --worker "$s/carol.sock"
# ---- sealed functions ----
"$reclave" key new "$s/tenant.pem" >/dev/null
"$reclave" build "$echo" --encrypted-input --sign "$s/tenant.pem" -o "$s/owned.rcl" || bail 'no function'
printf '%064d\n' 7 >"$s/f.key"
printf '%062d\n' 7 >"$s/short.key"
printf '{"serial":1,"mrenclave":["%s"]}' "$(member "$s/fleet.json" mrenclave)" >"$s/f.json"
trust=("${root[@]}" --verify "$s/policy.json")
seal() { timeout 60 "$reclave" seal "$@"; }
# WORKER FUNCTION: through the fleet. The functions differ from echo.rcl, which some workers hold in the clear.
sealed_call() { with_input secret invoke "$2" "${trust[@]}" --keeper "$s/now.json" --worker "$s/$1.sock"; }

expect 'sealed for a fleet, by its description' 0 '' '' seal "$s/owned.rcl" --to "$s/now.json" "${trust[@]}" -o "$s/d.rcl"
expect '... by the keeper itself' 0 '' '' seal "$s/owned.rcl" --to "$s/k.sock" "${trust[@]}" -o "$s/k.rcl"
worker cleo
worker dora
expect 'one worker of the fleet opens it' 0 'secret' '' sealed_call cleo "$s/d.rcl"
expect '... and another' 0 'secret' '' sealed_call dora "$s/k.rcl"
expect 'a worker of no fleet does not' 1 '' 'another key' \
    with_input x invoke "$s/d.rcl" --worker "$s/lonely.sock" "${root[@]}" --encrypt --verify "$s/any.json"
expect 'sealed under a function key' 0 '' '' seal "$s/owned.rcl" --function-key "$s/f.key" -o "$s/f.rcl"
worker early
expect 'before the key is released nobody opens it' 1 '' 'neither wrapped nor granted|function key' sealed_call early "$s/f.rcl"
release=(release --to "$s/k.sock" --function-key "$s/f.key" --policy "$s/f.json" --key "$s/tenant.pem")
expect 'no key goes to a keeper of a stranger' 1 '' 'keeper_owner' keeper "${release[@]}" "${root[@]}" --verify "$s/stranger.json"
expect 'the key is released' 0 '*' '' keeper "${release[@]}" "${trust[@]}"
worker late
expect 'a worker that has got it opens it' 0 'secret' '' sealed_call late "$s/f.rcl"
"$reclave" build "$echo" --sign "$s/owner.pem" -o "$s/others.rcl" || bail 'no function'
seal "$s/others.rcl" --function-key "$s/f.key" -o "$s/o.rcl"
worker strict
expect "... but no bundle of another owner" 1 '' 'owner' sealed_call strict "$s/o.rcl"

expect 'sealed for nobody' 2 '' '--to is missing' seal "$s/echo.rcl" -o "$s/x.rcl"
expect 'sealed for a keeper that nobody verified' 2 '' 'verify POLICY is missing' seal "$s/echo.rcl" --to "$s/now.json" -o "$s/x.rcl"
expect 'not without a name for the result' 2 '' '-o FILE is missing' seal "$s/echo.rcl" --to "$s/now.json" "${trust[@]}"
expect 'not for the keeper of a stranger' 1 '' 'keeper_owner' seal "$s/echo.rcl" --to "$s/now.json" "${root[@]}" --verify "$s/stranger.json" -o "$s/x.rcl"
expect '... nor by its socket' 1 '' 'keeper_owner' seal "$s/echo.rcl" --to "$s/k.sock" "${root[@]}" --verify "$s/stranger.json" -o "$s/x.rcl"
expect 'not for a keeper of whose owner nothing is said' 1 '' 'keeper_owner' seal "$s/echo.rcl" --to "$s/k.sock" "${root[@]}" --verify "$s/any.json" -o "$s/x.rcl"
expect 'not for a keeper under a root that nobody named' 1 '' 'trusted_root' seal "$s/echo.rcl" --to "$s/now.json" --verify "$s/policy.json" -o "$s/x.rcl"
echo '{}' >"$s/empty.json"
expect 'not for what is no keeper' 1 '' 'keeper_format' seal "$s/echo.rcl" --to "$s/empty.json" "${trust[@]}" -o "$s/x.rcl"
expect 'not for a file that is not there' 1 '' 'No such file' seal "$s/echo.rcl" --to "$s/nowhere" "${trust[@]}" -o "$s/x.rcl"
expect 'not under half a key' 1 '' '64 hexadecimal digits' seal "$s/echo.rcl" --function-key "$s/short.key" -o "$s/x.rcl"
expect 'not under a key that is not there' 1 '' '64 hexadecimal digits' seal "$s/echo.rcl" --function-key "$s/nowhere" -o "$s/x.rcl"
expect 'not a sealed bundle' 1 '' 'not a bundle in the clear' seal "$s/d.rcl" --to "$s/now.json" "${trust[@]}" -o "$s/x.rcl"
expect 'not a module' 1 '' 'reclave build' seal "$echo" --to "$s/now.json" "${trust[@]}" -o "$s/x.rcl"
expect 'not to a folder that is not there' 1 '' 'No such file' seal "$s/echo.rcl" --to "$s/now.json" "${trust[@]}" -o "$s/no/x.rcl"
expect 'not under a policy that is not there' 2 '' 'nowhere' seal "$s/echo.rcl" --to "$s/now.json" "${root[@]}" --verify "$s/nowhere" -o "$s/x.rcl"
[ ! -e "$s/x.rcl" ]
report $? 'none of it wrote anything'
finish
