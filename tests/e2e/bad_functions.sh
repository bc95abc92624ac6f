#!/bin/bash
# `reclave run` with functions that are not all right. Each failure says what to do, exits with 1
# and leaves the enclave fit for the next invocation.
source "$(dirname "$0")/functions.bash"
build_guests echo traps deep_recursion init_trap

# ---- traps ----
while read -r letter text; do
    expect "trap '$text' ($letter) is named and the next invocation succeeds" 1 '\nno trap\n' \
        "invocation 1: the function trapped: ($text)" with_input "$letter\n-\n" run "$s/traps.rcl" --input-lines
done <<'EOF'
u unreachable executed
d integer divide by zero
o integer overflow
c invalid conversion to integer
v integer overflow|invalid conversion to integer
s call stack exhausted
w out of bounds memory access
m out of bounds memory access
l out of bounds memory access
f out of bounds memory access
t out of bounds table access
e undefined element
n undefined element
y undefined element
EOF
expect "traps are survived with --repeat as well" 1 '' 'invocation 3: the function trapped: unreachable' \
    with_input 'u' run "$s/traps.rcl" --repeat 3
expect "endless recursion says what to do" 1 '' 'call stack exhausted.*--stack' run "$s/deep_recursion.rcl" </dev/null
expect "traps are survived with eager pages" 1 '\nno trap\n' 'out of bounds memory access' \
    with_input 'm\n-\n' run "$s/traps.rcl" --input-lines --emulate sgx1 --enclave-size 16
expect "recursion is survived with eager pages" 1 '\nno trap\n' 'call stack exhausted' \
    with_input 's\n-\n' run "$s/traps.rcl" --input-lines --emulate sgx1 --enclave-size 16

# ---- modules that are refused ----
expect "a missing file is named" 1 '' 'no-such.wasm: No such file' run no-such.wasm </dev/null
expect "a folder is no function" 1 '' 'not a file' run "$s" </dev/null
: >"$s/empty.wasm"
expect "an empty file is no function" 1 '' 'empty' run "$s/empty.wasm" </dev/null
head -c 100 "$guests/echo.wasm" >"$s/truncated.wasm"
expect "a truncated module is refused" 1 '' 'truncated.wasm: .' run "$s/truncated.wasm" </dev/null
perl -e 'srand 1; print map { chr int rand 256 } 1 .. 5000' >"$s/random.wasm"
expect "random bytes are refused" 1 '' 'random.wasm: .' run "$s/random.wasm" </dev/null
{ printf '\0asm\1\0\0\0'; tail -c 4992 "$s/random.wasm"; } >"$s/malformed.wasm"
expect "random bytes behind a module's magic are refused" 1 '' 'malformed.wasm: .' run "$s/malformed.wasm" </dev/null
cp "$guests/echo.wasm" "$s/huge.wasm"
truncate -s 33M "$s/huge.wasm"
expect "an over-large module is refused" 1 '' '32 MiB' run "$s/huge.wasm" </dev/null
wat() { # NAME; the text is standard input
    cat >"$s/$1.wat"
    wat2wasm --enable-all "$s/$1.wat" -o "$s/$1.wasm" || bail "$1.wat"
}
wat simd <<<'(module (memory (export "memory") 1) (func (export "_start")
    (v128.store (i32.const 0) (i32x4.splat (i32.const 1)))))'
expect "SIMD is refused with advice" 1 '' 'SIMD.*simd128' run "$s/simd.wasm" </dev/null
wat import <<<'(module (import "env" "launch" (func)) (memory (export "memory") 1) (func (export "_start")))'
expect "an unknown import is refused by name" 1 '' 'env.launch' run "$s/import.wasm" </dev/null
wat noentry <<<'(module (memory (export "memory") 1) (func (export "other")))'
expect "a module without entry is refused with advice" 1 '' '_start.*handle|handle.*_start' run "$s/noentry.wasm" </dev/null
wat memory <<<'(module (memory (export "memory") 320) (func (export "_start")))'
expect "more initial memory than --memory is refused" 1 '' '--memory' run "$s/memory.wasm" --memory 16 </dev/null
"$reclave" build "$s/memory.wasm" -o "$s/memory.rcl" || bail "memory.wasm does not build"
expect "more initial memory than a lazy enclave may take is refused" 1 '' 'KiB are missing.*--enclave-size' \
    run "$s/memory.rcl" --enclave-size 4 </dev/null
expect "more initial memory than an eager enclave has is refused" 1 '' 'KiB are missing.*--enclave-size' \
    run "$s/memory.rcl" --pages eager --enclave-size 16 </dev/null
expect "a trap while initialising is explained" 1 '' 'initialisation failed.*unreachable' run "$s/init_trap.rcl" </dev/null
grep -q 'about to trap' "$s/err"
report $? "what it wrote to stderr is shown"
wat init_loop <<<'(module (memory (export "memory") 1) (func (export "_initialize") (loop (br 0)))
    (func (export "handle") (result i32) (i32.const 0)))'
expect "an endless initialisation ends at --timeout" 1 '' 'initialisation failed.*time limit of 100 ms' \
    run "$s/init_loop.wasm" --timeout 100 </dev/null

# ---- bundles that are refused ----
head -c 300 "$s/echo.rcl" >"$s/short.rcl"
expect "a truncated bundle is refused" 1 '' 'short.rcl: .' run "$s/short.rcl" </dev/null
cp "$s/random.wasm" "$s/random.rcl"
expect "random bytes are no bundle" 1 '' 'not a Reclave bundle' run "$s/random.rcl" </dev/null

flip() { # FROM TO OFFSET: one bit
    perl -e 'local $/; $_ = <STDIN>; substr($_, $ARGV[0], 1) ^= "\1"; print' "$3" <"$1" >"$2"
}
"$reclave" key new "$s/key.pem" >/dev/null || bail "no key"
"$reclave" build --sign "$s/key.pem" "$guests/echo.wasm" -o "$s/signed.rcl" || bail "signing"
expect "a signed bundle runs" 0 'hi' '' with_input 'hi' run "$s/signed.rcl"
bytes=$(stat -c %s "$s/signed.rcl")
bad=0
for ((i = 0; i < 48; i++)); do
    offset=$((i * bytes / 48 + i % 7))
    flip "$s/signed.rcl" "$s/flipped.rcl" $offset
    run "$s/flipped.rcl" </dev/null >"$s/out" 2>"$s/err"
    status=$?
    if [ $status != 1 ] || ! grep -q 'flipped.rcl: .' "$s/err"; then
        bad=1
        echo "# bit flip at $offset of $bytes: exit status $status"
    fi
done
report $bad "a signed bundle with a flipped bit anywhere is refused"

# The development tenant's bundles are not signed: what a flip changes there may be harmless.
bad=0
for ((offset = 0; offset < 256; offset += 3)); do
    flip "$s/echo.rcl" "$s/flipped.rcl" $offset
    run "$s/flipped.rcl" --timeout 2000 </dev/null >"$s/out" 2>"$s/err"
    status=$?
    if [ $status -gt 1 ] || { [ $status = 1 ] && ! [ -s "$s/err" ]; }; then
        bad=1
        echo "# bit flip at $offset of the header: exit status $status"
    fi
done
report $bad "an unsigned bundle with a flipped bit in its header runs or is refused with a message"

finish
