$(eval $(call bench_bundle,forth.copy,$(FORTH_WASM),--tracking copy))
$(eval $(call bench_bundle,forth.mark,$(FORTH_WASM),--tracking mark))

$(BUILD)/bench/warm: | $(BUILD)/bench/forth.copy.rcl $(BUILD)/bench/forth.mark.rcl $(IMAGES)
$(eval $(call host_bench,warm,bench/warm/main.c,$(BENCH_LIBRARIES),$(BENCH_LDLIBS)))
TEST_PROGRAMS += $(BUILD)/bench/warm
