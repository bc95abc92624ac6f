LOADER_SOURCES := $(addprefix host/loader/,message.c buffer.c image.c space.c enclave.c enter.c enter_shim.S \
                    kick.c calls.c)
$(eval $(call host_library,loader,$(LOADER_SOURCES)))
