# libreclave-client: what a relying party embeds, and what `reclave verify` uses.
CLIENT_MAJOR   := 0
CLIENT_SOURCES := $(sort $(wildcard client/*.c client/*/*.c))
CLIENT_BASE    := $(addprefix base/,bytes.c status.c cbor.c merkle.c padding.c)
CLIENT_LDLIBS  := -lcrypto -ljansson
$(eval $(call host_library,client,$(CLIENT_SOURCES)))
$(eval $(call public_library,reclave-client,$(CLIENT_MAJOR),$(CLIENT_SOURCES) $(CLIENT_BASE),client/client.map,$(CLIENT_LDLIBS)))
