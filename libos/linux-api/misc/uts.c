/* SPDX-License-Identifier: BSD-2-Clause */
/* uts.c - uname, sethostname, setdomainname.
 *
 * The release is that of the Linux whose headers the ABI was taken from: programs choose by it what
 * they may expect.
 */
#include "linux-api/misc/uts.h"

#include <linux/capability.h>
#include <linux/version.h>
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/cred.h"

#define TEXT_OF(n) #n
#define TEXT(n)    TEXT_OF(n)
#define RELEASE                                                                                    \
    TEXT(LINUX_VERSION_MAJOR)                                                                      \
    "." TEXT(LINUX_VERSION_PATCHLEVEL) "." TEXT(LINUX_VERSION_SUBLEVEL) "-seam"
#define VERSION "#1 SMP PREEMPT Seam"

struct new_utsname uts = {
    .sysname = "Linux",
    .nodename = "seam",
    .release = RELEASE,
    .version = VERSION,
    .machine = "x86_64",
    .domainname = "(none)",
};

const char uts_version_line[] = "Linux version " RELEASE " (seam@seam) (" __VERSION__ ") " VERSION;

static long name_set(char name[__NEW_UTS_LEN + 1], const struct call *c);

long sys_uname(const struct call *c)
{
    return copy_to_user(c->arg[0], uts_current(), sizeof uts);
}

long sys_sethostname(const struct call *c)
{
    return name_set(uts_current()->nodename, c);
}

long sys_setdomainname(const struct call *c)
{
    return name_set(uts_current()->domainname, c);
}

static long name_set(char name[__NEW_UTS_LEN + 1], const struct call *c)
{
    int n = (int)c->arg[1];
    char text[__NEW_UTS_LEN + 1] = {};
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (n < 0 || n > __NEW_UTS_LEN)
        return -EINVAL;
    if (copy_from_user(text, c->arg[0], (size_t)n))
        return -EFAULT;
    memcpy(name, text, sizeof text);
    return 0;
}
