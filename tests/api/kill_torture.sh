#!/bin/bash
# kill -9 within 10,000 mixed requests.
cd "$(dirname "$0")/../.." && RECLAVE_KILL_REQUESTS=10000 exec tests/api/kill.py "kill -9"
