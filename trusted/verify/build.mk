# The same verifier for tools on the host, with words for its refusals.
$(eval $(call host_library,verify,$(VERIFY_SOURCES) trusted/verify/reason.c))
