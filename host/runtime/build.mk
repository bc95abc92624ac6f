RUNTIME_SOURCES := $(addprefix host/runtime/,container.c containers.c node.c wow.c relay.c proxy.c quotes.c)
$(eval $(call host_library,runtime,$(RUNTIME_SOURCES)))
