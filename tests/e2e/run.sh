#!/bin/bash
# `reclave run` with functions that are all right: input and output, limits, statistics, usage.
source "$(dirname "$0")/functions.bash"
build_guests echo hello endless_loop reactor_counter reactor_return output_flood log_flood \
    memory_grow env_args exit_code input_size

# ---- input and output ----
expect "standard input goes in and comes out" 0 'hi' '' with_input 'hi' run "$s/echo.rcl"
expect "a module is built on the fly" 0 'hi' '' with_input 'hi' run "$guests/echo.wasm"
printf 'from a file' >"$s/input"
expect "--input names a file" 0 'from a file' '' run "$s/echo.rcl" --input "$s/input"
expect "--input - is standard input" 0 'x' '' with_input 'x' run "$s/echo.rcl" --input -
expect "a missing input file is named" 1 '' 'no-such-file: No such file' run "$s/echo.rcl" --input no-such-file
expect "no input is an empty input" 0 '' '' run "$s/echo.rcl" </dev/null
expect "every byte survives" 0 '\0000\0377\n\r' '' with_input '\0000\0377\n\r' run "$s/echo.rcl"
expect "--repeat invokes again" 0 'ababab' '' with_input 'ab' run "$s/echo.rcl" --repeat 3
expect "a line is an invocation, an empty one as well; newlines are added" 0 'a\nb\n\nc\n' '' \
    with_input 'a\nb\n\nc' run "$s/echo.rcl" --input-lines
expect "--repeat repeats each line" 0 'a\na\nb\nb\n' '' with_input 'a\nb\n' run "$s/echo.rcl" --input-lines --repeat 2
"$reclave" run "$s/hello.rcl" </dev/null >"$s/hello"
expect "an output that ends in a newline gets no second one" 0 "$(cat "$s/hello" "$s/hello")\n" '' \
    with_input 'a\nb\n' run "$s/hello.rcl" --input-lines
expect "no invocation sees another's counter" 0 'invocation 1\ninvocation 1\ninvocation 1\n' '' \
    with_input '1\n2\n3\n' run "$s/reactor_counter.rcl" --input-lines
expect "an output that nobody takes ends the run" 1 '*' 'writing the output' \
    bash -c "\"$reclave\" run \"$s/hello.rcl\" </dev/null >/dev/full"

# ---- arguments, environment, stderr, exit codes ----
expect "arguments and environment arrive" 0 'arg x\narg y z\nenv A=b=c\n' '' \
    run "$s/env_args.rcl" --arg x --arg 'y z' --env A=b=c </dev/null
expect "--env puts its names on the allow-list of a module" 0 'env A=1\n' '' \
    run "$guests/env_args.wasm" --env A=1 </dev/null
"$reclave" build "$guests/env_args.wasm" -o "$s/no_env.rcl" || bail "env_args does not build"
expect "a name that the bundle does not allow is refused" 1 '' 'allow-list.*--env' \
    run "$s/no_env.rcl" --env A=1 </dev/null
expect "too many arguments are refused" 1 '' '60 KiB' run "$s/echo.rcl" --arg "$(head -c 61441 /dev/zero | tr '\0' a)" </dev/null
expect "the function's stderr is on stderr" 1 '' 'leaving' run "$s/exit_code.rcl" --arg 7 </dev/null
expect "an exit code is reported" 1 '' 'exit code 7' run "$s/exit_code.rcl" --arg 7 </dev/null
expect "an exit code of 0 is success" 0 '' 'leaving' run "$s/exit_code.rcl" --arg 0 </dev/null
expect "a reactor's return value is an exit code" 1 '' 'exit code 5' with_input '5' run "$s/reactor_return.rcl"
expect "after a function error the next line succeeds" 1 '\n\n' 'invocation 1: .*exit code 5' \
    with_input '5\n0\n' run "$s/reactor_return.rcl" --input-lines
[ "$(grep -c 'invocation' "$s/err")" = 1 ]
report $? "only the failed invocation is reported"

# ---- limits ----
expect "an endless loop ends at --timeout, twice" 1 '' \
    'invocation 2: stopped at the time limit of 1000 ms: raise --timeout' \
    run "$s/endless_loop.rcl" --timeout 1000 --repeat 2 </dev/null
expect "memory grows to --memory and no further" 0 '*' '' run "$s/memory_grow.rcl" --memory 8 </dev/null
grep -q 'total 128$' "$s/out"
report $? "8 MiB are 128 pages"
head -c 1048577 /dev/zero >"$s/large"
expect "input over the limit says so" 1 '' 'input larger than 1 MiB: raise --input-limit' \
    run "$s/input_size.rcl" --input "$s/large"
expect "input under a raised limit arrives whole" 0 'bytes 1048577\nsum 0\n' '' \
    run "$s/input_size.rcl" --input "$s/large" --input-limit 2
expect "after a line over the limit the next one succeeds" 1 '\nshort\n' 'invocation 1: input larger' \
    run "$s/echo.rcl" --input-lines --input <(cat "$s/large"; printf '\nshort\n')
expect "output over the limit says so" 1 '*' 'invocation 1: output larger than 1 MiB: raise --output-limit' \
    with_input '1048577\n5\n' run "$s/output_flood.rcl" --input-lines
[ "$(tail -n 1 "$s/out")" = xxxxx ]
report $? "after an output over the limit the next invocation succeeds"
expect "output under a raised limit comes out" 0 '*' '' with_input 1048577 run "$s/output_flood.rcl" --output-limit 2
[ "$(wc -c <"$s/out")" = 1048577 ]
report $? "all of it comes out"
expect "a flood of stderr is cut and counted" 0 '*' "bytes of the function's stderr were dropped" \
    run "$s/log_flood.rcl" </dev/null

# ---- the machine ----
expect "eager pages work" 0 'hi' '' with_input 'hi' run "$s/echo.rcl" --pages eager --enclave-size 16
expect "an SGX1 machine gets eager pages" 0 'hi' '' with_input 'hi' run "$s/echo.rcl" --emulate sgx1 --enclave-size 16
expect "lazy pages on SGX1 are refused with advice" 1 '' '--pages eager' \
    run "$s/echo.rcl" --emulate sgx1 --pages lazy </dev/null
expect "a size that no image has is refused with those there are" 1 '' '--enclave-size may be 16, 64' \
    run "$s/echo.rcl" --pages eager --enclave-size 17 </dev/null
expect "an address range too small for the image is refused" 1 '' '2\^34' \
    run "$s/echo.rcl" --emulate sgx2,elrange=34 </dev/null
expect "an EPC too small for the image is refused" 1 '' 'EPC' \
    run "$s/echo.rcl" --pages eager --enclave-size 64 --emulate sgx1,epc=32 </dev/null
if [ -e /dev/sgx_enclave ]; then
    skip "without SGX the hardware back end is refused with advice" "this machine has SGX"
else
    expect "without SGX the hardware back end is refused with advice" 1 '' '--backend emulator' \
        "$reclave" run --backend sgx "$s/echo.rcl" </dev/null
fi
expect "a data folder without images is named" 1 '' 'RECLAVE_DATA_DIR' \
    env RECLAVE_DATA_DIR="$s" "$reclave" run "$s/echo.rcl" </dev/null

# ---- statistics ----
field() { sed -n "\$s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$s/err"; }
expect "--stats leaves the output alone" 0 'a\nb\nc\n' 'backend' \
    with_input 'a\nb\nc\n' run "$s/echo.rcl" --input-lines --stats
perl -MJSON::PP -e '
    my $s = decode_json((<STDIN>)[-1]);
    defined $s->{$_} or die "no $_\n" for qw(failed aex);
    $s->{invocations} == 3 && $s->{failed} == 0 or die "counts\n";
    $s->{backend} eq "emulator" or die "backend\n";
    $s->{$_} =~ /^[0-9a-f]{64}$/ or die "$_\n" for qw(mrenclave bundle_sha256 wasm_sha256 snapshot_sha256);
    $s->{$_} > 0 or die "$_\n" for qw(cold_create_us load_us run_us_p50 rewind_us_p50 rewind_call_us_p50
        null_call_us_p50 pages_restored_p50 enclave_pages slot_pages snapshot_pages);
    $s->{transitions} >= 2 * 3 + 4 or die "transitions\n"; # invocations and rewinds, init, boot, load
    $s->{rewind_us_p50} < $s->{rewind_call_us_p50} or die "rewind\n";
' <"$s/err" 2>"$s/out"
report $? "--stats ends stderr with one JSON object that has every key"
[ "$(sha256sum <"$guests/echo.wasm" | cut -d' ' -f1)" = "$(field wasm_sha256)" ]
report $? "wasm_sha256 is the module's"
[ "$(sha256sum <"$s/echo.rcl" | cut -d' ' -f1)" = "$(field bundle_sha256)" ]
report $? "bundle_sha256 is the unsigned bundle's"
snapshot=$(field snapshot_sha256)
expect "--stats tells how pages come" 0 '' '"pages":"eager"' \
    run "$s/echo.rcl" --stats --pages eager --enclave-size 16 --env A=1 </dev/null
expect "another run has the same snapshot" 0 'x' "\"snapshot_sha256\":\"$snapshot\"" \
    with_input 'x' run "$s/echo.rcl" --stats --env A=1
expect "--stats counts failures" 1 '*' '"invocations":2,"failed":1,' \
    with_input '5\n0\n' run "$s/reactor_return.rcl" --input-lines --stats

# ---- usage ----
expect "--help shows an example" 0 '*' '' "$reclave" run --help
grep -q 'Example' "$s/out"
report $? "there is one"
expect "no function is a usage error" 2 '' 'which function' "$reclave" run
expect "two functions are a usage error" 2 '' 'more than one' "$reclave" run a.wasm b.wasm
expect "an unknown option is a usage error" 2 '' 'unrecognized' "$reclave" run --colour a.wasm
# There is no way around the verifier, not even one that is ignored.
expect "--unverified is a usage error" 2 '' "unrecognized option '--unverified'" "$reclave" run --unverified a.wasm
for option in --repeat=0 --repeat=x --repeat=-1 --timeout=1.5 --memory=0 --memory=99999 --input-limit=0 \
              --output-limit=65 --pages=some --backend=tdx --emulate=sgx3 --emulate=epc=x --emulate=watch=0 --env=A --env==x \
              --enclave-size=0; do
    expect "$option is a usage error" 2 '' "${option%%=*}" "$reclave" run "$option" a.wasm
done

finish
