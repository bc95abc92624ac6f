# Encrypted requests, sessions and sealed bundles on the caller's side.
CLIENT_ENVELOPE_SOURCES := $(addprefix client/envelope/,crypto_aead.c crypto_agree.c crypto_hash.c hpke.c \
                             message.c sealed.c session.c session_open.c single.c)
$(eval $(call host_library,client-envelope,$(CLIENT_ENVELOPE_SOURCES)))
