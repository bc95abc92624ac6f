HOST_EVIDENCE_SOURCES := host/evidence/compose.c
$(eval $(call host_library,evidence,$(HOST_EVIDENCE_SOURCES)))
