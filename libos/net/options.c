/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c - getsockopt and setsockopt at the level SOL_SOCKET (socket(7)). */
#include <linux/capability.h>
#include <linux/time_types.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/usermem.h"
#include "net/socket.h"
#include "proc/cred.h"
#include "sched/time.h"

/* Limits and least values of buffers: net.core.wmem_max and rmem_max; sock.h's minima. */
constexpr int BUFFER_MOST = 212992;
constexpr uint32_t SEND_LEAST = 4608, RECEIVE_LEAST = 2304;

int option_int(const struct option *o, int *value)
{
    if (o->bytes < sizeof *value)
        return -EINVAL;
    return copy_from_user(value, o->user, sizeof *value);
}

int option_put(struct option *o, const void *value, uint32_t bytes)
{
    o->bytes = MIN(o->bytes, bytes);
    return copy_to_user(o->user, value, o->bytes);
}

int option_put_int(struct option *o, int value)
{
    return option_put(o, &value, sizeof value);
}

/* The switch that NAME is, 0: none. */
static uint32_t switch_of(int name)
{
    switch (name) {
    case SO_DEBUG: return SOCKET_DEBUG;
    case SO_REUSEADDR: return SOCKET_REUSEADDR;
    case SO_REUSEPORT: return SOCKET_REUSEPORT;
    case SO_KEEPALIVE: return SOCKET_KEEPALIVE;
    case SO_BROADCAST: return SOCKET_BROADCAST;
    case SO_OOBINLINE: return SOCKET_OOBINLINE;
    case SO_PASSCRED: return SOCKET_PASSCRED;
    case SO_PASSSEC: return SOCKET_PASSSEC;
    case SO_TIMESTAMP_OLD:
    case SO_TIMESTAMP_NEW: return SOCKET_TIMESTAMP;
    case SO_TIMESTAMPNS_OLD:
    case SO_TIMESTAMPNS_NEW: return SOCKET_TIMESTAMPNS;
    case SO_DONTROUTE: return SOCKET_DONTROUTE;
    case SO_NO_CHECK: return SOCKET_NO_CHECK;
    case SO_ZEROCOPY: return SOCKET_ZEROCOPY;
    case SO_RXQ_OVFL: return SOCKET_RXQ_OVFL;
    case SO_WIFI_STATUS: return SOCKET_WIFI_STATUS;
    case SO_SELECT_ERR_QUEUE: return SOCKET_SELECT_ERR;
    default: return 0;
    }
}

static int timeout_set(uint64_t *timeout_ns, const struct option *o)
{
    struct __kernel_old_timeval t;
    if (o->bytes < sizeof t)
        return -EINVAL;
    if (copy_from_user(&t, o->user, sizeof t) < 0)
        return -EFAULT;
    if (t.tv_usec < 0 || t.tv_usec >= 1000000)
        return -EDOM;
    if (t.tv_sec < 0)
        *timeout_ns = 1; /* as Linux: over at once */
    else if (t.tv_sec == 0 && t.tv_usec == 0)
        *timeout_ns = WAIT_FOREVER;
    else
        *timeout_ns = timespec_to_ns(&(struct timespec64){t.tv_sec, t.tv_usec * NSEC_PER_USEC});
    return 0;
}

static int timeout_get(uint64_t timeout_ns, struct option *o)
{
    struct __kernel_old_timeval t = {};
    if (timeout_ns != WAIT_FOREVER) {
        t.tv_sec = (int64_t)timeout_ns / NSEC_PER_SEC;
        t.tv_usec = (int64_t)timeout_ns % NSEC_PER_SEC / NSEC_PER_USEC;
    }
    return option_put(o, &t, sizeof t);
}

static int linger_set(struct socket *s, const struct option *o)
{
    struct socket_linger linger;
    if (o->bytes < sizeof linger)
        return -EINVAL;
    if (copy_from_user(&linger, o->user, sizeof linger) < 0)
        return -EFAULT;
    s->switches = linger.on ? s->switches | SOCKET_LINGER : s->switches & ~(uint32_t)SOCKET_LINGER;
    if (linger.on)
        s->linger_seconds = (uint32_t)linger.seconds;
    return 0;
}

static int linger_get(const struct socket *s, struct option *o)
{
    struct socket_linger linger = {(s->switches & SOCKET_LINGER) != 0, (int32_t)s->linger_seconds};
    return option_put(o, &linger, sizeof linger);
}

/* Doubled, as Linux does for its own overhead: socket(7). */
static uint32_t buffer_bytes(int value, uint32_t least, int most)
{
    int64_t bytes = value < 0 || value > most ? most : value;
    return (uint32_t)MAX(bytes * 2, (int64_t)least);
}

/* The machine has one interface. */
static int device_set(const struct option *o)
{
    char name[IF_NAME_MOST] = {};
    uint32_t n = MIN(o->bytes, (uint32_t)IF_NAME_MOST - 1);
    if (copy_from_user(name, o->user, n) < 0)
        return -EFAULT;
    return !name[0] || !strcmp(name, "lo") ? 0 : -ENODEV;
}

static int int_set(struct socket *s, const struct option *o, int value)
{
    uint32_t bit = switch_of(o->name);
    if (bit == SOCKET_DEBUG && value && !capable(CAP_NET_ADMIN))
        return -EACCES;
    if (bit == SOCKET_PASSCRED && s->family != AF_UNIX && s->family != AF_NETLINK)
        return -EOPNOTSUPP;
    if (bit) {
        s->switches = value ? s->switches | bit : s->switches & ~bit;
        return 0;
    }
    switch (o->name) {
    case SO_SNDBUFFORCE:
    case SO_RCVBUFFORCE:
        if (!capable(CAP_NET_ADMIN))
            return -EPERM;
        if (o->name == SO_SNDBUFFORCE)
            s->send_bytes = buffer_bytes(MAX(value, 0), SEND_LEAST, INT32_MAX / 2);
        else
            s->receive_bytes = buffer_bytes(MAX(value, 0), RECEIVE_LEAST, INT32_MAX / 2);
        return 0;
    case SO_SNDBUF:
        s->send_bytes = buffer_bytes(value, SEND_LEAST, BUFFER_MOST);
        socket_wake_all(s, 0);
        return 0;
    case SO_RCVBUF: s->receive_bytes = buffer_bytes(value, RECEIVE_LEAST, BUFFER_MOST); return 0;
    case SO_RCVLOWAT: s->low_water = value < 0 ? INT32_MAX : value ? (uint32_t)value : 1; return 0;
    case SO_PRIORITY:
        if ((value < 0 || value > 6) && !capable(CAP_NET_ADMIN))
            return -EPERM;
        s->priority = (uint32_t)value;
        return 0;
    case SO_MARK:
        if (!capable(CAP_NET_ADMIN))
            return -EPERM;
        s->mark = (uint32_t)value;
        return 0;
    case SO_BUSY_POLL: return value < 0 ? -EINVAL : 0;
    case SO_INCOMING_CPU:
    case SO_MAX_PACING_RATE: return 0;
    default: return -ENOPROTOOPT;
    }
}

static int general_set(struct socket *s, const struct option *o)
{
    int value, err;
    switch (o->name) {
    case SO_BINDTODEVICE: return device_set(o);
    case SO_LINGER: return linger_set(s, o);
    case SO_RCVTIMEO_OLD:
    case SO_RCVTIMEO_NEW: return timeout_set(&s->receive_timeout_ns, o);
    case SO_SNDTIMEO_OLD:
    case SO_SNDTIMEO_NEW: return timeout_set(&s->send_timeout_ns, o);
    }
    err = option_int(o, &value);
    return err < 0 ? err : int_set(s, o, value);
}

int socket_option_set(struct socket *s, const struct option *o)
{
    if (o->level == SOL_SOCKET)
        return general_set(s, o);
    return s->ops->option_set ? s->ops->option_set(s, o) : -ENOPROTOOPT;
}

static int cookie_get(struct socket *s, struct option *o)
{
    static uint64_t last;
    if (o->bytes < sizeof s->cookie)
        return -EINVAL;
    if (!s->cookie)
        s->cookie = ++last;
    return option_put(o, &s->cookie, sizeof s->cookie);
}

static int peer_cred_get(struct socket *s, struct option *o)
{
    static const struct socket_cred nobody = {0, UINT32_MAX, UINT32_MAX};
    return s->family == AF_UNIX ? s->ops->option_get(s, o) : option_put(o, &nobody, sizeof nobody);
}

static int general_get(struct socket *s, struct option *o)
{
    uint32_t bit = switch_of(o->name);
    if (bit)
        return option_put_int(o, (s->switches & bit) != 0);
    switch (o->name) {
    case SO_TYPE: return option_put_int(o, s->type);
    case SO_DOMAIN: return option_put_int(o, s->family);
    case SO_PROTOCOL: return option_put_int(o, s->protocol);
    case SO_ERROR: return option_put_int(o, -socket_take_error(s));
    case SO_ACCEPTCONN: return option_put_int(o, s->is_listening);
    case SO_SNDBUF: return option_put_int(o, (int)s->send_bytes);
    case SO_RCVBUF: return option_put_int(o, (int)s->receive_bytes);
    case SO_RCVLOWAT: return option_put_int(o, (int)s->low_water);
    case SO_SNDLOWAT: return option_put_int(o, 1);
    case SO_PRIORITY: return option_put_int(o, (int)s->priority);
    case SO_MARK: return option_put_int(o, (int)s->mark);
    case SO_INCOMING_CPU: return option_put_int(o, -1);
    case SO_BUSY_POLL:
    case SO_INCOMING_NAPI_ID: return option_put_int(o, 0);
    case SO_MAX_PACING_RATE: return option_put_int(o, -1);
    case SO_LINGER: return linger_get(s, o);
    case SO_RCVTIMEO_OLD:
    case SO_RCVTIMEO_NEW: return timeout_get(s->receive_timeout_ns, o);
    case SO_SNDTIMEO_OLD:
    case SO_SNDTIMEO_NEW: return timeout_get(s->send_timeout_ns, o);
    case SO_COOKIE: return cookie_get(s, o);
    case SO_PEERCRED: return peer_cred_get(s, o);
    case SO_BINDTODEVICE: o->bytes = 0; return 0;
    default: return -ENOPROTOOPT;
    }
}

int socket_option_get(struct socket *s, struct option *o)
{
    if (o->level == SOL_SOCKET)
        return general_get(s, o);
    return s->ops->option_get ? s->ops->option_get(s, o) : -ENOPROTOOPT;
}
