#!/bin/bash
# tools/run-tests must see every way in which a test program can fail, and count right.
set -uo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
number=0

program() { # NAME; its body is standard input
    { echo '#!/bin/bash'; cat; } >"$scratch/$1"
    chmod +x "$scratch/$1"
}

# expect NAME STATUS LAST-LINE PROGRAM...
expect() {
    local name=$1 status=$2 last=$3 got
    shift 3
    number=$((number + 1))
    RECLAVE_TEST_TIMEOUT=${limit:-120} tools/run-tests "${@/#/$scratch/}" >"$scratch/log" 2>&1
    got=$?
    if [ "$got" -eq "$status" ] && [ "$(tail -n 1 "$scratch/log")" = "$last" ]; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        echo "# exit status $got, expected $status"
        sed 's/^/# /' "$scratch/log"
    fi
}

# has NAME PATTERN: the last run's output has a line like this
has() {
    number=$((number + 1))
    if grep -q -- "$2" "$scratch/log"; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        sed 's/^/# /' "$scratch/log"
    fi
}

program good <<<'echo 1..2; echo "ok 1 - a"; echo "ok 2 - b"'
program plan_last <<<'echo "ok 1 - a"; echo 1..1'
program failing <<<'echo 1..2; echo "ok 1 - a"; echo "not ok 2 - b"; echo "why it failed" >&2'
program short <<<'echo 1..3; echo "ok 1 - a"'
program long <<<'echo 1..1; echo "ok 1 - a"; echo "ok 2 - b"'
program unplanned <<<'echo "ok 1 - a"'
program crashing <<<'echo 1..1; echo "ok 1 - a"; kill -SEGV $$'
program exiting <<<'echo 1..1; echo "ok 1 - a"; exit 3'
program hanging <<<'echo 1..1; echo "ok 1 - a"; exec sleep 600'
program empty <<<'true'
program silent <<<'echo 1..0'
program skipping <<<'echo 1..2; echo "ok 1 - a"; echo "ok 2 - b # SKIP no hardware"'
program skipping_as_cmocka <<<'echo 1..2; echo "ok 1 - a"; echo "not ok 2 # SKIP b"'
program skipping_with_a_word <<<'echo 1..3; echo "# not this"; echo "ok 1 - a"; echo "# no hardware"; echo "not ok 2 # SKIP b"; echo "not ok 3 # SKIP c"'
program skipping_all <<<'echo "1..0 # SKIP no kernel"'
program skipping_mute <<<'echo "1..0 # SKIP"'
program reads_stdin <<<'echo 1..1; read -r line && echo "not ok 1" || echo "ok 1 - stdin is empty"'

expect "two programs that pass" 0 "3 passed, 0 failed" good plan_last
expect "a failed assertion" 1 "1 passed, 1 failed" failing
has "its output is shown" "why it failed"
expect "fewer tests than planned" 1 "1 passed, 1 failed" short
expect "more tests than planned" 1 "1 passed, 2 failed" long
expect "no plan" 1 "1 passed, 1 failed" unplanned
expect "a crash after passing" 1 "1 passed, 1 failed" crashing
has "the signal is named" "died of signal 11"
expect "an exit status after passing" 1 "1 passed, 1 failed" exiting
limit=1 expect "a program that never ends" 1 "1 passed, 1 failed" hanging
has "the timeout is named" "ran longer than 1 s"
expect "no output" 1 "0 passed, 1 failed" empty
expect "an empty plan" 1 "0 passed, 1 failed" silent
expect "skipping all without a reason" 1 "0 passed, 1 failed" skipping_mute
expect "a program that is not there" 1 "0 passed, 1 failed" missing
expect "a failure among passes" 1 "3 passed, 1 failed" good failing
expect "a skipped assertion counts as neither" 0 "1 passed, 0 failed" skipping
has "its reason is listed" "b: no hardware"
expect "a skip as cmocka 1.1.5 writes it" 0 "1 passed, 0 failed" skipping_as_cmocka
has "its name is listed" "skipping_as_cmocka: b: no reason given"
expect "skips of cmocka with what was said before them" 0 "1 passed, 0 failed" skipping_with_a_word
has "the reason is listed" "with_a_word: b: no hardware"
has "a reason is for one skip" "with_a_word: c: no reason given"
expect "a program that skips all, beside one that runs" 0 "2 passed, 0 failed" skipping_all good
expect "nothing but skips" 1 "0 passed, 0 failed" skipping_all
expect "standard input is empty" 0 "1 passed, 0 failed" reads_stdin
echo "1..$number"
