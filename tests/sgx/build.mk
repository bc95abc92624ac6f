# The machine, tested with an enclave that does whatever it is asked. One program per
# emulated CPU at least: a process has one.
SGX_WEAK := tests/sgx/weak.c tests/sgx/weak_enclave.S
SGX_TEST_LIBRARIES := sgx image base
$(foreach t,fidelity keys driver selftests strict lenient watch threads signals step sgx1 limits vectors,$(eval $(call host_test,sgx-$(t),tests/sgx/test_$(t).c $(SGX_WEAK),$(SGX_TEST_LIBRARIES),-lcrypto -lcmocka -lpthread)))
$(eval $(call host_test,sgx-hardware,tests/sgx/test_hardware.c,sgx base,-lcrypto -lcmocka -lpthread))
