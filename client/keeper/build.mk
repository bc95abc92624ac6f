# Fleets and keepers on the side of callers and owners. It needs client/envelope, client/evidence and
# client/quote, so it is linked with the whole library.
CLIENT_KEEPER_SOURCES := $(addprefix client/keeper/,certificates.c description.c platform.c statement.c terms.c)
