# Reclave: one entry point. `make help` lists what it does.
all: programs

include mk/common.mk mk/host.mk mk/trusted.mk mk/sandboxed.mk
# Tests and benchmarks last: they name the source lists of the others; bench/build.mk before the
# benchmarks that use its lists.
MODULES := $(sort $(wildcard */build.mk */*/build.mk */*/*/build.mk))
include $(filter-out tests/% bench/%,$(MODULES)) bench/build.mk \
        $(filter-out bench/build.mk,$(filter tests/% bench/%,$(MODULES)))
include mk/targets.mk
-include $(DEPFILES)
