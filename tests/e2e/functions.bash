# Sourced by the end-to-end tests of `reclave run`: TAP, and commands with an expected end.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
build=${BUILD:-build}
reclave=$build/bin/reclave
guests=$build/guests
s=$(mktemp -d)
trap 'rm -rf "$s"' EXIT
number=0
status=0

bail() {
    echo "Bail out! $1"
    exit 1
}

run() { timeout 300 "$reclave" run --backend emulator "$@"; }

with_input() { # INPUT (of printf %b) COMMAND...
    local input=$1
    shift
    printf '%b' "$input" | "$@"
}

report() { # STATUS NAME: the test's end, with the last command's on failure
    number=$((number + 1))
    if [ "$1" = 0 ]; then
        echo "ok $number - $2"
        return
    fi
    echo "not ok $number - $2"
    echo "# exit status $status"
    head -c 500 "$s/out" | cat -v | sed 's/^/# out: /'
    echo
    head -c 500 "$s/err" | cat -v | sed 's/^/# err: /'
    echo
}

# expect NAME STATUS OUTPUT MESSAGE COMMAND...: the exit status, the exact output (of printf %b;
# "*": any) and a regular expression in the messages ("": there are none).
expect() {
    local name=$1 want=$2 output=$3 message=$4 good=0
    shift 4
    "$@" >"$s/out" 2>"$s/err"
    status=$?
    [ "$status" = "$want" ] || good=1
    [ "$output" = '*' ] || printf '%b' "$output" | cmp -s - "$s/out" || good=1
    if [ -n "$message" ]; then
        grep -Eq -- "$message" "$s/err" || good=1
    else
        [ ! -s "$s/err" ] || good=1
    fi
    report $good "$name"
}

skip() { # NAME REASON
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

build_guests() { # NAME...: into $s/NAME.rcl
    local guest
    for guest; do
        "$reclave" build --env '*' "$guests/$guest.wasm" -o "$s/$guest.rcl" || bail "$guest does not build"
    done
}

finish() { echo "1..$number"; }
