L0_MOCK := tests/unit/trusted/mock.c trusted/monitor/regions.c trusted/monitor/commit.c trusted/monitor/linear.c
$(eval $(call san_test,unit-snapshot,tests/unit/trusted/test_snapshot.c $(SNAPSHOT_SOURCES),-lcmocka -l:libbearssl.a))
$(eval $(call san_test,unit-linear,tests/unit/trusted/test_linear.c $(L0_MOCK),-lcmocka))
$(eval $(call san_test,unit-strings,tests/unit/trusted/test_strings.c trusted/monitor/strings.c trusted/monitor/manifest.c,-lcmocka))
$(eval $(call san_test,unit-load,tests/unit/trusted/test_load.c $(L0_MOCK) base/bytes.c trusted/monitor/load.c \
    trusted/monitor/code.c trusted/monitor/confine.c $(VERIFY_SOURCES) trusted/monitor/border.c trusted/monitor/manifest.c trusted/monitor/signature.c,-lcmocka -l:libbearssl.a))
$(eval $(call san_test,unit-fault,tests/unit/trusted/test_fault.c $(L0_MOCK) trusted/monitor/fault.c,-lcmocka))
