# The developer's side of an enclave image: measuring, signing, laying out.
IMAGE_SOURCES := $(addprefix toolchain/image/,measure.c sigstruct.c sigstruct_key.c problem.c \
                   file.c elf.c elf_segments.c elf_symbols.c elf_dynamic.c regions.c plan.c \
                   gates_page.c layout.c plain.c image_build.c image_write.c image_read.c)
$(eval $(call host_library,image,$(IMAGE_SOURCES)))
$(eval $(call host_program,reclave-image,toolchain/image/main.c toolchain/image/show.c,image base,-lcrypto -ljansson))

# A development key of this checkout's own: made once, private, never committed.
DEV_SIGNING_KEY := $(BUILD)/keys/dev-signing-key.pem
$(DEV_SIGNING_KEY): | $(BUILD)/bin/reclave-image
	@mkdir -p $(@D)
	$(BUILD)/bin/reclave-image --new-key $@

# $(call enclave_image,NAME,OPTIONS)
define enclave_image
IMAGES += $(BUILD)/lib/reclave/images/$(1).rci
$(BUILD)/lib/reclave/images/$(1).rci: $(BUILD)/bin/reclave-image $(BUILD)/trusted/monitor.elf \
                                      $(BUILD)/sandboxed/l1.elf | $(DEV_SIGNING_KEY)
	@mkdir -p $$(@D)
	$(BUILD)/bin/reclave-image --monitor $(BUILD)/trusted/monitor.elf \
	    --l1 $(BUILD)/sandboxed/l1.elf --key $(DEV_SIGNING_KEY) $(2) -o $$@
endef

$(eval $(call enclave_image,reclave-lazy,--pages lazy --slots 3))
$(foreach mib,16 64 256 1024,$(eval $(call enclave_image,reclave-eager-$(mib),--pages eager --size $(mib))))
