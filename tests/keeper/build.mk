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
