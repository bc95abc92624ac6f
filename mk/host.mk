# The host's world: everything that runs outside the enclave.
HOST_OPT     ?= -O2 -g
HOST_HARDEN  := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE -fcf-protection -fstack-clash-protection
HOST_CFLAGS  := $(WARNINGS) $(HOST_OPT) $(HOST_HARDEN) $(REPRODUCIBLE) -D_GNU_SOURCE -I.
HOST_LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
HOST_ASFLAGS := -I. -g $(REPRODUCIBLE)

SAN_FLAGS    := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SAN_CFLAGS   := $(WARNINGS) -O1 -g $(SAN_FLAGS) $(REPRODUCIBLE) -D_GNU_SOURCE -I.

FUZZ_CFLAGS  := $(filter-out -Wno-%,$(WARNINGS)) -O1 -g -fsanitize=fuzzer,address,undefined \
                -fno-sanitize-recover=all -fno-omit-frame-pointer -D_GNU_SOURCE -I.

host_objects = $(patsubst %.c,$(BUILD)/host/%.o,$(filter %.c,$(1))) $(patsubst %.S,$(BUILD)/host/%.o,$(filter %.S,$(1)))
san_objects  = $(patsubst %.c,$(BUILD)/san/%.o,$(filter %.c,$(1)))

$(BUILD)/host/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) $(CFLAGS_$*) -MMD -MP -c $< -o $@
$(BUILD)/host/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(HOST_ASFLAGS) -MMD -MP -c $< -o $@
$(BUILD)/san/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) $(CFLAGS_$*) -MMD -MP -c $< -o $@

# What may become part of somebody else's program: position-independent, nothing exported unless a
# header says so.
pic_objects = $(patsubst %.c,$(BUILD)/pic/%.o,$(filter %.c,$(1)))

$(BUILD)/pic/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(filter-out -fPIE,$(HOST_CFLAGS)) -fPIC -fvisibility=hidden $(CFLAGS_$*) -MMD -MP -c $< -o $@

# $(call public_library,NAME,MAJOR,SOURCES,MAP,LDLIBS): libNAME.so.MAJOR and libNAME.a in $(BUILD)/lib.
# The archive is one object in which all that is hidden has become local.
define public_library
LIBRARIES += $(BUILD)/lib/lib$(1).so $(BUILD)/lib/lib$(1).a
DEPFILES += $(patsubst %.o,%.d,$(call pic_objects,$(3)))
$(BUILD)/lib/lib$(1).so.$(2): $(call pic_objects,$(3)) $(4)
	@mkdir -p $$(@D)
	$(CC) -shared $(filter-out -pie,$(HOST_LDFLAGS)) -Wl,-z,defs -Wl,-soname,lib$(1).so.$(2) \
	    -Wl,--version-script=$(4) $(call pic_objects,$(3)) $(5) -o $$@
$(BUILD)/lib/lib$(1).so: $(BUILD)/lib/lib$(1).so.$(2)
	ln -sf lib$(1).so.$(2) $$@
$(BUILD)/lib/lib$(1).a: $(call pic_objects,$(3))
	@mkdir -p $$(@D)
	@rm -f $$@
	ld -r $$^ -o $$(@:.a=.o)
	objcopy --localize-hidden $$(@:.a=.o)
	$(AR) rcsD $$@ $$(@:.a=.o)
endef

# $(call host_library,NAME,SOURCES): static library $(BUILD)/lib/NAME.a
define host_library
LIB_$(1) := $(BUILD)/lib/$(1).a
DEPFILES += $(patsubst %.o,%.d,$(call host_objects,$(2)))
$(BUILD)/lib/$(1).a: $(call host_objects,$(2))
	@mkdir -p $$(@D)
	@rm -f $$@
	$(AR) rcsD $$@ $$^
endef

# $(call host_program,NAME,SOURCES,LIBRARIES,LDLIBS): $(BUILD)/bin/NAME, built by `make`
define host_program
PROGRAMS += $(BUILD)/bin/$(1)
$(call host_link,$(BUILD)/bin/$(1),$(2),$(3),$(4))
endef

# $(call host_test,NAME,SOURCES,LIBRARIES,LDLIBS): $(BUILD)/tests/NAME, run by `make check`
define host_test
TESTS += $(BUILD)/tests/$(1)
$(call host_link,$(BUILD)/tests/$(1),$(2),$(3),$(4))
endef

define host_torture
TORTURE += $(BUILD)/tests/$(1)
$(call host_link,$(BUILD)/tests/$(1),$(2),$(3),$(4))
endef

define host_bench
BENCHES += $(BUILD)/bench/$(1)
$(call host_link,$(BUILD)/bench/$(1),$(2),$(3),$(4))
endef

# LIBRARIES are names from host_library, in link order.
define host_link
DEPFILES += $(patsubst %.o,%.d,$(call host_objects,$(2)))
$(1): $(call host_objects,$(2)) $(patsubst %,$(BUILD)/lib/%.a,$(3))
	@mkdir -p $$(@D)
	$(CC) $(HOST_LDFLAGS) $$^ $(4) -o $$@
endef

# $(call san_test,NAME,SOURCES,LDLIBS): all sources compiled with ASan and UBSan
define san_test
TESTS += $(BUILD)/tests/$(1)
DEPFILES += $(patsubst %.o,%.d,$(call san_objects,$(2)))
$(BUILD)/tests/$(1): $(call san_objects,$(2))
	@mkdir -p $$(@D)
	$(CC) $(SAN_FLAGS) $$^ $(3) -o $$@
endef

# $(call fuzzer,NAME,SOURCES,LDLIBS): libFuzzer target; its corpus is tests/fuzz/NAME/,
# replayed by `make check`, which also searches a little on; `make torture` searches longer.
fuzz_objects = $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(filter %.c,$(1)))

$(BUILD)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_CFLAGS) $(CFLAGS_$*) -MMD -MP -c $< -o $@

define fuzzer
FUZZERS += $(1)
DEPFILES += $(patsubst %.o,%.d,$(call fuzz_objects,$(2)))
$(BUILD)/fuzz/$(1): $(call fuzz_objects,$(2))
	@mkdir -p $$(@D)
	$(CLANG) -fsanitize=fuzzer,address,undefined $$^ $(3) -o $$@
endef
