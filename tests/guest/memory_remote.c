/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_remote.c - process_vm_readv(2), membarrier(2), mlock2(2), protection keys, and where pages
 * are: move_pages(2), mbind(2) and their kin. */
#include "test.h"

#include <linux/membarrier.h>
#include <linux/mempolicy.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char *pages_map(size_t n)
{
    char *at = mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(at != MAP_FAILED);
    return at;
}

TEST(process_vm_copies_both_ways)
{
    struct gate ready = gate_make(), done = gate_make();
    char *page = pages_map(8192), text[16] = "";
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        strcpy(page, "of the child");
        gate_open(&ready);
        gate_wait(&done);
        CHECK_STR(page, "to the child");
        _exit(0);
    }
    gate_wait(&ready);
    struct iovec local[2] = {{text, 3}, {text + 3, 10}}, remote = {page, 13};
    CHECK_EQ(OK(process_vm_readv(pid, local, 2, &remote, 1, 0)), 13);
    CHECK_STR(text, "of the child");
    CHECK_EQ(page[0], 0);
    memcpy(text, "to the child", 13);
    CHECK_EQ(OK(process_vm_writev(pid, local, 2, &remote, 1, 0)), 13);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(process_vm_readv(pid, local, 2, &remote, 1, 0), EPERM);
    }
    gate_open(&done);
    child_wait_ok(pid);
    CHECK_ERRNO(process_vm_readv(pid, local, 2, &remote, 1, 0), ESRCH);
}

TEST(process_vm_stops_at_holes)
{
    char *pages = pages_map(8192), to[8192];
    memset(pages, 'x', 4096);
    OK(munmap(pages + 4096, 4096));
    struct iovec local = {to, sizeof to}, remote = {pages, 8192};
    CHECK_EQ(OK(process_vm_readv(getpid(), &local, 1, &remote, 1, 0)), 4096);
    remote.iov_base = pages + 4096;
    CHECK_ERRNO(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), EFAULT);
    CHECK_ERRNO(process_vm_readv(getpid(), &local, 1, &remote, 1, 1), EINVAL);
    CHECK_ERRNO(process_vm_readv(getpid(), &local, 2000, &remote, 1, 0), EINVAL);
    CHECK_ERRNO(process_vm_writev(getpid(), &local, 1, &remote, 2000, 0), EINVAL);
    CHECK_EQ(OK(process_vm_readv(getpid(), &local, 0, &remote, 1, 0)), 0);
    OK(mprotect(pages, 4096, PROT_READ));
    remote = (struct iovec){pages, 16};
    CHECK_ERRNO(process_vm_writev(getpid(), &local, 1, &remote, 1, 0), EFAULT);
}

TEST(membarrier_commands)
{
    long known = OK(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0));
    CHECK(known & MEMBARRIER_CMD_GLOBAL);
    CHECK(known & MEMBARRIER_CMD_PRIVATE_EXPEDITED);
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0));
    CHECK_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), EPERM);
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0));
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0));
    CHECK_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 1, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_membarrier, 1 << 20, 0, 0), EINVAL);
}

TEST(mlock2_on_fault)
{
    unsigned char resident[2];
    char *pages = pages_map(8192);
    OK(mlock2(pages, 8192, MLOCK_ONFAULT));
    OK(mincore(pages, 8192, resident));
    CHECK_EQ((resident[0] | resident[1]) & 1, 0);
    OK(mlock2(pages, 4096, 0));
    OK(mincore(pages, 8192, resident));
    CHECK_EQ(resident[0] & 1, 1);
    CHECK_ERRNO(mlock2(pages, 8192, 2), EINVAL);
    OK(munmap(pages, 8192));
    CHECK_ERRNO(mlock2(pages, 8192, 0), ENOMEM);
}

/* Machines differ: a CPU may have no protection keys, a kernel may not know them. */
TEST(pkey_calls)
{
    char *page = pages_map(4096);
    CHECK_ERRNO(syscall(SYS_pkey_alloc, 1, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_pkey_alloc, 0, 0x10), EINVAL);
    CHECK_ERRNO(syscall(SYS_pkey_free, 77), EINVAL);
    CHECK_ERRNO(syscall(SYS_pkey_free, -1), EINVAL);
    CHECK_ERRNO(syscall(SYS_pkey_mprotect, page, 4096, PROT_READ, 77), EINVAL);
    OK(syscall(SYS_pkey_mprotect, page, 4096, PROT_READ, -1)); /* as mprotect */
    CHECK_ERRNO(syscall(SYS_pkey_mprotect, page + 1, 4096, PROT_READ, -1), EINVAL);
    long key = syscall(SYS_pkey_alloc, 0, 0);
    if (key == -1) {
        CHECK_EQ(errno, ENOSPC);
        return;
    }
    CHECK(key > 0);
    OK(syscall(SYS_pkey_mprotect, page, 4096, PROT_READ | PROT_WRITE, key));
    page[0] = 1;
    OK(syscall(SYS_pkey_free, key));
    CHECK_ERRNO(syscall(SYS_pkey_free, key), EINVAL);
}

static void numa_or_skip(void)
{
    if (syscall(SYS_get_mempolicy, nullptr, nullptr, 0, nullptr, 0) == -1 && errno == ENOSYS)
        test_skip("this kernel has no memory policies");
}

TEST(move_pages_tells_nodes)
{
    numa_or_skip();
    char *pages = pages_map(3 * 4096);
    void *list[3] = {pages, pages + 4096, pages + 8192};
    int status[3] = {-1, -1, -1}, nodes[3] = {0, 0, 999};
    pages[0] = 1;
    OK(munmap(pages + 8192, 4096));
    OK(syscall(SYS_move_pages, 0, 3, list, nullptr, status, 0));
    CHECK_EQ(status[0], 0);
    CHECK(status[1] == -ENOENT || status[1] == -EFAULT); /* never touched */
    CHECK_EQ(status[2], -EFAULT);
    OK(syscall(SYS_move_pages, getpid(), 1, list, nodes, status, MPOL_MF_MOVE));
    CHECK_EQ(status[0], 0);
    CHECK_ERRNO(syscall(SYS_move_pages, 0, 1, list, nodes + 2, status, MPOL_MF_MOVE), ENODEV);
    CHECK_ERRNO(syscall(SYS_move_pages, 0, 1, list, nodes, status, 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_move_pages, 1 << 29, 1, list, nodes, status, 2), ESRCH);
    CHECK_ERRNO(syscall(SYS_move_pages, 0, 1, nullptr, nullptr, status, 0), EFAULT);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(syscall(SYS_move_pages, 0, 1, list, nodes, status, MPOL_MF_MOVE_ALL), EPERM);
        CHECK_ERRNO(syscall(SYS_move_pages, getppid(), 1, list, nullptr, status, 0), EPERM);
    }
}

TEST(mbind_of_one_node)
{
    numa_or_skip();
    unsigned long node0 = 1, none = 0, far = 1ul << 63;
    char *pages = pages_map(8192);
    OK(syscall(SYS_mbind, pages, 8192, MPOL_BIND, &node0, 64, 0));
    OK(syscall(SYS_mbind, pages, 8192, MPOL_DEFAULT, nullptr, 0, 0));
    OK(syscall(SYS_mbind, pages, 8192, MPOL_PREFERRED, &none, 64, MPOL_MF_MOVE));
    pages[0] = 1;
    CHECK_ERRNO(syscall(SYS_mbind, pages, 8192, MPOL_BIND, &none, 64, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_mbind, pages, 8192, MPOL_BIND, &far, 65, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_mbind, pages, 8192, 99, &node0, 64, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_mbind, pages, 8192, MPOL_BIND, &node0, 64, 1 << 10), EINVAL);
    CHECK_ERRNO(syscall(SYS_mbind, pages + 1, 8192, MPOL_BIND, &node0, 64, 0), EINVAL);
    OK(munmap(pages, 8192));
    CHECK_ERRNO(syscall(SYS_mbind, pages, 8192, MPOL_BIND, &node0, 64, 0), EFAULT);
}

TEST(migrate_pages_to_the_only_node)
{
    numa_or_skip();
    unsigned long node0 = 1, none = 0;
    OK(syscall(SYS_migrate_pages, 0, 64, &node0, &node0));
    CHECK_ERRNO(syscall(SYS_migrate_pages, 0, 64, &node0, &none), EINVAL);
    CHECK_ERRNO(syscall(SYS_migrate_pages, 1 << 29, 64, &node0, &node0), ESRCH);
    CHECK_ERRNO(syscall(SYS_migrate_pages, 0, 64, (void *)8, &node0), EFAULT);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(syscall(SYS_migrate_pages, getppid(), 64, &node0, &node0), EPERM);
    }
}

TEST(set_mempolicy_home_node_checks)
{
    char *page = pages_map(4096);
    if (syscall(SYS_set_mempolicy_home_node, page, 0, 0, 0) == -1 && errno == ENOSYS)
        test_skip("this kernel has no home nodes");
    CHECK_ERRNO(syscall(SYS_set_mempolicy_home_node, page + 1, 4096, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_set_mempolicy_home_node, page, 4096, 0, 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_set_mempolicy_home_node, page, 4096, 9999, 0), EINVAL);
}
