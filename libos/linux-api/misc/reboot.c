/* SPDX-License-Identifier: BSD-2-Clause */
/* reboot.c - reboot. */
#include <linux/capability.h>
#include <linux/reboot.h>
#include <asm/signal.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "proc/cred.h"
#include "proc/pid_namespace.h"
#include "start/start.h"

/* In a pid namespace its init ends as if by a signal (reboot(2), "Behavior inside PID
 * namespaces"). */
static long reboot_inside(struct pid_namespace *ns, uint32_t command)
{
    switch (command) {
    case LINUX_REBOOT_CMD_RESTART:
    case LINUX_REBOOT_CMD_RESTART2: ns->end_status = SIGHUP; break;
    case LINUX_REBOOT_CMD_POWER_OFF:
    case LINUX_REBOOT_CMD_HALT: ns->end_status = SIGINT; break;
    default: return -EINVAL;
    }
    (void)signal_send_process(ns->init, SIGKILL, SIGNAL_FROM_KERNEL);
    process_exit_group(0);
}

long sys_reboot(const struct call *c)
{
    uint32_t magic = (uint32_t)c->arg[1];
    if (!capable(CAP_SYS_BOOT))
        return -EPERM;
    if ((uint32_t)c->arg[0] != LINUX_REBOOT_MAGIC1 ||
        (magic != LINUX_REBOOT_MAGIC2 && magic != LINUX_REBOOT_MAGIC2A &&
         magic != LINUX_REBOOT_MAGIC2B && magic != LINUX_REBOOT_MAGIC2C))
        return -EINVAL;
    if (current->process->pids->level > 0)
        return reboot_inside(current->process->pids, (uint32_t)c->arg[2]);
    switch ((uint32_t)c->arg[2]) {
    case LINUX_REBOOT_CMD_CAD_ON:
    case LINUX_REBOOT_CMD_CAD_OFF:
        machine_cad_restarts = (uint32_t)c->arg[2] == LINUX_REBOOT_CMD_CAD_ON;
        return 0;
    case LINUX_REBOOT_CMD_HALT: machine_halt();
    case LINUX_REBOOT_CMD_POWER_OFF: machine_end(0);
    case LINUX_REBOOT_CMD_RESTART:
    case LINUX_REBOOT_CMD_RESTART2: machine_restart();
    default: return -EINVAL; /* CMD_KEXEC and CMD_SW_SUSPEND too: there is neither */
    }
}
