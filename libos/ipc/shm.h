/* SPDX-License-Identifier: BSD-2-Clause */
/* shm.h - System V shared memory: segments that processes attach (shmop(2)).
 *
 * A segment is a file in memory without a name.  Each shmat(2) maps it through an open file of
 * its own; how often it is attached is how many ranges map it.
 */
#pragma once

#include <asm/shmbuf.h>
#include <linux/ipc.h>
#include <stdint.h>
#include "base/types.h"
#include "ipc/ipc.h"

struct file;

struct shm_segment {
    struct ipc_object object; /* first */
    struct file *file;
    uint64_t bytes;
    int64_t attached_sec, detached_sec, changed_sec;
    int32_t creator_pid, last_pid;
};

/* <linux/shm.h> wants a C library: what is needed of it (shmop(2), shmctl(2)). */
constexpr int SHM_HUGETLB = 04000, SHM_NORESERVE = 010000;
constexpr int SHM_RDONLY = 010000, SHM_RND = 020000, SHM_REMAP = 040000, SHM_EXEC = 0100000;
constexpr int SHM_LOCK = 11, SHM_UNLOCK = 12, SHM_STAT = 13, SHM_INFO = 14, SHM_STAT_ANY = 15;
struct shm_info {
    int used_ids;
    unsigned long shm_tot, shm_rss, shm_swp, swap_attempts, swap_successes;
};

/* Bits of the mode that IPC_STAT shows (shmctl(2)); UAPI leaves them to the C library. */
constexpr uint32_t SHM_DEST_BIT = 01000;
constexpr uint32_t SHM_LOCKED_BIT = 02000;

static inline struct shm_segment *shm_of(struct ipc_object *object)
{
    return (struct shm_segment *)object;
}

[[nodiscard]] int shm_create(int32_t key, uint64_t bytes, int flags);
int64_t shm_attach(int32_t id, uaddr_t address, int flags);
int shm_detach(uaddr_t address);
/* IPC_RMID: it goes with the last that has it attached. */
void shm_destroy_later(struct shm_segment *segment);
/* Ranges that map it. */
uint64_t shm_attaches(const struct shm_segment *segment);
/* Pages of all segments of the namespace, in memory or not. */
uint64_t shm_pages(void);
/* Pages that it has in memory. */
uint64_t shm_resident(const struct shm_segment *segment);
