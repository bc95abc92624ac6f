#!/bin/bash
FUZZ_RUNS=20000000 exec tools/fuzz
