#!/bin/bash
# reclave build, inspect and key from the command line: what they accept, what they say when they
# refuse, and that they leave nothing behind.
set -uo pipefail
cd "$(dirname "$0")/../.."
reclave=$PWD/${BUILD:-build}/bin/reclave
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/tmp"
export TMPDIR=$scratch/tmp
number=0

result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        sed 's/^/# /' "$scratch/out" "$scratch/err" 2>/dev/null
    fi
}

run() { # ARGUMENT... : output in $scratch/out and $scratch/err
    "$reclave" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
}

wat() { # NAME TEXT: writes $scratch/NAME.wasm, features on, without validation
    printf '%s\n' "$2" >"$scratch/$1.wat"
    wat2wasm --enable-all --no-check "$scratch/$1.wat" -o "$scratch/$1.wasm" || exit 1
}

accepts() { # NAME FILE ARGUMENT...
    local name=$1 file=$2
    shift 2
    rm -f "$scratch/out.rcl"
    run build "$scratch/$file.wasm" -o "$scratch/out.rcl" "$@" && run inspect "$scratch/out.rcl"
    result $? "accepts $name"
}

refuses() { # NAME FILE MESSAGE ARGUMENT...
    local name=$1 file=$2 message=$3 status
    shift 3
    rm -f "$scratch/out.rcl"
    run build "$scratch/$file.wasm" -o "$scratch/out.rcl" "$@"
    status=$?
    [ $status -eq 1 ] && grep -qF -- "$message" "$scratch/err" && [ ! -e "$scratch/out.rcl" ]
    result $? "refuses $name"
}

usage_error() { # NAME ARGUMENT...
    local name=$1
    shift
    run "$@"
    [ $? -eq 2 ] && [ -s "$scratch/err" ] && [ ! -s "$scratch/out" ]
    result $? "usage error: $name"
}

echo "1..78"
command='(func (export "_start"))'
handle='(func (export "handle") (result i32) (i32.const 0))'

# ---- modules that are functions
wat command "(module $command (memory (export \"memory\") 2 4))"
wat reactor "(module $handle (func (export \"_initialize\")) (memory 1))"
wat hooks "(module $handle (func (export \"reclave_after_rewind\")) (func (export \"wizer.initialize\")))"
wat empty_memory "(module $command (memory 0))"
wat names '(module (func (export "_start")) (func (export "a */ #error \22 \\\0a b")) (memory (export "*/") 1))'
wat imports '(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (export "reexported" (func 0)) (func (export "_start") (drop (call 1 (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))))'
wat huge_table "(module $command (table 100000 funcref))"
accepts "a command" command
accepts "a reactor with _initialize" reactor
accepts "the hooks of snapshots" hooks
accepts "an empty memory" empty_memory
accepts "export names made to break C" names
accepts "repeated, unimplemented and re-exported imports" imports
accepts "a table larger than the growth limit" huge_table

preview1() { # a module that imports all of WASI preview 1 and calls each through a table
    local name params results
    echo '(module'
    while read -r name params results; do
        printf '(import "wasi_snapshot_preview1" "%s" (func (param %s) (result %s)))\n' \
            "$name" "${params//,/ }" "${results//,/ }"
    done <<'LIST'
args_get i32,i32 i32
args_sizes_get i32,i32 i32
environ_get i32,i32 i32
environ_sizes_get i32,i32 i32
clock_res_get i32,i32 i32
clock_time_get i32,i64,i32 i32
fd_advise i32,i64,i64,i32 i32
fd_allocate i32,i64,i64 i32
fd_close i32 i32
fd_datasync i32 i32
fd_fdstat_get i32,i32 i32
fd_fdstat_set_flags i32,i32 i32
fd_fdstat_set_rights i32,i64,i64 i32
fd_filestat_get i32,i32 i32
fd_filestat_set_size i32,i64 i32
fd_filestat_set_times i32,i64,i64,i32 i32
fd_pread i32,i32,i32,i64,i32 i32
fd_prestat_get i32,i32 i32
fd_prestat_dir_name i32,i32,i32 i32
fd_pwrite i32,i32,i32,i64,i32 i32
fd_read i32,i32,i32,i32 i32
fd_readdir i32,i32,i32,i64,i32 i32
fd_renumber i32,i32 i32
fd_seek i32,i64,i32,i32 i32
fd_sync i32 i32
fd_tell i32,i32 i32
fd_write i32,i32,i32,i32 i32
path_create_directory i32,i32,i32 i32
path_filestat_get i32,i32,i32,i32,i32 i32
path_filestat_set_times i32,i32,i32,i32,i64,i64,i32 i32
path_link i32,i32,i32,i32,i32,i32,i32 i32
path_open i32,i32,i32,i32,i32,i64,i64,i32,i32 i32
path_readlink i32,i32,i32,i32,i32,i32 i32
path_remove_directory i32,i32,i32 i32
path_rename i32,i32,i32,i32,i32,i32 i32
path_symlink i32,i32,i32,i32,i32 i32
path_unlink_file i32,i32,i32 i32
poll_oneoff i32,i32,i32,i32 i32
proc_raise i32 i32
random_get i32,i32 i32
sock_accept i32,i32,i32 i32
sock_recv i32,i32,i32,i32,i32,i32 i32
sock_send i32,i32,i32,i32,i32 i32
sock_shutdown i32,i32 i32
LIST
    echo '(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))'
    echo '(import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))'
    echo '(table funcref (elem' {0..45} '))'
    echo '(func (export "_start") (drop (call_indirect (result i32) (i32.const 44)))))'
}
wat preview1 "$(preview1)"
accepts "all 46 functions of WASI preview 1" preview1

# ---- modules that are not
wat no_entry '(module (func (export "main")))'
wat both_entries "(module $command $handle)"
wat command_and_initialize "(module $command (func (export \"_initialize\")))"
wat start_type '(module (func (export "_start") (param i32)))'
wat handle_type '(module (func (export "handle") (result i64) (i64.const 0)))'
wat handle_kind '(module (memory (export "handle") 1))'
wat foreign_import "(module (import \"env\" \"secret\" (func)) $command)"
wat unknown_wasi "(module (import \"wasi_snapshot_preview1\" \"fd_teleport\" (func)) $command)"
wat old_wasi "(module (import \"wasi_unstable\" \"fd_close\" (func (param i32) (result i32))) $command)"
wat wasi_type "(module (import \"wasi_snapshot_preview1\" \"fd_close\" (func (param i64) (result i32))) $command)"
wat imported_memory "(module (import \"env\" \"memory\" (memory 1)) $command)"
wat imported_table "(module (import \"env\" \"table\" (table 1 funcref)) $command)"
wat imported_global "(module (import \"env\" \"g\" (global i32)) $command)"
wat two_memories "(module (memory 1) (memory 1) $command)"
wat large_memory "(module (memory 5000) $command)"
wat large_table "(module (table 100000000 funcref) $command)"
wat simd "(module (memory 1) (func (export \"_start\") (drop (v128.load (i32.const 0)))))"
wat simd_type "(module (func (param v128)) $command)"
wat threads "(module (memory 1 1 shared) $command)"
wat atomics "(module (memory 1) (func (export \"_start\") (drop (i32.atomic.load (i32.const 0)))))"
wat memory64 "(module (memory i64 1) $command)"
wat tail_call '(module (func $f) (func (export "_start") (return_call $f)))'
wat exceptions '(module (tag $e) (func (export "_start") (throw $e)))'
wat extended_const "(module (global i32 (i32.add (i32.const 1) (i32.const 2))) $command)"
wat invalid_body '(module (func (export "_start") (i32.const 1)))'
refuses "a module without entry" no_entry "exports neither _start"
refuses "a module with both entries" both_entries "exports both _start and handle"
refuses "a command with _initialize" command_and_initialize "exports both _start and _initialize"
refuses "_start with a parameter" start_type "the export _start must have the type () -> ()"
refuses "handle without i32" handle_type "the export handle must have the type () -> (i32)"
refuses "handle that is a memory" handle_kind "the export handle must be a function"
refuses "an import from env" foreign_import "imports env.secret"
refuses "an unknown WASI function" unknown_wasi "imports wasi_snapshot_preview1.fd_teleport"
refuses "an outdated WASI" old_wasi "outdated WASI"
refuses "a WASI function with another type" wasi_type "with the type (i64) -> (i32)"
refuses "an imported memory" imported_memory "imports the memory env.memory"
refuses "an imported table" imported_table "imports the table env.table"
refuses "an imported global" imported_global "imports the global env.g"
refuses "two memories" two_memories "2 memories"
refuses "more memory than the limit" large_memory "starts with 313 MiB"
accepts "the same with a higher limit" large_memory --memory 400
refuses "too large a table" large_table "table 0 has too many elements"
refuses "SIMD" simd "-mno-simd128"
refuses "SIMD types" simd_type "-mno-simd128"
refuses "shared memory" threads "-pthread"
refuses "atomics" atomics "-matomics"
refuses "64-bit memory" memory64 "wasm32"
refuses "tail calls" tail_call "-mno-tail-call"
refuses "exceptions" exceptions "-fno-exceptions"
refuses "extended constants" extended_const "-mno-extended-const"
refuses "an invalid body" invalid_body "not valid WebAssembly"

# ---- files that are no modules
: >"$scratch/nothing.wasm"
head -c 30 "$scratch/imports.wasm" >"$scratch/truncated.wasm"
head -c 5000 /dev/zero | openssl enc -aes-128-ctr -K 0 -iv 0 2>/dev/null >"$scratch/random.wasm"
printf '\0asm\r\0\1\0' >"$scratch/component.wasm"
{ cat "$scratch/command.wasm"; head -c 33554433 /dev/zero; } >"$scratch/large.wasm"
refuses "an empty file" nothing "8 bytes are needed"
refuses "a truncated module" truncated "cut off or damaged"
refuses "random bytes" random "not a WebAssembly binary"
refuses "a component" component "no components"
refuses "33 MiB" large "more than 32 MiB"
refuses "a missing file" missing "No such file"
run build "$scratch/command.wasm" -o "$scratch/no/such/folder.rcl"
[ $? -eq 1 ] && grep -q 'No such file' "$scratch/err"
result $? "refuses an output that cannot be written"

# ---- options
accepts "every option" command --cpu 2 --stack 64 --memory 1 --env LANG --env HOME \
    --name other.name --fn-version 1.2.3 --allow-init-random
run inspect --json "$scratch/out.rcl" &&
    python3 - "$scratch/out" <<'PYTHON'
import json, sys
bundle = json.load(open(sys.argv[1]))
expected = {'name': 'other.name', 'version': '1.2.3', 'cpu_level': 2, 'stack_bytes': 65536,
            'memory_initial': 131072, 'memory_max': 262144, 'env_allow': ['LANG', 'HOME'],
            'allow_init_random': True, 'signed': False, 'tenant': '0' * 64, 'kind': 'command',
            'entries': ['_start']}
wrong = {key: bundle.get(key) for key in expected if bundle.get(key) != expected[key]}
sys.exit(f'{wrong}' if wrong else 0)
PYTHON
result $? "inspect --json says so"
tracks() { # NAME TRACKING: out.rcl says so, and the verifier accepts it as that
    run inspect --verify "$scratch/out.rcl" && grep -q "^tracking *$2\$" "$scratch/out" &&
        run inspect "$scratch/out.rcl" && grep -q "^tracking *$2\$" "$scratch/out"
    result $? "$1"
}
stores='(func (export "_start") (i32.store (i32.load (i32.const 0)) (i32.const 7)))'
wat small "(module (memory (export \"memory\") 255) $stores)"
wat large "(module (memory (export \"memory\") 256) $stores)"
accepts "a function with marks" small --tracking mark
tracks "--tracking mark marks" mark
accepts "a small function" small --tracking auto
tracks "below 16 MiB a rewind copies" copy
accepts "a large function" large
tracks "from 16 MiB on a function marks" mark
accepts "a large function without marks" large --tracking copy
tracks "--tracking copy does not mark" copy
usage_error "a tracking that is none" build "$scratch/small.wasm" -o "$scratch/out.rcl" --tracking some
usage_error "no verb"
usage_error "unknown verb" frobnicate
usage_error "no output" build "$scratch/command.wasm"
usage_error "bad number" build "$scratch/command.wasm" -o "$scratch/out.rcl" --memory many
usage_error "CPU level out of range" build "$scratch/command.wasm" -o "$scratch/out.rcl" --cpu 5
refuses "a bad name" command "the name must be" --name 'a b'
refuses "a bad environment name" command "not the name of an environment variable" --env A=B

# ---- keys and signatures
run key new "$scratch/owner.pem" && [ "$(stat -c %a "$scratch/owner.pem")" = 600 ]
result $? "key new makes a private file"
cp "$scratch/out" "$scratch/tenant"
cp "$scratch/owner.pem" "$scratch/before.pem"
! run key new "$scratch/owner.pem" && cmp -s "$scratch/owner.pem" "$scratch/before.pem"
result $? "key new does not overwrite"
run key show "$scratch/owner.pem" && cmp -s "$scratch/out" "$scratch/tenant"
result $? "key show tells the same tenant"
run build "$scratch/command.wasm" -o "$scratch/signed.rcl" --sign "$scratch/owner.pem" &&
    run inspect "$scratch/signed.rcl" && grep -q '^signed *yes$' "$scratch/out" &&
    [ "$(awk '$1 == "tenant" {print $2}' "$scratch/out")" = "$(awk '{print $2}' "$scratch/tenant")" ]
result $? "a signed bundle names its tenant"
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$scratch/rsa.pem" 2>/dev/null
refuses "clear logs of encrypted input" command "cannot have its logs readable by the host" --sign "$scratch/owner.pem" \
    --encrypted-input --logs clear
for logs in encrypted none; do
    accepts "encrypted input, $logs logs" command --sign "$scratch/owner.pem" --encrypted-input --logs $logs
done
accepts "clear logs of any input" command --logs clear
refuses "an RSA key" command "not an ECDSA P-256 key" --sign "$scratch/rsa.pem"
refuses "a key that is none" command "not a private key" --sign "$scratch/command.wasm"
python3 - "$scratch/signed.rcl" "$scratch/flipped.rcl" <<'PYTHON'
import sys
data = bytearray(open(sys.argv[1], 'rb').read())
data[len(data) // 2] ^= 1
open(sys.argv[2], 'wb').write(data)
PYTHON
run inspect "$scratch/flipped.rcl"
[ $? -eq 1 ] && grep -q 'signature' "$scratch/err"
result $? "inspect refuses a flipped bit"
run inspect "$scratch/command.wasm"
[ $? -eq 1 ] && [ -s "$scratch/err" ]
result $? "inspect refuses what is no bundle"

# ---- what the verifier refuses is not handed out: here the linker script adds a SYSCALL
mkdir "$scratch/data"
cp -r "${BUILD:-build}/lib/reclave/"* "$scratch/data/"
run_with_data() { RECLAVE_DATA_DIR=$scratch/data run "$@"; }
run_with_data build "$scratch/command.wasm" -o "$scratch/copied.rcl" && [ -s "$scratch/copied.rcl" ]
result $? "a copy of the SDK builds"
sed -i 's/\*(.text .text.\*)/& . = ALIGN(32); SHORT(0x050f)/' "$scratch/data/sdk/sandboxed/crt/bundle.ld"
refused_by_verifier() { # STATUS of the last run
    [ "$1" -eq 1 ] && [ ! -s "$scratch/out" ] &&
        grep -Eq 'command.wasm: internal error: the verifier refuses .* at offset 0x1[0-9a-f]{3}: .*kernel.*report' \
            "$scratch/err"
}
run_with_data build "$scratch/command.wasm" -o "$scratch/spoiled.rcl"
refused_by_verifier $? && [ ! -e "$scratch/spoiled.rcl" ]
result $? "refuses its own output when the verifier does, and writes no file"
run_with_data build "$scratch/command.wasm" -o "$scratch/copied.rcl" --sign "$scratch/owner.pem"
refused_by_verifier $? && run inspect "$scratch/copied.rcl" && grep -q '^signed *no$' "$scratch/out"
result $? "... when it is to be signed, and leaves an older file alone"
run_with_data run --backend emulator "$scratch/command.wasm"
refused_by_verifier $?
result $? "... when reclave run builds it"

# ---- the same input, the same file
mkdir -p "$scratch/elsewhere/deep"
cp "$scratch/imports.wasm" "$scratch/elsewhere/deep/"
run build "$scratch/imports.wasm" -o "$scratch/first.rcl" &&
    (cd "$scratch/elsewhere/deep" && umask 077 && HOME=/nonexistent LANG=C.UTF-8 TZ=Asia/Tokyo \
        "$reclave" build imports.wasm -o second.rcl) &&
    cmp "$scratch/first.rcl" "$scratch/elsewhere/deep/second.rcl" >"$scratch/out"
result $? "two builds from different folders are byte-identical"
mkdir "$scratch/bin"
for tool in wasm-validate wasm2c gcc as ld; do
    printf '#!/bin/sh\ntouch %q\nexit 1\n' "$scratch/used" >"$scratch/bin/$tool"
    chmod +x "$scratch/bin/$tool"
done
PATH=$scratch/bin run build "$scratch/imports.wasm" -o "$scratch/second.rcl" &&
    cmp "$scratch/first.rcl" "$scratch/second.rcl" >"$scratch/out" && [ ! -e "$scratch/used" ]
result $? "... and PATH does not choose the tools"

# ---- nothing is left
[ -z "$(ls -A "$scratch/tmp")" ] && [ -z "$(find "$scratch" -name '*.rcl.*')" ]
result $? "no temporary files are left"
