# The trusted world: measured code inside the enclave. Freestanding, no PLT, no TLS,
# no vector code of the compiler's own (L0 handles no extended state beyond crypto's).
TRUSTED_CFLAGS := $(WARNINGS) -Wconversion -O2 -g -ffreestanding -fPIE -fvisibility=hidden \
                  -fstack-protector-strong -fcf-protection=none -mno-red-zone -fno-builtin-memcpy \
                  -fno-jump-tables -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections \
                  -fno-strict-aliasing -fwrapv -march=x86-64-v2 $(REPRODUCIBLE) -I.
TRUSTED_ASFLAGS := -I. $(REPRODUCIBLE)
TRUSTED_LDFLAGS := -nostdlib -static-pie -Wl,--no-dynamic-linker -Wl,-z,norelro -Wl,-z,noexecstack \
                   -Wl,--gc-sections -Wl,--build-id=none -Wl,--no-undefined -Wl,-z,max-page-size=4096 \
                   -Wl,-z,separate-code

trusted_objects = $(patsubst %.c,$(BUILD)/trusted/%.o,$(filter %.c,$(1))) $(patsubst %.S,$(BUILD)/trusted/%.o,$(filter %.S,$(1)))

$(BUILD)/trusted/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(TRUSTED_CFLAGS) -MMD -MP -c $< -o $@
$(BUILD)/trusted/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(TRUSTED_ASFLAGS) -MMD -MP -c $< -o $@
