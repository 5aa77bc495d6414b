/* SPDX-License-Identifier: BSD-2-Clause */
/* sysfs.c - the file system sysfs, its root and what only groups others. */
#include "vfs/sysfs/sysfs.h"

#include <linux/magic.h>
#include "base/bits.h"

#define DIRECTORY(name, number, table)                                                             \
    static const struct proc_directory name = {                                                    \
        .id = (number), .entries = (table), .count = ARRAY_COUNT(table)}

static const struct proc_directory empty = {.id = 100};

static const struct proc_entry system_entries[] = {
    PROC_DIR("cpu", 0555, sysfs_cpus),
    PROC_DIR("node", 0555, sysfs_nodes),
};
DIRECTORY(system, 101, system_entries);

static const struct proc_entry virtual_net_entries[] = {PROC_DIR("lo", 0555, sysfs_lo)};
DIRECTORY(virtual_net, 102, virtual_net_entries);
static const struct proc_entry console_entries[] = {PROC_LINE("active", "ttyS0")};
DIRECTORY(console, 110, console_entries);
static const struct proc_entry virtual_tty_entries[] = {PROC_DIR("console", 0555, console)};
DIRECTORY(virtual_tty, 111, virtual_tty_entries);
static const struct proc_entry virtual_entries[] = {
    PROC_DIR("net", 0555, virtual_net),
    PROC_DIR("tty", 0555, virtual_tty),
};
DIRECTORY(virtual_devices, 103, virtual_entries);

static const struct proc_entry device_entries[] = {
    PROC_DIR("system", 0555, system),
    PROC_DIR("virtual", 0555, virtual_devices),
};
DIRECTORY(devices, 104, device_entries);

static const struct proc_entry class_net_entries[] = {
    PROC_LINK("lo", "../../devices/virtual/net/lo")};
DIRECTORY(class_net, 105, class_net_entries);
static const struct proc_entry class_tty_entries[] = {
    PROC_LINK("console", "../../devices/virtual/tty/console")};
DIRECTORY(class_tty, 112, class_tty_entries);
static const struct proc_entry class_entries[] = {
    PROC_DIR("net", 0555, class_net),
    PROC_DIR("tty", 0555, class_tty),
};
DIRECTORY(class, 106, class_entries);

static const struct proc_entry bus_entries[] = {
    PROC_DIR("cpu", 0555, empty),
    PROC_DIR("node", 0555, empty),
};
DIRECTORY(bus, 107, bus_entries);

static const struct proc_entry dev_entries[] = {
    PROC_DIR("block", 0555, empty),
    PROC_DIR("char", 0555, empty),
};
DIRECTORY(dev, 108, dev_entries);

static const struct proc_entry fs_entries[] = {PROC_DIR("cgroup", 0555, empty)};
DIRECTORY(fs, 109, fs_entries);

static const struct proc_entry root_entries[] = {
    PROC_DIR("block", 0555, empty),     PROC_DIR("bus", 0555, bus),
    PROC_DIR("class", 0555, class),     PROC_DIR("dev", 0555, dev),
    PROC_DIR("devices", 0555, devices), PROC_DIR("firmware", 0555, empty),
    PROC_DIR("fs", 0555, fs),           PROC_DIR("kernel", 0555, sysfs_kernel),
    PROC_DIR("module", 0555, empty),    PROC_DIR("power", 0555, empty),
};
DIRECTORY(root, 1, root_entries);

static const struct proc_entry root_entry = PROC_DIR("/", 0555, root);
static struct proc_tree sysfs = {
    .fs = {.name = "sysfs", .mount = proc_tree_mount}, .root = &root_entry, .magic = SYSFS_MAGIC};

int sysfs_init(void)
{
    return proc_tree_init(&sysfs, "/sys");
}
