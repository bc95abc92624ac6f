#!/bin/bash
# reclave keeper: from an owner's policy to workers with keys, a restart, and another image taking over.
source "$(dirname "$0")/../e2e/functions.bash"
export RECLAVE_STATE_DIR=$s/state
processes=()
trap 'kill "${processes[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$s"' EXIT

keeper() { timeout 120 "$reclave" keeper "$@"; }

# start NAME LINE COMMAND...: in the background, until its first line has LINE; its process is $last
start() {
    local name=$1 line=$2 first fd
    shift 2
    mkfifo "$s/$name.out"
    "$@" >"$s/$name.out" 2>"$s/$name.err" &
    last=$!
    processes+=("$last")
    exec {fd}<"$s/$name.out" # open for as long as the process may print
    read -r -t 20 -u "$fd" first && [[ $first == *"$line"* ]] && return
    sed 's/^/# /' "$s/$name.err"
    bail "$name does not start"
}

stop() { # PROCESS: its exit status
    kill "$1"
    wait "$1"
}

member() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"; }

"$build/tests/quoting-sample" "$s" "$(date +%s)" || bail 'no quote of this platform'
"$reclave" key new "$s/owner.pem" >/dev/null
"$reclave" key new "$s/tenant.pem" >/dev/null
root=(--root "$s/root.pem")
policy=(policy --quote "$s/quote.bin" --collateral "$s/collateral.json" --key "$s/owner.pem" --last-epoch 1000)

# ---- usage ----
expect 'without a verb' 2 '' 'Usage: reclave keeper' keeper
expect '--help' 0 '*' '' keeper --help
for verb in serve policy set-policy describe release rotate revoke handover; do
    expect "$verb --help shows an example" 0 '*' '' keeper $verb --help
    grep -q '^Example:' "$s/out"
    report $? "... of $verb"
done
expect 'an unknown verb' 2 '' 'no verb "dance"' keeper dance
expect 'serve without a state' 2 '' '--state FILE' keeper --socket "$s/k.sock"
expect 'release without --verify' 2 '' '--verify' keeper release --to "$s/k.sock" --function-key "$s/f.key" --policy "$s/f.json" --key "$s/tenant.pem"

# ---- the owner's policy ----
expect 'a quote under a root that nobody named' 1 '' 'trusted_root' keeper "${policy[@]}" -o "$s/fleet.policy"
expect 'a policy' 0 '' '' keeper "${policy[@]}" "${root[@]}" -o "$s/fleet.policy"
expect 'a newer one' 0 '' '' keeper "${policy[@]}" "${root[@]}" --serial 2 --revoked 0102 -o "$s/fleet-2.policy"
expect 'a keeper with neither state nor policy' 1 '' 'no keeper.s state' \
    keeper --socket "$s/k.sock" --state "$s/k.state" --backend emulator
[ ! -e "$s/k.sock" ]
report $? '... leaves no socket'

# ---- a keeper ----
serve=("$reclave" keeper --socket "$s/k.sock" --state "$s/k.state" --backend emulator)
start keeper 'listening' "${serve[@]}" --policy "$s/fleet.policy"
first=$last
expect 'a second keeper on the same state' 1 '' 'another keeper' \
    keeper --socket "$s/k2.sock" --state "$s/k.state" --backend emulator
echo '{}' >"$s/any.json"
expect 'a keeper under a root that nobody named' 1 '' 'trusted_root' \
    keeper describe --keeper "$s/k.sock" --verify "$s/any.json"
expect 'a keeper is described' 0 '*' '' keeper describe --keeper "$s/k.sock" "${root[@]}" --verify "$s/any.json" -o "$s/fleet.json"
image=$(member "$s/fleet.json" mrenclave)
printf '{"mrenclave":["%s"]}' "$image" >"$s/keeper.json"
printf '{"mrenclave":["%064d"]}' 0 >"$s/other.json"
printf '{"serial":1,"mrenclave":["%s"]}' "$image" >"$s/f.json"
printf '%064d\n' 7 >"$s/f.key"

release=(release --to "$s/k.sock" "${root[@]}" --function-key "$s/f.key" --policy "$s/f.json" --key "$s/tenant.pem")
expect 'a keeper that is not the one wanted gets no key' 1 '' 'policy' keeper "${release[@]}" --verify "$s/other.json"
expect 'a function key is released' 0 '*' '' keeper "${release[@]}" --verify "$s/keeper.json"
id=$(sed 's/function key //' "$s/out")
expect '... once' 1 '' 'older' keeper "${release[@]}" --verify "$s/keeper.json"
printf '{"serial":2,"mrenclave":["12"]}' >"$s/bad.json"
expect 'a policy of a function that is none names its member' 1 '' '"mrenclave"|mrenclave' \
    keeper release --to "$s/k.sock" "${root[@]}" --function-key "$s/f.key" --policy "$s/bad.json" --key "$s/tenant.pem" --verify "$s/keeper.json"
expect 'a newer platform policy' 0 '' '' keeper set-policy --keeper "$s/k.sock" --policy "$s/fleet-2.policy"
expect '... but not the old one again' 1 '' 'older' keeper set-policy --keeper "$s/k.sock" --policy "$s/fleet.policy"
expect 'a new epoch' 0 '' '' keeper rotate --keeper "$s/k.sock"

# ---- workers ----
start worker 'listening' "$reclave" worker --socket "$s/w.sock" --keeper "$s/k.sock" --backend emulator
stop "$last"
report $? 'a worker takes the keys of its keeper'
expect 'a worker of a keeper that is not there' 1 '' 'nowhere.sock' \
    timeout 120 "$reclave" worker --socket "$s/w.sock" --keeper "$s/nowhere.sock" --backend emulator

# ---- a restart ----
kill -9 "$first" # as a power loss
wait "$first" 2>/dev/null
start again 'listening' "${serve[@]}"
first=$last
expect 'the keeper is the same after it was killed' 0 '*' '' \
    keeper describe --keeper "$s/k.sock" "${root[@]}" --verify "$s/keeper.json" -o "$s/fleet-2.json"
[ "$(member "$s/fleet.json" keeper_id)" = "$(member "$s/fleet-2.json" keeper_id)" ] &&
    [ "$(member "$s/fleet-2.json" function_keys)" = 1 ] &&
    [ "$(member "$s/fleet-2.json" counter)" -gt "$(member "$s/fleet.json" counter)" ]
report $? '... with its keys and a higher counter'

# ---- another image takes over ----
start eager 'listening' "$reclave" keeper --socket "$s/n.sock" --state "$s/n.state" --backend emulator \
    --pages eager --enclave-size 16 --policy "$s/fleet.policy"
keeper describe --keeper "$s/n.sock" "${root[@]}" --verify "$s/any.json" -o "$s/new.json"
new=$(member "$s/new.json" mrenclave)
handover=(handover --keeper "$s/k.sock" --to "$s/n.sock")
expect 'an image that the owner does not name' 1 '' 'not accepted' \
    keeper "${handover[@]}" --to-mrenclave "$image" --key "$s/owner.pem"
expect 'a handover that another one signs' 1 '' 'not signed' \
    keeper "${handover[@]}" --to-mrenclave "$new" --key "$s/tenant.pem"
expect 'a handover' 0 '' '' keeper "${handover[@]}" --to-mrenclave "$new" --key "$s/owner.pem"
keeper describe --keeper "$s/n.sock" "${root[@]}" --verify "$s/any.json" -o "$s/new.json"
[ "$(member "$s/new.json" function_keys)" = 0 ]
report $? '... moves no key whose owner does not name the new image'

# ---- revocation ----
expect 'a function key is revoked by its owner only' 1 '' 'not signed' \
    keeper revoke --keeper "$s/k.sock" --key "$s/owner.pem" --function-key-id "$id"
expect 'a function key is revoked' 0 '' '' keeper revoke --keeper "$s/k.sock" --key "$s/tenant.pem" --function-key-id "$id"
printf '{"serial":9,"mrenclave":["%s"]}' "$image" >"$s/f.json"
expect '... for good' 1 '' 'revoked' keeper "${release[@]}" --verify "$s/keeper.json"
expect 'a worker is revoked' 0 '' '' keeper revoke --keeper "$s/k.sock" --key "$s/owner.pem" --worker "$(printf %064d 5)"

# ---- a damaged state ----
stop "$first"
report $? 'a keeper ends on SIGTERM'
cp "$s/k.state" "$s/good.state"
printf '\377' | dd of="$s/k.state" bs=1 seek=5000 conv=notrunc status=none
expect 'a state that was changed' 1 '' 'does not authenticate|refuses' "${serve[@]}"
truncate -s -1 "$s/k.state"
expect 'a state that was cut off' 1 '' 'bytes' "${serve[@]}"
cp "$s/good.state" "$s/k.state"
expect 'the state of another image' 1 '' 'refuses' "${serve[@]}" --pages eager --enclave-size 16
start last 'listening' "${serve[@]}"
stop "$last"
report $? 'none of it harmed the keeper'
finish
