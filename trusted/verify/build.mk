# The same verifier for tools on the host; words for its refusals are in base.
VERIFY_HOST_SOURCES := $(VERIFY_SOURCES) base/verify_reason.c
$(eval $(call host_library,verify,$(VERIFY_SOURCES)))
