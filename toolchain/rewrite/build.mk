# gcc's assembly in, assembly that keeps to the SFI policy out.
REWRITE_SOURCES := $(addprefix toolchain/rewrite/,rewrite.c span.c register.c operand.c mnemonic.c \
                     insn.c window.c stack.c memory.c branch.c instruction.c mark.c directive.c)
$(eval $(call host_library,rewrite,$(REWRITE_SOURCES)))
$(eval $(call host_program,reclave-rewrite,toolchain/rewrite/main.c,rewrite))
