# Messages and evidence: both sides of the border in one program.
ATTEST_BOTH := $(ATTEST_SOURCES) $(ATTEST_BASE_SOURCES) $(CLIENT_ENVELOPE_SOURCES) \
               $(CLIENT_EVIDENCE_SOURCES) $(HOST_EVIDENCE_SOURCES) tests/attest/support.c
ATTEST_LDLIBS := -lcmocka -l:libbearssl.a -lcrypto
ATTEST_TESTS  := hpke envelope session evidence merkle cbor sealed

$(foreach name,$(ATTEST_TESTS),\
    $(eval $(call san_test,attest-$(name),tests/attest/$(name)_test.c $(ATTEST_BOTH),$(ATTEST_LDLIBS))))
