#!/bin/bash
# Each step of restoring and cleaning is taken out of a copy of trusted/, one at a time; the test
# that is named with it must then find remains. A mutant that survives is a failure, and so is an
# edit that changes nothing.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
ROOT=$BUILD/mutants
. "$ROOT/recipe" || exit 1

# name, source file below trusted/, Perl edit of the whole file, test
MUTANTS=()
mutant() { MUTANTS+=("$1" "$2" "$3" "$4"); }

# The control: an edit that changes nothing that matters. All tests must pass.
mutant 'control' monitor/entry.S 's|\A|/* unchanged */\n|' 'residue exits switch s1 tail interrupt mark'

for region in L1_PAGE L1_STATE L1_STACK STDIN STDOUT STDERR L2_STATE L2_TABLES L2_STACK LINEAR; do
    mutant "region $region is not restored" snapshot/restore.c \
        "s/if \\(region == except\\)/if (region == except || region == REGION_$region)/" residue
done
mutant 'stored pages are not copied back' snapshot/restore.c 's/memcpy\(to, .*?\);/;/' residue
mutant 'other pages are not zeroed' snapshot/restore.c 's/memset\(to, 0, .*?\);/;/' residue
mutant 'regions after the last stored page are not finished' snapshot/restore.c \
    's/    restore_run\(store, zero, page_of\(view, held\).*?\n//' residue
mutant 'rewind: memory that was grown is kept' monitor/lifecycle.c \
    's/= linear_return\(slot, slot->linear.ready_pages\)/= 0/' residue
mutant 'rewind: memory that was grown is not zeroed' monitor/linear.c \
    's/    memset\(page_address\(slot, slot->linear.low\).*?\n//' residue
mutant 'rewind: regions are not restored' monitor/lifecycle.c \
    's/ \+= restore\(slot, slot->function_ready, REGION_COUNT\)/ += 0/' residue
mutant 'rewind: marked memory is not restored' monitor/lifecycle.c \
    's/ \+= restore_marked_memory\(slot\)/ += 0 \& (uintptr_t)restore_marked_memory/' residue
mutant 'rewind: regions without marks are not restored' monitor/lifecycle.c \
    's/ \+= restore\(slot, slot->function_ready, REGION_LINEAR\)/ += 0/' residue
mutant 'rewind: pages that were zero keep what was written' snapshot/marked.c \
    's/memset\(to, 0, PAGE_BYTES\);/;/' residue
mutant 'rewind: marks stay set' snapshot/marked.c 's/        marks\[i\] = 0;\n//' residue
mutant 'a stop between a store and its mark is forgotten' monitor/run.c \
    's/slot->linear.unmarked = true;/;/' mark
mutant 'rewind: the exit does not scrub' monitor/dispatch.c \
    's/\*scrub_to = SCRUB \| SLOT_READY;/slot_set_state(slot, SLOT_READY);/' residue

wipe() { echo "s/    leaq $1.*?rep stosq\\n//s"; }
mutant "tail: L0's stack is not wiped" monitor/entry.S \
    "$(wipe 'CTL_STACK - CTL_TLS\(%r10\)')" residue
mutant "tail: the upper half of L0's stack is not wiped" monitor/entry.S \
    's|CTL_STACK_BYTES / 8|CTL_STACK_BYTES / 16|' residue
mutant "tail: L0's exception stack is not wiped" monitor/entry.S \
    "$(wipe 'CTL_XSTACK - CTL_TLS\(%r10\)')" residue
mutant 'tail: the thread block is not scrubbed' monitor/entry.S "$(wipe THREAD_SCRUB_FROM)" residue
mutant 'tail: the end of the thread block is not scrubbed' monitor/entry.S \
    's|THREAD_SCRUB_BYTES / 8|THREAD_SCRUB_BYTES / 16|' residue
mutant 'tail: the SSA frames are not wiped' monitor/entry.S \
    's/    leaq CTL_SSA.*?rep stosq.*?rep stosq\n//s' residue
mutant 'tail: SSA frame 0 is not wiped' monitor/entry.S \
    's/(leaq CTL_SSA - CTL_TLS.*?)\n    rep stosq/$1\n    leaq (%rdi,%rcx,8), %rdi/s' residue
mutant 'tail: SSA frame 1 is not wiped' monitor/entry.S \
    's/\$\(SSA_FRAMES \* SSA_FRAME_BYTES/\$(SSA_FRAME_BYTES/' residue
mutant "tail: an interrupt loses the host's stack pointer" monitor/entry.S \
    's/    addq \$16, %rdi.*?\n(.*?) - 16\) /$1) /s' tail
mutant 'tail: general registers are not cleaned' monitor/entry.S \
    's/(FUNCTION\(exit_scrubbing\).*?xorl %eax, %eax\n)(    xorl [^\n]*\n)+/$1/s' tail
mutant 'tail: registers are cleaned after the frames' monitor/entry.S \
    's/(    CLEAN_EXTENDED_STATE\n)(    xorl %eax, %eax\n)((?:    xorl [^\n]*\n)+)(    movq THREAD_HOST_RSP.*?)(    movl %r12d, CTL_SLOT)/$2$4$1$3$5/s' tail
mutant 'tail: extended state is not cleaned' monitor/entry.S \
    's/(movl %edi, %r13d\n)    CLEAN_EXTENDED_STATE\n/$1/' 'exits tail'
mutant 'exit: extended state is not cleaned' monitor/entry.S \
    's/    CLEAN_EXTENDED_STATE\n(exit_normal:)/$1/' exits
mutant 'exit at CSSA 1: extended state is not cleaned' monitor/entry.S \
    's/(exit_exception:\n)    CLEAN_EXTENDED_STATE\n/$1/' exits
mutant 'exit: general registers are not cleaned' monitor/entry.S \
    's/(leave_enclave:.*?\n)(    xorl .*?\n)+/$1/' exits
# One register at a time, where L0's own assembly leaves something in it. The others hold what the
# compiler happens to leave (only all together are sure to be seen), or nothing: L0 zeroes RBX, RBP
# and R14, R15 at entry, and its C hands them back.
for register in ecx edx r10d r12d r13d; do
    mutant "exit: $register is not cleaned" monitor/entry.S \
        "s/(leave_enclave:.*?)    xorl %$register, %$register\\n/\$1/s" exits
done
mutant 'tail: edx is not cleaned' monitor/entry.S \
    's/(exit_scrubbing\).*?)    xorl %edx, %edx\n/$1/s' tail
mutant "tail: L0's stack pointer is kept" monitor/entry.S \
    's/    movq THREAD_HOST_RSP\(%r10\), %rsp    \/\* off.*?\n//' tail
mutant 'a layer leaves its extended state' monitor/layer.S \
    's/(THREAD_L0_RSP\(%r11\)\n)    CLEAN_EXTENDED_STATE\n/$1/' exits
mutant 'a layer leaves its general registers' monitor/layer.S \
    's/(popfq\n)(    xorl .*?\n)+(    popq %r15)/$1$3/' exits
mutant 'an abort keeps the frame' monitor/fault.c 's/    memset\(frame, 0.*?\n//' residue

mutant 'reset: code is not wiped' monitor/code.c 's/(void code_wipe.*)    memset\(.*?\);\n/$1/s' switch
mutant 'reset: code_wipe is not called' monitor/lifecycle.c 's/    code_wipe\(slot\);\n//' switch
mutant 'reset: linear memory is kept' monitor/lifecycle.c 's/= linear_return\(slot, 0\)/= 0/' switch
mutant 'reset: regions are not restored' monitor/lifecycle.c \
    's/ \+= restore\(slot, slot->boot, REGION_COUNT\)/ += 0/' switch
mutant 'reset: the snapshot is kept' monitor/lifecycle.c 's/    snapshot_release\(.*?\);\n//' switch
mutant 'reset: pages of the snapshot are not wiped' snapshot/store.c \
    's/    memset\(next, 0, PAGE_BYTES\);\n//' switch
mutant 'reset: the function is kept' monitor/lifecycle.c \
    's/    bytes_wipe\(&slot->function, .*?\);\n//' switch
mutant "reset: S1's digest is kept" snapshot/capture.c \
    's/memset\(entry, 0, sizeof\(\*entry\)\);/;/' switch
mutant 'reset: what S1 had committed is kept' monitor/lifecycle.c \
    's/    bytes_wipe\(slot->at_ready.*?\n//' switch
mutant 'reset: the size of memory at S1 is kept' monitor/lifecycle.c \
    's/    linear_is_ready\(slot\); \/\* there is none.*?\n//' switch
mutant 'reset: the stream of the initialisation goes on' monitor/lifecycle.c \
    's/    slot->init_random_used = 0;\n//' s1
mutant 'reset: the slot remembers that random bytes were drawn' monitor/lifecycle.c \
    's/    slot->drew_random = false;\n//' s1
mutant 'a refused bundle: code is kept' monitor/load.c 's/    code_wipe\(slot\);\n//' switch
mutant 'a refused bundle: the function is kept' monitor/load.c \
    's/    bytes_wipe\(&slot->function, .*?\);\n//' switch

mutant 'S1: output of the initialisation is kept' monitor/lifecycle.c \
    's/    wipe_region\(slot, REGION_STDOUT\);\n//' s1
mutant 'S1: the log of the initialisation is kept' monitor/lifecycle.c \
    's/    wipe_region\(slot, REGION_STDERR\);\n//' s1
mutant "S1: layer 1's stack is kept" monitor/lifecycle.c \
    's/    wipe_region\(slot, REGION_L1_STACK\);\n//' s1
mutant "S1: layer 2's stack is kept" monitor/lifecycle.c \
    's/    wipe_region\(slot, REGION_L2_STACK\);\n//' s1
mutant "S1: layer 1's page is kept" monitor/lifecycle.c \
    's/(empty_stacks\(slot\);\n)    l1_page_before_snapshot\(slot\);\n(    linear_is_ready)/$1$2/' s1

# ---- one mutant -------------------------------------------------------------------

# build DIRECTORY FILE EDIT: the monitor and the lazy image; on failure the reason is printed
build() {
    local dir=$1 file=$2 edit=$3 object=$BUILD/trusted/trusted/${2%.*}.o
    local source=$dir/$file compile=$COMPILE objects=" $OBJECTS "

    rm -rf "$dir"
    mkdir -p "$(dirname "$source")" "$dir/trusted" "$dir/lib/reclave/images"
    perl -0777 -pe "$edit" "trusted/$file" >"$source" || { echo "bad edit"; return 1; }
    cmp -s "trusted/$file" "$source" && { echo "the edit changed nothing"; return 1; }
    [ "${file##*.}" = S ] && compile=$ASSEMBLE
    $compile -Wno-error -c "$source" -o "$dir/mutated.o" || return 1
    objects=${objects/ $object / $dir/mutated.o }
    [[ $objects = *"$dir/mutated.o"* ]] || { echo "no object $object"; return 1; }
    $LINK $objects -l:libbearssl.a -o "$dir/trusted/monitor.elf" || return 1
    "$BUILD/bin/reclave-image" --monitor "$dir/trusted/monitor.elf" --l1 "$BUILD/sandboxed/l1.elf" \
        --key "$KEY" --pages lazy --slots 3 -o "$dir/lib/reclave/images/reclave-lazy.rci"
}

border_test() { # DIRECTORY TEST
    RECLAVE_DATA_DIR=$1/lib/reclave RECLAVE_TEST_IMAGES=reclave-lazy CMOCKA_MESSAGE_OUTPUT=TAP \
        timeout 120 stdbuf -oL "$BUILD/tests/border-$2" 2>"$1/$2.err"
}

# Exit status 0: the test saw remains. It is stopped at its first failure.
sees_remains() { # DIRECTORY TEST
    border_test "$1" "$2" | grep -q -m1 '^not ok' &&
        grep '^# REMAINS' "$1/$2.err" >"$1.seen"
}

run() {
    local number=$1 name=$2 file=$3 edit=$4 tests=$5 dir=$ROOT/$1 test verdict

    if ! build "$dir" "$file" "$edit" >"$dir.log" 2>&1; then
        verdict="not ok - not built: $(tail -1 "$dir.log")"
    elif [ "$name" = control ]; then
        verdict=ok
        for test in $tests; do
            border_test "$dir" "$test" >/dev/null || verdict="not ok - $test fails"
        done
    else
        verdict="not ok - survived"
        for test in $tests; do
            sees_remains "$dir" "$test" && { verdict=ok; break; }
        done
    fi
    echo "$verdict" >"$dir.result"
}

count=$((${#MUTANTS[@]} / 4))
only=${1:-}
for ((i = 0; i < count; i++)); do
    m=("${MUTANTS[@]:4 * i:4}")
    [[ -n $only && ${m[0]} != *$only* ]] && continue
    while [ "$(jobs -rp | wc -l)" -ge "${MUTANT_JOBS:-2}" ]; do wait -n; done
    run "$i" "${m[@]}" &
done
wait
echo "1..$count"
for ((i = 0; i < count; i++)); do
    name=${MUTANTS[4 * i]}
    [[ -n $only && $name != *$only* ]] && { echo "ok $((i + 1)) - $name # SKIP not chosen"; continue; }
    result=$(cat "$ROOT/$i.result")
    echo "${result%% - *} $((i + 1)) - $name${result#"${result%% - *}"}"
    sed -n '1s/# REMAINS/#   seen/p' "$ROOT/$i.seen" 2>/dev/null
done
rm -rf "$ROOT"/[0-9]*
