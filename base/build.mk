BASE_SOURCES := base/status.c base/bytes.c base/verify_reason.c
$(eval $(call host_library,base,$(BASE_SOURCES)))
