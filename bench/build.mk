# What the benchmarks share, and the functions that they run: $(BUILD)/bench/NAME.rcl.
BENCH_SOURCES := $(addprefix bench/common/,fail.c clock.c series.c options.c table.c svg.c scale.c \
                   chart_bars.c chart_lines.c machine.c subject.c) cli/data_dir.c
$(eval $(call host_library,bench,$(BENCH_SOURCES)))
BENCH_LIBRARIES := bench loader sgx base
BENCH_LDLIBS    := $(SGX_LDLIBS) -lm

# $(call bench_bundle,NAME,WASM,OPTIONS): a bundle, built before the benchmarks that read it
define bench_bundle
$(BUILD)/bench/$(1).rcl: $(2) $(BUILD)/bin/reclave
	@mkdir -p $$(@D)
	$(BUILD)/bin/reclave build $(3) $(2) -o $$@
endef

# `make check` runs each of them once, quickly.
CHECKS += tests/e2e/bench-smoke.sh
TEST_PROGRAMS += $(BUILD)/bench/coldstart $(BUILD)/bench/rewind $(BUILD)/bench/throughput

$(eval $(call san_test,unit-bench-common,tests/unit/bench_common.c \
    $(addprefix bench/common/,fail.c series.c table.c svg.c scale.c chart_bars.c chart_lines.c),-lm -lcmocka))
