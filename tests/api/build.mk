# The API, end to end: starts build/bin/reclave and asks it over HTTP.
CHECKS += tests/api/api.py tests/api/kill.py tests/api/hostile.py tests/api/clients.py tests/api/examples.py tests/api/clock.py
TORTURE += tests/api/kill_torture.sh

# The same without network and enclaves, under sanitizers.
API_IN_PROCESS := $(API_SOURCES) $(STORE_SOURCES) $(addprefix host/http/,uri.c route.c request.c response.c) \
                  host/loader/message.c host/log/log.c tests/api/in_process.c
API_IN_PROCESS_LIBS := -ljansson -lcrypto -lsqlite3 -lpthread
$(eval $(call fuzzer,api_requests,tests/api/requests_fuzz.c $(API_IN_PROCESS),$(API_IN_PROCESS_LIBS)))
$(eval $(call san_test,api-in-process,tests/api/in_process_test.c $(API_IN_PROCESS),-lcmocka $(API_IN_PROCESS_LIBS)))

# The daemon's wall clock in clock.py.
TEST_PROGRAMS += $(BUILD)/tests/wall-clock.so
$(BUILD)/tests/wall-clock.so: tests/api/wall_clock.c
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -fPIC -shared -o $@ $<
