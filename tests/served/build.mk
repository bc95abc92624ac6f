# Attestation and encryption as a relying party meets them: real workers, the client library, and a
# host that does as it likes in between.
SERVED := tests/served/world.c tests/served/recorder.c tests/worker/process.c
SERVED_LIBRARIES := client worker loader bundle base
SERVED_LDLIBS := -lcmocka $(CLIENT_LDLIBS)
SERVED_TESTS := evidence encrypted host
$(foreach t,$(SERVED_TESTS),$(eval $(call host_test,served-$(t),tests/served/$(t)_test.c $(SERVED),$(SERVED_LIBRARIES),$(SERVED_LDLIBS))))
CHECKS += tests/served/mutants.sh
$(foreach t,$(SERVED_TESTS),$(eval $(BUILD)/tests/served-$(t): | $(BUILD)/bin/reclave))

$(BUILD)/tests/served-host: | $(BUILD)/tests/keep-freed.so
$(BUILD)/tests/keep-freed.so: tests/served/keep_freed.c
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -fPIC -shared -o $@ $<
