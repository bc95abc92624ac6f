# The enclave's own objects, not the host's build of them.
$(BUILD)/lib/attest-objects.a: $(ATTEST_OBJECTS)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcsD $@ $^
$(eval $(call host_bench,attest-inside,bench/attest/inside.c,attest-objects $(BENCH_LIBRARIES),$(BENCH_LDLIBS) -l:libbearssl.a))
# The forge of tests/client makes the quotes. (bench/build.mk and tests/client/build.mk are read later.)
ATTEST_BENCH_SOURCES := $(addprefix bench/attest/,main.c verify.c invoke.c) $(sort $(wildcard tests/client/forge/*.c))
$(eval $(call host_bench,attest,$(ATTEST_BENCH_SOURCES),client bench loader sgx base,$(SGX_LDLIBS) -lm $(CLIENT_LDLIBS)))
TEST_PROGRAMS += $(BUILD)/bench/attest
$(eval $(call bench_bundle,attest-echo,$(BUILD)/guests/echo.wasm))
$(BUILD)/bench/attest: | $(BUILD)/bench/attest-echo.rcl
