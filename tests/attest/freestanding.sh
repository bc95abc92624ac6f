#!/bin/bash
# trusted/attest links into an enclave: with base/, the monitor's libc.c and BearSSL there is nothing
# left to resolve, and no instruction that is illegal inside can be reached.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
number=0
failed=0

result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        sed 's/^/# /' "$scratch/log"
        failed=1
    fi
}

read -ra objects <<<"$(make -s --no-print-directory attest-objects)"
${CC:-gcc} -nostdlib -static-pie -Wl,--no-dynamic-linker -Wl,-z,noexecstack -Wl,--no-gc-sections \
    -Wl,--no-undefined -Wl,-e,claims_encode "${objects[@]}" "$BUILD/trusted/trusted/monitor/libc.o" \
    -l:libbearssl.a -o "$scratch/attest.elf" >"$scratch/log" 2>&1
result $? 'nothing is left to resolve'

# BearSSL's selectors of implementations execute CPUID; they come along with what they select.
objdump -d --no-show-raw-insn "$scratch/attest.elf" >"$scratch/code"
awk '/^[0-9a-f]+ </ { f = $2 } $2 ~ /^(cpuid|rdtsc|rdtscp|syscall|xgetbv)$/ { print f, $2 }' "$scratch/code" |
    sort -u | grep -vxF -e '<br_ghash_pclmul_get>: cpuid' -e '<br_aes_x86ni_supported>: cpuid' >"$scratch/log"
[ ${PIPESTATUS[2]} -ne 0 ]
result $? 'CPUID is in BearSSL'"'"'s selectors only, and nothing else illegal is there'

# Who calls them: only the other selectors, which nobody calls.
awk '/^[0-9a-f]+ </ { f = $2 }
     /(call|jmp).*<br_(ghash_pclmul_get|aes_x86ni_supported|aes_x86ni_ctr_get_vtable)>/ { print f, $0 }' \
    "$scratch/code" | grep -v '^<br_[a-z0-9_]*_get_vtable>:' >"$scratch/log"
[ ! -s "$scratch/log" ]
result $? 'nothing of ours calls a selector'
echo "1..$number"
exit $failed
