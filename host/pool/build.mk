POOL_SOURCES := $(addprefix host/pool/,histogram.c functions.c schedule.c spawn.c workers.c invoke.c pool.c describe.c pin.c sealed.c quotes.c)
$(eval $(call host_library,pool,$(POOL_SOURCES)))
