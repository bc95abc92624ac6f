STORE_SOURCES := $(addprefix host/store/,schema.c session.c database.c users.c entities.c activations.c)
$(eval $(call host_library,store,$(STORE_SOURCES)))
