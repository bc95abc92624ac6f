# Quotes: the stand-in for Intel's quoting enclave, an enclave of its own, and the host's half.
# The C library's few functions are the monitor's.
QE_SOURCES := $(sort $(wildcard sgx/quoting/enclave/*.c)) sgx/quoting/enclave/entry.S base/bytes.c \
              trusted/monitor/libc.c
QE_OBJECTS := $(call trusted_objects,$(QE_SOURCES))
DEPFILES   += $(QE_OBJECTS:.o=.d)

$(BUILD)/trusted/qe.elf: $(QE_OBJECTS) sgx/quoting/enclave/qe.lds
	@mkdir -p $(@D)
	$(CC) $(TRUSTED_LDFLAGS) -Wl,-T,sgx/quoting/enclave/qe.lds $(QE_OBJECTS) -l:libbearssl.a -o $@

# Product and security version: QE_PROD_ID and QE_SVN of sgx/quoting/calls.h.
QE_IMAGE := $(BUILD)/lib/reclave/images/quoting.rci
IMAGES   += $(QE_IMAGE)
$(QE_IMAGE): $(BUILD)/trusted/qe.elf $(BUILD)/bin/reclave-image | $(BUILD)/keys/dev-signing-key.pem
	@mkdir -p $(@D)
	$(BUILD)/bin/reclave-image --enclave $< --key $(BUILD)/keys/dev-signing-key.pem \
	    --prod-id 1 --svn 1 -o $@

QUOTING_SOURCES := sgx/problem.c $(sort $(wildcard sgx/quoting/*.c sgx/devroot/*.c))
$(eval $(call host_library,quoting,$(QUOTING_SOURCES)))
# Programs that link it need sgx and base behind it, and these.
QUOTING_LDLIBS := -lcrypto -ljansson -lpthread
