# libreclave-client: what a relying party embeds, and what `reclave verify` uses.
CLIENT_MAJOR   := 0
CLIENT_SOURCES := $(sort $(wildcard client/*.c client/*/*.c))
CLIENT_LDLIBS  := -lcrypto -ljansson
$(eval $(call host_library,client,$(CLIENT_SOURCES)))
$(eval $(call public_library,reclave-client,$(CLIENT_MAJOR),$(CLIENT_SOURCES) base/bytes.c base/status.c,client/client.map,$(CLIENT_LDLIBS)))
