/* SPDX-License-Identifier: BSD-2-Clause */
/* net.c - /sys/class/net/lo (Linux's Documentation/ABI/testing/sysfs-class-net). */
#include "base/bits.h"
#include "net/abi.h"
#include "net/inet/ifreq.h"
#include "net/inet/loopback.h"
#include "vfs/sysfs/sysfs.h"

static int show_mtu(struct text *text, const struct proc_node *)
{
    text_add(text, "%d\n", LO_MTU);
    return 0;
}

static int show_index(struct text *text, const struct proc_node *)
{
    text_add(text, "%d\n", LO_INDEX);
    return 0;
}

static int show_type(struct text *text, const struct proc_node *)
{
    text_add(text, "%d\n", HARDWARE_LOOPBACK);
    return 0;
}

static int show_uevent(struct text *text, const struct proc_node *)
{
    text_add(text, "INTERFACE=lo\nIFINDEX=%d\n", LO_INDEX);
    return 0;
}

static int show_bytes(struct text *text, const struct proc_node *)
{
    text_add(text, "%llu\n", (unsigned long long)lo_traffic.bytes);
    return 0;
}

static int show_packets(struct text *text, const struct proc_node *)
{
    text_add(text, "%llu\n", (unsigned long long)lo_traffic.packets);
    return 0;
}

static const struct proc_entry statistics_entries[] = {
    PROC_FILE("rx_bytes", 0444, show_bytes),
    PROC_LINE("rx_dropped", "0"),
    PROC_LINE("rx_errors", "0"),
    PROC_FILE("rx_packets", 0444, show_packets),
    PROC_FILE("tx_bytes", 0444, show_bytes),
    PROC_LINE("tx_dropped", "0"),
    PROC_LINE("tx_errors", "0"),
    PROC_FILE("tx_packets", 0444, show_packets),
};
static const struct proc_directory statistics = {
    .id = 31, .entries = statistics_entries, .count = ARRAY_COUNT(statistics_entries)};

static const struct proc_entry entries[] = {
    PROC_LINE("addr_len", "6"),
    PROC_LINE("address", "00:00:00:00:00:00"),
    PROC_LINE("broadcast", "00:00:00:00:00:00"),
    PROC_LINE("carrier", "1"),
    PROC_LINE("dormant", "0"),
    PROC_LINE("flags", "0x9"),
    PROC_FILE("ifindex", 0444, show_index),
    PROC_FILE("iflink", 0444, show_index),
    PROC_LINE("link_mode", "0"),
    PROC_FILE("mtu", 0444, show_mtu),
    PROC_LINE("operstate", "unknown"),
    PROC_DIR("statistics", 0555, statistics),
    PROC_LINK("subsystem", "../../../../class/net"),
    PROC_LINE("tx_queue_len", "1000"),
    PROC_FILE("type", 0444, show_type),
    PROC_FILE("uevent", 0444, show_uevent),
};
const struct proc_directory sysfs_lo = {
    .id = 30, .entries = entries, .count = ARRAY_COUNT(entries)};
