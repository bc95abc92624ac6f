# What the compiled WebAssembly computes.
NUMERIC_FLAGS := -msse4.1 -ffp-contract=off -fsignaling-nans -fno-math-errno
CFLAGS_tests/wasm/numeric := $(NUMERIC_FLAGS)
$(eval $(call host_test,wasm-numeric,tests/wasm/numeric.c,,-lcmocka))

$(BUILD)/tests/wasm/%.wasm: tests/wasm/%.wat
	@mkdir -p $(@D)
	wat2wasm $< -o $@
TEST_PROGRAMS += $(BUILD)/tests/wasm/semantics.wasm
$(eval $(call host_test,wasm-semantics,tests/wasm/semantics.c tests/wasm/arena.c tests/wasm/arena_enter.S,bundle rewrite,-lcmocka -lcrypto))
