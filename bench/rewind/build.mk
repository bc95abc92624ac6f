REWIND_MIB := 1 4 16 64
REWIND_BUNDLES := $(REWIND_MIB:%=touch_resident_%) touch_mib
$(foreach name,$(REWIND_BUNDLES),$(eval $(call bench_bundle,$(name),$(BUILD)/guests/$(name).wasm)))

$(BUILD)/bench/rewind: | $(REWIND_BUNDLES:%=$(BUILD)/bench/%.rcl) $(IMAGES)
$(eval $(call host_bench,rewind,bench/rewind/main.c bench/rewind/baseline.c,$(BENCH_LIBRARIES),$(BENCH_LDLIBS)))
