/* SPDX-License-Identifier: BSD-2-Clause */
/* pipe_file.h - between the ring of a pipe and the files that stand for its ends. */
#pragma once

#include "vfs/pipe.h"

struct inode;

/* INODE's pipe, made if there is none; NULL: no memory. */
struct pipe *pipe_of_inode(struct inode *inode);
/* Ends that MODE (FILE_*) names are gone; the last takes the pipe along. */
void pipe_release_ends(struct inode *inode, uint32_t mode);
/* A page to be filled, with one reference; NULL: no memory. */
struct page *pipe_page(struct pipe *p);
