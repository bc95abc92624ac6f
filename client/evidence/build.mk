# Evidence of invocations, checked on the caller's side.
CLIENT_EVIDENCE_SOURCES := $(addprefix client/evidence/,cbor_reader.c claims_parse.c complete.c describe.c evidence_parse.c \
                             expected.c identity.c sha256.c signature.c signed.c step_name.c)
$(eval $(call host_library,client-evidence,$(CLIENT_EVIDENCE_SOURCES)))
