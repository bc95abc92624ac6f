#!/bin/bash
# WASI as functions see it, in an enclave: the guests of tests/guests that check or
# print what the runtime gives them, with pages added lazily and all at the start.
set -u
export LC_ALL=C

cd "$(dirname "$0")/../.."
build=${BUILD:-build}
guests=$build/guests
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0

# case_of NAME COMMAND...: succeeds when the command does.
case_of() {
    local name=$1
    shift
    count=$((count + 1))
    if "$@" 2>"$work/why"; then
        echo "ok $count - $name ($pages)"
    else
        echo "not ok $count - $name ($pages)"
        sed 's/^/# /' "$work/why" "$work/log"
    fi
}

# run GUEST OPTION...: runs a guest on this function's stdin; its output is in $work/out, its log in
# $work/log. Bundles are built once.
run() {
    local guest=$1
    shift
    [ -f "$work/$guest.rcl" ] ||
        "$build/bin/reclave" build "$guests/$guest.wasm" -o "$work/$guest.rcl" --env '*' >"$work/log" 2>&1 ||
        return 1
    "$build/bin/reclave" run "$work/$guest.rcl" --backend emulator --pages "$pages" "$@" \
        >"$work/out" 2>"$work/log"
}

output_is() {
    printf "$1" | cmp - "$work/out" >&2
}

promises() {
    run wasi_calls </dev/null && output_is 'all as promised\n'
}

input_to_output() {
    head -c 1048576 /dev/urandom >"$work/random"
    run echo <"$work/random" && cmp "$work/random" "$work/out" >&2
}

no_input() {
    run echo </dev/null && output_is ''
}

strings() {
    run env_args --arg one --arg '' --arg 'with space' --env A=1 --env 'B=x=y' --env EMPTY= </dev/null &&
        output_is 'arg one\narg \narg with space\nenv A=1\nenv B=x=y\nenv EMPTY=\n'
}

clocks() {
    run clock_random </dev/null && grep -qx 'increases 1' "$work/out" && grep -qx 'sleeps 1' "$work/out"
}

random_is_not_rewound() {
    run clock_random --repeat 20 </dev/null &&
        [ "$(grep -c '^random ' "$work/out")" = 20 ] &&
        [ "$(grep '^random ' "$work/out" | sort -u | wc -l)" = 20 ]
}

rewound_counter() {
    run reactor_counter --repeat 3 </dev/null && output_is 'invocation 1\ninvocation 1\ninvocation 1\n'
}

prepared_once() {
    run reactor_init --repeat 2 </dev/null &&
        output_is 'initialisations 1\nsum 332833500\ninitialisations 1\nsum 332833500\n'
}

reseeded() {
    run init_random_reseed --repeat 5 </dev/null && [ "$(sort -u "$work/out" | wc -l)" = 5 ]
}

log_is_cut() {
    run log_flood </dev/null && output_is 'logged\n' && grep -q 'y' "$work/log" &&
        [ "$(wc -c <"$work/log")" -lt 2000000 ]
}

output_is_never_cut_unnoticed() {
    echo 1048576 | run output_flood && [ "$(wc -c <"$work/out")" = 1048576 ] || return 1
    echo 1048577 | run output_flood
    [ $? = 1 ] && grep -q 'output larger than' "$work/log"
}

exit_codes() {
    printf '0\n' | run exit_code || return 1
    printf '3\n' | run exit_code
    [ $? = 1 ] && grep -q 'exit code 3' "$work/log" || return 1
    printf '7\n' | run reactor_return
    [ $? = 1 ] && grep -q 'exit code 7' "$work/log"
}

cases=(promises input_to_output no_input strings clocks random_is_not_rewound rewound_counter
    prepared_once reseeded log_is_cut output_is_never_cut_unnoticed exit_codes)

echo "1..$((2 * ${#cases[@]}))"
for pages in lazy eager; do
    for name in "${cases[@]}"; do
        case_of "${name//_/ }" "$name"
    done
done
