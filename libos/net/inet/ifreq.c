/* SPDX-License-Identifier: BSD-2-Clause */
/* ifreq.c - the interface lo, as ioctls show it (netdevice(7)). */
#include "net/inet/ifreq.h"

#include <linux/in.h>
#include <linux/sockios.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/usermem.h"
#include "net/abi.h"

static void address_set(struct interface_request *r, uint32_t host_order)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {__builtin_bswap32(host_order)}};
    memcpy(r->address, &a, sizeof a);
}

static long list_interfaces(uaddr_t arg)
{
    struct interface_list list;
    struct interface_request r = {.name = "lo"};
    if (copy_from_user(&list, arg, sizeof list) < 0)
        return -EFAULT;
    address_set(&r, INADDR_LOOPBACK);
    int32_t bytes = sizeof r;
    if (list.requests) {
        bytes = list.bytes < bytes ? 0 : bytes;
        if (copy_to_user(list.requests, &r, (size_t)bytes) < 0)
            return -EFAULT;
    }
    list.bytes = bytes;
    return copy_to_user(arg, &list, sizeof list);
}

static int answer(unsigned cmd, struct interface_request *r)
{
    switch (cmd) {
    case SIOCGIFFLAGS: r->flags = IF_UP | IF_LOOPBACK | IF_RUNNING; return 0;
    case SIOCGIFADDR:
    case SIOCGIFDSTADDR: address_set(r, INADDR_LOOPBACK); return 0;
    case SIOCGIFNETMASK: address_set(r, 0xff000000); return 0;
    case SIOCGIFBRDADDR: address_set(r, 0); return 0;
    case SIOCGIFMTU: r->value = LO_MTU; return 0;
    case SIOCGIFMETRIC: r->value = 0; return 0;
    case SIOCGIFINDEX: r->value = LO_INDEX; return 0;
    case SIOCGIFTXQLEN: r->value = 1000; return 0;
    case SIOCGIFHWADDR:
        memset(r->address, 0, sizeof r->address);
        r->value = HARDWARE_LOOPBACK;
        return 0;
    default: return -EPERM; /* to change what is fixed */
    }
}

static bool is_known(unsigned cmd)
{
    switch (cmd) {
    case SIOCGIFNAME:
    case SIOCGIFFLAGS:
    case SIOCSIFFLAGS:
    case SIOCGIFADDR:
    case SIOCSIFADDR:
    case SIOCGIFDSTADDR:
    case SIOCGIFNETMASK:
    case SIOCSIFNETMASK:
    case SIOCGIFBRDADDR:
    case SIOCGIFMTU:
    case SIOCSIFMTU:
    case SIOCGIFMETRIC:
    case SIOCGIFINDEX:
    case SIOCGIFTXQLEN:
    case SIOCGIFHWADDR: return true;
    default: return false;
    }
}

long ifreq_ioctl(unsigned cmd, uaddr_t arg)
{
    struct interface_request r;
    if (cmd == SIOCGIFCONF)
        return list_interfaces(arg);
    if (!is_known(cmd))
        return -ENOTTY;
    if (copy_from_user(&r, arg, sizeof r) < 0)
        return -EFAULT;
    r.name[sizeof r.name - 1] = 0;
    if (cmd == SIOCGIFNAME) {
        if (r.value != LO_INDEX)
            return -ENODEV;
        memcpy(r.name, "lo", 3);
    } else if (strcmp(r.name, "lo") != 0) {
        return -ENODEV;
    } else {
        int err = answer(cmd, &r);
        if (err < 0)
            return err;
    }
    return copy_to_user(arg, &r, sizeof r);
}
