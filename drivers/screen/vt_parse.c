/* SPDX-License-Identifier: BSD-2-Clause */
/* vt_parse.c - taking apart what a program sends: UTF-8 text, control characters, sequences.
 *
 * A state machine as in ECMA-48, 5.4: what a byte does depends on its class and on the state that
 * the bytes before it led to.  A cancel or an escape begins anew anywhere, so that no nonsense can
 * lock the screen up.
 */
#include "drivers/screen/vt_internal.h"

#include "base/bits.h"
#include "base/string.h"

constexpr uint16_t PARAM_MOST = 9999;
constexpr uint8_t PALETTE_DIGITS = 7; /* ESC ] P nrrggbb: Linux's, which has no end */

enum state : uint8_t {
    GROUND,
    ESCAPE,
    ESCAPE_MORE, /* ESC and intermediates */
    CSI_FIRST,
    CSI_PARAMS,
    CSI_MORE,   /* CSI and intermediates */
    CSI_IGNORE, /* one that makes no sense */
    CSI_ECHO,   /* ESC [ [: one character, as Linux echoes a function key */
    OSC_FIRST,
    STRING, /* OSC, DCS, SOS, PM, APC: skipped */
    PALETTE,
    STATES
};

enum class : uint8_t {
    CONTROL,
    BELL,
    CANCEL, /* CAN, SUB */
    ESC,
    INTERMEDIATE,
    PARAM,   /* digits : ; */
    PRIVATE, /* < = > ? */
    FINAL,
    DELETE,
    HIGH,
    CLASSES
};

enum action : uint8_t {
    NONE,
    EXECUTE,
    PRINT,
    BEGIN,
    COLLECT,
    MARK,
    NUMBER,
    DO_ESCAPE,
    DO_CSI,
    DO_OSC,
    COUNT,
};

struct step {
    uint8_t action, next;
};

#define ANYWHERE(stays)                                                                            \
    [CONTROL] = {EXECUTE, stays}, [BELL] = {EXECUTE, stays}, [CANCEL] = {NONE, GROUND},            \
    [ESC] = {BEGIN, ESCAPE}, [DELETE] = {NONE, stays}, [HIGH] = {NONE, stays}
#define SKIPPED(stays)                                                                             \
    [CONTROL] = {NONE, stays}, [BELL] = {NONE, GROUND}, [CANCEL] = {NONE, GROUND},                 \
    [ESC] = {BEGIN, ESCAPE}, [DELETE] = {NONE, stays}, [HIGH] = {NONE, stays}

static const struct step steps[STATES][CLASSES] = {
    [GROUND] = {[CONTROL] = {EXECUTE, GROUND},
                [BELL] = {EXECUTE, GROUND},
                [CANCEL] = {NONE, GROUND},
                [ESC] = {BEGIN, ESCAPE},
                [INTERMEDIATE] = {PRINT, GROUND},
                [PARAM] = {PRINT, GROUND},
                [PRIVATE] = {PRINT, GROUND},
                [FINAL] = {PRINT, GROUND},
                [DELETE] = {NONE, GROUND},
                [HIGH] = {PRINT, GROUND}},
    [ESCAPE] =
        {ANYWHERE(ESCAPE), [INTERMEDIATE] = {COLLECT, ESCAPE_MORE}, [PARAM] = {DO_ESCAPE, GROUND},
         [PRIVATE] = {DO_ESCAPE, GROUND}, [FINAL] = {DO_ESCAPE, GROUND}},
    [ESCAPE_MORE] = {ANYWHERE(ESCAPE_MORE), [INTERMEDIATE] = {COLLECT, ESCAPE_MORE},
                     [PARAM] = {DO_ESCAPE, GROUND}, [PRIVATE] = {DO_ESCAPE, GROUND},
                     [FINAL] = {DO_ESCAPE, GROUND}},
    [CSI_FIRST] =
        {ANYWHERE(CSI_FIRST), [INTERMEDIATE] = {COLLECT, CSI_MORE}, [PARAM] = {NUMBER, CSI_PARAMS},
         [PRIVATE] = {MARK, CSI_PARAMS}, [FINAL] = {DO_CSI, GROUND}},
    [CSI_PARAMS] =
        {ANYWHERE(CSI_PARAMS), [INTERMEDIATE] = {COLLECT, CSI_MORE}, [PARAM] = {NUMBER, CSI_PARAMS},
         [PRIVATE] = {NONE, CSI_IGNORE}, [FINAL] = {DO_CSI, GROUND}},
    [CSI_MORE] =
        {ANYWHERE(CSI_MORE), [INTERMEDIATE] = {COLLECT, CSI_MORE}, [PARAM] = {NONE, CSI_IGNORE},
         [PRIVATE] = {NONE, CSI_IGNORE}, [FINAL] = {DO_CSI, GROUND}},
    [CSI_IGNORE] =
        {ANYWHERE(CSI_IGNORE), [INTERMEDIATE] = {NONE, CSI_IGNORE}, [PARAM] = {NONE, CSI_IGNORE},
         [PRIVATE] = {NONE, CSI_IGNORE}, [FINAL] = {NONE, GROUND}},
    [CSI_ECHO] = {ANYWHERE(GROUND)}, /* all else: nothing, and GROUND, which is 0 */
    [OSC_FIRST] = {SKIPPED(STRING), [INTERMEDIATE] = {NONE, STRING}, [PARAM] = {NONE, STRING},
                   [PRIVATE] = {NONE, STRING}, [FINAL] = {DO_OSC, STRING}},
    [STRING] = {SKIPPED(STRING), [INTERMEDIATE] = {NONE, STRING}, [PARAM] = {NONE, STRING},
                [PRIVATE] = {NONE, STRING}, [FINAL] = {NONE, STRING}},
    [PALETTE] = {SKIPPED(PALETTE), [INTERMEDIATE] = {COUNT, PALETTE}, [PARAM] = {COUNT, PALETTE},
                 [PRIVATE] = {COUNT, PALETTE}, [FINAL] = {COUNT, PALETTE}},
};
static_assert(GROUND == 0 && NONE == 0);

static enum class class_of(uint8_t byte) {
    switch (byte){case 0x07 : return BELL; case 0x18 : case 0x1a : return CANCEL;
                  case 0x1b : return ESC;
                  case 0x7f : return DELETE;
                  default : break;
}
if (byte < 0x20) return CONTROL;
if (byte >= 0x80)
    return HIGH;
if (byte < 0x30)
    return INTERMEDIATE;
if (byte < 0x3c)
    return PARAM;
return byte < 0x40 ? PRIVATE : FINAL;
}

static void execute(struct vt *vt, uint8_t byte)
{
    switch (byte) {
    case 0x07:
        if (vt->bell)
            vt->bell(vt->arg);
        break;
    case '\b': vt_move(vt, vt->x - 1, vt->y); break;
    case '\t': vt_tab(vt, 1); break;
    case '\n':
    case '\v':
    case '\f':
        vt_line_feed(vt);
        if (vt->modes & VT_NEWLINE)
            vt_move(vt, 0, vt->y);
        break;
    case '\r': vt_move(vt, 0, vt->y); break;
    case 0x0e: vt->shifted = true; break;
    case 0x0f: vt->shifted = false; break;
    default: break;
    }
}

static void number(struct vt *vt, uint8_t byte)
{
    if (byte == ';' || byte == ':') {
        if (vt->params == 0)
            vt->params = 1;
        if (vt->params < VT_PARAMS)
            vt->params++;
        return;
    }
    if (vt->params == 0)
        vt->params = 1;
    if (vt->params == VT_PARAMS)
        return; /* more than any sequence needs: dropped */
    uint16_t *p = &vt->param[vt->params - 1];
    *p = (uint16_t)MIN(*p * 10u + (byte - '0'), PARAM_MOST);
}

static void begin(struct vt *vt)
{
    vt->private = vt->intermediate = 0;
    vt->params = 0;
    memset(vt->param, 0, sizeof vt->param);
}

static void escape(struct vt *vt, uint8_t byte)
{
    if (vt->intermediate == 0) {
        switch (byte) {
        case '[': vt->state = CSI_FIRST; return;
        case ']': vt->state = OSC_FIRST; return;
        case 'P':
        case 'X':
        case '^':
        case '_': vt->state = STRING; return;
        default: break;
        }
    }
    vt_escape(vt, byte);
}

static void csi(struct vt *vt, uint8_t byte)
{
    if (byte == '[' && vt->params == 0 && !vt->private && !vt->intermediate)
        vt->state = CSI_ECHO;
    else
        vt_csi(vt, byte);
}

static void osc(struct vt *vt, uint8_t byte)
{
    vt->to_skip = PALETTE_DIGITS;
    if (byte == 'P')
        vt->state = PALETTE;
    else if (byte == 'R')
        vt->state = GROUND;
}

/* One byte of text beyond ASCII (RFC 3629); what is no UTF-8 shows as the replacement. */
static void decode(struct vt *vt, uint8_t byte)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* by length */
    if (vt->code_left > 0) { /* vt_write has seen that BYTE continues it */
        vt->code = vt->code << 6 | (byte & 0x3f);
        if (--vt->code_left > 0)
            return;
        bool is_good = vt->code >= least[vt->code_bytes] && vt->code <= 0x10ffff &&
                       !(vt->code >= 0xd800 && vt->code < 0xe000);
        vt_put(vt, is_good ? vt->code : VT_REPLACEMENT);
        return;
    }
    vt->code_bytes = byte >= 0xc2 && byte < 0xe0   ? 2
                     : byte >= 0xe0 && byte < 0xf0 ? 3
                     : byte >= 0xf0 && byte < 0xf5 ? 4
                                                   : 0;
    if (vt->code_bytes == 0) {
        vt_put(vt, VT_REPLACEMENT);
        return;
    }
    vt->code = byte & (0x7f >> vt->code_bytes);
    vt->code_left = (uint8_t)(vt->code_bytes - 1);
}

static void print(struct vt *vt, uint8_t byte)
{
    if (byte >= 0x80)
        decode(vt, byte);
    else
        vt_put(vt, vt->graphics[vt->shifted] ? vt_drawing(byte) : byte);
}

static void take(struct vt *vt, uint8_t byte)
{
    struct step step = steps[vt->state][class_of(byte)];
    vt->state = step.next;
    switch (step.action) {
    case EXECUTE: execute(vt, byte); break;
    case PRINT: print(vt, byte); break;
    case BEGIN: begin(vt); break;
    case COLLECT: vt->intermediate = byte; break;
    case MARK: vt->private = byte; break;
    case NUMBER: number(vt, byte); break;
    case DO_ESCAPE: escape(vt, byte); break;
    case DO_CSI: csi(vt, byte); break;
    case DO_OSC: osc(vt, byte); break;
    case COUNT:
        if (--vt->to_skip == 0)
            vt->state = GROUND;
        break;
    default: break;
    }
}

void vt_write(struct vt *vt, const uint8_t *bytes, size_t n)
{
    for (; n > 0; n--, bytes++) {
        if (vt->code_left > 0 && (*bytes & 0xc0) != 0x80) {
            vt->code_left = 0;
            vt_put(vt, VT_REPLACEMENT);
        }
        take(vt, *bytes);
    }
}
