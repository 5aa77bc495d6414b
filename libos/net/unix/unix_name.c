/* SPDX-License-Identifier: BSD-2-Clause */
/* unix_name.c - names of AF_UNIX sockets: places in the file system and abstract ones. */
#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "base/hash.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "mm/heap.h"
#include "net/unix/unix.h"
#include "vfs/inode.h"
#include "vfs/vfs.h"

constexpr uint32_t NAME_OFFSET = offsetof(struct sockaddr_un, sun_path);
constexpr unsigned BUCKETS = 64;

static struct list_node table[BUCKETS];

static struct list_node *bucket(uint64_t hash)
{
    if (!table[0].next)
        for (unsigned i = 0; i < BUCKETS; i++)
            list_init(&table[i]);
    return &table[hash % BUCKETS];
}

static struct list_node *bucket_of_inode(const struct inode *inode)
{
    return bucket(hash_u64((uint64_t)inode));
}

static struct list_node *bucket_of_bytes(const struct sockaddr_un *a, uint32_t bytes)
{
    return bucket(hash_bytes(a, bytes));
}

static bool is_abstract(const struct socket_address *a)
{
    return a->un.sun_path[0] == 0;
}

static int check(const struct socket_address *a)
{
    if (a->bytes <= NAME_OFFSET || a->bytes > sizeof a->un || a->family != AF_UNIX)
        return -EINVAL;
    return 0;
}

/* The path of A as a string. */
static void path_of(const struct socket_address *a, char text[UNIX_PATH_MAX + 1])
{
    uint32_t n = a->bytes - NAME_OFFSET;
    memcpy(text, a->un.sun_path, n);
    text[n] = 0;
}

static struct unix_socket *find_inode(const struct inode *inode)
{
    list_for_each(node, bucket_of_inode(inode)) {
        struct unix_socket *u = container_of(node, struct unix_socket, bound);
        if (u->path.dentry && path_inode(&u->path) == inode)
            return u;
    }
    return nullptr;
}

static struct unix_socket *find_abstract(const struct sockaddr_un *a, uint32_t bytes, int type)
{
    list_for_each(node, bucket_of_bytes(a, bytes)) {
        struct unix_socket *u = container_of(node, struct unix_socket, bound);
        if (!u->path.dentry && u->s.type == type && u->name->bytes == bytes &&
            !memcmp(&u->name->address, a, bytes))
            return u;
    }
    return nullptr;
}

static int find_path(const struct socket_address *a, int type, struct unix_socket **out)
{
    char text[UNIX_PATH_MAX + 1];
    struct path path;
    path_of(a, text);
    int err = path_lookup(AT_FDCWD, text, LOOKUP_FOLLOW, &path);
    if (err < 0)
        return err;
    struct inode *inode = path_inode(&path);
    err = inode_permission(inode, MAY_WRITE);
    *out = !err && S_ISSOCK(inode->mode) ? find_inode(inode) : nullptr;
    if (!err && !*out)
        err = -ECONNREFUSED;
    if (!err && (*out)->s.type != type)
        err = -EPROTOTYPE;
    path_put(&path);
    return err;
}

int unix_find(const struct socket_address *a, int type, struct unix_socket **out)
{
    int err = check(a);
    if (err < 0)
        return err;
    if (is_abstract(a)) {
        *out = find_abstract(&a->un, a->bytes, type);
        err = *out ? 0 : -ECONNREFUSED;
    } else {
        err = find_path(a, type, out);
    }
    if (!err)
        socket_get(&(*out)->s);
    return err;
}

static struct unix_name *name_create(const void *address, uint32_t bytes)
{
    struct unix_name *name = heap_zalloc(sizeof *name);
    if (name) {
        name->refs = 1;
        name->bytes = bytes;
        memcpy(&name->address, address, MIN(bytes, (uint32_t)sizeof name->address));
    }
    return name;
}

static int bind_path(struct unix_socket *u, const struct socket_address *a)
{
    char text[UNIX_PATH_MAX + 1];
    struct path taken;
    path_of(a, text);
    if (u->name) { /* which of the two errors Linux finds first */
        int err = path_lookup(AT_FDCWD, text, 0, &taken);
        if (err < 0)
            return -EINVAL;
        path_put(&taken);
        return -EADDRINUSE;
    }
    uint32_t bytes = NAME_OFFSET + (uint32_t)strlen(text) + 1;
    struct unix_name *name = name_create(&a->un, MIN(bytes, (uint32_t)sizeof a->un));
    if (!name)
        return -ENOMEM;
    name->bytes = bytes; /* a path that fills sun_path counts with its NUL: unix(7), "Bugs" */
    int err = vfs_mknod(AT_FDCWD, text, S_IFSOCK | S_RWXALL, 0);
    if (!err)
        err = path_lookup(AT_FDCWD, text, 0, &u->path);
    if (err < 0) {
        heap_free(name);
        return err == -EEXIST ? -EADDRINUSE : err;
    }
    u->name = name;
    list_push_back(bucket_of_inode(path_inode(&u->path)), &u->bound);
    return 0;
}

static int bind_abstract(struct unix_socket *u, const struct sockaddr_un *a, uint32_t bytes)
{
    if (find_abstract(a, bytes, u->s.type))
        return -EADDRINUSE;
    u->name = name_create(a, bytes);
    if (!u->name)
        return -ENOMEM;
    list_push_back(bucket_of_bytes(a, bytes), &u->bound);
    return 0;
}

/* unix(7), "Autobind feature": five hexadecimal digits in the abstract namespace. */
int unix_autobind(struct unix_socket *u)
{
    static uint32_t next;
    if (u->name)
        return 0;
    for (unsigned tries = 0; tries < 1 << 20; tries++) {
        struct sockaddr_un a = {.sun_family = AF_UNIX};
        snprintf(a.sun_path + 1, 6, "%05x", next++ & 0xfffff);
        int err = bind_abstract(u, &a, NAME_OFFSET + 6);
        if (err != -EADDRINUSE)
            return err;
    }
    return -ENOSPC;
}

int unix_bind(struct socket *s, const struct socket_address *a)
{
    struct unix_socket *u = unix_of(s);
    if (a->bytes == NAME_OFFSET && a->family == AF_UNIX)
        return unix_autobind(u);
    int err = check(a);
    if (err < 0)
        return err;
    if (!is_abstract(a))
        return bind_path(u, a);
    return u->name ? -EINVAL : bind_abstract(u, &a->un, a->bytes);
}

void unix_unbind(struct unix_socket *u)
{
    list_remove(&u->bound);
    path_put(&u->path);
    u->path = (struct path){};
}

void unix_name_get(const struct unix_socket *u, struct socket_address *a)
{
    *a = (struct socket_address){.bytes = NAME_OFFSET, .family = AF_UNIX};
    if (!u->name)
        return;
    a->bytes = u->name->bytes;
    memcpy(&a->un, &u->name->address, sizeof a->un);
}

void unix_name_share(struct unix_socket *u, struct unix_socket *from)
{
    u->name = from->name;
    if (u->name)
        u->name->refs++;
}

int unix_local_name(struct socket *s, struct socket_address *a)
{
    unix_name_get(unix_of(s), a);
    return 0;
}

int unix_peer_name(struct socket *s, struct socket_address *a)
{
    struct unix_socket *peer = unix_of(s)->peer;
    if (!peer)
        return -ENOTCONN;
    unix_name_get(peer, a);
    return 0;
}
