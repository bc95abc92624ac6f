# A script, its functions, and one of them as a native program for comparison.
THROUGHPUT := $(BUILD)/bench/throughput
BENCHES += $(THROUGHPUT)

$(THROUGHPUT): bench/throughput/throughput.py $(BUILD)/bench/throughput-noop.rcl $(BUILD)/bench/throughput-transform.rcl \
               $(BUILD)/bench/throughput-spin.rcl $(BUILD)/bench/throughput-transform-native
	install -m 755 $< $@
$(BUILD)/bench/throughput-noop.wasm: tests/guests/ow_quiet.c
	@mkdir -p $(@D)
	$(WASI_CC) $< -o $@
$(BUILD)/bench/throughput-%.wasm: bench/throughput/%.c
	@mkdir -p $(@D)
	$(WASI_CC) $< -o $@
$(BUILD)/bench/throughput-%.rcl: $(BUILD)/bench/throughput-%.wasm $(BUILD)/bin/reclave
	$(BUILD)/bin/reclave build $< --name $*-000 --env '*' -o $@
$(BUILD)/bench/throughput-transform-native: bench/throughput/transform.c
	@mkdir -p $(@D)
	$(CC) $(WARNINGS) -O2 $< -o $@
