# The targets a person types. Modules (FOLDER/build.mk) have filled the lists by now.
.PHONY: all programs help demo check check-fast torture bench setup lint format format-check clean install uninstall tests fuzzers

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
	@$(MAKE) --no-print-directory programs
	@examples/demo.sh

## make check      install, build, run all tests; last line: N passed, N failed
check: setup
	@$(MAKE) --no-print-directory tests fuzzers
	@tools/run-tests $(TESTS) $(CHECKS)

## make check-fast run the tests that are already built
check-fast:
	@tools/run-tests $(TESTS) $(CHECKS)

## make torture    exhaustive runs: hours
torture: tests $(TORTURE) fuzzers
	@tools/run-tests $(TORTURE)

## make bench      run all benchmarks; tables and plots go to bench/results/
bench: programs $(BENCHES)
	@bench/run $(BENCHES)

## make format     clang-format the tree
format:
	@tools/format --write
format-check:
	@tools/format --check

## make install    PREFIX=/usr/local DESTDIR=
install: programs $(INSTALL_STEPS)
uninstall:
	@tools/uninstall "$(DESTDIR)$(PREFIX)"

clean:
	rm -rf $(BUILD)
