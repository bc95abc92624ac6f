L0_MOCK := tests/unit/trusted/mock.c trusted/monitor/regions.c trusted/monitor/commit.c trusted/monitor/linear.c
$(eval $(call san_test,unit-snapshot,tests/unit/trusted/test_snapshot.c $(SNAPSHOT_SOURCES),-lcmocka -l:libbearssl.a))
$(eval $(call san_test,unit-linear,tests/unit/trusted/test_linear.c $(L0_MOCK),-lcmocka))
$(eval $(call san_test,unit-strings,tests/unit/trusted/test_strings.c trusted/monitor/strings.c trusted/monitor/manifest.c,-lcmocka))
# All that ENTRY_LOAD does with a bundle.
L0_LOADER := $(L0_MOCK) base/bytes.c $(addprefix trusted/monitor/,load.c code.c confine.c border.c manifest.c signature.c) \
             $(VERIFY_SOURCES)
$(eval $(call san_test,unit-load,tests/unit/trusted/test_load.c $(L0_LOADER),-lcmocka -l:libbearssl.a))
$(eval $(call fuzzer,load,tests/unit/trusted/load_fuzz.c trusted/monitor/strings.c $(L0_LOADER),\
    -Xlinker --wrap=border_copy_in -l:libbearssl.a))
$(eval $(call san_test,unit-fault,tests/unit/trusted/test_fault.c $(L0_MOCK) trusted/monitor/fault.c,-lcmocka))
