WORKER_SOURCES := $(addprefix host/worker/,samples.c strings.c images.c outcome.c engine.c engine_attest.c engine_keeper.c evidence_queue.c stats.c frame.c \
                    request.c socket.c answers.c slots.c jobs_sealed.c connections.c server.c client.c confine.c)
$(eval $(call host_library,worker,$(WORKER_SOURCES)))
