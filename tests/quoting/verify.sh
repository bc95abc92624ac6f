#!/bin/bash
# Quotes of the emulator before `reclave verify`: the same verifier, the same formats, another root.
set -uo pipefail
build=${BUILD:-build}
reclave=$build/bin/reclave
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
now=1750000000
number=0

if ! "$reclave" verify --help >/dev/null 2>&1; then
    echo "1..0 # SKIP this reclave has no verb verify"
    exit 0
fi

# verdict NAME STATUS PATTERN ARGUMENT...: exit status, and a pattern that the JSON has
verdict() {
    local name=$1 status=$2 pattern=$3 got
    shift 3
    number=$((number + 1))
    "$reclave" verify --json "$@" >"$scratch/out" 2>"$scratch/err"
    got=$?
    if [ "$got" -eq "$status" ] && tr -d ' \n' <"$scratch/out" | grep -q -- "$pattern"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        echo "# exit status $got, expected $status and $pattern"
        sed 's/^/# /' "$scratch/out" "$scratch/err"
    fi
}

mkdir "$scratch/a" "$scratch/b"
"$build/tests/quoting-sample" "$scratch/a" $now || exit 1
"$build/tests/quoting-sample" "$scratch/b" $now || exit 1
quote=(--quote "$scratch/a/quote.bin" --time $now)
collateral=(--collateral "$scratch/a/collateral.json")
root=(--root "$scratch/a/root.pem")

verdict "a quote of the emulator under its root" 0 '"verdict":"accept"' \
    "${quote[@]}" "${collateral[@]}" "${root[@]}"
verdict "is up to date" 0 '"tcb_status":"UpToDate"' "${quote[@]}" "${collateral[@]}" "${root[@]}"
verdict "without its root named: rejected" 1 '"verdict":"reject"' "${quote[@]}" "${collateral[@]}"
verdict "under another development root: rejected" 1 '"verdict":"reject"' \
    "${quote[@]}" "${collateral[@]}" --root "$scratch/b/root.pem"
verdict "with another root's collateral: rejected" 1 '"verdict":"reject"' \
    "${quote[@]}" --collateral "$scratch/b/collateral.json" "${root[@]}"
verdict "a month later: rejected" 1 '"verdict":"reject"' --quote "$scratch/a/quote.bin" \
    --time $((now + 31 * 86400)) "${collateral[@]}" "${root[@]}"
cp "$scratch/a/quote.bin" "$scratch/changed.bin"
printf '\1' | dd of="$scratch/changed.bin" bs=1 seek=400 conv=notrunc status=none
verdict "with another REPORTDATA: rejected" 1 '"verdict":"reject"' \
    --quote "$scratch/changed.bin" --time $now "${collateral[@]}" "${root[@]}"
echo "1..$number"
