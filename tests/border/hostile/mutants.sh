#!/bin/bash
# Can the hostile-host tests fail? Each mutant below is the monitor with one defect, built into an
# enclave image of its own; the named test must fail on it. The first is no mutant: the way of
# building must not be what fails.
set -u
cd "$(dirname "$0")/../../.." || exit 1
BUILD=${BUILD:-build}
. tests/border/mutant.bash || exit 1
WORK=$BUILD/mutants-hostile

# name | program:pattern that must fail | file below trusted/ | perl substitution
MUTANTS=$(grep -v '^#' <<'LIST'
no defect|all|monitor/init.c|s/\A//
invoke is legal in any state|order:*empty_slot|monitor/dispatch.c|s/\{ENTRY_INVOKE, 0, IN\(SLOT_READY\)/{ENTRY_INVOKE, 0, IN_ANY/
load is legal over READY|order:*ready_slot|monitor/dispatch.c|s/\{ENTRY_LOAD, 0, IN\(SLOT_BOOTED\)/{ENTRY_LOAD, 0, IN(SLOT_BOOTED) | IN(SLOT_READY)/
a snapshot may be taken after a run|order:*dirty_slot|monitor/dispatch.c|s/\{ENTRY_FINISH_LOAD, 0, IN\(SLOT_LOADING\)/{ENTRY_FINISH_LOAD, 0, IN(SLOT_LOADING) | IN(SLOT_DIRTY)/
a rewind needs no snapshot|order:*without_a_snapshot|monitor/dispatch.c|s/if \(!slot->function_ready\)/if (0)/
call numbers are cut to 16 bits|order:*booted_slot|monitor/dispatch.c|s/policies\[i\]\.call == call/policies[i].call == (uint16_t)call/
init runs again|order:one_of_three*|monitor/init.c|s/return ST_ALREADY_INITIALISED;/(void)0;/
a failed boot leaves an empty slot|order:*poisoned_slot|monitor/dispatch.c|s/SLOT_BOOTED : SLOT_POISONED/SLOT_BOOTED : SLOT_EMPTY/
trimming is legal in any state|order:*ready_slot|monitor/dispatch.c|s/\{ENTRY_TRIM, 0, IN\(SLOT_BOOTED\) \| IN\(SLOT_DIRTY\)/{ENTRY_TRIM, 0, IN_ANY/
a trim is accepted in any state|order:*ready_slot|monitor/dispatch.c|s/\{ENTRY_TRIM_ACCEPT, 0, IN\(SLOT_BOOTED\) \| IN\(SLOT_DIRTY\)/{ENTRY_TRIM_ACCEPT, 0, IN_ANY/
any call at any depth|interrupts:*in layer 2: asked*|monitor/dispatch.c|s/if \(policy->cssa != cssa\)/if (0)/
one stack for both depths|interrupts:*while rewinding: asked*|monitor/entry.S|s/CTL_XSTACK \+ CTL_XSTACK_BYTES - CTL_TLS\(%r10\), %rsp/CTL_STACK + CTL_STACK_BYTES - CTL_TLS(%r10), %rsp/
L0 is never what was interrupted|interrupts:*inside a gate: aborted|monitor/fault.c|s/return rip >= image && /return 0 && rip >= image && /
a gate's first instruction is L0's|interrupts:*first instruction: aborted|monitor/fault.c|s/return rip == \(uint64_t\)gate2_wasi \|\|/return 0 \&\& rip == (uint64_t)gate2_wasi ||/
an interrupt is taken for a fault|interrupts:*in layer 1: asked*|monitor/fault.c|s/if \(!\(frame->gprs.exitinfo & EXITINFO_VALID\)\)/if (0)/
an abort is the function's trap|interrupts:*in layer 2: aborted|monitor/fault.c|s/redirect\(slot, LEAVE_ABORTED, 0\)/redirect(slot, LEAVE_FAULT, 10)/
every address is committed|interrupts:a_load_beyond*|monitor/commit.c|s/(bool commit_covers.*?\{)/$1 if (slot) return true;/s
no address is committed|interrupts:any_page*|monitor/commit.c|s/(bool commit_covers.*?\{)/$1 if (slot) return false;/s
a missing page of layer 1 is a trap|interrupts:any_page*|monitor/fault.c|s/ \|\| is_measured_code\(exinfo\)/ || (0 \&\& is_measured_code(exinfo))/
every address is outside|pointers:a_struct_must*|monitor/border.c|s/return end <= base \|\|.*;/return true || end <= base || base;/
lengths may wrap around|pointers:buffers_must*|monitor/border.c|s/if \(!add_u64\(address, round_up\(bytes, 8\), &end\)\)/if (!add_u64(address, round_up(bytes, 8), \&end) \&\& 0)/
structs may have any size|pointers:a_struct_has*|monitor/dispatch.c|s/if \(bytes != policy->bytes\)/if (0)/
a bundle is read twice|pointers:a_bundle_is_read_once|monitor/load.c|s/memcpy\(request->wasm_sha256, slot->function.wasm_sha256, 32\)/border_copy_in(request->wasm_sha256, request->bundle + offsetof(struct bundle_header, wasm_sha256), 32)/
code is not verified|bundles:syscall*|monitor/load.c|s/status = verify_function\(slot, request\);/(void)verify_function;/
only the first page is verified|bundles:wrgsbase*|monitor/confine.c|s/\(slot->function.code_pages - 1\) \* PAGE_BYTES/PAGE_BYTES/
refused code stays|bundles:int3*|monitor/load.c|s/forget_function\(slot\);//
the verdict has no offset|bundles:ret*|monitor/confine.c|s/load->verify_offset = .*;//
zeros behind the text|bundles:a_jump_behind*|monitor/code.c|s/memset\(start, SFI_PAD_BYTE/memset(start, 0/
a swapped page is waited for|pages:a_swapped_page*|monitor/fault.c|s/if \(!\(exinfo->errcd & PF_SGX\)\)/if (exinfo)/
code permissions are not looked at|pages:code_that_is_still*|monitor/code.c|s/PAGE_RX\) != 0\)/PAGE_RX) == 77)/
restricted code stays so|pages:restricted_code*|monitor/code.c|s/(void code_wipe.*?)if \(permissions_change\(\)\)/$1if (0)/s
pages are accepted again and again|pages:a_page_for_input*|monitor/commit.c|s/SECINFO_PENDING\) != 0\)/SECINFO_PENDING) == 77)/; s/if \(pages <= now\)\n/now = 0; if (!pages)\n/
no limit of pages|pages:pages_run_out|monitor/commit.c|s/if \(enclave.page_limit && /if (0 \&\& /
LIST
)

build_mutant() { # DIRECTORY FILE SUBSTITUTION
    mutant_monitor "$1" "$2" "$3" &&
        "$BUILD/bin/reclave-image" --monitor "$1/build/trusted/monitor.elf" \
            --l1 "$BUILD/sandboxed/l1.elf" --key "$BUILD/keys/dev-signing-key.pem" \
            --pages lazy --slots 3 -o "$1/image.rci"
}

# The exit status of `program:pattern`, or of `program` for all its tests.
run_tests() {
    local image=$1 program=${2%%:*} pattern=*
    [ "$program" = "$2" ] || pattern=${2#*:}
    mkdir -p "${image%/*}/build/lib/reclave" # beside trusted/: the mutant's symbols
    RECLAVE_HOSTILE_IMAGE=$image RECLAVE_DATA_DIR=${image%/*}/build/lib/reclave CMOCKA_MESSAGE_OUTPUT=TAP \
        timeout 60 "$BUILD/tests/hostile-$program" "$pattern"
}

# Programs pass, as they must without a defect.
run_all() {
    local program
    for program in order pages pointers bundles; do
        run_tests "$1" "$program" || return 1
    done
}

# A defect is found when a test says so; a program that does not even start finds nothing.
finds_defect() {
    ! run_tests "$1" "$2" > "$1.tap" 2>&1 && grep -q '^1\.\.' "$1.tap"
}

rm -rf "$WORK"
mkdir -p "$WORK" || exit 1
number=0
result=0
echo "1..$(wc -l <<<"$MUTANTS")"
while IFS='|' read -r name tests file substitution; do
    number=$((number + 1))
    directory=$WORK/$number
    if ! build_mutant "$directory" "$file" "$substitution" > "$directory.log" 2>&1; then
        echo "not ok $number - $name: cannot be built"
        sed 's/^/# /' "$directory.log"
        result=1
    elif [ "$tests" = all ] && run_all "$directory/image.rci" > "$directory.log" 2>&1; then
        echo "ok $number - $name: the tests pass"
    elif [ "$tests" != all ] && finds_defect "$directory/image.rci" "$tests"; then
        echo "ok $number - $name: $tests fails"
    else
        echo "not ok $number - $name: $tests"
        sed 's/^/# /' "$directory.log"
        result=1
    fi
    rm -rf "$directory"
done <<<"$MUTANTS"
exit $result
