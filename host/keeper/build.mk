# The host's half of a keeper, and how workers are admitted to one. Link with: loader quoting sgx base.
KEEPER_HOST_SOURCES := $(sort $(wildcard host/keeper/*.c))
$(eval $(call host_library,keeper,$(KEEPER_HOST_SOURCES)))
