# The compiler for guest programs, as docs/functions.md gives it.
WASI_CC := $(CLANG) --target=wasm32-wasi --sysroot=/usr -nostdlibinc -isystem /usr/include/wasm32-wasi \
           -O2 -std=gnu17 -Wall -Wextra -Werror -Wl,--strip-all -ffile-prefix-map=$(CURDIR)=.
