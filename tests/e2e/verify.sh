#!/bin/bash
# reclave inspect --verify and --code: the enclave's verifier from the command line; what it
# refuses, `reclave run` refuses for the same reason at the same offset.
source "$(dirname "$0")/functions.bash"

inspect() { "$reclave" inspect "$@"; }

# ---- raw machine code ----
# code NAME LAYER BYTES...: hexadecimal bytes, or COUNTxBYTE; into $s/code
code() {
    perl -e 'for (@ARGV) { print /^(\d+)x(..)$/ ? chr(hex $2) x $1 : chr hex }' "$@" >"$s/code"
}
accepted() { # NAME BYTES...: as code of both layers
    local name=$1 layer good=0
    shift
    code "$@"
    for layer in 1 2; do
        inspect --code "$s/code" --layer $layer >"$s/out" 2>"$s/err"
        status=$?
        [ $status = 0 ] && [ ! -s "$s/err" ] && grep -q '^verdict *accepted$' "$s/out" || good=1
    done
    report $good "accepted: $name"
}
refused() { # NAME OFFSET REASON BYTES...
    local name=$1 offset=$2 reason=$3 layer good=0
    shift 3
    code "$@"
    for layer in 1 2; do
        inspect --code "$s/code" --layer $layer >"$s/out" 2>"$s/err"
        status=$?
        [ $status = 1 ] && grep -q '^verdict *refused$' "$s/out" &&
            grep -Eq "^offset *$offset\$" "$s/out" && grep -Eq "^reason .*$reason" "$s/out" &&
            grep -Eq "$(printf 'refused at offset 0x%x: .*%s' "$offset" "$reason")" "$s/err" || good=1
    done
    report $good "refused: $name"
}

guard='41 81 e3 e0 ff ff 0f 4d 01 f3 41 ff e3'
# shellcheck disable=SC2086
{
    accepted "nops that end in ud2" 30x90 0f 0b
    accepted "a single hlt" f4
    accepted "33 bytes" 32x90 f4
    accepted "a jump to itself" eb fe
    accepted "a guarded jump" $guard
    accepted "a jump to the first gate" e9 fb ef ff ff
    accepted "a stack step with its probe" 48 83 ec 08 48 8b 04 24 f4
    accepted "a load by %gs" 65 67 8b 03 f4
    accepted "a load by %fs with a proof" 89 c3 64 8b 03 f4
    refused "syscall" 30 "kernel" 30x90 0f 05
    refused "a return" 1 "return" 90 c3
    refused "an unguarded jump" 0 "without mask" 41 ff e3
    refused "a guard in two bundles" 35 "without mask" 25x90 $guard
    refused "a jump into a guard" 13 "guarded sequence" $guard eb f8
    refused "a call in the middle of a bundle" 0 "end its bundle" e8 fb ff ff ff f4
    refused "a jump behind the last gate" 0 "to no gate" e9 bb f0 ff ff
    refused "a load without segment" 0 "without %gs" 8b 03 f4
    refused "a load by %fs without proof" 0 "not proven" 64 8b 03 f4
    refused "a load of read-only data, of which there is none" 0 "read-only data" 8b 05 fa ef ff 0f f4
    refused "a write to %r14" 0 "writes %r14" 49 89 c6 f4
    refused "a stack step without probe" 0 "without touching the stack" 48 83 ec 08 f4
    refused "wrgsbase" 0 "segment register" f3 48 0f ae d8 f4
    refused "enclu" 0 "SGX" 0f 01 d7 f4
    refused "half an instruction" 0 "past the end" b8
    refused "an instruction in two bundles" 31 "crosses" 31x90 b8 00 00 00 00 f4
    refused "code that runs off its end" 31 "pass the end" 32x90
    refused "a redundant prefix" 0 "prefix" 66 66 90 f4
}
# ---- what a function writes, marked or not ----
store='64 67 89 18' mark='41 89 c3 41 c1 eb 0c 43 c6 84 1e 00 00 00 20 01'
tracked() { # NAME EXIT TEXT WORDS...: BYTES are in $s/code; WORDS go to inspect
    local name=$1 exit=$2 text=$3
    shift 3
    inspect --code "$s/code" "$@" >"$s/out" 2>"$s/err"
    [ $? = "$exit" ] && grep -Eq "$text" "$s/out"
    report $? "$name"
}
# shellcheck disable=SC2086
{
    code $store $mark f4
    tracked "a store with its mark" 0 '^marks *1$' --layer 2 --tracking mark
    tracked "a mark where none are" 1 '^reason .*where no marks are' --layer 2
    tracked "the same, said" 1 '^reason .*where no marks are' --layer 2 --tracking copy
    tracked "the runtime writes no linear memory" 1 '^reason .*linear memory' --layer 1
    code $store f4
    tracked "a store without its mark" 1 '^reason .*mark does not follow' --layer 2 --tracking mark
    tracked "stores are free without marks" 0 '^marks *0$' --layer 2 --tracking copy
    tracked "... which is the default" 0 '^tracking *copy$' --layer 2
}
expect "--tracking of layer 1" 2 '' '--tracking' inspect --code "$s/code" --layer 1 --tracking mark
expect "--tracking of a kind that is none" 2 '' 'copy or mark' inspect --code "$s/code" --layer 2 --tracking auto

: >"$s/empty"
expect "an empty file is refused" 1 '' 'empty: refused' inspect --code "$s/empty" --layer 2
expect "a missing file is named" 1 '' 'no-such-file: No such file' inspect --code no-such-file --layer 2
expect "the runtime's code is accepted as layer 1" 0 '*' '' inspect --code "$build/sandboxed/l1.bin" --layer 1
printf '\364' >"$s/hlt"
expect "code comes from standard input" 0 '*' '' with_input '\0364' inspect --code - --layer 1
truncate -s 268431361 "$s/huge"
expect "more code than fits a code zone is refused" 1 '' 'huge: larger than any code zone' inspect --code "$s/huge" --layer 2
rm "$s/huge"

code 30x90 0f 05
inspect --json --code "$s/code" --layer 2 >"$s/out" 2>"$s/err"
status=$?
perl -MJSON::PP -e 'my $o = decode_json(join "", <STDIN>);
    exit !($o->{verdict} eq "refused" && $o->{offset} == 30 && $o->{reason_number} == 20 && $o->{layer} == 2
           && $o->{reason} =~ /kernel/ && $o->{bytes_there} eq "0f 05")' <"$s/out"
report $? "--json tells offset and reason"

# ---- usage ----
expect "--code without --layer" 2 '' '--layer' inspect --code "$s/hlt"
expect "--layer 3" 2 '' '1 or 2' inspect --code "$s/hlt" --layer 3
expect "--layer with a bundle" 2 '' 'bundle is layer 2' inspect --layer 2 "$s/hlt"
expect "--code with a bundle" 2 '' 'not both' inspect --code "$s/hlt" --layer 2 "$s/hlt"
expect "neither" 2 '' 'needs a bundle' inspect --verify

# ---- bundles ----
build_guests hello
expect "what reclave build makes is accepted" 0 '*' '' inspect --verify "$s/hello.rcl"
inspect --verify --json "$s/hello.rcl" >"$s/out" 2>"$s/err"
status=$?
perl -MJSON::PP -e 'my $o = decode_json(join "", <STDIN>); my %gates = map { $_ => 1 } @{$o->{gates}};
    exit !($o->{verdict} eq "accepted" && $o->{text_bytes} % 4096 == 0 && $o->{instructions} > 100
           && $o->{direct_branches} > 10 && $o->{guards_computed} > 0
           && $o->{guards} == $o->{guards_computed} + $o->{guards_proven} + $o->{guards_stack}
           && $gates{GATE2_WASI} && $gates{GATE2_RETURN} && !$gates{GATE1_EXIT})' <"$s/out"
report $? "its statistics are there, with the gates by name"

# The first two bytes of the text's last bundle.
perl -e 'local $/; $_ = <STDIN>; my ($manifest, $code) = unpack "x32 V2", $_;
    substr($_, 256 + $manifest + $code - 32, 2) = "\x0f\x05"; print' <"$s/hello.rcl" >"$s/spoiled.rcl"
inspect --verify --json "$s/spoiled.rcl" >"$s/out" 2>"$s/err"
status=$?
offset=$(perl -MJSON::PP -e 'printf "0x%x", decode_json(join "", <STDIN>)->{offset}' <"$s/out")
text=$(perl -e 'local $/; printf "0x%x", 4096 - 32 + unpack "x36 V", <STDIN>' <"$s/hello.rcl")
[ $status = 1 ] && [ "$offset" = "$text" ] && grep -q 'spoiled.rcl: refused.*rebuild it: reclave build' "$s/err"
report $? "a patched bundle is refused with advice"
expect "and by the enclave, at the same offset, for the same reason, with advice" 1 '' \
    "spoiled.rcl: .*SFI policy: enters or asks the kernel.*, at offset $offset: rebuild it with .reclave build" \
    run "$s/spoiled.rcl" </dev/null
expect "and by an enclave with eager pages" 1 '' "at offset $offset: rebuild" \
    run "$s/spoiled.rcl" --emulate sgx1 --enclave-size 16 </dev/null
expect "inspect without --verify shows it all the same" 0 '*' '' inspect "$s/spoiled.rcl"
expect "what is no bundle is refused" 1 '' 'not a Reclave bundle' inspect --verify "$guests/hello.wasm"
head -c 300 "$s/hello.rcl" >"$s/short.rcl"
expect "a truncated bundle is refused" 1 '' 'short.rcl: .' inspect --verify "$s/short.rcl"

finish
