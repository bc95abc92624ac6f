LOG_SOURCES := host/log/log.c
$(eval $(call host_library,log,$(LOG_SOURCES)))
