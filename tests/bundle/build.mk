# The module parser and the bundle reader.
PARSER_SOURCES := $(addprefix toolchain/bundle/, complaint.c wasm.c wasm_cursor.c wasm_text.c)
READER_SOURCES := $(addprefix toolchain/bundle/, complaint.c digest.c owner_key.c read.c)
CONTRACT_SOURCES := $(PARSER_SOURCES) $(addprefix toolchain/bundle/, contract.c normalise.c preview1.c text.c)

$(eval $(call san_test,bundle-parser,tests/bundle/parser_test.c $(PARSER_SOURCES),-lcmocka))
$(eval $(call san_test,bundle-reader,tests/bundle/reader_test.c $(READER_SOURCES),-lcmocka -lcrypto))
$(eval $(call fuzzer,wasm_parser,tests/bundle/parser_fuzz.c $(CONTRACT_SOURCES)))
$(eval $(call fuzzer,bundle_reader,tests/bundle/reader_fuzz.c $(READER_SOURCES),-lcrypto))
CHECKS += tests/e2e/build.sh tests/e2e/verify.sh
