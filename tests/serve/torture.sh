#!/bin/bash
# Faults and hunters over many requests: 10,000 under kill -9, 100,000 for the hunters with each tenancy.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
echo 1..2
RECLAVE_SERVE_REQUESTS=10000 tests/serve/faults.py "kill -9" | sed -un 's/^ok 1/ok 1/p; s/^not ok 1/not ok 1/p; /^#/p'
RECLAVE_SERVE_REQUESTS=100000 tests/serve/hunt.py | sed -un 's/^ok 1/ok 2/p; s/^not ok 1/not ok 2/p; /^#/p'
