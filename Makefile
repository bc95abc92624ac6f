# Reclave: one entry point. `make help` lists what it does.
all: programs

include mk/common.mk mk/host.mk mk/trusted.mk mk/sandboxed.mk
include $(sort $(wildcard */build.mk */*/build.mk))
include mk/targets.mk
-include $(DEPFILES)
