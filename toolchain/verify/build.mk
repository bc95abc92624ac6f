# The enclave's verifier, for tools.
$(eval $(call host_library,verdict,toolchain/verify/verdict.c))
