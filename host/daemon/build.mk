DAEMON_SOURCES := $(addprefix host/daemon/,settings.c metrics.c admin.c notify.c daemon.c proxy_service.c admin_client.c \
                    state_dir.c api_runner.c slice.c)
$(eval $(call host_library,daemon,$(DAEMON_SOURCES)))
