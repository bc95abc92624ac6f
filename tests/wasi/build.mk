# Layer 1 on the host, under the sanitizers.
$(foreach test,stdio poll calls,$(eval $(call san_test,wasi-$(test),\
    tests/wasi/$(test)_test.c tests/wasi/machine.c $(L1_C_SOURCES),-lcmocka)))

$(foreach test,stdio_test poll_test calls_test machine,$(eval CFLAGS_tests/wasi/$(test) := -DL1_HOSTED))

# The machine code itself, with real segments.
$(eval $(call host_test,wasi-native,tests/wasi/native_test.c tests/wasi/native.S,,-lcmocka))
TEST_PROGRAMS += $(L1_BIN) $(L1_RODATA)

CHECKS += tests/wasi/enclave.sh

$(eval $(call fuzzer,wasi_calls,tests/wasi/calls_fuzz.c tests/wasi/machine.c $(L1_C_SOURCES),-lcmocka))
CFLAGS_tests/wasi/calls_fuzz := -DL1_HOSTED
