# Developer side: from a .wasm to a bundle.
BUNDLE_SOURCES := $(addprefix toolchain/bundle/, build.c compile.c complaint.c contract.c digest.c \
                    flatten.c lines.c normalise.c owner_key.c preview1.c read.c text.c tool.c \
                    translate.c validate.c wasm.c wasm_cursor.c wasm_text.c workdir.c)
$(eval $(call host_library,bundle,$(BUNDLE_SOURCES)))
