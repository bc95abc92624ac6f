# The enclave's own objects, not the host's build of them.
$(BUILD)/lib/attest-objects.a: $(ATTEST_OBJECTS)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcsD $@ $^
$(eval $(call host_bench,attest-inside,bench/attest/inside.c,attest-objects $(BENCH_LIBRARIES),$(BENCH_LDLIBS) -l:libbearssl.a))
