#!/bin/bash
# Can the hunters of hunt.py find anything? An enclave whose rewind does not restore linear memory, where they must; and
# one that was built the same way without that edit, where they must not.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
. tests/border/mutant.bash || exit 1
WORK=$BUILD/hunt-control

data_dir() { # NAME SUBSTITUTION
    mutant_monitor "$WORK/$1" snapshot/restore.c "$2" || return 1
    mkdir -p "$WORK/$1/data/images" &&
        cp -r "$BUILD/lib/reclave/sdk" "$WORK/$1/data" &&
        cp "$BUILD/lib/reclave/images/quoting.rci" "$WORK/$1/data/images" &&
        "$BUILD/bin/reclave-image" --monitor "$WORK/$1/build/trusted/monitor.elf" \
            --l1 "$BUILD/sandboxed/l1.elf" --key "$BUILD/keys/dev-signing-key.pem" \
            --pages lazy --slots 3 -o "$WORK/$1/data/images/reclave-lazy.rci"
}

hunt() { # NUMBER NAME DATA SUBSTITUTION EXPECTATION
    if data_dir "$3" "$4" >"$WORK/$3.log" 2>&1 &&
        RECLAVE_DATA_DIR=$PWD/$WORK/$3/data RECLAVE_HUNT=$5 RECLAVE_SERVE_REQUESTS=${RECLAVE_HUNT_REQUESTS:-300} \
            tests/serve/hunt.py >>"$WORK/$3.log" 2>&1; then
        grep '^# s' "$WORK/$3.log"
        echo "ok $1 - $2"
    else
        echo "not ok $1 - $2"
        sed 's/^/# /' "$WORK/$3.log" | tail -n 30
    fi
}

rm -rf "$WORK"
mkdir -p "$WORK" || exit 1
echo 1..2
hunt 1 "rebuilt as it is: they find nothing" same 's/\A//' nothing
hunt 2 "a rewind that leaves linear memory as it is: they find data" torn \
    's/if \(region == except\)/if (region == except || region == REGION_LINEAR)/' found
rm -rf "$WORK"
