/* SPDX-License-Identifier: BSD-2-Clause */
/* control.c - control messages in and out of a program, and files under way. */
#include "net/control.h"

#include <linux/capability.h>
#include <linux/fcntl.h>
#include <linux/resource.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "net/socket.h"
#include "net/unix/unix.h"
#include "proc/cred.h"
#include "proc/user.h"
#include "vfs/context.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

constexpr uint64_t CONTROL_MOST = 20480; /* net.core.optmem_max */
constexpr uint64_t HEAD = sizeof(struct user_cmsghdr);

static struct list_node drops = LIST_INIT(drops);
static bool is_dropping;

static void passed_free(struct passed *p)
{
    user_discharge(p->uid, USER_FILES_IN_FLIGHT, p->charged);
    heap_free(p);
}

void passed_drop(struct passed *files)
{
    if (!files)
        return;
    list_push_back(&drops, &files->node);
    if (is_dropping) /* an outer call goes on with it */
        return;
    is_dropping = true;
    struct list_node *node;
    while ((node = list_pop_front(&drops)) != nullptr) {
        struct passed *p = container_of(node, struct passed, node);
        for (uint32_t i = 0; i < p->count; i++) {
            unix_file_landed(p->file[i]);
            file_put(p->file[i]);
        }
        passed_free(p);
    }
    is_dropping = false;
    unix_gc_if_wanted();
}

bool passed_is_dropping(void)
{
    return is_dropping;
}

static struct passed *passed_create(uint32_t count)
{
    struct passed *p = heap_zalloc(sizeof *p + count * sizeof p->file[0]);
    uint32_t uid = context_cred()->uid;
    if (!p || !user_charge(uid, USER_FILES_IN_FLIGHT, count)) {
        heap_free(p);
        return nullptr;
    }
    p->uid = uid;
    p->charged = count;
    list_init(&p->node);
    return p;
}

static void passed_add(struct passed *p, struct file *file)
{
    p->file[p->count++] = file;
    unix_file_taken_off(file);
}

struct passed *passed_copy(const struct passed *files)
{
    struct passed *p = passed_create(files->count);
    for (uint32_t i = 0; p && i < files->count; i++)
        passed_add(p, file_get(files->file[i]));
    return p;
}

void control_clear(struct control *c)
{
    passed_drop(c->files);
    c->files = nullptr;
}

int control_put(struct control_out *out, int level, int type, const void *data, size_t n)
{
    uint64_t left = out->room - out->used;
    if (left < HEAD) {
        out->flags |= MSG_CTRUNC;
        return 0;
    }
    if (HEAD + n > left) {
        out->flags |= MSG_CTRUNC;
        n = left - HEAD;
    }
    struct user_cmsghdr head = {HEAD + n, level, type};
    uaddr_t at = out->user + out->used;
    if (copy_to_user(at, &head, sizeof head) < 0 || copy_to_user(at + HEAD, data, n) < 0)
        return -EFAULT;
    out->used += MIN(cmsg_align(HEAD + n), left);
    return 0;
}

/* unix(7), ETOOMANYREFS: files can be sent on for ever, and must not be kept open that way. */
static bool has_too_many(void)
{
    const struct cred *cred = context_cred();
    return user_charged(cred->uid, USER_FILES_IN_FLIGHT) > context_rlimit(RLIMIT_NOFILE) &&
           !cred_capable(cred, CAP_SYS_RESOURCE) && !cred_capable(cred, CAP_SYS_ADMIN);
}

static int read_rights(struct control *c, const int32_t *fds, size_t n)
{
    uint32_t before = c->files ? c->files->count : 0;
    if (before + n > SCM_FILES_MOST)
        return -EINVAL;
    if (has_too_many())
        return -ETOOMANYREFS;
    struct passed *p = passed_create(before + (uint32_t)n);
    if (!p)
        return -ENOMEM;
    /* Files of an earlier SCM_RIGHTS in the same call: they stay in the air. */
    for (uint32_t i = 0; i < before; i++)
        p->file[p->count++] = c->files->file[i];
    if (c->files)
        passed_free(c->files);
    c->files = p;
    for (size_t i = 0; i < n; i++) {
        struct file *file = fd_get_any(fds[i]);
        if (!file)
            return -EBADF;
        if (file->ops->flags & FOP_NOPASS) {
            file_put(file);
            return -EINVAL;
        }
        passed_add(p, file);
    }
    return 0;
}

/* unix(7): a process may name its own ids; others need capabilities. */
static int check_cred(const struct socket_cred *to)
{
    const struct cred *own = context_cred();
    if (to->pid != context_pid() && !cred_capable(own, CAP_SYS_ADMIN))
        return -EPERM;
    bool uid = to->uid == own->uid || to->uid == own->euid || to->uid == own->suid;
    bool gid = to->gid == own->gid || to->gid == own->egid || to->gid == own->sgid;
    if ((!uid && !cred_capable(own, CAP_SETUID)) || (!gid && !cred_capable(own, CAP_SETGID)))
        return -EPERM;
    return 0;
}

static int read_one(struct control *c, const struct user_cmsghdr *head)
{
    uint64_t n = head->bytes - HEAD;
    if (head->level != SOL_SOCKET)
        return 0; /* a family's own: what may be said there changes nothing on a loopback */
    switch (head->type) {
    case SCM_RIGHTS: return read_rights(c, (const int32_t *)(head + 1), n / sizeof(int32_t));
    case SCM_CREDENTIALS:
        if (n != sizeof c->cred)
            return -EINVAL;
        memcpy(&c->cred, head + 1, sizeof c->cred);
        c->cred.pid = context_pid_named(c->cred.pid);
        if (!c->cred.pid)
            return -ESRCH;
        c->has_cred = true;
        return check_cred(&c->cred);
    default: return -EINVAL;
    }
}

static int read_all(struct control *c, const uint8_t *buffer, uint64_t n)
{
    for (uint64_t at = 0; n - at >= HEAD;) {
        const struct user_cmsghdr *head = (const struct user_cmsghdr *)(buffer + at);
        if (head->bytes < HEAD || head->bytes > n - at)
            return -EINVAL;
        int err = read_one(c, head);
        if (err < 0)
            return err;
        at += MIN(cmsg_align(head->bytes), n - at);
    }
    return 0;
}

int control_read(struct control *c, uaddr_t user, uint64_t n)
{
    if (n < HEAD)
        return 0;
    if (n > CONTROL_MOST)
        return -ENOBUFS;
    uint8_t *buffer = heap_alloc(n);
    if (!buffer)
        return -ENOBUFS;
    int err = copy_from_user(buffer, user, n);
    if (!err)
        err = read_all(c, buffer, n);
    heap_free(buffer);
    if (err < 0)
        control_clear(c);
    return err;
}

/* Install as many files as descriptors and room there are. */
static int write_rights(struct passed *p, struct control_out *out, unsigned flags)
{
    uint64_t left = out->room - out->used;
    uint32_t fit = left < HEAD ? 0 : (uint32_t)MIN((left - HEAD) / sizeof(int32_t), p->count);
    int32_t fds[SCM_FILES_MOST];
    uint32_t n = 0;
    for (; n < fit; n++) {
        fds[n] = fd_alloc(0, flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0);
        if (fds[n] < 0)
            break;
        fd_install(fds[n], file_get(p->file[n]));
    }
    if (n < p->count)
        out->flags |= MSG_CTRUNC;
    return n ? control_put(out, SOL_SOCKET, SCM_RIGHTS, fds, n * sizeof fds[0]) : 0;
}

int control_write(struct control *c, struct control_out *out, unsigned flags)
{
    int err = 0;
    if (c->has_cred) {
        struct socket_cred cred = c->cred;
        cred.pid = context_pid_number(cred.pid);
        err = control_put(out, SOL_SOCKET, SCM_CREDENTIALS, &cred, sizeof cred);
    }
    if (!err && c->files)
        err = write_rights(c->files, out, flags);
    control_clear(c);
    return err;
}
