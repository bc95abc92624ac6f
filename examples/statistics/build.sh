#!/bin/bash
# build.sh OUT.wasm: with Debian's rustc and libstd-rust-dev-wasm32. RUSTC: another one that has the
# target wasm32-wasi (wasm32-wasip1 since Rust 1.78: TARGET=wasm32-wasip1).
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: $0 OUT.wasm" >&2; exit 2; }
exec "${RUSTC:-/usr/bin/rustc}" --edition 2021 --target "${TARGET:-wasm32-wasi}" -O \
    -C panic=abort -C strip=symbols -C lto -C linker=wasm-ld "$(dirname "$0")/main.rs" -o "$1"
