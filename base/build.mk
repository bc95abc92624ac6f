BASE_SOURCES := base/status.c base/bytes.c
$(eval $(call host_library,base,$(BASE_SOURCES)))
