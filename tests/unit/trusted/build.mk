L0_MOCK := tests/unit/trusted/mock.c trusted/monitor/regions.c trusted/monitor/commit.c trusted/monitor/linear.c
UNIT_SNAPSHOT := tests/unit/trusted/snapshot_fixture.c $(SNAPSHOT_SOURCES)

$(eval $(call san_test,unit-store,tests/unit/trusted/test_store.c trusted/snapshot/store.c,-lcmocka -lpthread))
$(foreach test,snapshot marked,$(eval $(call san_test,unit-$(test),tests/unit/trusted/test_$(test).c \
    $(UNIT_SNAPSHOT),-lcmocka -l:libbearssl.a -lcrypto -lpthread)))
$(eval $(call san_test,unit-linear,tests/unit/trusted/test_linear.c $(L0_MOCK) base/bytes.c,-lcmocka))
$(eval $(call san_test,unit-trim,tests/unit/trusted/test_trim.c $(L0_MOCK) base/bytes.c trusted/monitor/trim.c,-lcmocka))
$(eval $(call san_test,unit-tenancy,tests/unit/trusted/test_tenancy.c $(L0_MOCK) base/bytes.c trusted/monitor/tenancy.c,-lcmocka -lpthread))
$(eval $(call san_test,unit-serve,tests/unit/trusted/test_serve.c $(L0_MOCK) base/bytes.c trusted/monitor/serve.c,-lcmocka))
$(eval $(call san_test,unit-strings,tests/unit/trusted/test_strings.c trusted/monitor/strings.c trusted/monitor/manifest.c,-lcmocka))
# All that ENTRY_LOAD does with a bundle.
L0_LOADER := $(L0_MOCK) tests/unit/trusted/mock_keys.c $(ATTEST_SOURCES) $(ATTEST_BASE_SOURCES) \
             $(addprefix trusted/keeper/,ring.c channel.c owner.c) $(addprefix trusted/monitor/,load.c bundle_reader.c tenancy.c code.c confine.c border.c manifest.c signature.c) \
             $(VERIFY_SOURCES)
$(eval $(call san_test,unit-load,tests/unit/trusted/test_load.c $(L0_LOADER),-lcmocka -l:libbearssl.a))
$(eval $(call fuzzer,load,tests/unit/trusted/load_fuzz.c trusted/monitor/strings.c $(L0_LOADER),\
    -Xlinker --wrap=border_copy_in -l:libbearssl.a))
$(eval $(call san_test,unit-fault,tests/unit/trusted/test_fault.c $(L0_MOCK) trusted/monitor/fault.c,-lcmocka))

# Each check of these files taken away in turn: the tests above must notice. How they are built, for
# the script that builds the mutants.
CHECKS += tests/unit/trusted/mutants.sh
TEST_PROGRAMS += $(BUILD)/mutants-unit/recipe
UNIT_OBJECTS = OBJECTS_$(1)='$(call san_objects,tests/unit/trusted/test_$(1).c $(2))'
$(BUILD)/mutants-unit/recipe: tests/unit/trusted/build.mk mk/host.mk
	@mkdir -p $(@D)
	@printf '%s\n' "COMPILE='$(CC) $(SAN_CFLAGS)'" "LINK='$(CC) $(SAN_FLAGS)'" \
	    "LIBRARIES='-lcmocka -l:libbearssl.a -lcrypto -lpthread'" \
	    "$(call UNIT_OBJECTS,store,trusted/snapshot/store.c)" \
	    "$(call UNIT_OBJECTS,snapshot,$(UNIT_SNAPSHOT))" "$(call UNIT_OBJECTS,marked,$(UNIT_SNAPSHOT))" \
	    "$(call UNIT_OBJECTS,linear,$(L0_MOCK) base/bytes.c)" \
	    "$(call UNIT_OBJECTS,trim,$(L0_MOCK) base/bytes.c trusted/monitor/trim.c)" \
	    "$(call UNIT_OBJECTS,strings,trusted/monitor/strings.c trusted/monitor/manifest.c)" \
	    "$(call UNIT_OBJECTS,tenancy,$(L0_MOCK) base/bytes.c trusted/monitor/tenancy.c)" \
	    "$(call UNIT_OBJECTS,serve,$(L0_MOCK) base/bytes.c trusted/monitor/serve.c)" >$@
