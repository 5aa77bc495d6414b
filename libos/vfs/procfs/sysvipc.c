/* SPDX-License-Identifier: BSD-2-Clause */
/* sysvipc.c - /proc/sysvipc (sysvipc(7)). */
#include "base/bits.h"
#include "ipc/msg.h"
#include "ipc/sem.h"
#include "ipc/shm.h"
#include "mm/page.h"
#include "proc/pid_namespace.h"
#include "vfs/procfs/procfs.h"

/* What the lines of all three begin and end with. */
static void add_head(struct text *text, const struct ipc_object *o)
{
    text_add(text, "%10d %10d  %4o ", o->key, o->id, o->mode);
}

static void add_owner(struct text *text, const struct ipc_object *o)
{
    text_add(text, "%5u %5u %5u %5u ", o->uid, o->gid, o->cuid, o->cgid);
}

static int show_all(struct text *text, enum ipc_kind kind,
                    void (*add)(struct text *, struct ipc_object *))
{
    const struct ipc_set *set = ipc_set(kind);
    for (uint32_t i = 0; i < set->size; i++)
        if (set->slots[i])
            add(text, set->slots[i]);
    return 0;
}

static void add_shm(struct text *text, struct ipc_object *o)
{
    const struct shm_segment *s = shm_of(o);
    add_head(text, o);
    text_add(text, "%21llu %5d %5d  %5llu ", (unsigned long long)s->bytes,
             pid_to_user(s->creator_pid), pid_to_user(s->last_pid),
             (unsigned long long)shm_attaches(s));
    add_owner(text, o);
    text_add(text, "%10lld %10lld %10lld %21llu %21llu\n", (long long)s->attached_sec,
             (long long)s->detached_sec, (long long)s->changed_sec,
             (unsigned long long)(shm_resident(s) * PAGE_SIZE), 0ull);
}

static void add_sem(struct text *text, struct ipc_object *o)
{
    const struct sem_set *set = sem_of(o);
    add_head(text, o);
    text_add(text, "%10u ", set->count);
    add_owner(text, o);
    text_add(text, "%10lld %10lld\n", (long long)set->operated_sec, (long long)set->changed_sec);
}

static void add_msg(struct text *text, struct ipc_object *o)
{
    const struct msg_queue *q = msg_of(o);
    add_head(text, o);
    text_add(text, " %10llu %10llu %5d %5d ", (unsigned long long)q->bytes,
             (unsigned long long)q->count, pid_to_user(q->send_pid), pid_to_user(q->receive_pid));
    add_owner(text, o);
    text_add(text, "%10lld %10lld %10lld\n", (long long)q->sent_sec, (long long)q->received_sec,
             (long long)q->changed_sec);
}

static int show_shm(struct text *text, const struct proc_node *)
{
    text_add(text, "       key      shmid perms                  size  cpid  lpid nattch   uid   "
                   "gid  cuid  cgid      atime      dtime      ctime                   rss       "
                   "           swap\n");
    return show_all(text, IPC_SHM, add_shm);
}

static int show_sem(struct text *text, const struct proc_node *)
{
    text_add(text, "       key      semid perms      nsems   uid   gid  cuid  cgid      otime     "
                   " ctime\n");
    return show_all(text, IPC_SEM, add_sem);
}

static int show_msg(struct text *text, const struct proc_node *)
{
    text_add(text, "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  "
                   "cuid  cgid      stime      rtime      ctime\n");
    return show_all(text, IPC_MSG, add_msg);
}

static const struct proc_entry entries[] = {
    PROC_FILE("msg", 0444, show_msg),
    PROC_FILE("sem", 0444, show_sem),
    PROC_FILE("shm", 0444, show_shm),
};
const struct proc_directory proc_sysvipc_directory = {
    .id = 30, .entries = entries, .count = ARRAY_COUNT(entries)};
