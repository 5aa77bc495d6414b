/* SPDX-License-Identifier: BSD-2-Clause */
/* ifreq.h - the interface lo, as ioctls show it (netdevice(7)). */
#pragma once

#include "base/types.h"

constexpr int LO_INDEX = 1;
constexpr int LO_MTU = 65536;

/* SIOCGIF*; -ENOTTY: another command. */
long ifreq_ioctl(unsigned cmd, uaddr_t arg);
