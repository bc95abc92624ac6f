#!/bin/bash
# Can the quoting tests fail? Each mutant is one of the two enclaves with one defect; the named test
# must fail on it. The first is no mutant: the way of building must not be what fails.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=$(realpath "${BUILD:-build}")
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
number=0

# name | program:test that must fail | file | perl substitution
MUTANTS=$(grep -v '^#' <<'LIST'
no defect|all|sgx/quoting/enclave/report.c|s/\A//
the MAC is not compared|quote:a_report_with_any_bit_changed_is_refused|sgx/quoting/enclave/report.c|s/equal = bytes_equal_secret\(.*?\);/equal = true;/
half of the MAC is compared|quote:a_report_with_any_bit_changed_is_refused|sgx/quoting/enclave/report.c|s/report->mac, sizeof\(mac\)\)/report->mac, 8)/
a report for anybody will do|quote:a_report_for_another_enclave_is_refused|sgx/quoting/enclave/report.c|s/equal = bytes_equal_secret\(.*?\);/equal = true;/
a report of any machine will do|quote:a_report_of_another_cpu_is_refused|sgx/quoting/enclave/report.c|s/equal = bytes_equal_secret\(.*?\);/equal = true;/
nobody vouches for the attestation key|quote:qe_report_vouches_for_the_attestation_key|sgx/quoting/enclave/dispatch.c|s/sha256\(key_public\(\), sizeof.*?data\);//s
the header is not signed|quote:attestation_key_signs_header_and_report|sgx/quoting/enclave/dispatch.c|s/key_sign\(&q->body, sizeof\(q->body\)/key_sign(q->body.report, sizeof(q->body.report)/
requests may lie inside|quote:calls_are_checked|sgx/quoting/enclave/dispatch.c|s/if \(!border_outside\(address, bytes\)\)/if (0)/
requests may have any size|quote:calls_are_checked|sgx/quoting/enclave/dispatch.c|s/if \(bytes != size\)/if (0)/
requests may wrap around|quote:calls_are_checked|sgx/quoting/enclave/border.c|s/\|\| !add_u64\(address, bytes, &end\)\)/|| (!add_u64(address, bytes, \&end) \&\& 0))/
sealed to the signer|sealing:another_enclave_of_the_same_signer_gets_another_key|trusted/attest/report.c|s/KEYPOLICY_MRENCLAVE/KEYPOLICY_MRSIGNER/
one sealing key for all ids|sealing:any_other_id_gives_another_key|trusted/attest/report.c|s/__builtin_memcpy\(request.keyid.*?\);//
sealed for any security version|sealing:any_other_id_gives_another_key|trusted/attest/report.c|s/__builtin_memcpy\(request.cpusvn.*?\);//
a refusal is ignored|sealing:higher_versions_are_refused_and_leave_zeros|trusted/attest/report.c|s/status = ST_UNSUPPORTED;/status = ST_OK;/
LIST
)

# Sources by copy, what builds them and what is built already by link or copy.
prepare() { # DIRECTORY
    mkdir -p "$1/sgx" "$1/tests" "$1/trusted/monitor" "$1/build" || return 1
    cp -rp abi base mk "$1" && cp -rp sgx/quoting "$1/sgx" && cp -rp tests/quoting "$1/tests" &&
        cp -rp trusted/attest "$1/trusted" && cp -p trusted/monitor/libc.c "$1/trusted/monitor" &&
        cp -rp "$BUILD/trusted" "$1/build" || return 1
    ln -s "$BUILD/bin" "$BUILD/keys" "$1/build" || return 1
    printf '%s\n' 'DEV_SIGNING_KEY := build/keys/dev-signing-key.pem' \
        'include mk/common.mk mk/host.mk mk/trusted.mk sgx/quoting/build.mk tests/quoting/build.mk' \
        >"$1/Makefile"
}

build() { # DIRECTORY FILE SUBSTITUTION
    perl -0777 -pi -e "$3" "$1/$2" || return 1
    if [ "$3" != 's/\A//' ] && cmp -s "$2" "$1/$2"; then
        echo "# the mutation matches nothing in $2"
        return 1
    fi
    touch "$1/$2"
    env -u MAKEFLAGS -u MAKELEVEL make -s -C "$1" BUILD=build WARNINGS=-std=gnu17 \
        build/lib/reclave/images/quoting.rci build/tests/reporter.rci build/tests/reporter-twin.rci
}

run() { # DIRECTORY PROGRAM
    BUILD=$1/build CMOCKA_MESSAGE_OUTPUT=TAP timeout 60 "$BUILD/tests/quoting-$2" 2>&1
}

judge() { # DIRECTORY PROGRAM:TEST
    if [ "$2" = all ]; then
        run "$1" quote >"$1/log" && run "$1" sealing >>"$1/log"
    else
        run "$1" "${2%%:*}" >"$1/log"
        grep -q "^not ok [0-9]* - ${2#*:}\$" "$1/log"
    fi
}

while IFS='|' read -r name test file substitution; do
    number=$((number + 1))
    directory=$WORK/$number
    if prepare "$directory" && build "$directory" "$file" "$substitution" >"$directory/log" 2>&1 &&
        judge "$directory" "$test"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        tail -n 30 "$directory/log" | sed 's/^/# /'
    fi
    rm -rf "$directory"
done <<<"$MUTANTS"
echo "1..$number"
