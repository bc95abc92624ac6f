#!/bin/bash
# tools/setup against a pretended dpkg-query, id, sudo and apt-get.
set -uo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
number=0

fake() { # NAME; its body is standard input
    { echo '#!/bin/bash'; cat; } >"$scratch/bin/$1"
    chmod +x "$scratch/bin/$1"
}

run() {
    rm -f "$scratch/calls"
    touch "$scratch/calls"
    PATH="$scratch/bin:/usr/bin:/bin" CALLS="$scratch/calls" tools/setup >"$scratch/log" 2>&1 \
        </dev/null
    status=$?
}

check() { # NAME CONDITION...
    local name=$1
    shift
    number=$((number + 1))
    if "$@"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        sed 's/^/# log: /' "$scratch/log"
        sed 's/^/# called: /' "$scratch/calls"
    fi
}

fake apt-get <<<'echo "apt-get $*" >>"$CALLS"; exit "${APT_STATUS:-0}"'
fake sudo <<<'exit 1'

fake dpkg-query <<<'echo installed'
fake id <<<'echo 0'
run
check "everything installed: success" test "$status" -eq 0
check "everything installed: apt-get is not called" test ! -s "$scratch/calls"

fake dpkg-query <<<'[ "${!#}" = wabt ] && exit 1; echo installed'
run
check "one package missing, as root: success" test "$status" -eq 0
check "just that package is installed" grep -q 'apt-get install .* wabt$' "$scratch/calls"

fake dpkg-query <<<'[ "${!#}" = wabt ] && echo config-files || echo installed'
run
check "a removed package with left-over configuration is missing" \
    grep -q 'apt-get install .* wabt$' "$scratch/calls"

APT_STATUS=100 run
check "apt-get fails: failure" test "$status" -ne 0

fake apt-get <<<'echo "apt-get $*" >>"$CALLS"
if [ "$1" = update ]; then touch "$CALLS.updated"; else [ -f "$CALLS.updated" ]; fi'
run
check "old package lists: updates and tries again" test "$status" -eq 0

fake id <<<'echo 1000'
run
check "neither root nor sudo: failure" test "$status" -eq 1
check "the line to run is printed" grep -q 'apt-get install -y .* wabt$' "$scratch/log"
check "and apt-get is not called" test ! -s "$scratch/calls"
echo "1..$number"
