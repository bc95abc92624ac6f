# Quotes: from EREPORT to what OpenSSL accepts.
QUOTING_TEST_LIBRARIES := quoting sgx base
QUOTING_TEST_LDLIBS    := $(QUOTING_LDLIBS) -lcmocka

# A plain enclave of our own that makes reports as L0 does, and a twin with another measurement.
REPORTER_SOURCES := tests/quoting/reporter.c trusted/attest/report.c \
    sgx/quoting/enclave/border.c sgx/quoting/enclave/entry.S base/bytes.c trusted/monitor/libc.c
REPORTER_OBJECTS := $(call trusted_objects,$(REPORTER_SOURCES))
DEPFILES += $(REPORTER_OBJECTS:.o=.d)
REPORTER_LINK = $(CC) $(TRUSTED_LDFLAGS) -Wl,-T,sgx/quoting/enclave/qe.lds
$(BUILD)/trusted/reporter.elf: $(REPORTER_OBJECTS) sgx/quoting/enclave/qe.lds
	$(REPORTER_LINK) $(REPORTER_OBJECTS) -o $@
$(BUILD)/trusted/reporter-twin.elf: $(REPORTER_OBJECTS) $(BUILD)/trusted/tests/quoting/twin.o sgx/quoting/enclave/qe.lds
	$(REPORTER_LINK) -Wl,-u,twin $(REPORTER_OBJECTS) $(BUILD)/trusted/tests/quoting/twin.o -o $@
REPORTER_IMAGES := $(BUILD)/tests/reporter.rci $(BUILD)/tests/reporter-twin.rci
$(REPORTER_IMAGES): $(BUILD)/tests/%.rci: $(BUILD)/trusted/%.elf $(BUILD)/bin/reclave-image | $(DEV_SIGNING_KEY)
	@mkdir -p $(@D)
	$(BUILD)/bin/reclave-image --enclave $< --key $(DEV_SIGNING_KEY) --prod-id 77 --svn 3 -o $@

# What stands for Intel's quoting library: whole, and one that lacks a function.
FAKE_DCAP := $(BUILD)/tests/fake-dcap.so $(BUILD)/tests/fake-dcap-incomplete.so
$(BUILD)/tests/fake-dcap-incomplete.so: FAKE_DCAP_FLAGS := -DFAKE_DCAP_INCOMPLETE
$(FAKE_DCAP): tests/quoting/fake_dcap.c abi/sgx_arch.h
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) $(FAKE_DCAP_FLAGS) -fPIC -shared $< -o $@

QUOTING_TEST_FILES := $(REPORTER_IMAGES) $(QE_IMAGE) $(FAKE_DCAP)
TEST_PROGRAMS += $(QUOTING_TEST_FILES)

QUOTING_SUPPORT := tests/quoting/support.c tests/quoting/chain.c
$(foreach t,quote sealing dcap,$(eval $(call host_test,quoting-$(t),tests/quoting/$(t)_test.c $(QUOTING_SUPPORT),$(QUOTING_TEST_LIBRARIES),$(QUOTING_TEST_LDLIBS))))
$(eval $(call host_test,quoting-plain,tests/quoting/plain_test.c $(QUOTING_SUPPORT),loader $(QUOTING_TEST_LIBRARIES),$(QUOTING_TEST_LDLIBS)))
$(foreach t,quote sealing dcap plain,$(eval $(BUILD)/tests/quoting-$(t): | $(QUOTING_TEST_FILES)))
$(eval $(call san_test,quoting-devroot,tests/quoting/devroot_test.c tests/quoting/chain.c sgx/problem.c $(wildcard sgx/devroot/*.c),-lcrypto -ljansson -lcmocka))
$(eval $(call san_test,quoting-cmac,tests/quoting/cmac_test.c sgx/quoting/enclave/cmac.c base/bytes.c,-l:libbearssl.a -lcrypto -lcmocka))

# The same before our own verifier.
TEST_PROGRAMS += $(BUILD)/tests/quoting-sample
$(eval $(call host_link,$(BUILD)/tests/quoting-sample,tests/quoting/sample.c,$(QUOTING_TEST_LIBRARIES),$(QUOTING_LDLIBS)))
CHECKS += tests/quoting/verify.sh tests/quoting/mutants.sh
