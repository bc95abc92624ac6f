#!/bin/bash
# Can the unit tests of L0 fail? Each mutant below is one source file of trusted/ with one defect;
# the named unit test, linked with it, must fail. The first of each test is no mutant. Locks are not
# taken away: two threads may be lucky.
set -u
cd "$(dirname "$0")/../../.." || exit 1
BUILD=${BUILD:-build}
. "$BUILD/mutants-unit/recipe" || exit 1
WORK=$BUILD/mutants-unit/work

# name | unit test that must fail | file below trusted/ | perl substitution
MUTANTS=$(grep -v '^#' <<'LIST'
no defect|trim|monitor/trim.c|s/\A/\n/
S1 is no limit|trim|monitor/trim.c|s/slot->function_ready \? slot->at_ready : slot->at_boot/slot->at_boot/
S0 is no limit|trim|monitor/trim.c|s/slot->function_ready \? slot->at_ready : slot->at_boot/slot->at_ready/
pages are taken without a plan|trim|monitor/trim.c|s/for \(; slot->trim_pages && surplus/for (; surplus/
a stale plan takes what S1 needs|trim|monitor/trim.c|s/slot->trim_pages && surplus\(slot, slot->trim_region\)/slot->trim_pages/
a plan can be used twice|trim|monitor/trim.c|s/    trim_forget\(slot\);\n    linear_was/    linear_was/
a failure is passed over|trim|monitor/trim.c|s/            break;/            slot->committed[slot->trim_region]--;/
memory keeps the pages it lost|trim|monitor/trim.c|s/    linear_was_trimmed\(slot\);\n//
eager images are trimmed|trim|monitor/trim.c|s/!\(image_layout.flags & IMAGE_LAZY\)/0/
pages are forgotten whatever the hardware says|trim|monitor/commit.c|s/SECINFO_TRIM \| SECINFO_MODIFIED\) != 0\)/SECINFO_TRIM | SECINFO_MODIFIED) == 77)/
any removal will do|trim|monitor/commit.c|s/SECINFO_TRIM \| SECINFO_MODIFIED/SECINFO_TRIM/
no defect|tenancy|monitor/tenancy.c|s/\A/\n/
others may enter|tenancy|monitor/tenancy.c|s/status = ST_OTHER_TENANT;/;/
shared tenancy is not looked at|tenancy|monitor/tenancy.c|s/!enclave.shared_tenancy/1/
some of the tenant is compared|tenancy|monitor/tenancy.c|s/(memcmp\(.*?)sizeof\(enclave.tenant\)/${1}31/s
leaving twice counts|tenancy|monitor/tenancy.c|s/slot->holds_tenant = false;/;/
leaving does not count|tenancy|monitor/tenancy.c|s/--enclave.tenant_slots == 0/enclave.tenant_slots == 0/
the last tenant is remembered|tenancy|monitor/tenancy.c|s/bytes_wipe\(enclave.tenant, .*?\);/;/
no defect|strings|monitor/manifest.c|s/\A/\n/
encrypted input goes with clear logs|strings|monitor/manifest.c|s/demands_sealed && clear_logs/0/
clear logs are refused of any input|strings|monitor/manifest.c|s/demands_sealed && clear_logs/clear_logs/
encrypted input is refused with any logs|strings|monitor/manifest.c|s/demands_sealed && clear_logs/demands_sealed/
only the last field is looked at|strings|monitor/manifest.c|s/(demands_sealed|clear_logs) \|=/$1 =/g
names may repeat|strings|monitor/manifest.c|s/names != 1/names < 1/
unknown fields are taken|strings|monitor/manifest.c|s/if \(!is_known/if (0 \&\& !is_known/
no defect|linear|monitor/linear.c|s/\A/\n/
a move leaves marks believed|linear|monitor/linear.c|s/    slot->linear.unmarked = true;\n//
the place is not compared|linear|monitor/linear.c|s/ &&\s+start_page\(slot\) == slot->linear.ready_start//
stops are not looked at|linear|monitor/linear.c|s/ && !slot->linear.unmarked//
functions without marks are believed|linear|monitor/linear.c|s/return is_marked\(slot\) && /return /
S1 does not clear marks|linear|monitor/linear.c|s/    memset\(region_start\(slot, REGION_MARKS\), 0.*?;\n//s
L0 marks one page|linear|monitor/linear.c|s/\(\(address \+ bytes - 1\) >> SFI_MARK_SHIFT\) - first \+ 1/1/
L0 does not mark|linear|monitor/linear.c|s/is_marked\(slot\) && bytes/0/
marks are not committed|linear|monitor/linear.c|s/    if \(!is_marked\(slot\)\)\n        return ST_OK;/    return ST_OK;/
history limits growth|linear|monitor/linear.c|s/if \(status != ST_NO_MEMORY\)/if (1)/
growth finds old bytes|linear|monitor/linear.c|s/    memset\(linear_start\(slot\) \+ bytes, 0.*?\n//
what lies below stays|linear|monitor/linear.c|s/    memset\(page_address\(slot, slot->linear.low\).*?\n//
no defect|marked|snapshot/marked.c|s/\A/\n/
a tail is not restored|marked|snapshot/marked.c|s/restore_tail\(marked, page \+ 1\);/;/
a tail is too short|marked|snapshot/marked.c|s/words\[SFI_MARK_TAIL \/ 8\]/words[SFI_MARK_TAIL \/ 8 - 1]/
a tail leaves memory|marked|snapshot/marked.c|s/ && page \+ 1 < marked->view->pages//
a mark leaves memory|marked|snapshot/marked.c|s/    if \(page >= marked->view->pages\)\n        return;[^\n]*\n//
the next word is not looked at|marked|snapshot/marked.c|s/: next_is_marked;/: true;/
marks stay|marked|snapshot/marked.c|s/        marks\[i\] = 0;\n//
only the lowest bit is a mark|marked|snapshot/marked.c|s/if \(word >> \(8 \* i\) & 0xff\)/if (word >> (8 * i) \& 1)/
no defect|store|snapshot/store.c|s/\A/\n/
what is given is not wiped|store|snapshot/store.c|s/    memset\(next, 0, PAGE_BYTES\);\n//
the list's link stays|store|snapshot/store.c|s/        \*next = 0;\n//
what is given is lost|store|snapshot/store.c|s/    store->free = page;\n//
no defect|snapshot|snapshot/capture.c|s/\A/\n/
nothing is shared|snapshot|snapshot/capture.c|s/memcmp\(candidate->digest, digest, 32\) == 0/0/
everything is shared|snapshot|snapshot/capture.c|s/memcmp\(candidate->digest, digest, 32\) == 0/1/
a sharer is not counted|snapshot|snapshot/capture.c|s/            candidate->references\+\+;\n//
who was slower keeps its pages|snapshot|snapshot/capture.c|s/    index_give\(&set->store, &built\);\n    return \*out/    return *out/
what does not fit is kept|snapshot|snapshot/capture.c|s/            index_give\(store, snapshot\);\n//
pages have no name in the digest|snapshot|snapshot/capture.c|s/br_sha256_update\(hash, &name, sizeof\(name\)\);/;/
the last slot leaves pages behind|snapshot|snapshot/capture.c|s/    index_give\(&set->store, &last\);\n//
no defect|serve|monitor/serve.c|s/\A/\n/
any address can be written|serve|monitor/serve.c|s/    if \(!range_inside\(address, bytes, 0, \(uint64_t\)slot->linear.pages.*?return NULL;\n//s
any offset can be read|serve|monitor/serve.c|s/(REGION_STDERR; region\+\+\)\n)        if \(range_inside.*?PAGE_BYTES\)\)\n/$1/s
the target is not asked for|serve|monitor/serve.c|s/if \(!to \|\| !from\)/if (!from)/
the source is not asked for|serve|monitor/serve.c|s/if \(!to \|\| !from\)/if (!to)/
layer 1's writes are not marked|serve|monitor/serve.c|s/    linear_mark\(slot, address, bytes\);\n//
data segments are not marked|serve|monitor/serve.c|s/        linear_mark\(slot, target, bytes\);\n/        ;\n/
LIST
)

build() { # DIRECTORY TEST FILE SUBSTITUTION
    local objects_of=OBJECTS_$2 object=$BUILD/san/trusted/${3%.c}.o
    local objects=" ${!objects_of} "

    mkdir -p "$1" || return 1
    perl -0777 -pe "$4" "trusted/$3" >"$1/mutated.c" || return 1
    cmp -s "trusted/$3" "$1/mutated.c" && { echo 'the edit changed nothing'; return 1; }
    [[ $objects = *" $object "* ]] || { echo "no object $object"; return 1; }
    $COMPILE -Wno-error -c "$1/mutated.c" -o "$1/mutated.o" &&
        $LINK ${objects/ $object / $1/mutated.o } $LIBRARIES -o "$1/test"
}

run() { # NUMBER NAME TEST FILE SUBSTITUTION
    local dir=$WORK/$1 verdict

    if ! build "$dir" "$3" "$4" "$5" >"$dir.log" 2>&1; then
        verdict="not ok $1 - $3: $2: not built: $(tail -1 "$dir.log")"
    elif timeout 60 "$dir/test" >"$dir.log" 2>&1; then
        [ "$2" = 'no defect' ] && verdict="ok $1 - $3: $2" || verdict="not ok $1 - $3: $2: survived"
    else
        [ "$2" = 'no defect' ] && verdict="not ok $1 - $3: $2: fails" || verdict="ok $1 - $3: $2"
    fi
    echo "$verdict" >"$dir.result"
}

rm -rf "$WORK"
mkdir -p "$WORK" || exit 1
number=0
while IFS='|' read -r name test file substitution; do
    number=$((number + 1))
    while [ "$(jobs -rp | wc -l)" -ge "${MUTANT_JOBS:-2}" ]; do wait -n; done
    run "$number" "$name" "$test" "$file" "$substitution" &
done <<<"$MUTANTS"
wait
echo "1..$number"
result=0
for ((i = 1; i <= number; i++)); do
    cat "$WORK/$i.result"
    grep -q '^ok' "$WORK/$i.result" || result=1
done
rm -rf "$WORK"
exit $result
