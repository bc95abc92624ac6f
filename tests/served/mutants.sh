#!/bin/bash
# Can the tests of attestation and confidentiality fail? Each mutant is the monitor with one defect, in
# an image of its own; the named test must fail on it. The first is no mutant: the way of building must
# not be what fails. Checks of messages, evidence and sealed files alone: tests/attest/mutants.sh.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
WORK=$BUILD/mutants-served
. "$BUILD/mutants/recipe" || exit 1

# name, test (PROGRAM:NAME), file below trusted/, Perl edit of the whole file
MUTANTS=()
mutant() { MUTANTS+=("$1" "$2" "$3" "$4"); }
M=monitor

mutant 'no defect' all $M/init.c 's|\A|/* unchanged */\n|'

# What functions and enclaves demand.
mutant 'an encrypted-only enclave takes clear input' encrypted:an_enclave_may_demand_encryption $M/invoke.c \
    's/enclave\.encrypted_only \|\| //'
mutant 'a quote does not say: encrypted only' encrypted:an_enclave_may_demand_encryption $M/identity.c \
    's/enclave\.encrypted_only \? POLICY_ENCRYPTED_ONLY : 0/0/'
mutant 'a manifest that demands encryption is ignored' encrypted:a_function_may_demand_encryption $M/invoke.c \
    's/ \|\| manifest_demands_sealed\(&slot->function\)//'
mutant 'a confidential function needs no owner' encrypted:a_function_may_demand_encryption $M/load.c \
    's/manifest_demands_sealed\(&slot->function\) \? ST_BUNDLE_UNSIGNED : ST_OK/ST_OK/'
mutant 'logs: clear unless said otherwise' encrypted:logs_are_encrypted_by_default $M/manifest.c \
    's/if \(field_is\(function, FIELD_LOGS, "clear"\)\)/if (!field_is(function, FIELD_LOGS, "none"))/'
mutant 'logs: encrypted ones go to the host, too' encrypted:logs_are_encrypted_by_default $M/invoke_sealed.c \
    's/if \(logs == LOGS_CLEAR\)/if (1)/'
mutant 'logs: dropped ones go to the caller' encrypted:logs_may_be_dropped_or_clear $M/invoke_sealed.c \
    's/if \(logs != LOGS_ENCRYPTED\)/if (logs == LOGS_CLEAR)/'
mutant 'logs: dropped ones go to the host' encrypted:logs_may_be_dropped_or_clear $M/invoke_sealed.c \
    's/if \(logs == LOGS_CLEAR\)/if (logs != LOGS_ENCRYPTED)/'
mutant 'the host learns the exit code' encrypted:ends_have_a_name_only $M/invoke_sealed.c \
    's/request->trap = end->trap;/$& request->log_dropped = (uint64_t)end->exit_code;/'

# Sessions, nonces, keys.
mutant 'a session that is gone has no name' encrypted:a_session_dies_with_its_enclave $M/invoke_sealed.c \
    's/: ST_CONTEXT_UNKNOWN;/: ST_ENVELOPE_FORGED;/'
mutant 'all generators start alike' encrypted:nonces_never_repeat $M/random.c \
    's/random_hardware\(seed, sizeof\(seed\)\)/memset(seed, 7, sizeof(seed))/'
mutant 'the generator is rewound' encrypted:nonces_never_repeat $M/invocation.c \
    's/    slot_set_state\(slot, SLOT_RUNNING\);/    static br_hmac_drbg_context first; if (slot->invocations == 1) first = slot->random; if (slot->invocations > 1) slot->random = first;\n$&/'
mutant 'the generator begins again with a function' encrypted:nonces_never_repeat $M/load.c \
    's/(enum status load_bundle.*?\n\{)/$1 uint8_t seed[48]; memset(seed, (int)(enclave.boot_id[0] ^ enclave.boot_id[1]), 48); br_hmac_drbg_init(&slot->random, &br_sha256_vtable, seed, 48);/s'
mutant 'the slots of an enclave start alike' encrypted:nonces_never_repeat $M/random.c \
    's/random_hardware\(seed, sizeof\(seed\)\)/memset(seed, enclave.boot_id[0], sizeof(seed)); memcpy(seed, enclave.boot_id, 16)/'
mutant 'each start has the same keys' encrypted:keys_stay_over_rewinds_and_resets_and_go_with_the_enclave $M/identity.c \
    's/random_hardware\(to, \(uint32_t\)bytes\)/memset(to, 5, bytes)/'
mutant 'each start has the same boot ID' encrypted:keys_stay_over_rewinds_and_resets_and_go_with_the_enclave $M/init.c \
    's/random_hardware\(enclave\.boot_id, .*?;/;/'
mutant 'a rewind changes the signing key' keys:keys_stay_in_the_monitor_whatever_happens $M/lifecycle.c \
    's/slot->rewinds\+\+;/$& enclave.signing.secret[0] ^= 1;/'
mutant 'the signing key enters the snapshot' keys:keys_stay_in_the_monitor_whatever_happens $M/lifecycle.c \
    's/(static enum status take_snapshot.*?    l1_page_before_snapshot\(slot\);\n)/$1    memcpy(slot_l1_page(slot), enclave.signing.secret, 32);\n/s'
mutant 'the receiving key stays on the way out' keys:keys_stay_in_the_monitor_whatever_happens $M/identity.c \
    's/(enum status sign_batch.*?\n\{)/$1 memcpy(region_start(slot, REGION_STDOUT), enclave.receiving.secret, 32);/s'
mutant 'session keys lie in the slot' keys:session_keys_stay_in_the_monitor $M/invoke_sealed.c \
    's/(static enum status encrypt\(.*?)(    if \(exchange->session\)\n)/$1    if (exchange->session) memcpy(region_start(slot, REGION_STDERR), exchange->session, sizeof(*exchange->session));\n$2/s'

mutant 'session keys survive the function' keys:session_keys_stay_in_the_monitor $M/lifecycle.c \
    's/    sessions_wipe\(&slot->sessions\);\n//'
mutant 'sessions are rewound' keys:session_keys_stay_in_the_monitor $M/invocation.c \
    's/    slot_set_state\(slot, SLOT_RUNNING\);/    static struct session_table first; if (slot->invocations == 0) first = slot->sessions; else slot->sessions = first;\n$&/'

# Evidence.
mutant 'refusals have no number' evidence:refusals_have_evidence $M/invocation.c \
    's/slot->invocations\+\+;\n    if \(input/if (input/'
mutant 'refusals do not say what was asked' evidence:refusals_have_evidence $M/invocation.c \
    's/if \(input && facts->wanted\)/if (0)/'
mutant 'encrypted refusals do not say what was asked' encrypted:a_refusal_is_authentic $M/invoke_sealed.c \
    's/invocation_refuse\(slot, &input, facts\)/invocation_refuse(slot, NULL, facts)/'
mutant 'a refused request runs' evidence:refusals_have_evidence $M/invocation.c \
    's/status = strings_check.*?;/(void)strings_check(\&slot->function, page->strings, bytes, arg_count, env_count, \&arg_bytes); status = ST_OK;/s'
mutant 'invocations are not counted' evidence:evidence_from_before_a_rewind_is_rejected $M/invocation.c \
    's/    slot->invocations\+\+;\n    result/    result/'
mutant 'half of the output is hashed' evidence:what_happened_is_accepted $M/invocation.c \
    's/output_bytes, output_sha256/output_bytes \/ 2, output_sha256/'
mutant 'the input is not hashed' evidence:what_happened_is_accepted $M/invocation.c \
    's/if \(facts->wanted\) \/\*/if (0) \/*/'
mutant 'the strings are not hashed' evidence:arguments_are_evident $M/invocation.c \
    's/strings_digest\(arg_count, env_count, page->strings, bytes,/strings_digest(0, 0, page->strings, 0,/'
mutant 'exit codes are no errors' evidence:failed_invocations_have_evidence $M/invocation.c \
    's/if \(end\.exit_code\)/if (0)/'
mutant "the host's stop is the function's end" evidence:a_hosts_stop_is_called_one $M/run.c \
    's/OUTCOME_ABORTED_BY_HOST/OUTCOME_OK/'
mutant 'quotes answer no challenge' evidence:a_quote_answers_its_challenge_only $M/identity.c \
    's/request->challenge, data/NULL, data/'

# A monitor that tells the host: what the host's traffic and memory are searched for.
mutant 'the host is given the input' host:the_hosts_memory_holds_none_of_it $M/invoke_sealed.c \
    's/    head\.status = run_request/    border_copy_out(request->log, region_start(slot, REGION_STDIN), plain_bytes);\n$&/'
mutant 'the host is given the output' host:the_hosts_memory_holds_none_of_it $M/invoke_sealed.c \
    's/    return encrypt\(slot, exchange, region/    border_copy_out(request->log, region_start(slot, REGION_STDOUT), body_bytes);\n$&/'
mutant 'the host is given the log' host:a_recording_host_sees_ciphertext $M/invoke_sealed.c \
    's/if \(logs == LOGS_CLEAR\)/if (1)/'
mutant 'the host is given the code' host:the_hosts_memory_holds_none_of_it $M/bundle_reader.c \
    's/    return sealed_chunk\((.*?)\);/    enum status s = sealed_chunk($1);\n    border_copy_out(end - bytes - AEAD_TAG_BYTES, reader->chunk, bytes);\n    return s;/'
mutant 'the host is given the function key' host:the_hosts_memory_holds_none_of_it $M/bundle_reader.c \
    's/        status = sealed_start\(.*?;/        border_copy_out(reader->next - 32, key, 32);\n$&/'
mutant 'the host is given the session keys' host:a_sessions_keys_are_unknown_to_the_host $M/invoke_sealed.c \
    's/    border_copy_out\(request->answer, &opened, sizeof\(opened\)\);/$&\n    border_copy_out(request->answer + 256, &slot->sessions, 3072);/'

# build DIRECTORY FILE EDIT: the places of a build with the mutant in them
build() {
    local dir=$1 file=$2 object=$BUILD/trusted/trusted/${2%.*}.o objects=" $OBJECTS "
    local source=$dir/$file

    mkdir -p "$(dirname "$source")" "$dir/trusted" "$dir/lib/reclave/images" || return 1
    perl -0777 -pe "$3" "trusted/$file" >"$source" || return 1
    cmp -s "trusted/$file" "$source" && { echo "the edit changes nothing"; return 1; }
    $COMPILE -Wno-error -c "$source" -o "$dir/mutated.o" || return 1
    objects=${objects/ $object / $dir/mutated.o }
    [[ $objects = *"$dir/mutated.o"* ]] || { echo "no object $object"; return 1; }
    $LINK $objects -l:libbearssl.a -o "$dir/trusted/monitor.elf" || return 1
    cp "$BUILD/lib/reclave/images/quoting.rci" "$dir/lib/reclave/images" &&
        ln -s "$(realpath "$BUILD/lib/reclave/sdk")" "$dir/lib/reclave/sdk" &&
        "$BUILD/bin/reclave-image" --monitor "$dir/trusted/monitor.elf" --l1 "$BUILD/sandboxed/l1.elf" \
            --key "$KEY" --pages lazy --slots 3 -o "$dir/lib/reclave/images/reclave-lazy.rci"
}

# run_tests DIRECTORY PROGRAM PATTERN: TAP
run_tests() {
    local program=$BUILD/tests/served-$2

    [ "$2" = keys ] && program=$BUILD/tests/border-keys
    RECLAVE_DATA_DIR=$(realpath "$1/lib/reclave") CMOCKA_MESSAGE_OUTPUT=TAP timeout 300 "$program" "$3"
}

passes() { # DIRECTORY
    local program
    for program in evidence encrypted host keys; do
        run_tests "$1" "$program" '*' || return 1
    done
}

run() { # NUMBER NAME TEST FILE EDIT
    local dir=$WORK/$1 pattern verdict="not ok $1 - $2: $3 does not notice"

    if ! build "$dir" "$4" "$5" >"$dir.log" 2>&1; then
        verdict="not ok $1 - $2: cannot be built: $(tail -1 "$dir.log")"
    elif [ "$3" = all ]; then
        passes "$dir" >"$dir.log" 2>&1 && verdict="ok $1 - $2: the tests pass" ||
            verdict="not ok $1 - $2: $(grep -m1 '^not ok' "$dir.log")"
    else
        pattern=${3#*:}
        [ "${3%%:*}" = host ] && pattern='*host*' # one after the other
        run_tests "$dir" "${3%%:*}" "$pattern" >"$dir.log" 2>&1
        grep -q "^not ok .* ${3#*:}$" "$dir.log" && verdict="ok $1 - $2: ${3#*:} fails"
    fi
    echo "$verdict" >"$dir.result"
    rm -rf "$dir"
}

only=${1:-}
rm -rf "$WORK"
mkdir -p "$WORK" || exit 1
count=$((${#MUTANTS[@]} / 4))
for ((i = 0; i < count; i++)); do
    m=("${MUTANTS[@]:4 * i:4}")
    if [[ -n $only && ${m[0]} != *$only* ]]; then
        echo "ok $((i + 1)) - ${m[0]} # SKIP not chosen" >"$WORK/$((i + 1)).result"
        continue
    fi
    while [ "$(jobs -rp | wc -l)" -ge "${MUTANT_JOBS:-2}" ]; do wait -n; done
    run "$((i + 1))" "${m[@]}" &
done
wait
echo "1..$count"
for ((i = 1; i <= count; i++)); do cat "$WORK/$i.result"; done
! grep -q '^not ok' "$WORK"/*.result
