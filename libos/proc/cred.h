/* SPDX-License-Identifier: BSD-2-Clause */
/* cred.h - who a thread acts as (credentials(7), capabilities(7)).
 *
 * A struct cred never changes once a thread uses it: to change one's identity is to
 * make a copy, change that, and use it from then on.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct thread;

constexpr uint32_t CRED_GROUPS_MOST = 65536; /* NGROUPS_MAX */

struct cred {
    uint32_t refs;
    uint32_t uid, gid, euid, egid, suid, sgid, fsuid, fsgid;
    uint64_t cap_permitted, cap_effective, cap_inheritable, cap_bounding, cap_ambient;
    uint32_t securebits;
    uint32_t group_count;
    uint32_t *groups; /* sorted */
};

/* Every capability that capabilities(7) lists. */
constexpr uint64_t CRED_CAP_ALL = (1ull << 41) - 1;

/* Root with all capabilities, for the first process. */
extern const struct cred cred_root;

const struct cred *cred_get(const struct cred *cred);
void cred_put(const struct cred *cred);

/* A copy to be changed, with one reference, or NULL. */
[[nodiscard]] struct cred *cred_clone(const struct cred *cred);

/* Use CRED for T from now on (its reference goes to T), the old one is put. */
void cred_install(struct thread *t, const struct cred *cred);

/* CAP_* of <linux/capability.h>. */
bool cred_capable(const struct cred *cred, int capability);
/* Does the calling thread have it? */
bool capable(int capability);

/* Is GID the file system group of CRED or one of its supplementary groups? */
bool cred_in_group(const struct cred *cred, uint32_t gid);
/* The same with the effective group in place of the file system group. */
bool cred_in_egroup(const struct cred *cred, uint32_t gid);

/* Give CRED COUNT groups (sorted here).  0 or -ENOMEM. */
[[nodiscard]] int cred_set_groups(struct cred *cred, const uint32_t *groups, uint32_t count);

/* What capabilities(7) says of changes of user ids: OLD's ids against CRED's. */
void cred_fix_capabilities(struct cred *cred, const struct cred *old);
/* The same for setfsuid(2). */
void cred_fix_fs_capabilities(struct cred *cred, const struct cred *old);
