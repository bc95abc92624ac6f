SNAPSHOT_SOURCES := $(wildcard trusted/snapshot/*.c)
VERIFY_SOURCES   := $(wildcard trusted/verify/*.c)
MONITOR_SOURCES  := $(wildcard trusted/monitor/*.c trusted/monitor/*.S)
MONITOR_ATTEST_SOURCES := $(wildcard trusted/attest/*.c)
KEEPER_SOURCES   := $(wildcard trusted/keeper/*.c)
MONITOR_BASE_SOURCES := $(addprefix base/,bytes.c cbor.c merkle.c padding.c status.c)
MONITOR_OBJECTS  := $(call trusted_objects,$(MONITOR_SOURCES) $(SNAPSHOT_SOURCES) $(VERIFY_SOURCES) \
                      $(MONITOR_ATTEST_SOURCES) $(KEEPER_SOURCES) $(MONITOR_BASE_SOURCES))
DEPFILES         += $(MONITOR_OBJECTS:.o=.d)

# libbearssl.a is Debian's; --gc-sections and static linking leave out all but what is used.
$(BUILD)/trusted/monitor.elf: $(MONITOR_OBJECTS) trusted/monitor/monitor.lds
	@mkdir -p $(@D)
	$(CC) $(TRUSTED_LDFLAGS) -Wl,-T,trusted/monitor/monitor.lds $(MONITOR_OBJECTS) \
	    -l:libbearssl.a -o $@
