# Interrupts of L0 while it rewinds, captures, resets, grows and trims.
REWIND_STAGE := $(RESIDUE) $(addprefix tests/border/rewind/,steps.c stage.c) tests/border/hostile/steady.S
$(eval $(call host_test,border-interrupt,$(REWIND_STAGE) tests/border/rewind/interrupt_test.c,\
    $(BORDER_LIBRARIES),$(BORDER_LDLIBS)))
$(eval $(call host_torture,border-interrupt-torture,$(REWIND_STAGE) tests/border/rewind/interrupt_torture.c,\
    $(BORDER_LIBRARIES),$(BORDER_LDLIBS)))

# Stops between a store and its mark.
$(eval $(call host_test,border-mark,$(REWIND_STAGE) tests/border/rewind/mark_test.c,\
    $(BORDER_LIBRARIES),$(BORDER_LDLIBS)))

# Many functions on few slots; the same under another name, which means: many more.
REWIND_FUNCTIONS := $(BORDER_HARNESS) tests/border/rewind/functions_test.c
$(eval $(call host_test,border-functions,$(REWIND_FUNCTIONS),$(BORDER_LIBRARIES),$(BORDER_LDLIBS) -lpthread))
$(eval $(call host_torture,border-functions-torture,$(REWIND_FUNCTIONS),$(BORDER_LIBRARIES),$(BORDER_LDLIBS) -lpthread))
