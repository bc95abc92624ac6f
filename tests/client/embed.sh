#!/bin/bash
# The client library as somebody else's program meets it: installed, found by pkg-config, linked
# shared and static, with no symbol but its own.
set -uo pipefail
build=${BUILD:-build}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
number=0
prefix=$scratch/prefix
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib

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

cat >"$scratch/program.c" <<'PROGRAM'
#include <reclave/client.h>
#include <stdio.h>
#include <string.h>

static char *refuse(void) { return "the program's own name"; }
const char *quote_parse = "and another that the library uses inside";

int main(void)
{
    struct reclave_verifier *verifier = reclave_verifier_new();
    struct reclave_verdict verdict;
    bool accepted;

    if (!verifier || !refuse() || !quote_parse)
        return 1;
    accepted = reclave_verify_quote(verifier, "x", 1, &verdict);
    printf("%s %s\n", accepted ? "accepted" : "rejected", reclave_step_name(verdict.failed_step));
    reclave_verifier_free(verifier);
    return 0;
}
PROGRAM

static_flags() { pkg-config --static --cflags --libs reclave-client | sed 's/-lreclave-client/-l:libreclave-client.a/'; }
compile() { # OUTPUT FLAGS...
    gcc -Wall -Werror "$scratch/program.c" -o "$@"
}
says_so() { [ "$("$1")" = "rejected quote_format" ]; }
# only_its_own COMMAND...: the names that it lists are reclave_*, and there are some
only_its_own() {
    "$@" | awk 'NF == 3 && $2 != "A" { sub(/@.*/, "", $3); print $3; all++; if ($3 ~ /^reclave_/) own++ }
                END { exit !(own && own == all) }'
}
needs_little() {
    readelf -d "$prefix/lib/libreclave-client.so" | awk '/NEEDED/ { all++; if (/libcrypto|libjansson|libc\./) known++ }
                END { exit !(known && known == all) }'
}

check "install" tools/install "$build" "$prefix"
check "pkg-config finds it" pkg-config --exists 'reclave-client >= 0.1'
# shellcheck disable=SC2046
check "a program links against the shared library" compile "$scratch/shared" $(pkg-config --cflags --libs reclave-client)
check "... and runs" says_so "$scratch/shared"
check "... with the soname" bash -c "readelf -d '$scratch/shared' | grep -q 'NEEDED.*libreclave-client.so.0'"
# shellcheck disable=SC2046
check "a program links against the static library" compile "$scratch/static" $(static_flags)
check "... and runs without the shared one" env -u LD_LIBRARY_PATH "$scratch/static"
check "the shared library exports its interface only" only_its_own nm -D --defined-only "$prefix/lib/libreclave-client.so"
check "so does the static one" only_its_own nm -g --defined-only "$prefix/lib/libreclave-client.a"
check "the header compiles alone, also as C++" bash -c \
    "echo '#include <reclave/client.h>' | clang -x c++ -Wall -Wextra -Werror -fsyntax-only -I'$prefix/include' -"
check "the second header compiles alone, also as C++" bash -c \
    "echo '#include <reclave/invoke.h>' | clang -x c++ -Wall -Wextra -Werror -fsyntax-only -I'$prefix/include' -"
check "the library needs OpenSSL, jansson and libc only" needs_little
for page in "$prefix/share/man/man1/reclave-verify.1" "$prefix/share/man/man3/reclave-client.3" \
    "$prefix/share/man/man3/reclave-invoke.3"; do
    check "$(basename "$page") is installed" grep -q '^.SH NAME' "$page"
done
for part in client invoke; do
    check "every function of reclave/$part.h is in its manual page" bash -c \
        "grep -o 'reclave_[a-z_]*(' client/reclave_$part.h | sort -u | while read -r name; do
             grep -qF \"\$name\" docs/man/reclave-$part.3 || { echo \"\$name\"; exit 1; }
         done"
done
echo "1..$number"
