# Keepers: the enclave's side alone under the sanitizers, and whole fleets on the emulator.
KEEPER_TEST_KEY := $(BUILD)/tests/keeper-owner.pem
$(KEEPER_TEST_KEY): $(BUILD)/bin/reclave
	@mkdir -p $(@D)
	@rm -f $@
	$(BUILD)/bin/reclave key new $@ >/dev/null
$(BUILD)/tests/keeper-hello.rcl: $(BUILD)/guests/hello.wasm $(KEEPER_TEST_KEY) $(BUILD)/bin/reclave
	$(BUILD)/bin/reclave build --sign $(KEEPER_TEST_KEY) $< -o $@

KEEPER_TEST_SUPPORT := tests/keeper/machine.c tests/attest/support.c $(ATTEST_SOURCES)
$(eval $(call host_test,keeper-fleet,tests/keeper/fleet_test.c $(KEEPER_TEST_SUPPORT),\
    client keeper loader bundle quoting sgx base,-lcmocka -l:libbearssl.a $(SGX_LDLIBS) $(QUOTING_LDLIBS)))
$(BUILD)/tests/keeper-fleet: | $(BUILD)/tests/keeper-hello.rcl $(BUILD)/guests/hello.rcl $(IMAGES)

# The code of trusted/keeper and trusted/attest without an enclave around it.
KEEPER_WORLD := tests/keeper/world.c tests/attest/support.c $(KEEPER_SOURCES) $(ATTEST_SOURCES) $(CLIENT_SOURCES) \
                $(CLIENT_BASE) $(FORGE_SOURCES) tests/client/case.c host/evidence/compose.c
KEEPER_WORLD_LDLIBS := -lcmocka -l:libbearssl.a $(CLIENT_LDLIBS)
$(foreach t,quote protocol caller,$(eval $(call san_test,keeper-$(t),tests/keeper/$(t)_test.c $(KEEPER_WORLD),$(KEEPER_WORLD_LDLIBS))))
# Some ten thousand checks of signatures: without sanitizers.
$(eval $(call host_test,keeper-flip,tests/keeper/flip_test.c tests/attest/fields.c $(filter-out $(CLIENT_SOURCES) $(CLIENT_BASE),$(KEEPER_WORLD)),client base,$(KEEPER_WORLD_LDLIBS)))
$(eval $(call san_test,keeper-store,tests/keeper/store_test.c host/keeper/store.c host/loader/message.c \
    tests/attest/support.c $(ATTEST_SOURCES) $(ATTEST_BASE_SOURCES),-lcmocka -l:libbearssl.a))

KEEPER_FUZZED := $(KEEPER_SOURCES) $(ATTEST_SOURCES) $(ATTEST_BASE_SOURCES)
$(eval $(call fuzzer,keeper_quote,tests/keeper/quote_fuzz.c $(ATTEST_SOURCES) $(ATTEST_BASE_SOURCES),-l:libbearssl.a))
$(eval $(call fuzzer,keeper_message,tests/keeper/message_fuzz.c $(KEEPER_FUZZED),-l:libbearssl.a))

CHECKS += tests/keeper/mutants.sh tests/keeper/cli.sh tests/keeper/invoke.sh
.PHONY: keeper-sources
keeper-sources:
	@echo $(KEEPER_WORLD)
$(eval $(call host_test,keeper-vectors,tests/keeper/vectors_test.c tests/attest/support.c $(ATTEST_SOURCES),\
    client keeper loader quoting sgx base,-lcmocka -l:libbearssl.a $(SGX_LDLIBS) $(QUOTING_LDLIBS)))
