# Layer 1: one flat image that every enclave image contains.
L1_C_SOURCES := $(addprefix sandboxed/wasi/,dispatch.c strings.c clock.c random.c descriptor.c \
                stdio.c poll.c copy.c)
L1_SOURCES   := sandboxed/wasi/entry.S $(L1_C_SOURCES)
L1_OBJECTS   := $(patsubst %.S,$(BUILD)/sandboxed/%.o,$(patsubst %.c,$(BUILD)/sandboxed/%.o,$(L1_SOURCES)))
L1_ELF       := $(BUILD)/sandboxed/l1.elf
L1_BIN       := $(BUILD)/sandboxed/l1.bin
L1_RODATA    := $(BUILD)/sandboxed/l1-rodata.bin

LIBRARIES += $(L1_ELF) $(L1_BIN) $(L1_RODATA)
DEPFILES  += $(L1_OBJECTS:.o=.d)

# Unit tests compile the same sources on plain buffers (sandboxed/wasi/segments.h).
$(foreach source,$(L1_C_SOURCES),$(eval CFLAGS_$(basename $(source)) := -DL1_HOSTED))

$(BUILD)/sandboxed/l1.lds: sandboxed/wasi/l1.lds.S abi/gates.h abi/geometry.h
	@mkdir -p $(@D)
	$(CC) -E -P -I. -x assembler-with-cpp $< -o $@

$(L1_ELF): $(BUILD)/sandboxed/l1.lds $(L1_OBJECTS)
	$(LD) -pie --no-dynamic-linker -z noexecstack -z norelro --build-id=none --no-undefined \
		--orphan-handling=error -T $^ -o $@

# The same bytes without the ELF: what is placed from L1_ENTRY_OFF on, and from CODE_RODATA_OFF on
# (perhaps nothing).
$(L1_BIN): $(L1_ELF)
	objcopy -O binary -j .text $< $@
$(L1_RODATA): $(L1_ELF)
	objcopy -O binary -j .rodata $< $@
