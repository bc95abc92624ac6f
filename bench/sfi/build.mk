# Each program in every form that is compared: $(BUILD)/bench/sfi-programs/NAME.VARIANT.so, NAME.wasm
# for wasmtime and NAME.rcl for Reclave.
SFI_PROGRAMS := $(sort $(filter-out handle_%,$(notdir $(basename $(wildcard bench/sfi/programs/*.c)))))
SFI          := $(BUILD)/bench/sfi-programs
SFI_VARIANTS := clang scalar gcc guard checks
SFI_FORMS    := $(SFI_VARIANTS:%=%.so) wasm rcl marked.rcl stdio.rcl
WASM2C_RT    := /usr/share/wabt/wasm2c

# One level of optimisation and one CPU for all; square roots are instructions, as in WebAssembly.
SFI_NATIVE := $(WARNINGS) -O2 -march=x86-64-v2 -fno-math-errno -fPIC -fvisibility=hidden $(REPRODUCIBLE)
SFI_CLANG  := $(filter-out -gno-record-gcc-switches -frandom-seed=%,$(SFI_NATIVE))
SFI_WASM2C := -w -O2 -march=x86-64-v2 -fno-math-errno -fPIC -fvisibility=hidden $(REPRODUCIBLE) -I$(WASM2C_RT) -I$(SFI)
SFI_SHARED := -shared -Wl,-z,relro,-z,now,-z,noexecstack
# Without WASI's start files: a program is a function.
SFI_WASI   := -nostartfiles -Wl,--no-entry

SFI_HEADER := bench/sfi/programs/program.h

$(SFI)/%.clang.so: bench/sfi/programs/%.c $(SFI_HEADER)
	@mkdir -p $(@D)
	$(CLANG) $(SFI_CLANG) $(SFI_SHARED) $< -o $@
$(SFI)/%.scalar.so: bench/sfi/programs/%.c $(SFI_HEADER)
	@mkdir -p $(@D)
	$(CLANG) $(SFI_CLANG) -fno-vectorize -fno-slp-vectorize $(SFI_SHARED) $< -o $@
$(SFI)/%.gcc.so: bench/sfi/programs/%.c $(SFI_HEADER)
	@mkdir -p $(@D)
	$(CC) $(SFI_NATIVE) $(SFI_SHARED) $< -o $@

# Compiled from the same source each time: run() is the same code in all modules.
$(SFI)/%.wasm: bench/sfi/programs/%.c $(SFI_HEADER)
	@mkdir -p $(@D)
	$(WASI_CC) $(SFI_WASI) $< -o $@
$(SFI)/%.arena.wasm: bench/sfi/programs/%.c bench/sfi/programs/handle_arena.c $(SFI_HEADER)
	@mkdir -p $(@D)
	$(WASI_CC) $(SFI_WASI) $(filter %.c,$^) -o $@
$(SFI)/%.stdio.wasm: bench/sfi/programs/%.c bench/sfi/programs/handle_stdio.c $(SFI_HEADER)
	@mkdir -p $(@D)
	$(WASI_CC) $(SFI_WASI) $(filter %.c,$^) -o $@

$(SFI)/%.m.c: $(SFI)/%.wasm
	wasm2c -n m $< -o $@
$(SFI)/%.guard.so: $(SFI)/%.m.c bench/sfi/wasm2c_glue.c
	$(CC) $(SFI_WASM2C) $(SFI_SHARED) -DWASM2C_HEADER='"$(<F:.c=.h)"' $^ $(WASM2C_RT)/wasm-rt-impl.c -lm -o $@
$(SFI)/%.checks.so: $(SFI)/%.m.c bench/sfi/wasm2c_glue.c
	$(CC) $(SFI_WASM2C) $(SFI_SHARED) -DWASM_RT_MEMCHECK_SIGNAL_HANDLER=0 -DWASM2C_HEADER='"$(<F:.c=.h)"' \
	    $^ $(WASM2C_RT)/wasm-rt-impl.c -lm -o $@

$(foreach name,$(SFI_PROGRAMS),$(eval $(call bench_bundle,sfi-programs/$(name),$(SFI)/$(name).arena.wasm,--tracking copy)) \
    $(eval $(call bench_bundle,sfi-programs/$(name).marked,$(SFI)/$(name).arena.wasm,--tracking mark)) \
    $(eval $(call bench_bundle,sfi-programs/$(name).stdio,$(SFI)/$(name).stdio.wasm,--tracking copy)))

SFI_INPUTS := $(foreach form,$(SFI_FORMS),$(SFI_PROGRAMS:%=$(SFI)/%.$(form)))
SFI_HELPERS := $(SFI)/wasmtime-runner.py $(SFI)/wasmtime-setup
$(SFI_HELPERS): $(SFI)/%: bench/sfi/%
	@mkdir -p $(@D)
	cp $< $@
$(BUILD)/bench/sfi: | $(SFI_INPUTS) $(SFI_HELPERS) $(IMAGES)

SFI_SOURCES := $(addprefix bench/sfi/,main.c programs.c shared_object.c confined.c inside.c wasmtime.c results.c report.c \
                 plot.c long_text.c verification.c) tests/wasm/arena.c tests/wasm/arena_enter.S
# The verifier's objects are those of the enclave image.
$(BUILD)/bench/sfi: $(call trusted_objects,$(VERIFY_SOURCES))
$(eval $(call host_bench,sfi,$(SFI_SOURCES),bench loader sgx bundle base,$(BENCH_LDLIBS) -lcrypto))
TEST_PROGRAMS += $(BUILD)/bench/sfi
