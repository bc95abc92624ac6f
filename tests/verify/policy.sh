#!/bin/bash
# The allow-list in docs/sfi-policy.md is the verifier's.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
echo 1..1
documented=$(sed -n '/^### 8.1/,/^### 8.2/p' docs/sfi-policy.md | sed -n '/^```/,/^```/p' | grep '^[A-Z]')
listed=$("$BUILD/tests/verify-list") || listed='the list could not be printed'
if difference=$(diff <(echo "$documented") <(echo "$listed")); then
    echo 'ok 1 - section 8.1 lists what the tables allow'
else
    echo 'not ok 1 - section 8.1 lists what the tables allow'
    echo "$difference" | sed 's/^/# /'
    exit 1
fi
