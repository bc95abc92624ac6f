#!/bin/bash
# Two builds of the tree, in folders of other names and lengths, under another umask, home, locale and
# date: the same MRENCLAVE, the same image file and the same bundle.
set -uo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
top=$PWD
first=$scratch/a
second=$scratch/a-much-longer/name/for/the/other/tree
number=0

check() { # NAME COMMAND...
    local name=$1
    shift
    number=$((number + 1))
    if "$@" >"$scratch/log" 2>&1; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        tail -n 40 "$scratch/log" | sed 's/^/# /'
    fi
}

sources() { # every file of the tree that is not built, NUL-separated
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files -z --cached --others --exclude-standard
    else
        find . \( -path ./build -o -path ./.git \) -prune -o -type f -print0
    fi
}

copy_tree() { # FOLDER
    mkdir -p "$1"
    sources | tar --null -T - --ignore-failed-read -c 2>/dev/null | tar -x -C "$1"
}

build_tree() { # FOLDER
    # A make of our own: flags of the calling one (-j, BUILD=) must not reach it.
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u BUILD \
        make -s -C "$1" -j2 build/trusted/monitor.elf build/sandboxed/l1.elf \
        build/trusted/qe.elf build/bin/reclave-image build/bin/reclave
}

make_image() { # FOLDER OPTIONS... > FOLDER/image.rci
    (cd "$1" && shift &&
        build/bin/reclave-image --monitor build/trusted/monitor.elf --l1 build/sandboxed/l1.elf \
            --key "$scratch/key.pem" "$@" -o image.rci)
}

make_quoting_image() { # FOLDER
    (cd "$1" && build/bin/reclave-image --enclave build/trusted/qe.elf --key "$scratch/key.pem" \
        -o quoting.rci)
}

make_bundle() { # FOLDER
    (cd "$1" && build/bin/reclave build "$scratch/guest.wasm" -o guest.rcl)
}

same() { cmp "$first/$1" "$second/$1"; }

mrenclave() { "$1/build/bin/reclave-image" --show "$1/image.rci" | grep -E '^mrenclave  [0-9a-f]{64}$'; }

same_mrenclave() {
    local of_first
    of_first=$(mrenclave "$first") && [ "$of_first" = "$(mrenclave "$second")" ]
}

check "a signing key of this test's own" "$top/${BUILD:-build}/bin/reclave-image" \
    --new-key "$scratch/key.pem"
cat >"$scratch/guest.wat" <<'WAT'
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "constant data")
  (func (export "_start") (call $exit (i32.load8_u (i32.const 8)))))
WAT
check "a guest" wat2wasm "$scratch/guest.wat" -o "$scratch/guest.wasm"

check "copy the tree" copy_tree "$first"
check "copy it again elsewhere" copy_tree "$second"
check "build the first" build_tree "$first"
check "build the second, in another environment" env HOME="$scratch" LANG=de_DE.UTF-8 \
    USER=somebody bash -c "umask 077; $(declare -f build_tree); build_tree '$second'"

for options in "--pages lazy --slots 3" "--pages eager --size 16"; do
    read -ra words <<<"$options"
    check "image of the first ($options)" make_image "$first" "${words[@]}"
    check "image of the second" make_image "$second" "${words[@]}"
    check "the same MRENCLAVE" same_mrenclave
    check "and the same file" same image.rci
done

check "quoting enclave of the first" make_quoting_image "$first"
check "quoting enclave of the second" make_quoting_image "$second"
check "the same file" same quoting.rci

check "bundle of the first" make_bundle "$first"
check "bundle of the second" make_bundle "$second"
check "the same bundle" same guest.rcl
echo "1..$number"
