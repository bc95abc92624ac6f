BASE_SOURCES := $(addprefix base/,status.c bytes.c verify_reason.c merkle.c cbor.c padding.c)
$(eval $(call host_library,base,$(BASE_SOURCES)))
