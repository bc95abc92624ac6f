/* The attacks by subject; each opens a scene on the image that `state` names. */
#ifndef RECLAVE_TESTS_BORDER_HOSTILE_L1_ATTACKS_H
#define RECLAVE_TESTS_BORDER_HOSTILE_L1_ATTACKS_H

/* memory.c */
void reads_stay_in_the_cage(void **state);
void writes_stay_in_the_cage(void **state);
void linear_memory_ends_where_it_ends(void **state);
void addresses_of_others_are_offsets(void **state);
void the_stack_does_not_leave(void **state);
void a_spoilt_slot_is_rewound(void **state);

/* gates.c */
void commit_takes_output_only(void **state);
void random_fills_committed_memory_only(void **state);
void writes_reach_linear_memory_only(void **state);
void traps_have_one_name(void **state);
void exit_codes_are_values(void **state);
void gates_leave_no_registers(void **state);
void layer_1_enters_clean(void **state);
void forged_results_are_cut(void **state);
void forged_facts_harm_nobody(void **state);

/* flow.c */
void jumps_reach_gates_and_own_text(void **state);
void returns_are_values(void **state);
void return_addresses_are_checked(void **state);
void gates_on_a_stack_at_its_edge(void **state);
void endless_loops_are_aborted(void **state);

/* boot.c */
void a_runtime_that_breaks_the_policy_never_runs(void **state);
void attacks_at_boot(void **state);

/* loading.c */
void gates_while_loading(void **state);
void forgeries_while_loading(void **state);
void wild_flow_while_loading(void **state);

#endif
