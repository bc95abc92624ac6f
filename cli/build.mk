# The program `reclave`, and the SDK that `reclave build` compiles with.
CLI_SOURCES := $(sort $(wildcard cli/*.c))
CLI_LIBRARIES := client daemon api store runtime action pool log http worker keeper evidence loader quoting sgx verdict bundle rewrite verify base
CLI_LDLIBS := -lcrypto -ljansson -lseccomp -lmicrohttpd -lzip -lcurl -lsqlite3
$(eval $(call host_program,reclave,$(CLI_SOURCES),$(CLI_LIBRARIES),$(CLI_LDLIBS)))

SDK_FILES := $(sort $(wildcard abi/*.h sandboxed/wasm/*.h sandboxed/crt/*.h sandboxed/crt/*.ld))
SDK_COPIES := $(SDK_FILES:%=$(BUILD)/lib/reclave/sdk/%)
$(SDK_COPIES): $(BUILD)/lib/reclave/sdk/%: %
	@mkdir -p $(@D)
	cp $< $@
$(BUILD)/bin/reclave: | $(SDK_COPIES)
LIBRARIES += $(SDK_COPIES)
