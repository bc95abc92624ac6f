# The example function as it is, and with a heap of a size that an enclave would be given.
HEAP_MIB := 16 64 256
COLDSTART_BUNDLES := pseudonymise other $(HEAP_MIB:%=pseudonymise-heap-%)

$(eval $(call bench_bundle,pseudonymise,$(PSEUDONYMISE_WASM)))
$(eval $(call bench_bundle,other,$(BUILD)/guests/sum.wasm))

define coldstart_heap
$(BUILD)/bench/pseudonymise-heap-$(1).wasm: $(PSEUDONYMISE_SOURCES) $(wildcard examples/pseudonymise/*.h)
	@mkdir -p $$(@D)
	$$(WASI_CC) $$(filter %.c,$$^) -Wl,--initial-memory=$$$$(( $(1) << 20 )) -o $$@
$(call bench_bundle,pseudonymise-heap-$(1),$(BUILD)/bench/pseudonymise-heap-$(1).wasm)
endef
$(foreach mib,$(HEAP_MIB),$(eval $(call coldstart_heap,$(mib))))

$(BUILD)/bench/record.json: $(PSEUDONYMISE_INPUT)
	@mkdir -p $(@D)
	$(PSEUDONYMISE_INPUT) 1 >$@

$(BUILD)/bench/coldstart: | $(COLDSTART_BUNDLES:%=$(BUILD)/bench/%.rcl) $(BUILD)/bench/record.json $(IMAGES)
$(eval $(call host_bench,coldstart,$(addprefix bench/coldstart/,main.c cold.c resident.c report.c projection.c),$(BENCH_LIBRARIES),$(BENCH_LDLIBS)))
