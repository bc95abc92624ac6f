ACTION_SOURCES := $(addprefix host/action/,file.c zip.c code.c env.c compile.c text.c store.c sealed.c plain.c action.c confine_build.c)
$(eval $(call host_library,action,$(ACTION_SOURCES)))
