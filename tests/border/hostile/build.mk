# A hostile host against the enclave's border, one program per subject. Programs share host.c.
HOSTILE_COMMON := $(addprefix tests/border/hostile/,host.c inside.c steer.c steady.S) \
                  $(addprefix tests/border/,harness.c symbols.c)
HOSTILE_PARTS  := order interrupts pages parallel pointers

$(foreach part,$(HOSTILE_PARTS),$(eval $(call host_test,hostile-$(part),tests/border/hostile/$(part).c \
    $(HOSTILE_COMMON),loader sgx base,-lcrypto -lcmocka -lpthread)))

# A hostile owner's bundles; what the verifier says outside is asked, too.
$(eval $(call host_test,hostile-bundles,$(addprefix tests/border/hostile/,bundles.c patches.c) \
    $(HOSTILE_COMMON),loader sgx verdict bundle verify base,-lcrypto -lcmocka -lpthread))

# The same under another name, which means: with all pages from the start, on SGX1.
HOSTILE_EAGER := $(patsubst %,$(BUILD)/tests/hostile-%-eager,order interrupts parallel pointers bundles)
TESTS         += $(HOSTILE_EAGER)
$(HOSTILE_EAGER): %-eager: %
	cp $< $@

HOSTILE_EAGER_IMAGE := $(BUILD)/tests/hostile/eager.rci
$(HOSTILE_EAGER_IMAGE): $(BUILD)/bin/reclave-image $(BUILD)/trusted/monitor.elf \
                        $(BUILD)/sandboxed/l1.elf | $(DEV_SIGNING_KEY)
	@mkdir -p $(@D)
	$(BUILD)/bin/reclave-image --monitor $(BUILD)/trusted/monitor.elf --l1 $(BUILD)/sandboxed/l1.elf \
	    --key $(DEV_SIGNING_KEY) --pages eager --slots 3 --size 20 -o $@

HOSTILE_BUNDLES := $(patsubst %,$(BUILD)/tests/hostile/%.rcl,witness init_trap)
TEST_PROGRAMS   += $(HOSTILE_BUNDLES) $(HOSTILE_EAGER_IMAGE)

# The witness as gcc compiles it, by a toolchain that leaves out the rewriter.
HOSTILE_NATIVE := $(BUILD)/tests/hostile/native.rcl
$(eval $(call host_link,$(BUILD)/tests/hostile/native,tests/border/hostile/native.c cli/file.c,\
    bundle rewrite base,-lcrypto))
$(HOSTILE_NATIVE): $(BUILD)/tests/hostile/witness.wasm $(BUILD)/tests/hostile/native
	$(BUILD)/tests/hostile/native $< $@
TEST_PROGRAMS += $(HOSTILE_NATIVE)

$(BUILD)/tests/hostile/witness.wasm: tests/border/hostile/witness.c tests/guests/guest.h
	@mkdir -p $(@D)
	$(WASI_CC) -mexec-model=reactor -I. $< -o $@
$(BUILD)/tests/hostile/init_trap.wasm: $(BUILD)/guests/init_trap.wasm
	@mkdir -p $(@D)
	cp $< $@
$(HOSTILE_BUNDLES): %.rcl: %.wasm $(BUILD)/bin/reclave
	$(BUILD)/bin/reclave build $< -o $@

# Proof that these tests can fail: the same on monitors with one defect each.
CHECKS += tests/border/hostile/mutants.sh
