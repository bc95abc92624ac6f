#!/bin/bash
# build.sh OUT.wasm: with the AssemblyScript compiler (npm install assemblyscript). ASC: its `asc`.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: $0 OUT.wasm" >&2; exit 2; }
out=$(realpath -m "$1")
asc=${ASC:-asc}
case $asc in */*) asc=$(realpath "$asc") ;; esac
cd "$(dirname "$0")"
exec "$asc" main.ts -O --runtime stub --use abort=main/abort -o "$out"
