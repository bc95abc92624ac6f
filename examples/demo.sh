#!/bin/bash
# The demonstration that `make demo` runs once everything is built: one enclave
# pseudonymises 1,000 records, rewound after each; the same function, compiled
# natively, must give the same output.
set -euo pipefail
export LC_ALL=C

cd "$(dirname "$0")/.."
build=${BUILD:-build}
reclave=$build/bin/reclave
examples=$build/examples
records=1000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "demo: $*" >&2
    exit 1
}

# stat NAME: a number from the statistics, the last line of the run's log.
stat() {
    local value
    value=$(tail -n 1 "$work/log" | sed -n "s/.*\"$1\": *\"\{0,1\}\([^,\"}]*\).*/\1/p")
    [ -n "$value" ] || fail "the statistics have no \"$1\""
    echo "$value"
}

# micros NAME: a time from the statistics, to a tenth of a microsecond.
micros() {
    awk -v t="$(stat "$1")" 'BEGIN { printf "%.1f", t }'
}

# ratio A B: how many times B goes into A.
ratio() {
    awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.0f", a / b; else print "-" }'
}

run_native() {
    while IFS= read -r record; do
        printf '%s' "$record" | "$examples/pseudonymise-native"
        echo
    done
}

echo "1. Compiling the function (WebAssembly to a bundle)"
"$reclave" build "$examples/pseudonymise.wasm" -o "$work/pseudonymise.rcl" \
    --name pseudonymise --fn-version 1.0.0 --env PSEUDONYMISE_FIELDS --env PSEUDONYMISE_KEY

echo "2. $records records, one invocation each, in one enclave:"
"$examples/generate" "$records" >"$work/input"
head -n 1 "$work/input" | cut -c 1-96 | sed 's/^/   in   /; s/$/.../'
"$reclave" run "$work/pseudonymise.rcl" --input "$work/input" --input-lines --stats \
    >"$work/output" 2>"$work/log" || {
    cat "$work/log" >&2
    fail "an invocation failed"
}
head -n 1 "$work/output" | cut -c 1-96 | sed 's/^/   out  /; s/$/.../'

echo "3. Comparing with a native run of the same function"
run_native <"$work/input" >"$work/expected"
cmp -s "$work/output" "$work/expected" || fail "the enclave's output differs from the native run's"
[ "$(stat invocations)" = "$records" ] || fail "$(stat invocations) invocations, not $records"

cold=$(micros cold_create_us)
run=$(micros run_us_p50)
rewind=$(micros rewind_us_p50)
cat <<END
   identical; SHA-256 of all outputs $(sha256sum <"$work/output" | cut -d ' ' -f 1)

   backend             $(stat backend)
   MRENCLAVE           $(stat mrenclave)
   function (bundle)   $(stat bundle_sha256)
   cold start          $cold us  (enclave created, measured, booted)
   invocation, median  $run us  (cold start is $(ratio "$cold" "$run") times that)
   rewind, median      $rewind us  (cold start is $(ratio "$cold" "$rewind") times that)
END
