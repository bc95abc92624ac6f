/* Encodings: prefixes, bundles, ends. Policy sections 2 and 3. */
#define CASES_SECTION verify_reject
#include "tests/verify/cases.inc"

reject lock_prefix, VERIFY_ATOMIC
BAD     lock incl %gs:(%eax)
done
reject lock_on_register, VERIFY_ATOMIC
BAD     .byte 0xf0, 0xff, 0xc0
done
reject lock_behind_66, VERIFY_ATOMIC
BAD     .byte 0x66, 0xf0, 0x01, 0x04, 0x24
done
reject lock_behind_rex, VERIFY_PREFIX
BAD     .byte 0x48, 0xf0, 0x01, 0x04, 0x24
done
reject prefix_66_twice, VERIFY_PREFIX
BAD     .byte 0x66, 0x66, 0x01, 0xc0
done
reject prefix_67_twice, VERIFY_PREFIX
BAD     .byte 0x65, 0x67, 0x67, 0x8b, 0x00
done
reject prefix_gs_twice, VERIFY_PREFIX
BAD     .byte 0x65, 0x65, 0x67, 0x8b, 0x00
done
reject prefix_gs_and_fs, VERIFY_PREFIX
BAD     .byte 0x64, 0x65, 0x67, 0x8b, 0x00
done
reject prefix_fs_and_gs, VERIFY_PREFIX
BAD     .byte 0x65, 0x64, 0x67, 0x8b, 0x00
done
reject prefix_f2_and_f3, VERIFY_PREFIX
BAD     .byte 0xf2, 0xf3, 0x0f, 0x10, 0xc1
done
reject prefix_f3_and_f2, VERIFY_PREFIX
BAD     .byte 0xf3, 0xf2, 0x0f, 0x10, 0xc1
done
reject prefix_66_and_f2, VERIFY_PREFIX
BAD     .byte 0x66, 0xf2, 0x0f, 0x10, 0xc1
done
reject prefix_66_and_f3_popcnt, VERIFY_PREFIX
BAD     popcntw %ax, %bx
done
reject rep_add, VERIFY_PREFIX
BAD     .byte 0xf3, 0x01, 0xc0
done
reject repne_add, VERIFY_PREFIX
BAD     .byte 0xf2, 0x01, 0xc0
done
reject bnd_jmp, VERIFY_PREFIX
BAD     .byte 0xf2, 0xe9, 0, 0, 0, 0
done
reject hint_taken, VERIFY_PREFIX
BAD     .byte 0x3e, 0x74, 0
done
reject hint_not_taken, VERIFY_PREFIX
BAD     .byte 0x2e, 0x74, 0
done
reject notrack_call, VERIFY_PREFIX
        guard
BAD     .byte 0x3e, 0x41, 0xff, 0xd3
done
reject cs_segment, VERIFY_PREFIX
BAD     .byte 0x2e, 0x8b, 0x04, 0x24
done
reject ss_segment, VERIFY_PREFIX
BAD     .byte 0x36, 0x8b, 0x04, 0x24
done
reject ds_segment_with_gs, VERIFY_PREFIX
BAD     .byte 0x65, 0x3e, 0x67, 0x8b, 0x00
done
reject es_segment_behind_gs, VERIFY_PREFIX
BAD     .byte 0x65, 0x26, 0x67, 0x8b, 0x00
done
reject rex_before_66, VERIFY_PREFIX
BAD     .byte 0x48, 0x66, 0x01, 0xc0
done
reject rex_before_67, VERIFY_PREFIX
BAD     .byte 0x65, 0x41, 0x67, 0x8b, 0x00
done
reject rex_before_gs, VERIFY_PREFIX
BAD     .byte 0x67, 0x41, 0x65, 0x8b, 0x00
done
reject rex_twice, VERIFY_PREFIX
BAD     .byte 0x41, 0x48, 0x01, 0xc0
done
reject rex_w_with_66, VERIFY_PREFIX
BAD     .byte 0x66, 0x48, 0x01, 0xc0
done
reject rex_w_on_byte_operation, VERIFY_PREFIX
BAD     .byte 0x48, 0x00, 0xc0
done
reject rex_w_on_push, VERIFY_PREFIX
BAD     .byte 0x48, 0x50
done
reject rex_w_on_jump, VERIFY_PREFIX
BAD     .byte 0x48, 0xe9, 0, 0, 0, 0
done
reject rex_b_on_call, VERIFY_PREFIX
        to_end 6
BAD     .byte 0x41, 0xe8, 0, 0, 0, 0
done
reject rex_w_on_computed_jump, VERIFY_PREFIX
        guard
BAD     .byte 0x49, 0xff, 0xe3
done
reject rex_r_without_register, VERIFY_PREFIX
BAD     .byte 0x44, 0xf7, 0xd8
done
reject rex_x_without_index, VERIFY_PREFIX
BAD     .byte 0x42, 0x01, 0xc0
done
reject rex_b_without_base, VERIFY_PREFIX
BAD     .byte 0x65, 0x67, 0x41, 0x8b, 0x04, 0x25, 0, 0, 0, 0
done
reject rex_b_on_rip, VERIFY_PREFIX
BAD     .byte 0x41, 0x8b, 0x05, 0xf9, 0xef, 0xff, 0x0f
done
reject rex_b_on_xchg_90, VERIFY_PREFIX
BAD     xchgq %rax, %r8
done
reject rex_w_on_nop, VERIFY_PREFIX
BAD     .byte 0x48, 0x90
done
reject rex_on_long_nop, VERIFY_PREFIX
BAD     .byte 0x48, 0x0f, 0x1f, 0x00
done
reject rex_on_vector, VERIFY_PREFIX
BAD     .byte 0x48, 0x0f, 0x58, 0xc1
done
reject bare_rex_on_dword, VERIFY_PREFIX
BAD     .byte 0x40, 0x01, 0xc0
done
reject bare_rex_on_low_byte, VERIFY_PREFIX
BAD     .byte 0x40, 0x88, 0xc8
done
reject bare_rex_on_push, VERIFY_PREFIX
BAD     .byte 0x40, 0x50
done
reject prefix_66_on_byte, VERIFY_PREFIX
BAD     .byte 0x66, 0x00, 0xc0
done
reject prefix_66_on_push, VERIFY_PREFIX
BAD     pushw %ax
done
reject prefix_66_on_push_immediate, VERIFY_PREFIX
BAD     .byte 0x66, 0x68, 0x34, 0x12
done
reject prefix_66_on_call, VERIFY_PREFIX
        to_end 6
BAD     .byte 0x66, 0xe8, 0, 0, 0, 0
done
reject prefix_66_on_jump, VERIFY_PREFIX
BAD     .byte 0x66, 0xe9, 0, 0, 0, 0
done
reject prefix_66_on_jcc, VERIFY_NOT_LISTED
BAD     .byte 0x66, 0x0f, 0x84, 0, 0, 0, 0
done
reject prefix_66_on_computed_jump, VERIFY_PREFIX
        guard
BAD     .byte 0x66, 0x41, 0xff, 0xe3
done
reject prefix_66_on_movsxd, VERIFY_PREFIX
BAD     .byte 0x66, 0x48, 0x63, 0xc0
done
reject prefix_66_on_pause, VERIFY_PREFIX
BAD     .byte 0x66, 0xf3, 0x90
done
reject movsxd_without_rex_w, VERIFY_NOT_LISTED
BAD     .byte 0x63, 0xc0
done
reject bswap_16, VERIFY_NOT_LISTED
BAD     .byte 0x66, 0x0f, 0xc8
done
reject address_size_on_register, VERIFY_PREFIX
BAD     .byte 0x67, 0x01, 0xc0
done
reject address_size_on_nop, VERIFY_PREFIX
BAD     .byte 0x67, 0x90
done
reject address_size_on_lea, VERIFY_PREFIX
BAD     leal (%eax), %ebx
done
reject address_size_on_jump, VERIFY_PREFIX
BAD     .byte 0x67, 0xeb, 0x00
done
reject segment_on_register, VERIFY_PREFIX
BAD     .byte 0x65, 0x01, 0xc0
done
reject segment_on_lea, VERIFY_PREFIX
BAD     .byte 0x65, 0x48, 0x8d, 0x04, 0x24
done
reject segment_on_long_nop, VERIFY_PREFIX
BAD     .byte 0x65, 0x0f, 0x1f, 0x00
done
reject segment_on_push, VERIFY_PREFIX
BAD     .byte 0x65, 0x50
done
reject segment_on_pop, VERIFY_PREFIX
BAD     .byte 0x64, 0x58
done
reject long_nop_with_two_66, VERIFY_PREFIX
BAD     .byte 0x66, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0
done
reject long_nop_other_extension, VERIFY_NOT_LISTED
BAD     .byte 0x0f, 0x1f, 0x48, 0x00
done
reject long_nop_of_register, VERIFY_NOT_LISTED
BAD     .byte 0x0f, 0x1f, 0xc0
done
reject instruction_crosses_bundle, VERIFY_CROSSES_BUNDLE
        .fill 31, 1, 0x90
BAD     movl %eax, %ebx
        hlt
done
reject long_immediate_crosses_bundle, VERIFY_CROSSES_BUNDLE
        .fill 23, 1, 0x90
BAD     movabsq $0x1122334455667788, %rax
done
reject nop_crosses_bundle, VERIFY_CROSSES_BUNDLE
        .fill 28, 1, 0x90
BAD     .byte 0x0f, 0x1f, 0x80, 0, 0, 0, 0
done
reject ends_within_opcode, VERIFY_TRUNCATED
        nop
BAD     .byte 0xe9, 0, 0
done_bare
reject ends_within_immediate, VERIFY_TRUNCATED
BAD     .byte 0xb8, 0xf4, 0xf4
done_bare
reject ends_within_displacement, VERIFY_TRUNCATED
BAD     .byte 0x8b, 0x84, 0x24, 0x10
done_bare
reject ends_within_16_bit_immediate, VERIFY_TRUNCATED
BAD     .byte 0x66, 0xb8, 0xf4
done_bare
reject falls_off_nop, VERIFY_FALLS_OFF
BAD     nop
done_bare
reject falls_off_last_of_full_bundle, VERIFY_FALLS_OFF
        .fill 31, 1, 0x90
BAD     nop
done_bare
reject falls_off_jcc, VERIFY_FALLS_OFF
BAD     je START
done_bare
reject falls_off_call, VERIFY_FALLS_OFF
        to_end 5
BAD     call START
done_bare
reject falls_off_computed_call, VERIFY_FALLS_OFF
        to_end 13
        guard
BAD     call *%r11
done_bare
reject falls_off_step, VERIFY_FALLS_OFF
BAD     subq $8, %rsp
done_bare
