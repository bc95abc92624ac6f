# Quotes: from EREPORT to what OpenSSL accepts.
QUOTING_TEST_LIBRARIES := quoting sgx base
QUOTING_TEST_LDLIBS    := $(QUOTING_LDLIBS) -lcmocka

# A plain enclave of our own that makes reports as L0 does.
REPORTER_OBJECTS := $(call trusted_objects,tests/quoting/reporter.c trusted/attest/report.c \
    sgx/quoting/enclave/border.c sgx/quoting/enclave/entry.S base/bytes.c trusted/monitor/libc.c)
DEPFILES += $(REPORTER_OBJECTS:.o=.d)
$(BUILD)/trusted/reporter.elf: $(REPORTER_OBJECTS) sgx/quoting/enclave/qe.lds
	$(CC) $(TRUSTED_LDFLAGS) -Wl,-T,sgx/quoting/enclave/qe.lds $(REPORTER_OBJECTS) -o $@
$(BUILD)/tests/reporter.rci: $(BUILD)/trusted/reporter.elf $(BUILD)/bin/reclave-image | $(DEV_SIGNING_KEY)
	@mkdir -p $(@D)
	$(BUILD)/bin/reclave-image --enclave $< --key $(DEV_SIGNING_KEY) --prod-id 77 --svn 3 -o $@
TEST_PROGRAMS += $(BUILD)/tests/reporter.rci $(QE_IMAGE)

$(eval $(call host_test,quoting,tests/quoting/quote_test.c tests/quoting/support.c tests/quoting/chain.c,$(QUOTING_TEST_LIBRARIES),$(QUOTING_TEST_LDLIBS)))
$(BUILD)/tests/quoting: | $(BUILD)/tests/reporter.rci $(QE_IMAGE)
