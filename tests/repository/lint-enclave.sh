#!/bin/bash
exec tools/lint-enclave
