# The enclave's own objects, not the host's build of them.
$(BUILD)/lib/attest-objects.a: $(ATTEST_OBJECTS)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcsD $@ $^
# The forge of tests/client makes the quotes. (bench/build.mk and tests/client/build.mk are read later.)
ATTEST_BENCH_SOURCES := $(addprefix bench/attest/,main.c verify.c invoke.c inside.c fleet.c) $(sort $(wildcard tests/client/forge/*.c))
$(eval $(call host_bench,attest,$(ATTEST_BENCH_SOURCES),keeper client bench loader quoting sgx attest-objects base,\
    $(SGX_LDLIBS) $(QUOTING_LDLIBS) -lm -l:libbearssl.a $(CLIENT_LDLIBS)))
TEST_PROGRAMS += $(BUILD)/bench/attest
$(eval $(call bench_bundle,attest-echo,$(BUILD)/guests/echo.wasm))
$(BUILD)/bench/attest: | $(BUILD)/bench/attest-echo.rcl $(IMAGES)
