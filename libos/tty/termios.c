/* SPDX-License-Identifier: BSD-2-Clause */
/* termios.c - copying terminal settings between programs and struct termios2. */
#include "tty/termios.h"

#include <asm/ioctls.h>
#include <asm/termios.h>
#include <linux/tty.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/usermem.h"

static speed_t speed_of(tcflag_t baud, speed_t other);
static void speeds_settle(struct termios2 *settings);

int termios_to_user(unsigned cmd, const struct termios2 *settings, uaddr_t to)
{
    if (cmd == TCGETS2)
        return copy_to_user(to, settings, sizeof *settings);
    if (cmd == TCGETA) {
        struct termio old = {
            .c_iflag = (unsigned short)settings->c_iflag,
            .c_oflag = (unsigned short)settings->c_oflag,
            .c_cflag = (unsigned short)settings->c_cflag,
            .c_lflag = (unsigned short)settings->c_lflag,
            .c_line = settings->c_line,
        };
        memcpy(old.c_cc, settings->c_cc, NCC);
        return copy_to_user(to, &old, sizeof old);
    }
    /* struct termios is how termios2 begins. */
    static_assert(offsetof(struct termios, c_cc) == offsetof(struct termios2, c_cc));
    return copy_to_user(to, settings, sizeof(struct termios));
}

void termios_keep_locked(struct termios2 *settings, const struct termios2 *old,
                         const struct termios *locked)
{
    settings->c_iflag = (settings->c_iflag & ~locked->c_iflag) | (old->c_iflag & locked->c_iflag);
    settings->c_oflag = (settings->c_oflag & ~locked->c_oflag) | (old->c_oflag & locked->c_oflag);
    settings->c_cflag = (settings->c_cflag & ~locked->c_cflag) | (old->c_cflag & locked->c_cflag);
    settings->c_lflag = (settings->c_lflag & ~locked->c_lflag) | (old->c_lflag & locked->c_lflag);
    if (locked->c_line)
        settings->c_line = old->c_line;
    for (unsigned i = 0; i < NCCS; i++)
        if (locked->c_cc[i])
            settings->c_cc[i] = old->c_cc[i];
}

int termios_from_user(unsigned cmd, struct termios2 *settings, uaddr_t from)
{
    switch (cmd) {
    case TCSETS2:
    case TCSETSW2:
    case TCSETSF2:
        if (copy_from_user(settings, from, sizeof *settings))
            return -EFAULT;
        break;
    case TCSETA:
    case TCSETAW:
    case TCSETAF: {
        struct termio old;
        if (copy_from_user(&old, from, sizeof old))
            return -EFAULT;
        constexpr tcflag_t HIGH = ~(tcflag_t)0xffff; /* what the old layout cannot express stays */
        settings->c_iflag = (settings->c_iflag & HIGH) | old.c_iflag;
        settings->c_oflag = (settings->c_oflag & HIGH) | old.c_oflag;
        settings->c_cflag = (settings->c_cflag & HIGH) | old.c_cflag;
        settings->c_lflag = (settings->c_lflag & HIGH) | old.c_lflag;
        settings->c_line = old.c_line;
        memcpy(settings->c_cc, old.c_cc, NCC);
        break;
    }
    default:
        if (copy_from_user(settings, from, sizeof(struct termios)))
            return -EFAULT;
        break;
    }
    settings->c_line = N_TTY;
    speeds_settle(settings);
    return 0;
}

bool termios_drains(unsigned cmd)
{
    return cmd == TCSETSW || cmd == TCSETSW2 || cmd == TCSETAW || termios_flushes(cmd);
}

bool termios_flushes(unsigned cmd)
{
    return cmd == TCSETSF || cmd == TCSETSF2 || cmd == TCSETAF;
}

/* Bits per second of a CBAUD value; OTHER for BOTHER. */
static speed_t speed_of(tcflag_t baud, speed_t other)
{
    static const speed_t low[] = {0,   50,   75,   110,  134,  150,  200,   300,
                                  600, 1200, 1800, 2400, 4800, 9600, 19200, 38400};
    static const speed_t high[] = {57600,   115200,  230400,  460800,  500000,
                                   576000,  921600,  1000000, 1152000, 1500000,
                                   2000000, 2500000, 3000000, 3500000, 4000000};
    if (baud == BOTHER)
        return other;
    if (!(baud & CBAUDEX))
        return low[baud & 15];
    unsigned index = (baud & 15) - 1;
    return index < ARRAY_COUNT(high) ? high[index] : 0;
}

/* The two forms of the speed agree; an input speed of 0 means the output's. */
static void speeds_settle(struct termios2 *settings)
{
    settings->c_ospeed = speed_of(settings->c_cflag & CBAUD, settings->c_ospeed);
    tcflag_t in = settings->c_cflag >> IBSHIFT & CBAUD;
    settings->c_ispeed = in == B0 ? settings->c_ospeed : speed_of(in, settings->c_ispeed);
}
