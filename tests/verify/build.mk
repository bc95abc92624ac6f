# The verifier. Cases are assembly, linked into the test that checks them.
VERIFY_CASES := $(wildcard tests/verify/accept/*.S tests/verify/reject/*.S)
DEPFILES += $(patsubst %.S,$(BUILD)/host/%.d,$(VERIFY_CASES))

$(eval $(call san_test,verify-cases,tests/verify/cases_test.c tests/verify/reasons.c $(VERIFY_HOST_SOURCES),-lcmocka))
$(BUILD)/tests/verify-cases: $(call host_objects,$(VERIFY_CASES))
$(eval $(call san_test,verify-request,tests/verify/request_test.c $(VERIFY_HOST_SOURCES),-lcmocka))
CHECKS += tests/verify/mutants.sh tests/verify/policy.sh

$(eval $(call host_link,$(BUILD)/tests/verify-list,tests/verify/list.c,verify,))
TEST_PROGRAMS += $(BUILD)/tests/verify-list

# Accepted programs, run.
VERIFY_RUN := $(addprefix tests/verify/run/,run_test.c generate.c cage.c enter.S)
$(eval $(call host_test,verify-run,$(VERIFY_RUN) tests/verify/run/few.c,verify,-lcmocka))
$(eval $(call host_torture,verify-run-many,$(VERIFY_RUN) tests/verify/run/many.c,verify,-lcmocka))

# The decoder against objdump.
$(eval $(call host_link,$(BUILD)/tests/verify-decode,tests/verify/decode_lines.c tests/verify/run/generate.c,verify,))
TEST_PROGRAMS += $(BUILD)/tests/verify-decode
CHECKS += tests/verify/objdump.pl

$(eval $(call fuzzer,verify,tests/verify/verify_fuzz.c $(VERIFY_SOURCES),))
