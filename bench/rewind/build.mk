# The same function at each size and with each scheme.
REWIND_MIB     := 1 4 16 64 256
REWIND_SCHEMES := copy mark
REWIND_BUNDLES := $(foreach mib,$(REWIND_MIB),$(foreach scheme,$(REWIND_SCHEMES),dirty_pages_$(mib).$(scheme)))

$(foreach mib,$(REWIND_MIB),$(foreach scheme,$(REWIND_SCHEMES),$(eval \
    $(call bench_bundle,dirty_pages_$(mib).$(scheme),$(BUILD)/guests/dirty_pages_$(mib).wasm,--tracking $(scheme) --memory 512))))
$(eval $(call bench_bundle,empty,$(BUILD)/guests/empty.wasm))

$(BUILD)/bench/rewind: | $(REWIND_BUNDLES:%=$(BUILD)/bench/%.rcl) $(BUILD)/bench/empty.rcl $(IMAGES)
REWIND_SOURCES := $(addprefix bench/rewind/,main.c cells.c empty.c report.c plot.c baseline.c helper.c forked.c instance.c \
                    module.c)
$(eval $(call host_bench,rewind,$(REWIND_SOURCES),$(BENCH_LIBRARIES),$(BENCH_LDLIBS)))
