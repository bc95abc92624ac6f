# libreclave-client. The forge makes quotes and collateral that are wrong in one way each.
FORGE_SOURCES     := $(sort $(wildcard tests/client/forge/*.c))
CLIENT_TEST_LDLIBS := -lcmocka $(CLIENT_LDLIBS)
CLIENT_UNDER_TEST := $(CLIENT_SOURCES) $(CLIENT_BASE) $(FORGE_SOURCES) tests/client/case.c

$(eval $(call san_test,client-verdict,tests/client/verdict_test.c $(CLIENT_UNDER_TEST),$(CLIENT_TEST_LDLIBS)))
$(eval $(call san_test,client-verifier,tests/client/verifier_test.c $(CLIENT_UNDER_TEST),$(CLIENT_TEST_LDLIBS)))
# Some ten thousand verifications: without sanitizers.
$(eval $(call host_test,client-flip,tests/client/flip_test.c tests/client/case.c $(FORGE_SOURCES),client base,$(CLIENT_TEST_LDLIBS)))

$(eval $(call host_link,$(BUILD)/tests/client-vectors,tests/client/vectors.c $(FORGE_SOURCES),,$(CLIENT_LDLIBS)))
TEST_PROGRAMS += $(BUILD)/tests/client-vectors

$(eval $(call fuzzer,client_quote,tests/client/quote_fuzz.c $(CLIENT_SOURCES) $(CLIENT_BASE) $(FORGE_SOURCES),$(CLIENT_LDLIBS)))
$(eval $(call fuzzer,client_certificates,tests/client/certificates_fuzz.c $(CLIENT_SOURCES) $(CLIENT_BASE),$(CLIENT_LDLIBS)))
$(eval $(call fuzzer,client_collateral,tests/client/collateral_fuzz.c $(CLIENT_SOURCES) $(CLIENT_BASE),$(CLIENT_LDLIBS)))
$(eval $(call fuzzer,client_policy,tests/client/policy_fuzz.c $(CLIENT_SOURCES) $(CLIENT_BASE),$(CLIENT_LDLIBS)))
$(eval $(call fuzzer,client_fleet,tests/client/fleet_fuzz.c $(CLIENT_SOURCES) $(CLIENT_BASE),$(CLIENT_LDLIBS)))
CHECKS += tests/client/cli.sh tests/client/embed.sh tests/client/mutants.sh
