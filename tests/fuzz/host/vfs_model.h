/* SPDX-License-Identifier: BSD-2-Clause */
/* vfs_model.h - what files, directories and their names are, in the simplest form.
 *
 * Names have up to three components of one letter, so that operations meet often.  The functions
 * return what the system calls of those names do on Linux: 0 or a negative errno.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

constexpr unsigned MODEL_NAMES = 4;      /* "a", "b" ... in each directory */
constexpr size_t MODEL_BYTES = 3 * 4096; /* a file's size at most */

struct node {
    bool is_used, is_dir;
    uint32_t nlink, opens;
    size_t size;
    struct node *parent; /* of a directory; itself: the root */
    struct node *child[MODEL_NAMES];
    uint8_t data[MODEL_BYTES]; /* zeroes behind SIZE */
};

struct model_name {
    char text[8];
    unsigned depth, component[3];
};

/* Nothing but a root, which is returned. */
struct node *model_begin(void);
struct model_name model_name_make(uint8_t from);
/* A bit for each name that DIR has. */
unsigned model_names_of(const struct node *dir);

int model_open(const struct model_name *name, uint32_t flags, struct node **node); /* opens++ */
int model_mkdir(const struct model_name *name);
int model_unlink(const struct model_name *name);
int model_rmdir(const struct model_name *name);
int model_link(const struct model_name *from, const struct model_name *to);
int model_rename(const struct model_name *from, const struct model_name *to, unsigned flags);
void model_write(struct node *node, const uint8_t *from, size_t offset, size_t n);
void model_truncate(struct node *node, size_t size);
/* Free NODE unless it has names or is open. */
void model_release(struct node *node);
