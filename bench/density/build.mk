# As many slots as an enclave can have, and one small function that is made into many.
$(BUILD)/bench/density.rci: $(BUILD)/bin/reclave-image $(BUILD)/trusted/monitor.elf $(BUILD)/sandboxed/l1.elf | $(DEV_SIGNING_KEY)
	@mkdir -p $(@D)
	$(BUILD)/bin/reclave-image --monitor $(BUILD)/trusted/monitor.elf --l1 $(BUILD)/sandboxed/l1.elf \
	    --key $(DEV_SIGNING_KEY) --pages lazy --slots 15 -o $@
$(eval $(call bench_bundle,identity,$(BUILD)/guests/identity.wasm))

$(BUILD)/bench/density: | $(BUILD)/bench/density.rci $(BUILD)/bench/identity.rcl
$(eval $(call host_bench,density,$(addprefix bench/density/,main.c enclave15.c),$(BENCH_LIBRARIES),$(BENCH_LDLIBS)))
TEST_PROGRAMS += $(BUILD)/bench/density
