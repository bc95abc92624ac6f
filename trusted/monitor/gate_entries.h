/* First instructions of layer 2's and layer 1's gates (gates.S): addresses, never called from C. */
#ifndef RECLAVE_TRUSTED_MONITOR_GATE_ENTRIES_H
#define RECLAVE_TRUSTED_MONITOR_GATE_ENTRIES_H

#define GATE_ENTRY(name) void name(void) __attribute__((visibility("hidden")))

GATE_ENTRY(gate2_wasi);
GATE_ENTRY(gate2_trap);
GATE_ENTRY(gate2_grow);
GATE_ENTRY(gate2_return);
GATE_ENTRY(gate2_data);
GATE_ENTRY(gate1_commit);
GATE_ENTRY(gate1_random);
GATE_ENTRY(gate1_write);

#undef GATE_ENTRY

#endif
