SGX_SOURCES := sgx/select.c $(sort $(wildcard sgx/driver/*.c sgx/driver/*.S sgx/emu/*.c sgx/emu/*.S))
$(eval $(call host_library,sgx,$(SGX_SOURCES)))
# Programs that link it need -lcrypto.
SGX_LDLIBS := -lcrypto
