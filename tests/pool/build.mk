# The pool on real workers and guests.
$(eval $(call host_test,pool,tests/pool/pool_test.c tests/worker/process.c,pool log worker loader base,-lcmocka -ljansson -lseccomp -lcrypto))
$(BUILD)/tests/pool: | $(BUILD)/bin/reclave

# The scheduler alone.
$(eval $(call san_test,pool-schedule,tests/pool/schedule_test.c host/pool/schedule.c host/pool/pin.c host/loader/message.c,-lcmocka -ljansson))
