# What crosses the enclave's border, and what stays inside: tests on real enclaves.
BORDER_HARNESS := $(addprefix tests/border/,harness.c pages.c places.c symbols.c breakpoint.c registers.c)
BORDER_LIBRARIES := loader sgx base
BORDER_LDLIBS := -lcmocka $(SGX_LDLIBS)

# Guests as bundles. What a test looks for must be allowed in, hence the environment's name.
BORDER_GUESTS := secret_spreader secret_spreader_marked clock_random reactor_init init_output init_random_reseed init_trap hello tagged
RESIDUE_SECRET_NAME := RECLAVE_RESIDUE_PROBE_b3f1c07a5d
TEST_PROGRAMS += $(BORDER_GUESTS:%=$(BUILD)/guests/%.rcl)
$(BUILD)/guests/secret_spreader.rcl: GUEST_BUNDLE := --env $(RESIDUE_SECRET_NAME) --tracking copy
$(BUILD)/guests/secret_spreader_marked.rcl: GUEST_BUNDLE := --env $(RESIDUE_SECRET_NAME) --tracking mark
$(BUILD)/guests/%_marked.rcl: $(BUILD)/guests/%.wasm $(BUILD)/bin/reclave
	$(BUILD)/bin/reclave build $(GUEST_BUNDLE) $< -o $@
$(BUILD)/guests/%.rcl: $(BUILD)/guests/%.wasm $(BUILD)/bin/reclave
	$(BUILD)/bin/reclave build $(GUEST_BUNDLE) $< -o $@

RESIDUE := $(BORDER_HARNESS) $(addprefix tests/border/residue/,secret.c compare.c known.c story.c seen.c \
                                     full.c tail.c)
CFLAGS_tests/border/residue/secret := -DSECRET_NAME='"$(RESIDUE_SECRET_NAME)"'
$(foreach test,residue exits switch s1 tail,$(eval $(call host_test,border-$(test),\
    $(RESIDUE) tests/border/residue/$(test)_test.c,$(BORDER_LIBRARIES),$(BORDER_LDLIBS))))
$(eval $(call host_torture,border-tail-torture,\
    $(RESIDUE) tests/border/residue/tail_torture.c,$(BORDER_LIBRARIES),$(BORDER_LDLIBS)))

# Each restore step taken away in turn: the tests above must notice. How the trusted world is built,
# for the script that builds the mutants.
CHECKS += tests/border/mutants.sh
TEST_PROGRAMS += $(BUILD)/mutants/recipe
$(BUILD)/mutants/recipe: tests/border/build.mk trusted/build.mk mk/trusted.mk | $(BUILD)/bin/reclave-image
	@mkdir -p $(@D)
	@printf '%s\n' "COMPILE='$(CC) $(TRUSTED_CFLAGS)'" "ASSEMBLE='$(CC) $(TRUSTED_ASFLAGS)'" \
	    "LINK='$(CC) $(TRUSTED_LDFLAGS) -Wl,-T,trusted/monitor/monitor.lds'" \
	    "OBJECTS='$(MONITOR_OBJECTS)'" "KEY='$(DEV_SIGNING_KEY)'" >$@

$(eval $(call host_test,border-keys,$(BORDER_HARNESS) $(addprefix tests/border/residue/,keys.c keys_test.c),\
    client-envelope $(BORDER_LIBRARIES),$(BORDER_LDLIBS) -lcrypto))
$(eval $(call host_test,border-ioctl,$(BORDER_HARNESS) tests/border/ioctl_test.c,$(BORDER_LIBRARIES),$(BORDER_LDLIBS)))
