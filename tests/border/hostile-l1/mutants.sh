#!/bin/bash
# Can the hostile runtime's tests fail? Each mutant below is the monitor with one defect, in an
# enclave image of its own with the hostile runtime; the named test must fail on it. The first is no
# mutant: the way of building must not be what fails.
#
# Not here: ONLY_FOR in gates.S. Code that passed the verifier reaches no gate of another layer, so
# nothing that such code does can tell whether the gates ask who calls. Nor CLEAN_EXTENDED_STATE on the
# way into C_GATE's C: the policy lets no layer change control bits of MXCSR or of the x87, the C uses
# neither, and back_to_layer cleans vectors in any case. Nor that of layer_leave: each exit cleans again.
set -u
cd "$(dirname "$0")/../../.." || exit 1
BUILD=${BUILD:-build}
. tests/border/mutant.bash || exit 1
WORK=$BUILD/mutants-hostile-l1

# name | test that must fail | file below trusted/ | perl substitution
MUTANTS=$(grep -v '^#' <<'LIST'
no defect|none|monitor/init.c|s/\A//
a runtime is not verified|*never_runs|monitor/lifecycle.c|s/status = verify_layer1\(slot\);/status = ST_OK;/
return addresses may lie in an instruction|return_addresses*|monitor/gates.S|s/    testb \$\(SFI_BUNDLE_BYTES.*?gate_misuse\n//s
return addresses may lie before text|return_addresses*|monitor/gates.S|s/    subq \$GATE_PAGE_BYTES, .*?    addq \$GATE_PAGE_BYTES, [^\n]*\n//s
return addresses may lie behind text|return_addresses*|monitor/gates.S|s/    cmpq \\text_end\(%r11\).*?gate_misuse\n//s
return addresses are not checked|return_addresses*|monitor/gates.S|s/(\.macro CHECK_ADDRESS [^\n]*\n).*?(\.endm)/$1$2/s
random: any offset|random_fills*|monitor/serve.c|s/ \|\| !range_inside\(offset, bytes, 0, CAGE_BYTES\)//
random: any length|random_fills*|monitor/serve.c|s/ \|\| bytes > RANDOM_PIECE//
random: the first byte's page is not looked at|random_fills*|monitor/serve.c|s/!commit_covers\(slot, \(uint64_t\)target\) \|\|\s+//
random: the last byte's page is not looked at|random_fills*|monitor/serve.c|s/ \|\|\s+!commit_covers\(slot, \(uint64_t\)target \+ bytes - 1\)//
before S1: output without limit|gates_while*|monitor/l1page.c|s/slot->output_limit = INIT_OUTPUT_LIMIT/slot->output_limit = STDIO_MAX/
before S1: random bytes are no risk|gates_while*|monitor/lifecycle.c|s/else if \(random_is_a_risk\(slot\)\)/else if (0 \&\& random_is_a_risk(slot))/
before S1: an exit is no failure|gates_while*|monitor/lifecycle.c|s/( != OUTCOME_OK) \|\| result.exited\) \{/$1) {/
S1 holds what layer 1 left in its page|forgeries_while*|monitor/lifecycle.c|s/(static enum status take_snapshot.*?)    l1_page_before_snapshot\(slot\);\n/$1/s
random: at boot, too|attacks_at_boot|monitor/serve.c|s/    if \(slot->state != SLOT_LOADING.*?return 0;\n//s
write: any address|writes_reach*|monitor/serve.c|s/    if \(!range_inside\(address, bytes, 0, \(uint64_t\)slot->linear.pages.*?return NULL;\n//s
write: any offset|writes_reach*|monitor/serve.c|s/(REGION_STDERR; region\+\+\)\n)        if \(range_inside.*?PAGE_BYTES\)\)\n/$1/s
write: a gate's first instruction is L0's|gates_on_a_stack*|monitor/fault.c|s/ \|\| rip == \(uint64_t\)gate1_write//
commit: any region|commit_takes*|monitor/serve.c|s/    else\n        return 0;\n(    if \(bytes > limit\))/    else\n        limit = STDIO_MAX;\n$1/
commit: any size|commit_takes*|monitor/serve.c|s/    if \(bytes > limit\)\n        return 0;\n//
results: not cut to the host's limit|forged_results*|monitor/l1page.c|s/smallest\(claimed, limit, /smallest(claimed, claimed, /
results: not cut to what is committed|forged_results*|monitor/l1page.c|s/smallest\(claimed, limit, .*?\);/smallest(claimed, limit, limit);/
results: not cut|forged_results*|monitor/l1page.c|s/smallest\(claimed, limit, .*?\);/smallest(claimed, claimed, claimed);/
layer 1 may name any trap|traps_have*|monitor/run.c|s/block->leave_value == TRAP_OUTPUT_LIMIT \? TRAP_OUTPUT_LIMIT : TRAP_RUNTIME/(enum trap)block->leave_value/
a fault of layer 1 is the function's|linear_memory*|monitor/fault.c|s/layer == 2 \? trap_for_address/layer ? trap_for_address/
every address is committed|reads_stay*|monitor/commit.c|s/(bool commit_covers.*?\{)/$1 if (slot) return true;/s
a gate's first instruction is L0's|gates_on_a_stack*|monitor/fault.c|s/return rip == \(uint64_t\)gate2_wasi \|\|.*?;/return rip == 0;/s
gates run on the layer's stack|gates_leave*|monitor/gates.S|s/(wrgsbase %r11\n)    movq THREAD_L0_RSP\(%r11\), %rsp\n/$1/
gates leave L0's general registers|gates_leave*|monitor/gates.S|s/(FUNCTION\(back_to_layer\).*?)(    xorl [^\n]*\n)+/$1/s
a layer starts with L0's vectors|attacks_at_boot|monitor/layer.S|s/(FUNCTION\(layer_enter\).*?)    CLEAN_EXTENDED_STATE\n/$1/s
a layer starts with L0's general registers|attacks_at_boot|monitor/layer.S|s/(FUNCTION\(layer_enter\).*?)(    xorl [^\n]*\n)+/$1/s
gates leave vectors of L0|gates_leave*|monitor/gates.S|s/(FUNCTION\(back_to_layer\).*?)    CLEAN_EXTENDED_STATE\n/$1/s
layer 1 gets layer 2's vectors|layer_1_enters*|monitor/gates.S|s/(FUNCTION\(gate2_wasi\).*?)    CLEAN_EXTENDED_STATE\n/$1/s
layer 1 gets layer 2's general registers|layer_1_enters*|monitor/gates.S|s/(FUNCTION\(gate2_wasi\).*?)(    xorl [^\n]*\n)+/$1/s
layer 2 gets layer 1's RBX|returns_are*|monitor/gates.S|s/    movq THREAD_CALLER_RBX\(%r11\), %rbx\n//
layer 2 gets layer 1's RBP|returns_are*|monitor/gates.S|s/    movq THREAD_CALLER_RBP\(%r11\), %rbp\n//
layer 2 gets layer 1's R12|returns_are*|monitor/gates.S|s/    movq THREAD_CALLER_R12\(%r11\), %r12\n//
layer 2 gets layer 1's R13|returns_are*|monitor/gates.S|s/    movq THREAD_CALLER_R13\(%r11\), %r13\n//
layer 2 gets layer 1's R15|returns_are*|monitor/gates.S|s/    movq THREAD_CALLER_R15\(%r11\), %r15\n//
layer 2 gets layer 1's stack|returns_are*|monitor/gates.S|s/    movq THREAD_CALLER_RSP\(%r11\), %rsp\n//
gates are never told of an abort|endless*|monitor/fault.c|s/block->abort = .*;/block->abort = 0;/
evidence: output as layer 1 counts it|forged_results*|monitor/invoke.c|s/end, request->output_bytes, claims/end, slot_l1_page(slot)->stdout_bytes \& 255, claims/
evidence: input as layer 1 left it|writes_stay*|monitor/invocation.c|s/(    result = run_layers.*?\n)/$1    if (facts->wanted) digest_region(slot, REGION_STDIN, input->bytes, facts->input_sha256);\n/
evidence: all ended well|traps_have*|monitor/invocation.c|s/\.outcome = end->outcome,/.outcome = OUTCOME_OK,/; s/        \.trap = end->trap,\n//
evidence: the claims are not those of the leaf|returns_are*|monitor/invocation.c|s/(claims_leaf\(claims, \*bytes, leaf\);)/$1 leaf[0] ^= 1;/
layer 1's state is not restored|a_spoilt*|snapshot/restore.c|s/if \(region == except\)/if (region == except || region == REGION_L1_STATE)/
LIST
)

build_mutant() { # DIRECTORY FILE SUBSTITUTION
    mkdir -p "$1/lib/reclave/images" || return 1
    mutant_monitor "$1" "$2" "$3" || return 1
    mkdir -p "$1/trusted" && cp "$1/build/trusted/monitor.elf" "$1/trusted" || return 1
    image "$1" attacks hostile-l1-lazy 11 && image "$1" unconfined unconfined-l1-lazy 1
}

image() { # DIRECTORY RUNTIME NAME SLOTS
    "$BUILD/bin/reclave-image" --monitor "$1/trusted/monitor.elf" \
        --l1 "$BUILD/tests/hostile-l1/$2.elf" --key "$BUILD/keys/dev-signing-key.pem" \
        --pages lazy --slots "$4" -o "$1/lib/reclave/images/$3.rci"
}

run_test() { # DIRECTORY PATTERN
    RECLAVE_HOSTILE_L1=$1 CMOCKA_MESSAGE_OUTPUT=TAP \
        timeout 60 "$BUILD/tests/border-hostile-l1" "hostile-l1-lazy: $2"
}

# A defect is found when a test says so, or dies of it; one that does not even start finds nothing.
finds_defect() {
    ! run_test "$1" "$2" >"$1.tap" 2>&1 && grep -q '^1\.\.1$' "$1.tap"
}

passes() {
    run_test "$1" returns_are_values && run_test "$1" traps_have_one_name &&
        run_test "$1" a_runtime_that_breaks_the_policy_never_runs
}

run() { # NUMBER NAME TEST FILE SUBSTITUTION
    local directory=$WORK/$1 verdict="not ok $1 - $2: $3"
    if ! build_mutant "$directory" "$4" "$5" >"$directory.log" 2>&1; then
        verdict="not ok $1 - $2: cannot be built: $(tail -1 "$directory.log")"
    elif [ "$3" = none ] && passes "$directory" >"$directory.log" 2>&1; then
        verdict="ok $1 - $2: the tests pass"
    elif [ "$3" != none ] && finds_defect "$directory" "$3"; then
        verdict="ok $1 - $2: $3 fails"
    fi
    echo "$verdict" >"$directory.result"
    rm -rf "$directory"
}

rm -rf "$WORK"
mkdir -p "$WORK" || exit 1
number=0
while IFS='|' read -r name test file substitution; do
    number=$((number + 1))
    while [ "$(jobs -rp | wc -l)" -ge "${MUTANT_JOBS:-2}" ]; do wait -n; done
    run "$number" "$name" "$test" "$file" "$substitution" &
done <<<"$MUTANTS"
wait
echo "1..$number"
for ((i = 1; i <= number; i++)); do cat "$WORK/$i.result"; done
! grep -q '^not ok' "$WORK"/*.result
