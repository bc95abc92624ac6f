BENCHES += $(BUILD)/bench/api
$(BUILD)/bench/api: bench/api/api.py $(BUILD)/bin/reclave $(BUILD)/guests/ow_quiet.wasm
	@mkdir -p $(@D)
	install -m 755 $< $@
