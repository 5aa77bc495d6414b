/* SPDX-License-Identifier: BSD-2-Clause */
/* ipc.h - what the three kinds of System V IPC have in common (sysvipc(7)).
 *
 * An object lives in a set of its namespace from its making until IPC_RMID; whoever still works
 * with it then holds a reference and looks at `removed`.  Its id is made of its place in the set
 * and of a number that changes each time the place is used again.
 */
#pragma once

#include <asm/ipcbuf.h>
#include <stdint.h>
#include "base/list.h"
#include "base/setting.h"

enum ipc_kind : uint8_t {
    IPC_SHM,
    IPC_SEM,
    IPC_MSG,
    IPC_KINDS
};

struct ipc_set;

struct ipc_object {
    uint32_t refs; /* the set's included */
    bool removed;  /* out of its set */
    struct ipc_set *set;
    int32_t id, key;
    uint32_t uid, gid, cuid, cgid;
    uint32_t mode; /* permission bits, and SHM_DEST, SHM_LOCKED */
    uint16_t sequence;
    void (*destroy)(struct ipc_object *object); /* the last reference has gone */
};

struct ipc_set {
    struct ipc_object **slots;
    uint32_t size, used, most;
    uint16_t sequence;
};

/* What /proc/sys/kernel and /proc/sys/fs/mqueue show and change (sysvipc(7), mq_overview(7)). */
struct ipc_limits {
    struct setting shm_bytes, shm_pages, shm_segments;
    struct setting msg_bytes, msg_queue_bytes, msg_queues;
    struct setting sem[4]; /* SEMMSL, SEMMNS, SEMOPM, SEMMNI */
    struct setting mq_queues, mq_messages_default, mq_messages, mq_bytes_default, mq_bytes;
};
enum {
    SEM_PER_SET, /* in ipc_limits.sem */
    SEM_ALL,
    SEM_OPS,
    SEM_SETS,
};

struct ipc_namespace {
    struct ipc_set sets[IPC_KINDS];
    struct ipc_limits limits;
    struct list_node queues; /* POSIX message queues with a name */
    uint32_t queue_count;
};

/* That of the current thread. */
struct ipc_namespace *ipc_current(void);
struct ipc_namespace *ipc_namespace_create(void); /* NULL: no memory */
/* The last user has gone: so do all objects. */
void ipc_namespace_destroy(struct ipc_namespace *ns);
extern struct ipc_namespace ipc_namespace_first;

static inline const struct ipc_limits *ipc_limits(void)
{
    return &ipc_current()->limits;
}

static inline struct ipc_set *ipc_set(enum ipc_kind kind)
{
    return &ipc_current()->sets[kind];
}

/* Enter OBJECT under KEY, owned by the current thread, with the permission bits of MODE; its
 * first reference goes to the set.  The id, -ENOSPC or -ENOMEM. */
[[nodiscard]] int ipc_add(struct ipc_set *set, struct ipc_object *object, int32_t key,
                          uint32_t mode, uint32_t most);
void ipc_remove(struct ipc_object *object);

/* NULL: no object has this key. */
struct ipc_object *ipc_find_key(const struct ipc_set *set, int32_t key);
/* *OBJECT without a reference: good until the caller sleeps.  -EINVAL; -EIDRM: an old id. */
[[nodiscard]] int ipc_find(const struct ipc_set *set, int32_t id, struct ipc_object **object);
/* By place, for the *_STAT commands. */
[[nodiscard]] int ipc_find_index(const struct ipc_set *set, int32_t index,
                                 struct ipc_object **object);
/* The highest place in use, 0 if none is. */
int ipc_highest(const struct ipc_set *set);

static inline struct ipc_object *ipc_get(struct ipc_object *object)
{
    object->refs++;
    return object;
}
void ipc_put(struct ipc_object *object);

/* What semget(2) and its like do with an object that exists already: the id, -EEXIST, -EACCES. */
[[nodiscard]] int ipc_open(const struct ipc_object *object, int flags);

/* May the current thread do what the bits of MODE (as in S_IRUGO) say?  0 or -EACCES. */
[[nodiscard]] int ipc_permit(const struct ipc_object *object, uint32_t mode);
/* May it change or remove the object?  0 or -EPERM. */
[[nodiscard]] int ipc_may_control(const struct ipc_object *object);

void ipc_perm_fill(const struct ipc_object *object, struct ipc64_perm *perm);
/* IPC_SET: -EINVAL if the ids are none. */
[[nodiscard]] int ipc_perm_set(struct ipc_object *object, const struct ipc64_perm *perm);

/* Seconds since 1970, as the *_ctime fields show them. */
int64_t ipc_now(void);

constexpr uint32_t IPC_READ_BITS = 0444;
constexpr uint32_t IPC_WRITE_BITS = 0222;
constexpr uint32_t IPC_EXEC_BITS = 0111;
