#!/bin/bash
# Installs what is built into an empty folder, runs it from there and uninstalls it again.
set -uo pipefail
build=${BUILD:-build}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
number=0

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

prefix=$scratch/root/opt/reclave
check "install" tools/install "$build" "$prefix"
check "reclave --version runs from there" "$prefix/bin/reclave" --version
check "reclave-image --show accepts the installed image" \
    "$prefix/bin/reclave-image" --show "$prefix/lib/reclave/images/reclave-lazy.rci"
check "the SDK is there" test -f "$prefix/lib/reclave/sdk/abi/gates.h"
check "the licence is there" cmp LICENSE "$prefix/share/doc/reclave/LICENSE"
check "no signing key is" bash -c "! grep -rlq 'PRIVATE KEY' '$prefix'"
check "install again over it" tools/install "$build" "$prefix"

echo mine >"$prefix/lib/reclave/mine"
check "uninstall" tools/uninstall "$prefix"
check "a file of somebody else's stays" test -f "$prefix/lib/reclave/mine"
check "nothing else does" test "$(find "$prefix" -type f | wc -l)" -eq 1
rm "$prefix/lib/reclave/mine"
check "uninstall of nothing fails" bash -c "! tools/uninstall '$prefix'"

check "install into an empty prefix" tools/install "$build" "$prefix"
check "uninstall leaves no file and no folder" bash -c \
    "tools/uninstall '$prefix' && [ -z \"\$(find '$prefix' -mindepth 1)\" ]"

dry_run() { # TARGET: what make would do, with a PREFIX and a DESTDIR
    env -u MAKEFLAGS -u MAKELEVEL make -n "$1" BUILD="$build" PREFIX=/usr DESTDIR=/staging
}
check "make install honours PREFIX and DESTDIR" bash -c \
    "$(declare -f dry_run); build=$build; dry_run install | grep -q 'tools/install .* \"/staging/usr\"'"
check "so does make uninstall" bash -c \
    "$(declare -f dry_run); build=$build; dry_run uninstall | grep -q 'tools/uninstall \"/staging/usr\"'"

mkdir -p "$prefix/lib/reclave" && echo ../../victim >"$prefix/lib/reclave/manifest"
touch "$scratch/root/victim"
check "a manifest that points out of the prefix is refused" bash -c "! tools/uninstall '$prefix'"
check "and its target stays" test -f "$scratch/root/victim"
echo "1..$number"
