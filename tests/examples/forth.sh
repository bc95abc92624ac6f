#!/bin/bash
# The Forth with its prelude in an enclave, restored by copying and by marks: every answer is that of
# the same source run natively, and no program finds what another one left.
source "$(dirname "$0")/../e2e/functions.bash"
native=$build/examples/forth-native

for tracking in copy mark; do
    "$reclave" build --tracking $tracking "$build/examples/forth.wasm" -o "$s/$tracking.rcl" || bail "forth.wasm does not build"
done

# One program a line; some are wrong, and some leave definitions and damage behind.
cat >"$s/programs" <<'END'
1000003 prime? . 1000001 prime? . 3999999 factor.
2 1000000 1000003 power-mod . 123456 totient . 720720 divisors . 999998 goldbach.
1000000 primes-below . 283146 nth-prime .
: leftover 42 . ; leftover
leftover
1 2 3 depth .
depth .
0 factors 4000000 + ! 1000000 least-factor .
1000000 least-factor .
: wreck totients limit cells 0 ?do 0 over i + ! 4 +loop drop ; wreck 7 totient .
7 totient . 4194303 totient . 4194303 factor.
5000000 totient .
-4 @
: f recurse ; f
: sum-of-totients 0 10001 1 do i totient + loop ; sum-of-totients .
.
END

# Output and the end of each program, natively.
while IFS= read -r program; do
    printf '%s' "$program" | "$native" >"$s/one" 2>"$s/one.err"
    ended=$?
    cat "$s/one"
    echo
    cat "$s/one.err" >&2
    [ $ended -le 1 ] || bail "the native interpreter ended with $ended"
done <"$s/programs" >"$s/expected" 2>"$s/expected.err"
[ "$(wc -l <"$s/expected.err")" = 5 ]
report $? "five of the programs are wrong"
grep -q '^78498 3999971 $' "$s/expected"
report $? "the native interpreter knows the primes"

for tracking in copy mark; do
    run "$s/$tracking.rcl" --input-lines --input "$s/programs" >"$s/out" 2>"$s/err"
    status=$?
    [ $status = 1 ] && cmp -s "$s/expected" "$s/out"
    report $? "$tracking: all answers are the native ones"
    diff "$s/expected.err" <(grep '^forth:' "$s/err") >/dev/null
    report $? "$tracking: all complaints are the native ones"
    run "$s/$tracking.rcl" --input-lines --input "$s/programs" --repeat 3 >"$s/out" 2>"$s/err"
    awk '{ print; print; print }' "$s/expected" | cmp -s - "$s/out"
    report $? "$tracking: and stay so when each program is repeated"
done
finish
