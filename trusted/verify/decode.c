#include "trusted/verify/decode.h"

#define ADDRESSING (PREFIX_67 | PREFIX_FS | PREFIX_GS)

#define REX_W 8
#define REX_R 4
#define REX_X 2
#define REX_B 1

/* Of one instruction while it is read. */
struct cursor {
    const uint8_t *at;
    uint8_t rex;      /* W R X B */
    uint8_t rex_used; /* ... that mean something in this instruction */
};

static int32_t take_signed(struct cursor *cursor, unsigned bytes)
{
    const uint8_t *at = cursor->at;

    cursor->at += bytes;
    if (bytes == 0)
        return 0;
    if (bytes == 1)
        return (int8_t)at[0];
    if (bytes == 2)
        return (int16_t)(at[0] | at[1] << 8);
    return (int32_t)(at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
}

/* What a byte is as a prefix; 0: not one. Lock and REX are looked at by themselves. */
static const uint8_t prefix_bits[256] = {
    [0x26] = PREFIX_OTHER, [0x2e] = PREFIX_OTHER, [0x36] = PREFIX_OTHER, [0x3e] = PREFIX_OTHER,
    [0x64] = PREFIX_FS,    [0x65] = PREFIX_GS,    [0x66] = PREFIX_66,    [0x67] = PREFIX_67,
    [0xf2] = PREFIX_F2,    [0xf3] = PREFIX_F3,
};

/* Each prefix at most once, so a handful of bytes at most; REX last. */
static enum verify_reason take_prefixes(struct cursor *cursor, struct insn *insn)
{
    uint8_t bit;

    insn->prefixes = 0;
    while ((bit = prefix_bits[*cursor->at]) != 0) {
        if (insn->prefixes & bit)
            return VERIFY_PREFIX;
        insn->prefixes |= bit;
        cursor->at++;
    }
    if (*cursor->at == 0xf0)
        return VERIFY_ATOMIC;
    insn->rex = (*cursor->at & 0xf0) == 0x40;
    cursor->rex = insn->rex ? *cursor->at++ & 0x0f : 0;
    cursor->rex_used = 0;
    return VERIFY_OK;
}

static enum column column_of(uint8_t prefixes)
{
    if (prefixes & PREFIX_F3)
        return COLUMN_F3;
    if (prefixes & PREFIX_F2)
        return COLUMN_F2;
    return prefixes & PREFIX_66 ? COLUMN_66 : COLUMN_NONE;
}

/* Reads the opcode and returns its cell. *mandatory: the prefixes that select it. */
static uint8_t take_opcode(struct cursor *cursor, const struct insn *insn, uint8_t *mandatory)
{
    enum column column = column_of(insn->prefixes);
    uint8_t opcode = *cursor->at++;

    *mandatory = 0;
    if (opcode != 0x0f) {
        if (opcode == 0x90 && column == COLUMN_F3) { /* pause: the one with a mandatory prefix */
            *mandatory = PREFIX_F3;
            return verify_cell_pause;
        }
        return verify_map_1[opcode];
    }
    *mandatory = PREFIX_66 | PREFIX_F3 | PREFIX_F2;
    opcode = *cursor->at++;
    if (opcode == 0x38)
        return verify_map_0f38[*cursor->at++][column];
    if (opcode == 0x3a)
        return verify_map_0f3a[*cursor->at++][column];
    return verify_map_0f[opcode][column];
}

/* The cell's form, or why there is none. A group looks at ModRM.reg without taking it. */
static enum verify_reason form_of(uint8_t cell, const struct cursor *cursor, struct insn *insn)
{
    if (cell >= GROUP_FIRST && cell < FORM_FIRST)
        cell = verify_groups[cell - GROUP_FIRST][*cursor->at >> 3 & 7];
    if (cell < FORM_FIRST)
        return cell ? (enum verify_reason)cell : VERIFY_NOT_LISTED;
    insn->form = &verify_forms[cell - FORM_FIRST];
    return VERIFY_OK;
}

/* Operand size in bytes, by operand_size and what REX.W and 66 say. */
#define REFUSED 0xff
static const uint8_t operand_bytes[][3] = {
    /*            neither  66       REX.W */
    [SIZE_NONE] = {0, 0, 0},
    [SIZE_B] = {1, 1, 1},
    [SIZE_D] = {4, 4, 4},
    [SIZE_Q] = {8, 8, 8},
    [SIZE_V] = {4, 2, 8},
    [SIZE_Y] = {4, 4, 8},
    [SIZE_WQ] = {REFUSED, REFUSED, 8},
};

/* Does each of the opcode's prefixes select something? 66 does as part of the opcode, as operand
 * size, and by convention in paddings. `mandatory`: those that chose the cell. */
static bool prefixes_mean_something(const struct insn *insn, uint8_t mandatory)
{
    const struct form *form = insn->form;
    uint8_t repeats = insn->prefixes & (PREFIX_F3 | PREFIX_F2);

    if (repeats & ~mandatory)
        return false;
    if (repeats && (insn->prefixes & PREFIX_66 || repeats == (PREFIX_F3 | PREFIX_F2)))
        return false;
    if (form->flags & PAD_PREFIXES)
        return true;
    if (insn->prefixes & PREFIX_OTHER)
        return false;
    return !(insn->prefixes & PREFIX_66 & ~mandatory) || form->size == SIZE_V;
}

static enum verify_reason take_size(struct cursor *cursor, struct insn *insn, uint8_t mandatory)
{
    uint8_t size = insn->form->size;
    bool wide = cursor->rex & REX_W;
    bool narrow = insn->prefixes & PREFIX_66;

    if ((insn->prefixes & ~ADDRESSING) && !prefixes_mean_something(insn, mandatory))
        return VERIFY_PREFIX;
    if (size == SIZE_V && wide && narrow)
        return VERIFY_PREFIX;
    if (operand_bytes[size][2] != operand_bytes[size][0])
        cursor->rex_used |= REX_W;
    insn->size = operand_bytes[size][wide ? 2 : narrow];
    return insn->size == REFUSED ? VERIFY_NOT_LISTED : VERIFY_OK;
}

static uint8_t extended(const struct cursor *cursor, uint8_t bit, unsigned low)
{
    return (uint8_t)((low & 7) | (cursor->rex & bit ? 8 : 0));
}

/* SIB: base and index. Without a base (mod 0, base 5) a displacement of 4 bytes follows. */
static unsigned take_sib(struct cursor *cursor, struct insn *insn, unsigned mod)
{
    uint8_t sib = *cursor->at++;
    uint8_t index = extended(cursor, REX_X, sib >> 3);

    cursor->rex_used |= REX_X;
    insn->index = index == SFI_REG_RSP ? INDEX_NONE : index;
    insn->scale = index == SFI_REG_RSP ? 0 : sib >> 6;
    if (mod == 0 && (sib & 7) == 5) {
        insn->base = BASE_NONE;
        return 4;
    }
    insn->base = extended(cursor, REX_B, sib);
    cursor->rex_used |= REX_B;
    return mod == 0 ? 0 : mod == 1 ? 1 : 4;
}

static void take_memory(struct cursor *cursor, struct insn *insn, unsigned mod, unsigned rm)
{
    unsigned disp_bytes = mod == 0 ? 0 : mod == 1 ? 1 : 4;

    insn->memory = true;
    insn->index = INDEX_NONE;
    insn->scale = 0;
    if (rm == 4) {
        disp_bytes = take_sib(cursor, insn, mod);
    } else if (mod == 0 && rm == 5) {
        insn->base = BASE_RIP;
        disp_bytes = 4;
    } else {
        insn->base = extended(cursor, REX_B, rm);
        cursor->rex_used |= REX_B;
    }
    insn->disp = take_signed(cursor, disp_bytes);
}

/* A memory operand where the form wants a register. */
static enum verify_reason refused_memory(enum kind kind)
{
    switch (kind) {
    case KIND_BIT:
        return VERIFY_BIT_INDEX;
    case KIND_XCHG:
        return VERIFY_ATOMIC;
    case KIND_CALL_REG:
    case KIND_JUMP_REG:
        return VERIFY_INDIRECT;
    default:
        return VERIFY_NOT_LISTED;
    }
}

static enum verify_reason take_modrm(struct cursor *cursor, struct insn *insn)
{
    const struct form *form = insn->form;
    uint8_t modrm;

    insn->memory = false;
    if (!form->rm)
        return VERIFY_OK;
    modrm = *cursor->at++;
    if (form->reg) {
        insn->reg = extended(cursor, REX_R, modrm >> 3);
        cursor->rex_used |= REX_R;
    }
    if (modrm >> 6 == 3) {
        if (form->rm & MEM)
            return VERIFY_NOT_LISTED;
        insn->rm = extended(cursor, REX_B, modrm);
        cursor->rex_used |= REX_B;
        return VERIFY_OK;
    }
    if (form->rm & REG)
        return refused_memory(form->kind);
    take_memory(cursor, insn, modrm >> 6, modrm & 7);
    return VERIFY_OK;
}

static unsigned immediate_bytes(const struct insn *insn)
{
    enum immediate imm = insn->form->imm;

    if (imm == IMM_NONE)
        return 0;
    if (imm == IMM_B || imm == IMM_REL8)
        return 1;
    if (imm == IMM_V)
        return insn->size;
    return imm == IMM_Z && insn->size == 2 ? 2 : 4;
}

/* Is a bare REX (40) what makes a byte register spl, bpl, sil or dil? */
static bool names_low_byte(const struct insn *insn)
{
    const struct form *form = insn->form;
    bool bytes = insn->size == 1;

    return (bytes && (form->flags & OPCODE_REG) && insn->opcode_reg >= 4) ||
           (bytes && (form->reg & GENERAL) && insn->reg >= 4) ||
           ((bytes || (form->rm & NARROW)) && (form->rm & GENERAL) && !insn->memory &&
            insn->rm >= 4);
}

static enum verify_reason check_rex(const struct cursor *cursor, const struct insn *insn)
{
    if (cursor->rex & ~cursor->rex_used)
        return VERIFY_PREFIX;
    if (insn->rex && !cursor->rex && !names_low_byte(insn))
        return VERIFY_PREFIX;
    return VERIFY_OK;
}

/* Segment and address size say something about an access only. */
static enum verify_reason check_addressing(const struct insn *insn)
{
    const struct form *form = insn->form;

    if (!(insn->prefixes & ADDRESSING))
        return VERIFY_OK;
    if (!insn->memory || form->kind == KIND_LEA || form->kind == KIND_NOP)
        return VERIFY_PREFIX;
    if ((insn->prefixes & (PREFIX_FS | PREFIX_GS)) == (PREFIX_FS | PREFIX_GS))
        return VERIFY_PREFIX;
    return VERIFY_OK;
}

enum verify_reason decode(const uint8_t *code, struct insn *insn)
{
    struct cursor cursor = {.at = code};
    enum verify_reason reason;
    uint8_t cell, mandatory;

    reason = take_prefixes(&cursor, insn);
    if (reason)
        return reason;
    cell = take_opcode(&cursor, insn, &mandatory);
    reason = form_of(cell, &cursor, insn);
    if (reason)
        return reason;
    reason = take_size(&cursor, insn, mandatory);
    if (reason)
        return reason;
    if (insn->form->flags & (OPCODE_REG | OPCODE_READ)) {
        insn->opcode_reg = extended(&cursor, REX_B, cursor.at[-1]);
        cursor.rex_used |= REX_B;
    }
    reason = take_modrm(&cursor, insn);
    if (reason)
        return reason;
    insn->imm = take_signed(&cursor, immediate_bytes(insn));
    insn->length = (uint8_t)(cursor.at - code);
    reason = check_rex(&cursor, insn);
    if (reason)
        return reason;
    return check_addressing(insn);
}
