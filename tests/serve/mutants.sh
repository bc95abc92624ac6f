#!/bin/bash
# Each rule about where encrypted calls run, whom they hold back and what parameters ask for is taken out of a copy, one
# at a time; a case of pins_test.c must then fail. A mutant that survives is a failure, and so is an edit that changes nothing.
set -u
cd "$(dirname "$0")/../.." || exit 1
ROOT=${BUILD:-build}/serve-mutants
CC=${CC:-gcc}
SOURCES='host/action/sealed.c host/pool/pin.c host/pool/schedule.c host/pool/functions.c'

# name, source file, Perl edit of the whole file
MUTANTS=()
mutant() { MUTANTS+=("$1" "$2" "$3"); }

# The control: nothing that matters changes. It must survive.
mutant 'control' host/pool/pin.c 's|\A|/* unchanged */\n|'

mutant 'any worker for any key' host/pool/pin.c 's/pin_to\(out, find_key\(pool, header.key_id\)\);//'
mutant 'keys of workers that are not up' host/pool/pin.c 's/return worker->state == WORKER_UP && !worker->retiring;/return true;/'
mutant 'any kind of message' host/pool/pin.c 's/\(header.prefix.kind != ENVELOPE_REQUEST && .*?\) \|\|//s'
mutant 'any magic' host/pool/pin.c 's/memcmp\(header.prefix.magic, .*?\) != 0/false/s'
mutant 'headers that are cut off' host/pool/pin.c 's/\|\|\s+call->input_bytes < sizeof\(header\)\)/|| false)/'
mutant 'sessions without a place' host/pool/pin.c 's/return ST_CONTEXT_UNKNOWN;\n    \}\n    if \(sscanf/name = "2.1.7";\n    }\n    if (sscanf/'
mutant 'text behind the place' host/pool/pin.c 's/ \|\| name\[end\]//'
mutant 'a place in a slot that is not there' host/pool/pin.c 's/\(unsigned\)pin->slot < worker->slot_count &&/true \&\&/'
mutant "the enclave's life does not matter" host/pool/pin.c 's/ \|\| worker->starts != pin->life//'
mutant 'any slot for a session' host/pool/pin.c 's/ && \(pin->slot < 0 \|\| slot->index == .*?\)\)/)/s'
mutant 'sessions outlive their function' host/pool/pin.c 's/!function \|\| slot->state/true || slot->state/'
mutant 'sealed code anywhere' host/pool/pin.c 's/reader = find_key\(pool, function->recipient\);/;/'
mutant 'code and request for two enclaves' host/pool/pin.c 's/!reader \|\| reader == out->worker/!reader || out->worker/'
mutant 'any slot for a pinned call' host/pool/pin.c 's/return !pin->worker \|\|/return true ||/'

mutant 'a pinned call holds back all' host/pool/schedule.c 's/overdue && !ticket->pin.worker/overdue/'
mutant 'a pinned call has no claim' host/pool/schedule.c 's/claim\(&claims, &ticket->pin\);/;/'
mutant "a session claims its slot's worker" host/pool/schedule.c 's/pin->slot < 0 \? UINT64_MAX : [^;]*;/UINT64_MAX;/'
mutant 'nobody is told what is gone' host/pool/schedule.c 's/\n    dismiss_homeless\(pool\);//'
mutant 'an errand empties slots' host/pool/schedule.c 's/ && !ticket->errand\)/)/'
mutant 'an errand takes the slot' host/pool/schedule.c 's/ticket->errand \? NULL : ticket->function/ticket->function/'

mutant 'sealed code has no owner' host/pool/functions.c 's/memcpy\(out->tenant, out->id, sizeof\(out->tenant\)\);//'
mutant 'sealed code that is cut off' host/pool/functions.c 's/bytes < sizeof\(struct sealed_header\) \+ sizeof\(wrapped\)/false/'

mutant 'any nonce' host/action/sealed.c 's/strspn\(text, .*?\) == digits/true/s'
mutant 'a nonce beside an envelope' host/action/sealed.c 's/if \(out->envelope\) \{/if (0) {/'
mutant 'the function sees the nonce' host/action/sealed.c 's/\(void\)json_object_del\(out->params, ACTION_NONCE_KEY\);//'
mutant "a result's evidence is a wish" host/action/sealed.c \
    's/\.evidence = json_is_true\((json_object_get\(params, ACTION_EVIDENCE_KEY\))\)/.evidence = $1 != NULL/'
mutant 'padding is part of the message' host/action/sealed.c 's/\(size_t\)got - padding/(size_t)got/'

compile() { # FOLDER: its copy of the sources
    local sources=()
    for file in $SOURCES; do sources+=("$1/$file"); done
    "$CC" -std=gnu17 -O0 -D_GNU_SOURCE -w -I"$1" -I. tests/serve/pins_test.c host/action/plain.c host/loader/message.c "${sources[@]}" \
        -lcmocka -ljansson -lcrypto -lpthread -o "$1/test" 2>"$1/errors"
}

rm -rf "$ROOT"
echo "1..$((${#MUTANTS[@]} / 3))"
failed=0
for ((i = 0; i < ${#MUTANTS[@]}; i += 3)); do
    name=${MUTANTS[i]} file=${MUTANTS[i + 1]} edit=${MUTANTS[i + 2]}
    folder=$ROOT/$i outcome='not ok'
    for source in $SOURCES; do
        mkdir -p "$folder/$(dirname "$source")"
        cp "$source" "$folder/$source"
    done
    perl -0pi -e "$edit" "$folder/$file"
    if cmp -s "$file" "$folder/$file"; then
        why='the edit changes nothing'
    elif ! compile "$folder"; then
        why="does not compile: $(head -c 300 "$folder/errors")"
    else
        timeout 60 "$folder/test" >"$folder/output" 2>&1
        status=$? why='survives'
        [ "$name" = control ] && why='the control fails'
        [[ $name == control && $status -eq 0 || $name != control && $status -ne 0 ]] && outcome=ok
    fi
    if [ "$outcome" = ok ]; then
        echo "ok $((i / 3 + 1)) - $name"
    else
        failed=1
        echo "not ok $((i / 3 + 1)) - $name: $why"
    fi
done
rm -rf "$ROOT"
exit $failed
