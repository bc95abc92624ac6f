# The sandboxed world: layer 1 and, at `reclave build` time, layer 2. Position-independent
# text and read-only data only; own data is reached through %gs, linear memory through %fs
# (sandboxed/README.md). No lookup tables: read-only data cannot be indexed. No stack protector,
# no TLS; r11 and r14 are kept for the rewriter.
SANDBOXED_CFLAGS := $(WARNINGS) -O2 -ffreestanding -fPIC -fvisibility=hidden -fno-stack-protector \
                    -fcf-protection=none -fno-asynchronous-unwind-tables -fno-strict-aliasing -fwrapv \
                    -fno-jump-tables -fno-tree-switch-conversion -fno-tree-loop-distribute-patterns \
                    -ffixed-r11 -ffixed-r14 -march=x86-64-v2 $(REPRODUCIBLE) -I.

# gcc, our rewriter, clang's assembler (GNU as cannot make a call end its bundle).
$(BUILD)/sandboxed/%.s: %.c
	@mkdir -p $(@D)
	$(CC) $(SANDBOXED_CFLAGS) -MMD -MP -MF $(@:.s=.d) -MT $@ -S $< -o $@
$(BUILD)/sandboxed/%.s: %.S
	@mkdir -p $(@D)
	$(CC) -I. -E -P -MMD -MP -MF $(@:.s=.d) -MT $@ $< -o $@
$(BUILD)/sandboxed/%.confined.s: $(BUILD)/sandboxed/%.s $(BUILD)/bin/reclave-rewrite
	$(BUILD)/bin/reclave-rewrite $< -o $@
$(BUILD)/sandboxed/%.o: $(BUILD)/sandboxed/%.confined.s
	$(CLANG) --target=x86_64-linux-gnu -c $< -o $@
