#!/bin/bash
# Each rule of the verifier is taken out of a copy, one at a time; at least one case of reject/
# must then be accepted. A mutant that survives is a failure, and so is an edit that changes
# nothing. The shipped source has no switch for this.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
ROOT=$BUILD/verify-mutants
CC=${CC:-gcc}
CFLAGS='-std=gnu17 -O0 -D_GNU_SOURCE -w'
SOURCES='verify rules memory registers flow marks decode opcodes'
CASES=$(ls tests/verify/accept/*.S tests/verify/reject/*.S | sed "s|^|$BUILD/host/|; s|S\$|o|")

# name, source file in trusted/verify, Perl edit of the whole file
MUTANTS=()
mutant() { MUTANTS+=("$1" "$2" "$3"); }

# The control: nothing that matters changes. It must survive.
mutant 'control' verify.c 's|\A|/* unchanged */\n|'

# Refusals by class: the class becomes an allowed form.
class() { mutant "class $1 is allowed" opcodes.c "s/#define $1 +VERIFY_\\w+/#define $1 $2/"; }
class KERNEL F_NOP
class PRIVILEGED F_NOP
class SEGMENT F_NOP
class FLAGS F_NOP
class STATE F_PREFETCH
class IDENTITY F_NOP
class STRING F_NOP
class FAR F_NOP
class X87 F_NOP
class MMX F_NOP
class VECTORS F_CMPV_ACC
class ATOMIC F_CMPV
class CACHE F_PREFETCH
class EXTENSION F_X_M16
class PREFIX F_XCHG_ACC
class LEGACY F_NOP
class NOT_LISTED F_CMPV
class LIST F_X_M16
mutant 'returns are allowed' opcodes.c 's/VERIFY_RETURN/F_NOP/'
mutant 'leave is allowed' opcodes.c 's/VERIFY_STACK_POINTER/F_NOP/'
mutant 'counted branches are allowed' opcodes.c 's/VERIFY_COUNTED_BRANCH/F_CMPB_ACC/'
mutant 'empty cells are allowed' decode.c 's/if \(cell < FORM_FIRST\)/if (!cell)\n cell = FORM_FIRST;\n$&/'

# Encoding.
mutant 'lock is skipped' decode.c 's/(\*cursor->at == 0xf0\)\n\s+)return VERIFY_ATOMIC/$1cursor->at++/'
mutant 'prefixes may repeat' decode.c 's/insn->prefixes & bit\)/0)/'
mutant 'repeat prefixes may mean nothing' decode.c 's/if \(repeats & ~mandatory\)/if (0)/'
mutant 'repeat prefixes may come with others' decode.c 's/if \(repeats && \(.*?\)\)\n/if (0)\n/s'
mutant 'es, cs, ss, ds may stand anywhere' decode.c 's/if \(insn->prefixes & PREFIX_OTHER\)/if (0)/'
mutant '66 may mean nothing' decode.c 's/return !\(insn->prefixes & PREFIX_66.*?;/return true;/'
mutant '66 with REX.W' decode.c 's/size == SIZE_V && wide && narrow/0/'
mutant 'movsxd without REX.W' decode.c 's/insn->size == REFUSED \? VERIFY_NOT_LISTED : //'
mutant 'REX bits may mean nothing' decode.c 's/if \(cursor->rex & ~cursor->rex_used\)/if (0)/'
mutant 'bare REX may mean nothing' decode.c 's/insn->rex && !cursor->rex && !names_low_byte\(insn\)/0/'
mutant 'addressing prefixes without an operand' decode.c 's/if \(!insn->memory \|\|.*?\)\n/if (0)\n/'
mutant 'both segments' decode.c 's/if \(\(insn->prefixes & \(PREFIX_FS \| PREFIX_GS\)\) ==.*?\)\)\n/if (0)\n/s'
mutant 'memory-only forms take registers' decode.c 's/if \(form->rm & MEM\)/if (0)/'
mutant 'register-only forms take memory' decode.c 's/if \(form->rm & REG\)/if (0)/'
mutant 'bundles may be crossed' verify.c 's/(> SFI_BUNDLE_BYTES\)\n\s+)return VERIFY_CROSSES_BUNDLE/$1return VERIFY_OK/'
# (VERIFY_TRUNCATED only names better what would fall off: no branch reads on as one into text.)
mutant 'text may fall off' verify.c 's/if \(!rules_ends_flow\(&insn\)\)/if (0)/'
for kind in CALL JCC; do
    mutant "flow may end in KIND_$kind" flow.c "s/return kind == KIND_STOP/\$& || kind == KIND_$kind/"
done
mutant 'flow may end in any instruction of form 0' flow.c 's/return kind == KIND_STOP/$& || kind == KIND_PLAIN/'

# Memory operands.
mutant 'memory: any base' memory.c 's/ : VERIFY_BASE;/ : VERIFY_OK;/'
mutant 'memory: %gs with 64 bits' memory.c 's/if \(!\(insn->prefixes & PREFIX_67\)\)\n\s+return VERIFY_ADDRESS_SIZE/if (!(insn->prefixes \& PREFIX_67))\n return VERIFY_OK/'
mutant 'memory: 0x67 without a segment' memory.c 's/if \(insn->prefixes & PREFIX_67\)\n\s+return VERIFY_ADDRESS_SIZE;/if (insn->prefixes & PREFIX_67) return VERIFY_OK;/'
mutant 'memory: %esp or %eip under a segment' memory.c 's/(check_short_address.*?)return VERIFY_STACK_BASE/$1return VERIFY_OK/s'
mutant 'memory: %esp under a segment' memory.c 's/(check_short_address.*?)insn->base == SFI_REG_RSP \|\| /$1/s'
mutant 'memory: %eip under a segment' memory.c 's/(check_short_address.*?) \|\| insn->base == BASE_RIP/$1/s'
mutant 'memory: %fs:(%rsp), %fs:(%rip)' memory.c 's/(check_proven.*?)return VERIFY_STACK_BASE/$1return VERIFY_OK/s'
mutant 'memory: %fs:(%rip)' memory.c 's/(check_proven.*?) \|\| insn->base == BASE_RIP/$1/s; s/if \(!\(checker->zero & 1u << insn->base\)\)/if (insn->base < 16 && !(checker->zero & 1u << insn->base))/'
mutant 'memory: absolute %fs' memory.c 's/(BASE_NONE\)\n\s+)return VERIFY_BASE/$1return VERIFY_OK/'
mutant 'memory: %fs with an index' memory.c 's/(check_proven.*?)if \(insn->index != INDEX_NONE\)/$1if (0)/s'
mutant 'memory: %fs with a negative displacement' memory.c 's/insn->disp < 0 \|\| //'
mutant 'memory: %fs with any displacement' memory.c 's/ \|\| insn->disp >= LINEAR_DISP_MAX//'
mutant 'memory: %fs limit off by one' memory.c 's/insn->disp >= LINEAR_DISP_MAX/insn->disp > LINEAR_DISP_MAX/'
mutant 'memory: %fs without a proof' memory.c 's/if \(!\(checker->zero & 1u << insn->base\)\)/if (0)/'
mutant 'memory: %rsp with an index' memory.c 's/(check_stack\(.*?)if \(insn->index != INDEX_NONE\)/$1if (0)/s'
mutant 'memory: %rsp far below' memory.c 's/insn->disp < -SFI_STACK_DISP_MAX \|\| //'
mutant 'memory: %rsp far above' memory.c 's/ \|\| insn->disp > SFI_STACK_DISP_MAX//'
mutant 'memory: %rsp limit off by one' memory.c 's/insn->disp > SFI_STACK_DISP_MAX/insn->disp > SFI_STACK_DISP_MAX + 1/'
mutant 'memory: read-only data is written' memory.c 's/if \(insn->form->rm & WRITE\)/if (0)/'
mutant 'memory: before read-only data' memory.c 's/start < SFI_RODATA_OFF \|\| //'
mutant 'memory: behind read-only data' memory.c 's/if \(start < SFI_RODATA_OFF \|\|.*?\)\n/if (start < SFI_RODATA_OFF)\n/'
mutant 'memory: widths are ignored' memory.c 's/start \+ access_bytes\(insn\)/start + 1/'
mutant 'memory: explicit widths are ignored' memory.c 's/insn->form->width \? insn->form->width : insn->size/insn->form->width ? 1 : insn->size/'
mutant 'memory: operand sizes are ignored' memory.c 's/insn->form->width \? insn->form->width : insn->size/insn->form->width ? insn->form->width : 1/'
mutant 'memory: prefetches are not looked at' memory.c 's/kind != KIND_LEA/$& \&\& kind != KIND_HINT/'

# Proofs.
flag() { mutant "proof: $1" forms.def "s/(FORM\\($2,.*?)(, \\.flags = $3)/\$1/g"; }
flag 'bsf' BSF ZERO_NEVER
flag 'rep bsf' REP_BSF ZERO_NEVER
flag 'shift by cl' SHIFTV_CL ZERO_NEVER
flag 'shift by 0' SHIFTV_IMM ZERO_COUNT
flag 'double shift by cl' SHLD_CL ZERO_NEVER
flag 'double shift by 0' SHLD_IMM ZERO_COUNT
mutant 'proof: a count of 32 counts' registers.c 's/insn->imm & 31/insn->imm \& 63/'
mutant 'proof: by any width' registers.c 's/return insn->size == 4;/return true;/'
mutant 'proof: by 64 bits' registers.c 's/return insn->size == 4;/return insn->size >= 4;/'
mutant 'proof: by 16 bits' registers.c 's/return insn->size == 4;/return insn->size == 4 || insn->size == 2;/'
mutant 'proof: movzx to 16 bits' registers.c 's/return insn->size != 2;/return true;/'
mutant 'proof: never ends' registers.c 's/checker->zero &= ~bit;/;/'
mutant 'proof: does not end with the bundle' rules.c 's/checker->zero = 0;//'
mutant 'proof: targets within' flow.c 's/checker->no_target \|= .*?;/;/'
mutant 'proof: targets at the access' flow.c 's/\(2u << to\) - 1/(1u << to) - 1/'
mutant 'proof: targets within, memory' memory.c 's/forbid_targets\(.*?\);//'

# Registers.
mutant 'registers: r14 is written' registers.c 's/return VERIFY_CODE_REGISTER;/return VERIFY_OK;/'
mutant 'registers: rsp is written' registers.c 's/return check_rsp\(checker, insn\);/return VERIFY_OK;/'
mutant 'registers: rsp in 32 bits' registers.c 's/(check_rsp.*?)if \(insn->size != 8\)\n\s+return VERIFY_STACK_POINTER;/$1/s'
mutant 'registers: step by any immediate form' registers.c 's/if \(insn->form->kind == KIND_STEP\)/if (insn->form->imm)/'
mutant 'registers: step by lea of any base' registers.c 's/ && insn->base == SFI_REG_RSP//'
mutant 'registers: step by lea with an index' registers.c 's/ && insn->index == INDEX_NONE//'
mutant 'registers: step of 0' registers.c 's/step == 0 \|\| //'
mutant 'registers: large step down' registers.c 's/step < -SFI_STACK_STEP_MAX \|\| //'
mutant 'registers: large step up' registers.c 's/ \|\| step > SFI_STACK_STEP_MAX//'
mutant 'registers: reg operands' registers.c 's/insn, insn->reg\)/insn, 0)/'
mutant 'registers: rm operands' registers.c 's/insn, insn->rm\)/insn, 0)/'
mutant 'registers: opcode operands' registers.c 's/insn, insn->opcode_reg\)/insn, 0)/'
mutant 'registers: rax' registers.c 's/form->implicit & RAX/0/'
mutant 'registers: rdx' registers.c 's/form->implicit & RDX/0/'
mutant 'registers: spl is ah' registers.c 's/ && !insn->rex//'
mutant 'stack: no probe' memory.c 's/checker->step_unprobed && !probes_stack\(insn\)/0/'
mutant 'stack: any access probes' memory.c 's/return insn->base == SFI_REG_RSP &&.*?;/return true;/s'
mutant 'stack: probe far above' memory.c 's/ &&\s+insn->disp <= SFI_PROBE_DISP_MAX//'
mutant 'stack: probe far below' memory.c 's/ && insn->disp >= -SFI_PROBE_DISP_MAX//'
mutant 'stack: prefetch probes' memory.c 's/ \|\| form->kind == KIND_HINT//'
mutant 'stack: shifts probe' memory.c 's/ \|\|\s+form->flags & \(ZERO_NEVER \| ZERO_COUNT\)//'
mutant 'stack: lea probes' memory.c 's/(probes_stack.*?)!is_access\(insn\)/$1!insn->memory/s'

# Control flow.
mutant 'flow: any register' flow.c 's/insn->rm != SFI_REG_SCRATCH/0/; s/checker->guard != GUARD_TARGET/insn->rm == SFI_REG_SCRATCH \&\& $&/'
mutant 'flow: no guard' flow.c 's/if \(checker->guard != GUARD_TARGET\)/if (0)/'
mutant 'flow: mask alone' flow.c 's/checker->guard != GUARD_TARGET/checker->guard == GUARD_NONE/'
mutant 'flow: base alone' flow.c 's/checker->guard == GUARD_MASKED && //'
mutant 'flow: guard survives others' flow.c 's/checker->guard = GUARD_NONE;/;/'
mutant 'flow: guard across bundles' rules.c 's/checker->guard = GUARD_NONE;//'
mutant 'flow: targets in guards' flow.c 's/forbid_targets\(checker, checker->guard_start\);//'
# (Byte 1: no other allowed instruction has these other bytes.)
for byte in 0 2 3 4 5 6; do
    mutant "flow: mask byte $byte" flow.c "s/code\\[$byte\\] == (0x|\\(SFI|SFI).*?( &&|;)/1 \$2/"
done
for byte in 0 1 2; do
    mutant "flow: base byte $byte" flow.c "s/(is_base.*?)code\\[$byte\\] == 0x\\w+/\${1}1/s"
done
mutant 'flow: unaligned calls' flow.c 's/return VERIFY_CALL_UNALIGNED;/;/'
mutant 'flow: unaligned computed calls' flow.c 's/\(kind == KIND_CALL_REG \|\| kind == KIND_CALL\)/(kind == KIND_CALL)/'
mutant 'flow: unaligned direct calls' flow.c 's/\(kind == KIND_CALL_REG \|\| kind == KIND_CALL\)/(kind == KIND_CALL_REG)/'
mutant 'flow: targets are not looked at' verify.c 's/result->reason = check_targets\(&checker\);//'
mutant 'flow: targets anywhere in text' verify.c 's/return bundle->targets >>.*?;/return VERIFY_OK;/'
mutant 'flow: targets anywhere outside' verify.c 's/return VERIFY_TARGET_OUTSIDE;/return VERIFY_OK;/'
mutant 'flow: targets before the zone' verify.c 's/zone_target < 0 \|\| //'
mutant 'flow: gates in the middle' verify.c 's/zone_target % GATE_ENTRY_BYTES \|\|//'
mutant 'flow: any gate' verify.c 's/ \|\|\s+zone_target \/ GATE_ENTRY_BYTES >= request->gate_count//'
mutant 'flow: gate count off by one' verify.c 's/GATE_ENTRY_BYTES >= request/GATE_ENTRY_BYTES > request/'
mutant 'flow: end of text is a target' verify.c 's/if \(target >= 0 &&/if (target == request->text_bytes)\n return VERIFY_OK;\n$&/'
mutant 'flow: calls are no branches' verify.c 's/ \|\| insn->form->imm == IMM_REL32//'
mutant 'flow: short jumps are no branches' verify.c 's/insn->form->imm == IMM_REL8 \|\| //'

# Stores to linear memory and their marks.
mutant 'marks: layer 1 writes linear memory' marks.c 's/return VERIFY_LINEAR_WRITE;/return VERIFY_OK;/'
mutant 'marks: stores need none' marks.c 's/return await_mark\(checker, insn\);/return VERIFY_OK;/'
mutant 'marks: stores are not looked at' memory.c 's/if \(!reason && insn->form->rm & WRITE\)/if (0)/'
mutant 'marks: in any text' marks.c 's/if \(checker->request->linear != VERIFY_LINEAR_MARKED\)\n.*?;//'
mutant 'marks: of another base' marks.c 's/a->base == b->base && //'
mutant 'marks: of another index' marks.c 's/ && a->index == b->index//'
mutant 'marks: of another scale' marks.c 's/ && a->scale == b->scale//'
mutant 'marks: of a higher address' marks.c 's/ && address->disp <= checker->low &&/ \&\&/'
mutant 'marks: of an address far below' marks.c 's/checker->high - address->disp <= SFI_MARK_TAIL/1/'
mutant 'marks: tail off by one' marks.c 's/<= SFI_MARK_TAIL/<= SFI_MARK_TAIL + 1/'
mutant 'marks: of any address' marks.c 's/ && covers\(checker, &checker->address\)//'
mutant 'marks: the lowest store is the first' marks.c 's/checker->low = low < checker->low.*?;/;/'
mutant 'marks: the highest store is the first' marks.c 's/checker->high = high > checker->high.*?;/;/'
mutant 'marks: widths are ignored' marks.c 's/low \+ access_bytes\(insn\)/low + 1/'
mutant 'marks: one for any stores' marks.c 's/if \(!same_registers\(&checker->store, insn\)\)/if (0)/'
mutant 'marks: registers may change' registers.c 's/reason = check_store_register\(checker, reg\);/reason = VERIFY_OK;/'
mutant 'marks: the base may change' marks.c 's/reg == checker->store.base \|\| //'
mutant 'marks: the index may change' marks.c 's/ \|\| reg == checker->store.index//'
mutant 'marks: control may leave before' marks.c 's/insn->form->kind >= KIND_CALL/0/'
for kind in CALL JUMP JCC CALL_REG JUMP_REG STOP; do
    mutant "marks: KIND_$kind may come before" marks.c "s/insn->form->kind >= KIND_CALL/\$& \\&\\& insn->form->kind != KIND_$kind/"
done
mutant 'marks: may begin and stop' marks.c 's/begun \? checker->mark != MARK_PAGE/begun ? 0/'
mutant 'marks: alone' marks.c 's/if \(checker->mark != MARK_PAGE\)/if (0)/'
mutant 'marks: address alone' marks.c 's/if \(checker->mark != MARK_PAGE\)/if (checker->mark == MARK_NONE)/'
mutant 'marks: shift alone' marks.c 's/checker->mark == MARK_ADDRESS && is_shift/is_shift/'
mutant 'marks: others between' marks.c 's/(else \{\n\s+)checker->mark = MARK_NONE;/$1;/'
mutant 'marks: twice' marks.c 's/(result->marks\+\+;\n\s+)checker->mark = MARK_NONE;/$1;/'
mutant 'marks: across bundles' rules.c 's/checker->mark = MARK_NONE;//'
mutant 'marks: targets within' marks.c 's/forbid_targets\(checker, checker->mark_start\);//'
mutant 'marks: address of any size' marks.c 's/if \(insn->size != 4\)\n\s+return false;//'
mutant 'marks: address in any register' marks.c 's/return insn->reg == SFI_REG_SCRATCH;/return true;/'
mutant 'marks: address moved to any register' marks.c 's/return \(opcode == 0x89 \? insn->rm.*?;/return true;/'
mutant 'marks: address by any instruction' marks.c 's/ \|\| \(opcode != 0x89 && opcode != 0x8b\)//'
mutant 'marks: address from memory' marks.c 's/insn->memory \|\| //'
for byte in 0 1 2 3; do
    mutant "marks: shift byte $byte" marks.c "s/(is_shift.*?)code\\[$byte\\] == (0x\\w+|SFI_MARK_SHIFT)/\${1}1/s"
done
# (Byte 2: no other allowed instruction of this length has these other bytes.)
for byte in 0 1 3 4 5 6 7 8; do
    mutant "marks: mark byte $byte" marks.c "s/(bool is_mark.*?)code\\[$byte\\] == (0x\\w+|\\(SFI.*?\\)|SFI_MARKS_OFF >> 24|1)/\${1}1/s"
done

rm -rf "$ROOT" && mkdir -p "$ROOT/clean" || exit 1
compile() { # source directory's root, object directory, file
    $CC $CFLAGS -I"$1" -I. -c "$1/trusted/verify/$3.c" -o "$2/$3.o"
}
for s in $SOURCES; do compile . "$ROOT/clean" "$s" || exit 1; done
for s in cases_test reasons; do
    $CC $CFLAGS -I. -c "tests/verify/$s.c" -o "$ROOT/clean/$s.o" || exit 1
done

# number: builds and judges one mutant, prints a line of TAP
judge() {
    local i=$1 name=${MUTANTS[$1 * 3]} file=${MUTANTS[$1 * 3 + 1]} edit=${MUTANTS[$1 * 3 + 2]}
    local work=$ROOT/$i objects=() s caught
    rm -rf "$work" && mkdir -p "$work/trusted/verify" && cp trusted/verify/* "$work/trusted/verify/"
    perl -0pi -e "$edit" "$work/trusted/verify/$file"
    if cmp -s "trusted/verify/$file" "$work/trusted/verify/$file"; then
        echo "not ok $((i + 1)) - $name: the edit changes nothing"
        return
    fi
    for s in $SOURCES; do
        if [ "$s.c" = "$file" ] || { [ "$s" = opcodes ] && [ "${file##*.}" = def ]; }; then
            compile "$work" "$work" "$s" || { echo "not ok $((i + 1)) - $name: does not compile"; return; }
            objects+=("$work/$s.o")
        else
            objects+=("$ROOT/clean/$s.o")
        fi
    done
    $CC "${objects[@]}" "$ROOT/clean/cases_test.o" "$ROOT/clean/reasons.o" $CASES -lcmocka -o "$work/cases" ||
        { echo "not ok $((i + 1)) - $name: does not link"; return; }
    CMOCKA_MESSAGE_OUTPUT=TAP timeout 120 "$work/cases" >"$work/out" 2>&1
    caught=$(grep -A1 '^not ok [0-9]* - reject/' "$work/out" | grep -c '"VERIFY_OK" !=')
    rm -rf "$work"
    if [ "$name" = control ]; then
        [ "$caught" -eq 0 ] && echo "ok $((i + 1)) - $name" || echo "not ok $((i + 1)) - $name"
    elif [ "$caught" -gt 0 ]; then
        echo "ok $((i + 1)) - $name ($caught cases notice)"
    else
        echo "not ok $((i + 1)) - $name: no case notices"
    fi
}

COUNT=$((${#MUTANTS[@]} / 3))
echo "1..$COUNT"
JOBS=$(nproc)
for ((j = 0; j < JOBS; j++)); do
    (for ((i = j; i < COUNT; i += JOBS)); do judge $i; done) >"$ROOT/results.$j" &
done
wait
sed 's/^\(not ok\|ok\) \([0-9]*\)/\2 &/' "$ROOT"/results.* | sort -n | cut -d' ' -f2-
! grep -q '^not ok' "$ROOT"/results.*
