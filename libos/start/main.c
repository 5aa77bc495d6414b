/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - the order in which the domain comes up. */
#include <exo/info.h>
#include "arch/arch.h"
#include "base/errno.h"
#include "base/log.h"
#include "drivers/xen/store.h"
#include "linux-api/abi.h"
#include "linux-api/dispatch.h"
#include "linux-api/mode.h"
#include "mm/page.h"
#include "proc/process.h"
#include "random/random.h"
#include "sched/sched.h"
#include "sched/time.h"
#include "start/console_start.h"
#include "start/options.h"
#include "start/start.h"
#include "trace/record.h"
#include "vfs/devfs/devfs.h"
#include "vfs/procfs/procfs.h"
#include "vfs/sysfs/sysfs.h"
#include "vfs/vfs.h"

static void must(int err, const char *what)
{
    if (err < 0)
        panic("cannot start %s: error %d", what, -err);
}

static void initramfs_start(const struct exo_info *info)
{
    if (info->module_bytes == 0)
        return;
    uint64_t address =
        WINDOW_BASE + ((uint64_t)info->module.first << PAGE_SHIFT) + info->module_offset;
    must(initramfs_load((const void *)address, info->module_bytes), "the file tree");
}

/* Programs expect a place for temporary files; a tree may lack it. */
static void tmp_make(void)
{
    int err = vfs_make_node("/tmp", S_IFDIR | 01777, 0, 0, 0);
    if (err < 0 && err != -EEXIST)
        log_warn("no /tmp: error %d", -err);
}

void libos_main(const struct exo_info *info, struct exo_vcpu_page *page)
{
    (void)page;
    if (info->magic != EXO_INFO_MAGIC || info->abi_version != EXO_ABI_VERSION)
        panic("this kernel speaks another language: version %u", info->abi_version);
    arch_init();
    page_init(info);
    options_parse((const char *)info + info->cmdline_offset, info->cmdline_bytes);
    time_init(info);
    sched_init();
    if (options.record)
        record_start(options.record, info->tsc_hz);
    random_init();
    process_init();
    vfs_init();
    initramfs_start(info);
    tmp_make();
    must(devfs_init(), "/dev");
    must(procfs_init(), "/proc");
    must(sysfs_init(), "/sys");
    console_start();
    if (info->xen.store && xen_store_open(info, machine_ask_end) < 0)
        log_warn("no connection to Xen's store");
    vcpu_boot_others(info->cpu_count);
    if (!syscall_mode_set(options.mode))
        mode_failed();
    syscall_init();
    int err = process_start_first(options.init, options.argv, options.envp, options.cwd);
    if (err < 0)
        first_program_failed(err);
    sched_run();
}
