# Guest programs: build/guests/NAME.wasm from NAME.c or NAME.wat. Commands unless listed.
GUESTS_C    := $(notdir $(basename $(wildcard tests/guests/*.c)))
GUESTS_WAT  := $(notdir $(basename $(wildcard tests/guests/*.wat)))
GUEST_SIZES := 1 4 16 64
DIRTY_SIZES := 1 4 16 64 256
GUESTS_MORE := init_random_reseed $(GUEST_SIZES:%=touch_resident_%) $(DIRTY_SIZES:%=dirty_pages_%)
GUESTS      := $(patsubst %,$(BUILD)/guests/%.wasm,$(GUESTS_C) $(GUESTS_WAT) $(GUESTS_MORE))

GUEST_REACTORS := identity reactor_counter reactor_init reactor_return init_output init_random init_random_reseed init_trap \
                  touch_resident $(GUEST_SIZES:%=touch_resident_%) dirty_pages $(DIRTY_SIZES:%=dirty_pages_%)

TEST_PROGRAMS += $(GUESTS)

guests: $(GUESTS)
.PHONY: guests

$(patsubst %,$(BUILD)/guests/%.wasm,$(GUEST_REACTORS)): GUEST_MODEL := -mexec-model=reactor
$(BUILD)/guests/init_random_reseed.wasm: GUEST_MODEL += -DAFTER_REWIND

define guest_rule
$(BUILD)/guests/$(1).wasm: $(2) tests/guests/guest.h
	@mkdir -p $$(@D)
	$$(WASI_CC) $$(GUEST_MODEL) $(3) $$< -o $$@
endef

$(foreach guest,$(GUESTS_C),$(eval $(call guest_rule,$(guest),tests/guests/$(guest).c)))
$(eval $(call guest_rule,init_random_reseed,tests/guests/init_random.c))
$(foreach size,$(DIRTY_SIZES),$(eval $(call guest_rule,dirty_pages_$(size),tests/guests/dirty_pages.c tests/guests/scatter.h,-DRESIDENT_MIB=$(size))))
$(foreach size,$(GUEST_SIZES),$(eval $(call guest_rule,touch_resident_$(size),tests/guests/touch_resident.c,-DRESIDENT_MIB=$(size))))

$(BUILD)/guests/%.wasm: tests/guests/%.wat
	@mkdir -p $(@D)
	wat2wasm $< -o $@
