#!/bin/bash
# reclave-image from the command line: exit codes, messages, and no half-made files.
set -uo pipefail
build=${BUILD:-build}
tool=$build/bin/reclave-image
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
number=0
parts=(--monitor "$build/trusted/monitor.elf" --l1 "$build/sandboxed/l1.elf")

# said MESSAGE: it is a part of what was said on stderr; an empty one means that nothing was
said() {
    if [ -n "$1" ]; then grep -qF -- "$1" "$scratch/err"; else [ ! -s "$scratch/err" ]; fi
}

# expect NAME STATUS MESSAGE ARGUMENT...
expect() {
    local name=$1 status=$2 message=$3 got
    shift 3
    number=$((number + 1))
    "$tool" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    got=$?
    if [ "$got" -eq "$status" ] && said "$message"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        echo "# exit status $got, expected $status and '$message'"
        sed 's/^/# /' "$scratch/out" "$scratch/err"
    fi
}

check() { # NAME COMMAND...
    local name=$1
    shift
    number=$((number + 1))
    if "$@" >"$scratch/log" 2>&1; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        sed 's/^/# /' "$scratch/log"
    fi
}

key=$scratch/key.pem
image=$scratch/image.rci
whole=("${parts[@]}" --key "$key" -o "$image")

expect "no argument" 2 "give one of --output, --show and --new-key"
expect "an unknown option" 2 "unrecognized option" --no-such-option
expect "an argument that is no option" 2 "Too many arguments" --show x y
expect "two things at once" 2 "give one of" --show x --new-key y
expect "an image without a key" 2 "--output needs" "${parts[@]}" --pages lazy -o "$image"
expect "pages of an unknown kind" 2 "must be lazy or eager, not 'some'" "${whole[@]}" --pages some
expect "a size that is no number" 2 "--size must be a number" "${whole[@]}" --size 16M --pages eager
expect "a negative size" 2 "--size must be a number" "${whole[@]}" --size -1 --pages eager
expect "too many slots" 2 "--slots must be a number from 0 to 15" "${whole[@]}" --slots 16
expect "--json without --show" 2 "--json goes with --show" --new-key x --json
expect "--help" 0 "" --help
check "it shows an example" grep -q '^Example: reclave-image' "$scratch/out"

expect "a key that is not there" 1 "$key: No such file" "${whole[@]}" --pages lazy
expect "a new key" 0 "" --new-key "$key"
check "which only its owner can read" test "$(stat -c %a "$key")" = 600
cp "$key" "$scratch/copy.pem"
expect "a key is never overwritten" 1 "$key: File exists" --new-key "$key"
check "and stays as it was" cmp "$key" "$scratch/copy.pem"
echo "no key" >"$scratch/text.pem"
expect "a file that is no key" 1 "not an RSA-3072 private key" "${parts[@]}" --pages lazy \
    --key "$scratch/text.pem" -o "$image"
check "owner's key of a function" "$build/bin/reclave" key new "$scratch/owner.pem"
expect "is of another kind" 1 "not an RSA-3072 private key" "${parts[@]}" --pages lazy \
    --key "$scratch/owner.pem" -o "$image"

expect "a monitor that is not there" 1 "$scratch/none: No such file" --monitor "$scratch/none" \
    --l1 "$build/sandboxed/l1.elf" --pages lazy --key "$key" -o "$image"
expect "monitor and layer 1 exchanged, refused by name" 1 "reclave-image: $build/" --monitor \
    "$build/sandboxed/l1.elf" --l1 "$build/trusted/monitor.elf" --pages lazy --key "$key" -o "$image"
expect "the monitor as layer 1" 1 "layer 1" --monitor "$build/trusted/monitor.elf" --l1 \
    "$build/trusted/monitor.elf" --pages lazy --key "$key" -o "$image"
expect "a size that is too small" 1 "choose a larger --size" "${whole[@]}" --pages eager --size 1
expect "no slot" 1 "--slots must be from 1" "${whole[@]}" --pages lazy --slots 0
expect "a folder that is not there" 1 "No such file" "${parts[@]}" --pages lazy --key "$key" \
    -o "$scratch/none/image.rci"
check "no failure leaves a file" test -z "$(find "$scratch" -name '*.rci*')"

SOURCE_DATE_EPOCH=1709208000 expect "an image" 0 "" "${whole[@]}" --pages lazy --slots 2 --svn 3 \
    --prod-id 4
expect "is shown" 0 "" --show "$image"
check "with its date, product and version" grep -q '^product *4, version 3, signed 20240229$' \
    "$scratch/out"
check "and its MRENCLAVE" grep -Eq '^mrenclave  [0-9a-f]{64}$' "$scratch/out"
expect "as JSON" 0 "" --show "$image" --json
check "which is well-formed and says the same" perl -MJSON::PP -e \
    'local $/; my $j = decode_json(<>); exit !($j->{slots} == 2 && $j->{svn} == 3 &&
     $j->{mrenclave} =~ /^[0-9a-f]{64}$/ && @{$j->{runs}} > 10)' "$scratch/out"
SOURCE_DATE_EPOCH=yesterday expect "a date that is no number" 1 "SOURCE_DATE_EPOCH" "${whole[@]}" \
    --pages lazy
check "leaves the image that was there" "$tool" --show "$image"
printf '\1' | dd of="$image" bs=1 seek=40000 conv=notrunc status=none
expect "a changed image" 1 "do not measure to its MRENCLAVE" --show "$image"

plain=$scratch/plain.rci
expect "a plain image" 0 "" --enclave "$build/trusted/qe.elf" --key "$key" --prod-id 5 -o "$plain"
expect "is shown" 0 "" --show "$plain"
check "as such, with its own product" grep -q '^product *5,' "$scratch/out"
check "and without slots" grep -q '^slots      0, ELRANGE 0x200000$' "$scratch/out"
expect "a plain image without a key" 2 "--output needs --key" --enclave "$build/trusted/qe.elf" -o "$plain"
expect "a program and layers" 2 "--enclave goes without" --enclave "$build/trusted/qe.elf" \
    "${parts[@]}" --pages lazy --key "$key" -o "$plain"
expect "a program of the host's" 1 "wants an interpreter" --enclave "$build/bin/reclave" --key "$key" \
    -o "$scratch/none.rci"
check "leaves no file" test ! -e "$scratch/none.rci"
printf '\1' | dd of="$plain" bs=1 seek=5000 conv=notrunc status=none
expect "a changed plain image" 1 "do not measure to its MRENCLAVE" --show "$plain"
printf '\1' | dd of="$plain" bs=1 seek=20 conv=notrunc status=none
expect "a plain image with slots" 1 "a plain image with slots" --show "$plain"
expect "something else" 1 "not an enclave image" --show "$build/trusted/monitor.elf"
expect "a folder" 1 "not a regular file" --show "$scratch"
echo "1..$number"
