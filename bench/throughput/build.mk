# A script, its functions, and one of them as a native program for comparison.
THROUGHPUT := $(BUILD)/bench/throughput
BENCHES += $(THROUGHPUT)

$(THROUGHPUT): bench/throughput/throughput.py $(BUILD)/bench/throughput-noop.rcl $(BUILD)/bench/throughput-transform.rcl \
               $(BUILD)/bench/throughput-spin.rcl $(BUILD)/bench/throughput-transform-native
	install -m 755 $< $@
$(THROUGHPUT): $(addprefix $(BUILD)/bench/throughput-,load plot per-process)
$(eval $(call host_link,$(BUILD)/bench/throughput-load,bench/throughput/load.c,bench daemon))
$(eval $(call host_link,$(BUILD)/bench/throughput-plot,bench/throughput/plot.c,bench,-lm))
$(eval $(call host_link,$(BUILD)/bench/throughput-per-process,bench/throughput/per_process.c,http worker loader base,-ljansson -lmicrohttpd))
$(BUILD)/bench/throughput-%.wasm: bench/throughput/%.c
	@mkdir -p $(@D)
	$(WASI_CC) $< -o $@
$(BUILD)/bench/throughput-%.rcl: $(BUILD)/bench/throughput-%.wasm $(BUILD)/bin/reclave
	$(BUILD)/bin/reclave build $< --name $*-000 --env '*' -o $@
$(BUILD)/bench/throughput-transform-native: bench/throughput/transform.c
	@mkdir -p $(@D)
	$(CC) $(WARNINGS) -O2 $< -o $@

# UNSAFE, see without_rewind/: reclave and its enclave image in a folder of their own, from which nothing is installed.
UNSAFE := $(BUILD)/bench-unsafe
UNSAFE_MONITOR := $(BUILD)/trusted/bench/throughput/without_rewind/monitor.o
UNSAFE_ENGINE := $(BUILD)/host/bench/throughput/without_rewind/engine.o
UNSAFE_IMAGE := $(UNSAFE)/lib/reclave/images/reclave-lazy.rci
DEPFILES += $(UNSAFE_MONITOR:.o=.d) $(UNSAFE_ENGINE:.o=.d)

$(UNSAFE)/monitor.elf: $(MONITOR_OBJECTS) $(UNSAFE_MONITOR) trusted/monitor/monitor.lds
	@mkdir -p $(@D)
	$(CC) $(TRUSTED_LDFLAGS) -Wl,--wrap=invoke -Wl,-T,trusted/monitor/monitor.lds $(MONITOR_OBJECTS) \
	    $(UNSAFE_MONITOR) -l:libbearssl.a -o $@
$(UNSAFE_IMAGE): $(BUILD)/bin/reclave-image $(UNSAFE)/monitor.elf $(BUILD)/sandboxed/l1.elf | $(DEV_SIGNING_KEY)
	@mkdir -p $(@D)
	$(BUILD)/bin/reclave-image --monitor $(UNSAFE)/monitor.elf --l1 $(BUILD)/sandboxed/l1.elf \
	    --key $(DEV_SIGNING_KEY) --pages lazy --slots 3 -o $@
$(UNSAFE)/bin/reclave: $(call host_objects,$(CLI_SOURCES)) $(UNSAFE_ENGINE) $(patsubst %,$(BUILD)/lib/%.a,$(CLI_LIBRARIES)) \
                       | $(UNSAFE_IMAGE)
	@mkdir -p $(@D)
	$(CC) $(HOST_LDFLAGS) -Wl,--wrap=engine_rewind $^ $(CLI_LDLIBS) -o $@
$(THROUGHPUT): $(UNSAFE)/bin/reclave

# ... and the proof that it stays there.
CHECKS += tests/e2e/unsafe-build.sh
TEST_PROGRAMS += $(UNSAFE)/bin/reclave
