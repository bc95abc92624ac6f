# The example function, as wasm and (for comparison) natively, and its input generator.
PSEUDONYMISE_SOURCES := $(addprefix examples/pseudonymise/,main.c pseudonymise.c json.c sha256.c)
PSEUDONYMISE_WASM    := $(BUILD)/examples/pseudonymise.wasm
PSEUDONYMISE_NATIVE  := $(BUILD)/examples/pseudonymise-native
PSEUDONYMISE_INPUT   := $(BUILD)/examples/generate

PROGRAMS += $(PSEUDONYMISE_WASM) $(PSEUDONYMISE_NATIVE) $(PSEUDONYMISE_INPUT)

$(PSEUDONYMISE_WASM): $(PSEUDONYMISE_SOURCES) $(wildcard examples/pseudonymise/*.h)
	@mkdir -p $(@D)
	$(WASI_CC) $(filter %.c,$^) -o $@

$(eval $(call host_link,$(PSEUDONYMISE_NATIVE),$(PSEUDONYMISE_SOURCES),,))
$(eval $(call host_link,$(PSEUDONYMISE_INPUT),examples/pseudonymise/generate.c,,))
