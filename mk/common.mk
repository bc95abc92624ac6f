# Names, folders and macros that every world shares.
BUILD  ?= build
PREFIX ?= /usr/local
CC     := gcc
CLANG  := clang
AR     := ar
PKG    := pkg-config

# Reproducible: no absolute path, no time of day, no random seed in any object.
export SOURCE_DATE_EPOCH := 0
export LC_ALL := C
export TZ := UTC

WARNINGS := -std=gnu17 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wvla -Wundef -Wwrite-strings
REPRODUCIBLE := -ffile-prefix-map=$(CURDIR)=. -frandom-seed=reclave -gno-record-gcc-switches

PROGRAMS      :=   # built by `make`
LIBRARIES     :=   # built by `make`
IMAGES        :=   # enclave images, built by `make`
TESTS         :=   # executables that print TAP, run by `make check`
CHECKS        :=   # scripts that print TAP, run by `make check`
FUZZERS       :=   # names: $(BUILD)/fuzz/NAME with the corpus tests/fuzz/NAME/
TEST_PROGRAMS :=   # what they need, built first
BENCHES       :=   # executables, run by `make bench`
TORTURE       :=   # executables that print TAP, run by `make torture`
DEPFILES      :=
INSTALL_STEPS :=   # phony targets that `make install` runs

.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:
