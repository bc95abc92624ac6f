# The targets a person types. Modules (FOLDER/build.mk) have filled the lists by now.
.PHONY: all programs help demo check check-fast torture bench setup lint format format-check clean \
        install uninstall tests fuzzers

JOBS    := $(shell nproc)
FANOUT  := $(MAKE) --no-print-directory -j$(JOBS)

# What test scripts need to know of this build.
export BUILD FUZZERS

programs: $(PROGRAMS) $(LIBRARIES) $(IMAGES)
tests: programs $(TESTS) $(TEST_PROGRAMS)
fuzzers: $(patsubst %,$(BUILD)/fuzz/%,$(FUZZERS))

help:
	@sed -n 's/^## //p' mk/targets.mk

## make            build everything
## make setup      install Debian packages that the build needs
setup:
	@tools/setup

## make demo       install, build and run the example in one enclave
demo: setup
	@$(FANOUT) programs
	@examples/demo.sh

## make check      install, build, run all tests; last line: N passed, N failed
check: setup
	@$(FANOUT) tests fuzzers
	@tools/run-tests $(TESTS) $(CHECKS)

## make check-fast run the tests that are already built
check-fast:
	@tools/run-tests $(TESTS) $(CHECKS)

## make torture    exhaustive runs: hours
torture: setup
	@$(FANOUT) tests $(TORTURE) fuzzers
	@RECLAVE_TEST_TIMEOUT=$${RECLAVE_TEST_TIMEOUT:-14400} tools/run-tests $(TORTURE)

## make bench      run all benchmarks; tables and plots go to bench/results/
bench: setup
	@$(FANOUT) programs $(BENCHES)
	@bench/run $(BENCHES)

## make lint       layering and forbidden instructions, from what is built
lint:
	@tools/run-tests tests/repository/layering.sh tests/repository/lint-enclave.sh

## make format     clang-format the tree
format:
	@tools/format --write
format-check:
	@tools/format --check

## make install    PREFIX=/usr/local DESTDIR=
install: programs $(INSTALL_STEPS)
	@tools/install "$(BUILD)" "$(DESTDIR)$(PREFIX)"
## make uninstall  the same PREFIX and DESTDIR
uninstall:
	@tools/uninstall "$(DESTDIR)$(PREFIX)"

## make clean      remove everything built
clean:
	rm -rf "$(BUILD)"
