HTTP_SOURCES := $(addprefix host/http/,uri.c route.c request.c headers.c response.c answer.c exchange.c listen.c peers.c server.c)
$(eval $(call host_library,http,$(HTTP_SOURCES)))
