# The interpreter with its prelude, as wasm and (for comparison) natively.
FORTH_SOURCES := $(addprefix examples/forth/,main.c outer.c inner.c dictionary.c memory.c)
FORTH_HEADERS := examples/forth/forth.h examples/forth/words.def
FORTH_PRELUDE := $(BUILD)/examples/forth/prelude.inc
FORTH_WASM    := $(BUILD)/examples/forth.wasm
FORTH_NATIVE  := $(BUILD)/examples/forth-native

PROGRAMS += $(FORTH_WASM) $(FORTH_NATIVE)

# As C strings, line by line.
$(FORTH_PRELUDE): examples/forth/prelude.fs
	@mkdir -p $(@D)
	sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $< >$@

$(FORTH_WASM): $(FORTH_SOURCES) $(FORTH_HEADERS) $(FORTH_PRELUDE)
	@mkdir -p $(@D)
	$(WASI_CC) -mexec-model=reactor -I$(dir $(FORTH_PRELUDE)) $(filter %.c,$^) -o $@

CFLAGS_examples/forth/main := -I$(dir $(FORTH_PRELUDE))
$(BUILD)/host/examples/forth/main.o: $(FORTH_PRELUDE)
$(eval $(call host_link,$(FORTH_NATIVE),$(FORTH_SOURCES) examples/forth/native.c,,))
