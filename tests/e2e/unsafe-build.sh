#!/bin/bash
# The build without rewinds, which bench/throughput compares with: it is what it claims to be, it can be told
# apart, and it stays where it is.
set -uo pipefail
export LC_ALL=C
s=$(mktemp -d)
trap 'rm -rf "$s"' EXIT
build=${BUILD:-build}
unsafe=$build/bench-unsafe
number=0

check() { # NAME COMMAND...
    local name=$1
    shift
    number=$((number + 1))
    if "$@" >"$s/log" 2>&1; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        tail -n 20 "$s/log" | sed 's/^/# /'
    fi
}

measurement() { # IMAGE
    "$build/bin/reclave-image" --show "$1" | awk '$1 == "mrenclave" { print $2 }'
}

# Counts its invocations in memory that a rewind clears.
cat >"$s/counter.c" <<'END'
#include <stdio.h>
static int calls;
int main(void)
{
    dprintf(1, "%d\n", ++calls);
    return 0;
}
END

counts() { # RECLAVE WANTED
    [ "$(printf 'x\nx\nx\n' | "$1" run --input-lines --backend emulator "$s/counter.rcl" | tr -d '\n')" = "$2" ]
}

no_measurement_among() { # FOLDER
    local image found=0
    for image in "$1"/lib/reclave/images/*.rci; do
        [ "${image##*/}" = quoting.rci ] && continue
        found=1
        [ "$(measurement "$image")" != "$unsafe_measurement" ] || return 1
    done
    [ $found = 1 ]
}

nothing_of_it_in() { # FOLDER
    ! find "$1" -type f -print0 | xargs -0 grep -lE '__wrap_(invoke|engine_rewind)'
}

check "a function that keeps a count is built" bash -c "
    clang --target=wasm32-wasi --sysroot=/usr -nostdlibinc -isystem /usr/include/wasm32-wasi -O2 $s/counter.c -o $s/counter.wasm &&
    $build/bin/reclave build $s/counter.wasm -o $s/counter.rcl"
check "rewound, it always counts 1" counts "$build/bin/reclave" 111
check "without, it remembers: unsafe" counts "$unsafe/bin/reclave" 123
unsafe_measurement=$(measurement "$unsafe/lib/reclave/images/reclave-lazy.rci")
check "its image has a measurement" bash -c "[[ $unsafe_measurement =~ ^[0-9a-f]{64}$ ]]"
check "which none of the images has" no_measurement_among "$build"
check "an installation is made" tools/install "$build" "$s/prefix"
check "with a reclave in it" test -x "$s/prefix/bin/reclave"
check "none of its images is the unsafe one" no_measurement_among "$s/prefix"
check "the unsafe program knows that it is one" grep -q __wrap_engine_rewind "$unsafe/bin/reclave"
check "nothing installed does" nothing_of_it_in "$s/prefix"
check "no file of it is named in the manifest" bash -c "! grep -i unsafe $s/prefix/lib/reclave/manifest"
check "what make would build includes reclave" bash -c "make -n BUILD=$s/none programs >$s/plan && grep -q 'bin/reclave' $s/plan"
check "and nothing unsafe" bash -c "! grep -i 'bench-unsafe' $s/plan"
echo "1..$number"
