# Keys, messages and evidence inside the enclave: freestanding, over BearSSL. ATTEST_SOURCES is what
# the monitor links; tests compile the same files for the host.
ATTEST_SOURCES := $(addprefix trusted/attest/,aead.c batch.c body.c certificate.c claims.c cose.c der.c digest.c envelope.c \
                    hpke.c keys_receiving.c keys_signing.c keys_verify.c quote_check.c report_data.c response.c sealed_bundle.c \
                    session.c state.c wrapped_key.c)
# What it needs of base/.
ATTEST_BASE_SOURCES := $(addprefix base/,bytes.c cbor.c merkle.c padding.c status.c)
ATTEST_OBJECTS := $(call trusted_objects,$(ATTEST_SOURCES) $(ATTEST_BASE_SOURCES))
DEPFILES += $(ATTEST_OBJECTS:.o=.d)
