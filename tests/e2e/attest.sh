#!/bin/bash
# Attestation and encryption at the command line: attest, run --evidence, verify, invoke, seal.
source "$(dirname "$0")/functions.bash"
export RECLAVE_STATE_DIR=$s/state
workers=()
trap 'kill "${workers[@]}" 2>/dev/null; wait; rm -rf "$s"' EXIT
build_guests echo hello exit_code env_args
"$reclave" key new "$s/owner.pem" >/dev/null
"$reclave" build "$guests/echo.wasm" -o "$s/secret.rcl" --sign "$s/owner.pem" --encrypted-input --logs none ||
    bail "echo does not build with --encrypted-input"

worker() { # NAME OPTIONS...: starts one on $s/NAME.sock
    timeout 1200 "$reclave" worker --backend emulator --socket "$s/$1.sock" "${@:2}" >"$s/$1.out" &
    workers+=($!)
    for _ in $(seq 2400); do
        grep -q listening "$s/$1.out" && return
        sleep 0.05
    done
    bail "worker $1 does not start"
}
member() { # NAME FILE
    python3 -c 'import json, sys
print(json.load(open(sys.argv[2]))[sys.argv[1]])' "$1" "$2"
}
verify() { timeout 120 "$reclave" verify "$@"; }
step() { # NAME STEP OPTIONS...: rejected there
    expect "$1" 1 '*' "rejected at $2: " verify "${@:3}"
}
invoke() { timeout 120 "$reclave" invoke "$@"; }

# ---- attest ----
nonce=$(printf '5a%.0s' {1..32})
worker a
worker b
expect "a new enclave's quote" 0 '' '' "$reclave" attest --backend emulator --nonce "$nonce" -o "$s/q"
root=(--root "$s/q.root.pem")
quote=(--quote "$s/q" --collateral "$s/q.collateral.json" "${root[@]}")
expect "is accepted under the development root" 0 '*' '' verify "${quote[@]}" --nonce "$nonce" --json
mrenclave=$(member mrenclave "$s/out")
step "without that root it is not" trusted_root "${quote[@]:0:4}"
step "for another nonce neither" challenge "${quote[@]}" --nonce "$(printf '5b%.0s' {1..32})"
expect "a worker's quote" 0 '*' '' "$reclave" attest --worker "$s/a.sock" -o "$s/a" --json
[ "$(member role "$s/out")" = worker ] && [ "$(stat -c %s "$s/a.identity")" = 145 ]
report $? "comes with its identity"
"$reclave" attest --worker "$s/b.sock" -o "$s/b"
expect "attest without -o" 2 '' 'FILE is missing' "$reclave" attest
expect "a nonce of 7 bytes" 2 '' 'needs 16 to 64' "$reclave" attest --nonce 00112233445566 -o "$s/x"
expect "a worker that is not there" 1 '' 'x.sock' "$reclave" attest --worker "$s/x.sock" -o "$s/x"
echo "{\"mrenclave\": \"$mrenclave\"}" >"$s/policy.json"
echo "{\"mrenclave\": \"$nonce\"}" >"$s/wrong.json"

# ---- run --evidence ----
printf in >"$s/in"
printf other >"$s/other"
expect "run writes evidence" 0 in '' run "$s/echo.rcl" --input "$s/in" --nonce "$nonce" --evidence "$s/e"
evidence=(--quote "$s/e.quote" --collateral "$s/e.collateral.json" "${root[@]}" --evidence "$s/e")
expect "which is accepted" 0 '*' '' verify "${evidence[@]}" --policy "$s/policy.json" --nonce "$nonce" --challenge "$nonce" \
    --input "$s/in" --output "$s/in" --name echo --json
[ "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["evidence"]["outcome"])' "$s/out")" = ok ]
report $? "and says how it ended"
step "another nonce" evidence_nonce "${evidence[@]}" --nonce 0011223344556677
step "another input" evidence_input "${evidence[@]}" --input "$s/other"
step "another output" evidence_output "${evidence[@]}" --output "$s/other"
step "other arguments" evidence_strings "${evidence[@]}" --name echo --arg x
step "another name" evidence_strings "${evidence[@]}" --name hello
step "another enclave's quote" evidence_identity --quote "$s/q" "${evidence[@]:2}"
step "another quote of the wrong time" challenge "${evidence[@]}" --challenge 0011223344556677
"$reclave" inspect --json "$s/hello.rcl" >"$s/hello.json"
echo "{\"bundle_sha256\": \"$(member bundle_sha256 "$s/hello.json")\"}" >"$s/hello-policy.json"
step "another function" evidence_bundle "${evidence[@]}" --policy "$s/hello-policy.json"
head -c 100 "$s/e" >"$s/cut"
step "evidence cut off" evidence_format "${evidence[@]:0:6}" --evidence "$s/cut"
expect "a failed invocation has evidence" 1 '' 'exit code 7' run "$s/exit_code.rcl" --arg 7 --evidence "$s/f" </dev/null
expect "which says so" 0 '*' '' verify --quote "$s/f.quote" --collateral "$s/f.collateral.json" "${root[@]}" --evidence "$s/f"
grep -q 'outcome *function-error' "$s/out" && grep -q 'exit_code *7' "$s/out"
report $? "with the exit code"
"$reclave" build --env ALLOWED "$guests/echo.wasm" -o "$s/strict.rcl" || bail "strict does not build"
expect "a refused invocation has evidence" 1 '' 'allow-list' run "$s/strict.rcl" --env SECRET=1 --input "$s/in" --evidence "$s/r"
refused=(--root "$s/r.root.pem" --quote "$s/r.quote" --collateral "$s/r.collateral.json" --evidence "$s/r")
expect "which says what was asked" 0 '*' '' verify "${refused[@]}" --input "$s/in" --name strict --env SECRET=1
grep -q 'outcome *refused' "$s/out"
report $? "and that it was refused"
step "not what was not" evidence_strings "${refused[@]}" --name strict --env SECRET=2
expect "a nonce without evidence" 2 '' 'evidence FILE is missing' run "$s/echo.rcl" --nonce "$nonce"
expect "evidence of many" 2 '' 'one invocation' run "$s/echo.rcl" --evidence "$s/x" --repeat 2

# ---- invoke ----
call=(--worker "$s/a.sock" --verify "$s/policy.json" "${root[@]}")
expect "an encrypted, verified invocation" 0 in '' invoke "$s/echo.rcl" "${call[@]}" --encrypt --input "$s/in"
expect "by the function's digest" 0 in '' \
    invoke "$("$reclave" inspect --json "$s/echo.rcl" >"$s/echo.json" && member bundle_sha256 "$s/echo.json")" \
    "${call[@]}" --encrypt --input "$s/in"
expect "with arguments and environment" 0 'arg x\nenv A=1\n' '' \
    invoke "$s/env_args.rcl" --worker "$s/b.sock" "${call[@]:2}" --encrypt --arg x --env A=1 </dev/null
expect "with padding" 0 in '' invoke "$s/echo.rcl" "${call[@]}" --encrypt --input "$s/in" --pad power
expect "in a session, line by line" 0 'a\nb\n\nc\n' '' \
    with_input 'a\nb\n\nc\n' invoke "$s/echo.rcl" "${call[@]}" --encrypt --session --input-lines
expect "in the clear, but verified" 0 in '' invoke "$s/echo.rcl" "${call[@]}" --input "$s/in"
expect "in the clear, as a plain client" 0 in '' invoke "$s/echo.rcl" "${call[@]:0:2}" --input "$s/in"
expect "with evidence" 0 in '' invoke "$s/echo.rcl" "${call[@]}" --encrypt --input "$s/in" --nonce "$nonce" --evidence "$s/g"
expect "that others accept" 0 '*' '' verify --quote "$s/g.quote" --collateral "$s/g.collateral.json" "${root[@]}" \
    --evidence "$s/g" --nonce "$nonce" --input "$s/in" --output "$s/in"
step "but not under the other worker's quote" evidence_identity --quote "$s/b" --collateral "$s/b.collateral.json" "${root[@]}" --evidence "$s/g"
expect "a function's error is one" 1 '' 'exit code 7' \
    invoke "$s/exit_code.rcl" --worker "$s/b.sock" "${call[@]:2}" --encrypt --arg 7 </dev/null
expect "a refusal is verified" 1 '' 'did not finish: refused; the host says: .*allow-list' \
    invoke "$s/strict.rcl" --worker "$s/b.sock" "${call[@]:2}" --env SECRET=1 --input "$s/in" --evidence "$s/h"
expect "and has evidence" 0 '*' '' verify --quote "$s/h.quote" --collateral "$s/h.collateral.json" "${root[@]}" --evidence "$s/h" \
    --input "$s/in" --name strict --env SECRET=1
invocations() { # of worker a's slot 0
    timeout 120 python3 - "$s/a.sock" <<'PYTHON'
import json, socket, struct, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
f = s.makefile("rwb")
def call(kind, head):
    head = json.dumps(head).encode()
    f.write(struct.pack("<IIII", kind, 1, len(head), 0) + head); f.flush()
    _, _, h, b = struct.unpack("<IIII", f.read(16))
    head = json.loads(f.read(h)); f.read(b)
    return head
call(1, {"protocol": 1})
print(call(6, {})["invocations"])
PYTHON
}
before=$(invocations)
expect "another measurement: nothing is sent" 1 '' 'rejected at policy' \
    invoke "$s/echo.rcl" "${call[@]:0:2}" --verify "$s/wrong.json" "${root[@]}" --encrypt --input "$s/in"
expect "without the root neither" 1 '' 'rejected at trusted_root' \
    invoke "$s/echo.rcl" "${call[@]:0:4}" --encrypt --input "$s/in"
[ -n "$before" ] && [ "$(invocations)" = "$before" ]
report $? "the worker ran nothing"
expect "a policy about another function refuses the answer" 1 '' 'evidence_bundle' \
    invoke "$s/echo.rcl" "${call[@]:0:2}" --verify "$s/hello-policy.json" "${root[@]}" --encrypt --input "$s/in"
expect "--encrypt needs --verify" 2 '' 'needs --verify' invoke "$s/echo.rcl" --worker "$s/a.sock" --encrypt
expect "--session needs --encrypt" 2 '' 'encrypt is missing' invoke "$s/echo.rcl" --worker "$s/a.sock" --session
expect "a module is no bundle" 1 '' 'reclave build' invoke "$guests/echo.wasm" "${call[@]}" </dev/null

# ---- functions and enclaves that demand encryption ----
"$reclave" inspect --json "$s/secret.rcl" >"$s/out"
[ "$(member input "$s/out") $(member logs "$s/out")" = "encrypted none" ]
report $? "inspect shows what a bundle demands"
expect "such a function refuses run" 1 '' 'encrypted' run "$s/secret.rcl" --input "$s/in"
worker c --encrypted-only
expect "and serves invoke --encrypt" 0 in '' invoke "$s/secret.rcl" --worker "$s/c.sock" "${call[@]:2}" --encrypt --input "$s/in"
expect "an enclave that demands it refuses the rest" 1 '' 'encrypted' \
    invoke "$s/secret.rcl" --worker "$s/c.sock" --input "$s/in"
expect "--encrypted-input needs --sign" 1 '' 'signed by its owner' \
    "$reclave" build "$guests/echo.wasm" -o "$s/x.rcl" --encrypted-input
expect "unknown logs" 1 '' 'encrypted, none or clear' "$reclave" build "$guests/echo.wasm" -o "$s/x.rcl" --logs some

# ---- seal ----
worker d
expect "sealed to a worker" 0 '' '' "$reclave" seal "$s/echo.rcl" --to "$s/d.sock" --verify "$s/policy.json" "${root[@]}" -o "$s/sealed.rcl"
expect "it runs there" 0 in '' invoke "$s/sealed.rcl" --worker "$s/d.sock" "${call[@]:2}" --encrypt --input "$s/in"
worker e
expect "and nowhere else" 1 '' 'another key' invoke "$s/sealed.rcl" --worker "$s/e.sock" "${call[@]:2}" --encrypt --input "$s/in"
"$reclave" attest --worker "$s/e.sock" -o "$s/eq"
expect "sealed to a quote in a file" 0 '' '' "$reclave" seal "$s/echo.rcl" --to "$s/eq" --verify "$s/policy.json" "${root[@]}" -o "$s/sealed.rcl"
expect "it runs with that enclave" 0 in '' invoke "$s/sealed.rcl" --worker "$s/e.sock" "${call[@]:2}" --encrypt --input "$s/in"
expect "not sealed to what the policy refuses" 1 '' 'rejected at policy' \
    "$reclave" seal "$s/echo.rcl" --to "$s/d.sock" --verify "$s/wrong.json" "${root[@]}" -o "$s/x.rcl"
cp "$s/eq" "$s/mixed" && cp "$s/b.identity" "$s/mixed.identity" && cp "$s/eq.collateral.json" "$s/mixed.collateral.json"
expect "nor to keys that the quote does not bind" 1 '' 'rejected at evidence_identity' \
    "$reclave" seal "$s/echo.rcl" --to "$s/mixed" --verify "$s/policy.json" "${root[@]}" -o "$s/x.rcl"
expect "seal without --verify" 2 '' 'verify POLICY is missing' "$reclave" seal "$s/echo.rcl" --to "$s/d.sock" -o "$s/x.rcl"
for verb in attest invoke seal verify run worker; do
    expect "$verb --help" 0 '*' '' "$reclave" $verb --help
    grep -q Example: "$s/out"
    report $? "... with an example"
done
finish
