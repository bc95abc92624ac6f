# The rewriter: form by form, and what it makes of whole programs.
$(eval $(call san_test,rewrite-forms,tests/rewrite/forms_test.c $(REWRITE_SOURCES),-lcmocka))
$(eval $(call fuzzer,rewrite,tests/rewrite/rewrite_fuzz.c $(REWRITE_SOURCES)))
REWRITE_PROGRAMS := $(addprefix tests/rewrite/,programs_test.c programs.c life.c) tests/wasm/arena.c tests/wasm/arena_enter.S \
                    $(L1_C_SOURCES)
CFLAGS_tests/rewrite/life := -DL1_HOSTED
$(eval $(call host_test,rewrite-programs,$(REWRITE_PROGRAMS),bundle rewrite verify base,-lcmocka -lcrypto))
TEST_PROGRAMS += $(BUILD)/examples/pseudonymise.wasm
