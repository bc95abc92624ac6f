#!/bin/bash
# Each check on messages, evidence and sealed files is taken out of a copy, one at a time; at least
# one test must then fail. A mutant that survives is a failure, and so is an edit that changes
# nothing. The shipped source has no switch for this.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
ROOT=$BUILD/attest-mutants
CC=${CC:-gcc}
CFLAGS='-std=gnu17 -O0 -D_GNU_SOURCE -w'
LDLIBS='-lcmocka -l:libbearssl.a -lcrypto -ljansson'
read -ra SOURCES <<<"$(make -s --no-print-directory attest-sources)"

# name, test, source file, Perl edit of the whole file
MUTANTS=()
mutant() { MUTANTS+=("$1" "$2" "$3" "$4"); }
A=trusted/attest
E=client/envelope
V=client/evidence

# The controls: nothing that matters changes. They must survive.
for test in hpke envelope session evidence merkle cbor sealed; do
    mutant "control $test" $test $A/aead.c 's|\A|/* unchanged */\n|'
done

# The enclave: keys and primitives.
mutant 'aead: tags are not compared' envelope $A/aead.c 's/br_gcm_check_tag\(.*?\) == 1/true/'
mutant 'aead: forged plaintext stays' hpke $A/aead.c 's/bytes_wipe\(data, bytes\)/;/'
mutant 'aead: one nonce for all messages' hpke $A/aead.c 's/\^= \(uint8_t\)\(sequence/^= (uint8_t)(0 * sequence/'
mutant 'aead: associated data is not bound' envelope $A/aead.c 's/br_gcm_aad_inject\(.*?;//'
mutant 'keys: small order is accepted' hpke $A/keys_receiving.c 's/ \|\| bytes_equal_secret\(shared, zero, sizeof\(zero\)\)//'
mutant 'hpke: info is not bound' hpke $A/hpke.c 's/info, info_bytes\}/"", 0}/'
mutant 'hpke: recipient is not bound' hpke $A/hpke.c 's/memcpy\(context \+ HPKE_ENC_BYTES.*?;/memset(context + HPKE_ENC_BYTES, 0, 32);/'
mutant 'hpke: messages may be opened again' hpke $A/hpke.c 's/(return ST_ENVELOPE_FORGED;\n\s+)context->sequence\+\+/$1/'
mutant 'hpke: numbers run out unnoticed' hpke $A/hpke.c 's/if \(context->sequence == UINT64_MAX\)/if (0)/g'

# The enclave: requests and responses.
mutant 'envelope: any magic' envelope $A/envelope.c 's/if \(memcmp\(prefix->magic.*?\) != 0\)/if (0)/'
mutant 'envelope: any version' envelope $A/envelope.c 's/if \(prefix->version != ENVELOPE_VERSION\)/if (0)/'
mutant 'envelope: any kind' session $A/envelope.c 's/prefix->kind != kind \|\| //'
mutant 'envelope: reserved bytes are free' envelope $A/envelope.c 's/ \|\| prefix->reserved != 0//'
mutant 'envelope: any length' envelope $A/envelope.c 's/prefix->cipher_bytes != cipher_bytes \|\| //'
mutant 'envelope: any suite' envelope $A/envelope.c 's/if \(!suite_is_ours\(header\)\)/if (0)/'
mutant 'envelope: any nonce length' envelope $A/envelope.c 's/if \(nonce_bytes > NONCE_MAX.*?\)\)\n/if (0)\n/s'
mutant 'envelope: anything behind the nonce' envelope $A/envelope.c 's/if \(nonce\[i\] != 0\)/if (0)/'
mutant 'envelope: any key' envelope $A/envelope.c 's/if \(memcmp\(header->key_id.*?\) != 0\)/if (0)/'
mutant 'envelope: any function' envelope $A/envelope.c 's/if \(memcmp\(header->bundle_sha256.*?\) != 0\)/if (0)/'
mutant 'envelope: any policy' envelope $A/envelope.c 's/if \(memcmp\(header->policy_sha256.*?\) != 0\)/if (0)/'
mutant 'envelope: refused ciphertext stays' envelope $A/envelope.c 's/(\*plain_bytes = 0;\n\s+)bytes_wipe\(cipher, cipher_bytes\);/$1/'
mutant 'response: the nonce is not random' envelope $A/response.c 's/random->fill\(.*?;/memset(header->response_nonce, 0, 16);/'
mutant 'response: a request is answered again' envelope $A/response.c 's/if \(!reply->usable\)/if (0)/'
mutant 'response: what is not sent stays' envelope $A/response.c 's/aead_parts_wipe\(parts, count\);/;/'
mutant 'body: strings of any length' envelope $A/body.c 's/head.strings_bytes > L1_STRINGS_MAX \|\| //'
mutant 'body: input of any length' envelope $A/body.c 's/ \|\| head.input_bytes > STDIO_MAX//'
mutant 'body: parts beyond the end' envelope $A/body.c 's/used > bytes \|\| //; s/all_zero\(plain \+ used/bytes > used \&\& $&/; s/\|\| !bytes/|| bytes/'
mutant 'body: padding of any content' envelope $A/body.c 's/ \|\| !all_zero\(.*?\)\)\n/)\n/'
mutant 'body: any version' envelope $A/body.c 's/head.version != BODY_VERSION \|\| //'
mutant 'body: any padding' envelope $A/body.c 's/ \|\|\s+padded_length\(.*?\) != ST_OK//'

# The enclave: sessions.
mutant 'session: any number' session $A/session.c 's/ \|\| header->sequence != session->next//'
mutant 'session: requests before the answer' session $A/session.c 's/session->answering \|\| //'
mutant 'session: several answers to one' session $A/session.c 's/ \|\| !session->answering//'
mutant 'session: requests without end' session $A/session.c 's/if \(session->next > SESSION_REQUESTS_MAX\)/if (0)/'
mutant 'session: any function' session $A/session.c 's/if \(memcmp\(session->bundle_sha256.*?\) != 0\)/if (0)/'
mutant 'session: any policy' session $A/session.c 's/if \(memcmp\(session->policy_sha256.*?\) != 0\)/if (0)/'
mutant 'session: openings with a plaintext' session $A/session.c 's/cipher_bytes != AEAD_TAG_BYTES \|\| //'
mutant 'session: openings with a nonce' session $A/session.c 's/ \|\| header->nonce_bytes != 0\)/)/'
mutant 'session: the nonce is not random' session $A/session.c 's/random->fill\(.*?;/memset(opened->session_nonce, 0, 32);/'
mutant 'session: closed ones go on' session $A/session.c 's/(void session_close.*?)bytes_wipe\(session, sizeof\(\*session\)\)/$1(void)session/s'
mutant 'session: any one makes room' session $A/session.c 's/if \(session->last_used < oldest->last_used\)/if (0)/'
mutant 'session: one key for both directions' session $A/session.c 's/"response key"/"request key"/; s/"response nonce"/"request nonce"/'

# The enclave: evidence and sealed files.
mutant 'claims: contradictions are encoded' evidence $A/claims.c 's/return \(claims->outcome == OUTCOME_TRAP\).*?;/return false;/'
mutant 'claims: nonces of any length' evidence $A/claims.c 's/if \(claims->nonce_bytes > NONCE_MAX.*?\)\)\n/if (0)\n/s'
mutant 'claims: counts of any size' evidence $A/claims.c 's/if \(claims->slot > CLAIM_COUNT_MAX.*?\)\n/if (0)\n/'
mutant 'claims: the leaf has no prefix' merkle $A/claims.c 's/\{&prefix, 1\}/{"", 0}/'
mutant 'claims: no blinding' evidence $A/claims.c 's/claims->blinding, BLINDING/test_zero, BLINDING/; s/\A/static const unsigned char test_zero[16];\n/'
mutant 'batch: signed leaves stay' evidence $A/batch.c 's/batch->count = 0;/;/'
mutant 'batch: empty ones are signed' evidence $A/batch.c 's/if \(batch->count == 0\)\n\s+return ST_NOT_FOUND;//'
mutant 'report: the role is not bound' evidence $A/report_data.c 's/\{identity, sizeof\(\*identity\)\}/{(const char *)identity + 1, sizeof(*identity) - 1}/'
mutant 'report: no challenge' evidence $A/report_data.c 's/if \(challenge\)/if (0)/'
mutant 'sealed: the header is not bound' sealed $A/sealed_bundle.c 's/\{header, sizeof\(\*header\)\}/{header, 8}/g'
mutant 'sealed: chunks may move' sealed $A/sealed_bundle.c 's/reader->index << 8/0/'
mutant 'sealed: any key' sealed $A/sealed_bundle.c 's/if \(!bytes_equal_secret\(.*?\)\)\n/if (0)\n/'
mutant 'sealed: any bundle' sealed $A/sealed_bundle.c 's/if \(memcmp\(header->bundle_sha256.*?\) != 0\)/if (0)/'
mutant 'sealed: chunks may be missing' sealed $A/sealed_bundle.c 's/reader->index == 0 \|\| reader->left != 0/0/'
mutant 'sealed: any length' sealed $A/sealed_bundle.c 's/if \(total_bytes != .*?\)\n\s+return/if (0)\n return/s'
mutant 'sealed: a broken reader goes on' sealed $A/sealed_bundle.c 's/bytes_wipe\(reader, sizeof\(\*reader\)\);/;/'
mutant 'wrapped key: any recipient' sealed $A/wrapped_key.c 's/if \(memcmp\(wrapped->recipient.*?\) != 0\)/if (0)/'
mutant 'wrapped key: any key' sealed $A/wrapped_key.c 's/return bytes_equal_secret\(.*?;/return ST_OK;/'
mutant 'wrapped key: a refused one stays' sealed $A/wrapped_key.c 's/bytes_wipe\(key, FUNCTION_KEY_BYTES\);/;/'
mutant 'state: any purpose' sealed $A/state.c 's/ \|\| header->purpose != purpose//'
mutant 'state: any age' sealed $A/state.c 's/if \(header->counter < oldest_counter\)/if (0)/'
mutant 'state: the header is not bound' sealed $A/state.c 's/header, sizeof\(\*header\), state/header, 8, state/g'
mutant 'state: one key for all' sealed $A/state.c 's/random->fill\(.*?;/;/'

# The caller.
mutant 'caller: several answers' envelope $E/single.c 's/(authentic: .*?\n\s+)caller_pending_wipe\(pending\);/$1/'
mutant 'caller: any kind of message' session $E/message.c 's/prefix.kind != kind \|\| //'
mutant 'caller: any version' envelope $E/message.c 's/if \(prefix.version != ENVELOPE_VERSION\)/if (0)/'
mutant 'caller: any length' envelope $E/message.c 's/prefix.reserved != 0 \|\|\s+prefix.cipher_bytes != message_bytes - header_bytes/prefix.reserved != 0/'
mutant 'caller: forged answers' envelope $E/crypto_aead.c 's/EVP_CipherFinal_ex\(context, nothing, &done\) == 1 \? ST_OK : ST_ENVELOPE_FORGED/ST_OK/'
mutant 'caller: answers beyond their end' envelope $E/message.c 's/used > bytes \|\| !all_zero/used <= bytes \&\& !all_zero/'
mutant 'caller: the answer to another request' session $E/session.c 's/!session->waiting \|\| header->sequence != session->sequence/0/'
mutant 'caller: the answer of another session' session $E/session.c 's/if \(memcmp\(header->session_id.*?\) != 0\)/if (0)/'
mutant 'caller: does not wait' session $E/session.c 's/if \(session->waiting\)/if (0)/'
mutant 'caller: a session is opened twice' session $E/session_open.c 's/if \(session->open\)/if (0)/'
mutant 'evidence: any identity' evidence $V/identity.c 's/if \(memcmp\(bound \+ REPORT_BINDING_OFF.*?\) != 0\)/if (0)/'
mutant 'evidence: any role' evidence $V/identity.c 's/if \(identity->role != role\)/if (0)/'
mutant 'evidence: any challenge' evidence $V/identity.c 's/if \(challenge &&\s+memcmp/if (0 \&\& memcmp/'
mutant 'evidence: any signature' evidence $V/signature.c 's/EVP_DigestVerify\(context.*?\) == 1/1/'
mutant 'evidence: any tree' evidence $V/signed.c 's/if \(memcmp\(root, evidence->root.tree_root.*?\) != 0\)/if (0)/'
mutant 'evidence: claims of another worker' evidence $V/signed.c 's/memcmp\(worker, evidence->claims.worker_id, 32\) != 0 \|\|//'
mutant 'evidence: claims of another boot' evidence $V/signed.c 's/memcmp\(identity->boot_id, evidence->claims.boot_id, BOOT_ID_BYTES\) != 0 \|\|//'
mutant 'evidence: a root of another boot' evidence $V/signed.c 's/ \|\|\s+memcmp\(identity->boot_id, root->boot_id, BOOT_ID_BYTES\) != 0//'
mutant 'evidence: claims of another policy' evidence $V/signed.c 's/if \(memcmp\(identity->policy_sha256.*?\) != 0\)/if (0)/'
mutant 'evidence: any nonce' evidence $V/expected.c 's/if \(expected->nonce &&/if (0 \&\&/'
mutant 'evidence: a prefix of the nonce' evidence $V/expected.c 's/claims->nonce_bytes != expected->nonce_bytes \|\|//'
mutant 'evidence: any input' evidence $V/expected.c 's/if \(!is_digest_of\(claims->input_sha256.*?\)\)/if (0)/'
mutant 'evidence: any output' evidence $V/expected.c 's/if \(!is_digest_of\(claims->output_sha256.*?\)\)/if (0)/'
mutant 'evidence: any strings' evidence $V/expected.c 's/if \(expected->strings_sha256 &&/if (0 \&\&/'
for set in tenants bundles snapshots policies; do
    mutant "evidence: any of $set" evidence $V/expected.c "s/if \\(!in_set\\(&expected->$set.*?\\)\\)/if (0)/"
done
mutant 'evidence: any outcome' evidence $V/expected.c 's/if \(expected->outcomes &&/if (0 \&\&/'
mutant 'cbor: longer heads' cbor $V/cbor_reader.c 's/value < least\[width\] \? fail\(reader\) : value/value/'
mutant 'cbor: strings beyond the end' cbor $V/cbor_reader.c 's/ \|\| length > \(uint64_t\)\(reader->end - reader->at\)//'
mutant 'cbor: something left over' evidence $V/cbor_reader.c 's/ && reader->at == reader->end//'
mutant 'cbor: failures are forgotten' cbor $V/cbor_reader.c 's/reader->failed = true;/;/'
mutant 'evidence: counts of any size' evidence $V/claims_parse.c 's/if \(value > CLAIM_COUNT_MAX\)/if (0)/'
mutant 'evidence: any number of claims' evidence $V/claims_parse.c 's/ \|\| entries != .*?\) \{/) {/s'
mutant 'merkle: paths of any length' merkle base/merkle.c 's/return last == 0 \? ST_OK : ST_CORRUPT/return ST_OK/'
mutant 'merkle: paths beyond the root' merkle base/merkle.c 's/if \(last == 0\)/if (0)/'
mutant 'merkle: any place' merkle base/merkle.c 's/if \(index >= count\)\n(\s+return ST_CORRUPT)/if (0)\n$1/'
mutant 'merkle: nodes without a sibling' merkle base/merkle.c 's/at & 1 \|\| at == last/at \& 1/'
mutant 'padding: any value' envelope base/padding.c 's/return ST_INVALID_ARGUMENT/return ST_OK/'

rm -rf "$ROOT" && mkdir -p "$ROOT" || exit 1
object_of() { echo "$1/$(tr / _ <<<"${2%.c}").o"; }
for source in "${SOURCES[@]}" tests/attest/{hpke,envelope,session,evidence,merkle,cbor,sealed}_test.c; do
    printf '%s\0%s\0' "$source" "$(object_of "$ROOT" "$source")"
done | xargs -0 -n2 -P"$(nproc)" sh -c "$CC $CFLAGS -I. -c \"\$0\" -o \"\$1\"" || exit 1

# number: builds and judges one mutant, prints a line of TAP
judge() {
    local i=$1 name=${MUTANTS[$1 * 4]} test=${MUTANTS[$1 * 4 + 1]} file=${MUTANTS[$1 * 4 + 2]}
    local edit=${MUTANTS[$1 * 4 + 3]} work=$ROOT/$i objects=() source
    mkdir -p "$work"
    perl -0pe "$edit" "$file" >"$work/mutant.c"
    if cmp -s "$file" "$work/mutant.c"; then
        echo "not ok $((i + 1)) - $name: the edit changes nothing"
        return
    fi
    $CC $CFLAGS -I. -c "$work/mutant.c" -o "$work/mutant.o" 2>"$work/errors" ||
        { echo "not ok $((i + 1)) - $name: does not compile"; return; }
    for source in "${SOURCES[@]}"; do
        [ "$source" = "$file" ] || objects+=("$(object_of "$ROOT" "$source")")
    done
    $CC "${objects[@]}" "$work/mutant.o" "$(object_of "$ROOT" "tests/attest/${test}_test.c")" $LDLIBS \
        -o "$work/test" || { echo "not ok $((i + 1)) - $name: does not link"; return; }
    CMOCKA_MESSAGE_OUTPUT=TAP timeout 120 "$work/test" >"$work/out" 2>&1
    local result=$? caught
    caught=$(grep -c '^not ok [0-9]' "$work/out")
    rm -f "$work/test" "$work/mutant.o"
    case $name in
        control*) [ $result -eq 0 ] && echo "ok $((i + 1)) - $name" || echo "not ok $((i + 1)) - $name" ;;
        *) if [ $result -ne 0 ]; then
            echo "ok $((i + 1)) - $name ($caught tests notice)"
        else
            echo "not ok $((i + 1)) - $name: no test notices"
        fi ;;
    esac
}

COUNT=$((${#MUTANTS[@]} / 4))
echo "1..$COUNT"
JOBS=$(nproc)
for ((j = 0; j < JOBS; j++)); do
    (for ((i = j; i < COUNT; i += JOBS)); do judge $i; done) >"$ROOT/results.$j" 2>/dev/null &
done
wait
sed 's/^\(not ok\|ok\) \([0-9]*\)/\2 &/' "$ROOT"/results.* | sort -n | cut -d' ' -f2-
! grep -q '^not ok' "$ROOT"/results.*
