#!/bin/bash
# Every benchmark runs one short round, prints its tables and writes them with a plot. What the
# numbers are is no business of a test.
set -uo pipefail
export LC_ALL=C
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
build=${BUILD:-build}
number=0

check() { # NAME COMMAND...
    local name=$1
    shift
    number=$((number + 1))
    if "$@" >"$scratch/log" 2>&1; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        tail -n 20 "$scratch/log" | sed 's/^/# /'
    fi
}

run() { # PROGRAMS...
    RECLAVE_BENCH_RESULTS=$scratch/results bench/run --quick "${@/#/$build/bench/}"
}

# As many commas in each line as in the first: all rows have all cells. Labels hold none or are quoted.
rectangular() { # FILE
    awk '{ gsub(/"[^"]*"/, "") } NR == 1 { n = gsub(/,/, ",") } gsub(/,/, ",") != n && NR > 1 { bad = 1 }
         END { exit bad || NR < 2 }' "$1"
}

# Every element that opens closes, in order, and there is no stray bracket or ampersand.
well_formed() { # FILE
    perl -0777 -ne '
        my ($good, @open) = 1;
        s{<(/?)([a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(/?)>}{
            if ($1) { $good &&= (pop(@open) // "") eq $2 } elsif (!$3) { push @open, $2 }
            ""
        }ge;
        exit !($good && !@open && !m{[<>]|&(?!\w+;)})' "$1"
}

nothing_invalid() { # FILE
    [ -s "$1" ] && ! grep -nwiE 'nan|inf' "$1"
}

check "all benchmarks run" run coldstart rewind sfi warm density attest throughput
check "the report names the machine" grep -q '^backend ' "$scratch/results/coldstart.txt"
check "and that a quick run says nothing" grep -q 'numbers mean nothing' "$scratch/results/rewind.txt"
check "the projection is labelled as one" grep -q '^PROJECTION .*not measured' "$scratch/results/coldstart.txt"
for name in coldstart-fresh coldstart-live-lazy coldstart-live-eager coldstart-ratios \
    coldstart-projection rewind-times rewind-ratios rewind-fresh warm-answers density-functions density-switches sfi-times sfi-ratios sfi-means sfi-verification attest-inside \
    attest-verify attest-invoke attest-fleet throughput-closed throughput-open throughput-rewind throughput-slot throughput-others throughput-functions throughput-sealed throughput-cold; do
    check "$name.csv is a table" rectangular "$scratch/results/$name.csv"
    check "$name.csv holds numbers" nothing_invalid "$scratch/results/$name.csv"
done
for name in coldstart rewind rewind-sizes warm sfi attest-fleet throughput throughput-open; do
    check "$name.svg is well-formed" well_formed "$scratch/results/$name.svg"
    check "$name.svg holds numbers" nothing_invalid "$scratch/results/$name.svg"
done
check "the build without rewinds is called unsafe" grep -q UNSAFE "$scratch/results/throughput.txt"
check "an unknown option is refused" bash -c "! $build/bench/coldstart --fast"
check "a program that fails makes the run fail" bash -c "! RECLAVE_BENCH_RESULTS=$scratch/other bench/run /bin/false"
check "and leaves no results" test ! -e "$scratch/other/false.txt"
check "a quick run is kept out of the results" bash -c "! bench/run --quick $build/bench/rewind"
echo "1..$number"
