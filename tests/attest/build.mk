# Messages and evidence: both sides of the border in one program.
ATTEST_BOTH := $(ATTEST_SOURCES) $(ATTEST_BASE_SOURCES) $(CLIENT_ENVELOPE_SOURCES) \
               $(CLIENT_EVIDENCE_SOURCES) $(HOST_EVIDENCE_SOURCES) tests/attest/support.c tests/attest/fields.c
ATTEST_LDLIBS := -lcmocka -l:libbearssl.a -lcrypto -ljansson
ATTEST_TESTS  := hpke envelope session evidence merkle cbor sealed

$(foreach name,$(ATTEST_TESTS),\
    $(eval $(call san_test,attest-$(name),tests/attest/$(name)_test.c $(ATTEST_BOTH),$(ATTEST_LDLIBS))))

CHECKS += tests/attest/mutants.sh
.PHONY: attest-sources
attest-sources:
	@echo $(ATTEST_BOTH)

# Everything but what needs cmocka.
ATTEST_FUZZED := $(filter-out tests/attest/%,$(ATTEST_BOTH))
$(eval $(call fuzzer,evidence,tests/attest/evidence_fuzz.c $(ATTEST_FUZZED),-l:libbearssl.a -lcrypto -ljansson))
$(eval $(call fuzzer,envelope,tests/attest/envelope_fuzz.c $(ATTEST_FUZZED),-l:libbearssl.a -lcrypto -ljansson))
$(eval $(call fuzzer,sealed,tests/attest/sealed_fuzz.c $(ATTEST_FUZZED),-l:libbearssl.a -lcrypto -ljansson))

CHECKS += tests/attest/freestanding.sh
TEST_PROGRAMS += $(ATTEST_OBJECTS)
.PHONY: attest-objects
attest-objects:
	@echo $(ATTEST_OBJECTS)

$(eval $(call san_test,attest-answer,tests/attest/answer_test.c $(ATTEST_BOTH) $(CLIENT_SOURCES) $(CLIENT_BASE),$(ATTEST_LDLIBS)))
