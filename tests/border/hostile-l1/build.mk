# A hostile layer 1 against L0: a runtime that is malicious by design, in images of its own.
HOSTILE_L1     := tests/border/hostile-l1
HOSTILE_L1_OUT := $(BUILD)/tests/hostile-l1

# The good runtime's calls, behind another entry. The assembly is written to the policy by hand.
HOSTILE_L1_C       := $(BUILD)/sandboxed/$(HOSTILE_L1)/runtime/hostile.o
HOSTILE_L1_OBJECTS := $(HOSTILE_L1_C) $(filter-out %/entry.o,$(L1_OBJECTS))
DEPFILES           += $(HOSTILE_L1_C:.o=.d) $(HOSTILE_L1_OUT)/attacks.d $(HOSTILE_L1_OUT)/unconfined.d

$(HOSTILE_L1_OUT)/%.o: $(HOSTILE_L1)/runtime/attacks.S
	@mkdir -p $(@D)
	$(CLANG) --target=x86_64-linux-gnu -I. $(HOSTILE_L1_DEFINES) -MMD -MP -c $< -o $@
$(HOSTILE_L1_OUT)/attacks.o $(HOSTILE_L1_OUT)/unconfined.o:
$(HOSTILE_L1_OUT)/unconfined.o: HOSTILE_L1_DEFINES := -DBREAKS_POLICY

$(HOSTILE_L1_OUT)/%.elf: $(HOSTILE_L1_OUT)/%.o $(BUILD)/sandboxed/l1.lds $(HOSTILE_L1_OBJECTS)
	$(LD) -pie --no-dynamic-linker -z noexecstack -z norelro --build-id=none --no-undefined \
	    --orphan-handling=error -T $(BUILD)/sandboxed/l1.lds $< $(HOSTILE_L1_OBJECTS) -o $@

# $(call hostile_l1_image,NAME,RUNTIME,MEMORY OPTIONS): in the places of a build, for border_open().
HOSTILE_L1_IMAGES :=
define hostile_l1_image
HOSTILE_L1_IMAGES += $(HOSTILE_L1_OUT)/lib/reclave/images/$(1).rci
$(HOSTILE_L1_OUT)/lib/reclave/images/$(1).rci: $(HOSTILE_L1_OUT)/$(2).elf $(BUILD)/trusted/monitor.elf \
                                               $(BUILD)/bin/reclave-image | $(DEV_SIGNING_KEY)
	@mkdir -p $$(@D)
	$(BUILD)/bin/reclave-image --monitor $(BUILD)/trusted/monitor.elf --l1 $$< \
	    --key $(DEV_SIGNING_KEY) $(3) -o $$@
endef
$(eval $(call hostile_l1_image,hostile-l1-lazy,attacks,--pages lazy --slots 11))
$(eval $(call hostile_l1_image,hostile-l1-eager,attacks,--pages eager --slots 11 --size 64))
$(eval $(call hostile_l1_image,unconfined-l1-lazy,unconfined,--pages lazy --slots 1))

$(HOSTILE_L1_OUT)/trusted/monitor.elf: $(BUILD)/trusted/monitor.elf
	@mkdir -p $(@D)
	cp $< $@

$(BUILD)/guests/attacker.wasm $(BUILD)/guests/attacker_init.wasm: $(BUILD)/guests/%.wasm: $(HOSTILE_L1)/%.wat
	@mkdir -p $(@D)
	wat2wasm $< -o $@

TEST_PROGRAMS += $(HOSTILE_L1_IMAGES) $(HOSTILE_L1_OUT)/trusted/monitor.elf $(BUILD)/guests/attacker.rcl \
                 $(BUILD)/guests/attacker_init.rcl

$(eval $(call host_test,border-hostile-l1,$(BORDER_HARNESS) \
    $(addprefix tests/border/residue/,secret.c known.c compare.c) \
    $(addprefix $(HOSTILE_L1)/,scene.c intact.c inside.c memory.c gates.c flow.c boot.c loading.c evidence.c main.c), \
    client-evidence $(BORDER_LIBRARIES),$(BORDER_LDLIBS) -lcrypto))

# Proof that these tests can fail: the same on monitors with one defect each.
CHECKS += $(HOSTILE_L1)/mutants.sh
