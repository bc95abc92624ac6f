WORKER_REQUEST_SOURCES := $(addprefix host/worker/,frame.c request.c strings.c) host/loader/buffer.c host/loader/message.c

$(eval $(call san_test,worker-frame,tests/worker/frame_test.c $(WORKER_REQUEST_SOURCES),-lcmocka -ljansson))
$(eval $(call san_test,worker-request,tests/worker/request_test.c $(WORKER_REQUEST_SOURCES),-lcmocka -ljansson))

WORKER_PARTS := $(addprefix host/worker/,samples.c images.c outcome.c socket.c) host/loader/message.c base/status.c base/verify_reason.c
$(eval $(call san_test,worker-parts,tests/worker/parts_test.c $(WORKER_PARTS),-lcmocka))

# The server's threads, with an engine that the test plays.
WORKER_SERVER := $(addprefix host/worker/,server.c connections.c answers.c slots.c evidence_queue.c jobs_sealed.c client.c socket.c)
$(eval $(call san_test,worker-server,tests/worker/server_test.c $(WORKER_SERVER) $(WORKER_REQUEST_SOURCES) base/status.c,-lcmocka -ljansson -lpthread))

$(eval $(call fuzzer,worker_frame,tests/worker/frame_fuzz.c $(WORKER_REQUEST_SOURCES),-ljansson))

# End to end: starts build/bin/reclave on guests.
$(eval $(call host_test,worker-serve,tests/worker/serve_test.c tests/worker/process.c,worker loader base,-lcmocka -ljansson))
$(BUILD)/tests/worker-serve: | $(BUILD)/bin/reclave

CHECKS += tests/e2e/run.sh tests/e2e/bad_functions.sh tests/e2e/attest.sh
