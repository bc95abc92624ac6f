API_SOURCES := $(addprefix host/api/,refusal.c call.c names.c fields.c limits.c lists.c resolve.c record.c work.c \
                 jobs.c throttle.c keeper.c describe.c actions.c invoke.c activations.c packages.c triggers.c \
                 rules.c web.c web_reply.c attest.c api.c)
$(eval $(call host_library,api,$(API_SOURCES)))
