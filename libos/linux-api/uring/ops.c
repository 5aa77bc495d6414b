/* SPDX-License-Identifier: BSD-2-Clause */
/* ops.c - the table of operations. */
#include "linux-api/uring/uring.h"

static const struct uring_op table[] = {
    [IORING_OP_NOP] = {.run = uring_nop},
    [IORING_OP_READV] = {.run = uring_readv, .flags = URING_FILE | URING_IN | URING_SELECT},
    [IORING_OP_WRITEV] = {.run = uring_writev, .flags = URING_FILE | URING_OUT},
    [IORING_OP_FSYNC] = {.run = uring_fsync, .flags = URING_FILE},
    [IORING_OP_READ_FIXED] = {.run = uring_read_fixed, .flags = URING_FILE | URING_IN},
    [IORING_OP_WRITE_FIXED] = {.run = uring_write_fixed, .flags = URING_FILE | URING_OUT},
    [IORING_OP_POLL_ADD] = {uring_poll_add, uring_poll_ready, URING_FILE},
    [IORING_OP_POLL_REMOVE] = {.run = uring_poll_remove},
    [IORING_OP_SYNC_FILE_RANGE] = {.run = uring_call},
    [IORING_OP_SENDMSG] = {.run = uring_sendmsg, .flags = URING_FILE | URING_OUT},
    [IORING_OP_RECVMSG] = {.run = uring_recvmsg, .flags = URING_FILE | URING_IN},
    [IORING_OP_TIMEOUT] = {.run = uring_timeout},
    [IORING_OP_TIMEOUT_REMOVE] = {.run = uring_timeout_remove},
    [IORING_OP_ACCEPT] = {.run = uring_accept, .flags = URING_FILE | URING_IN},
    [IORING_OP_ASYNC_CANCEL] = {.run = uring_cancel},
    [IORING_OP_LINK_TIMEOUT] = {.run = uring_link_timeout},
    [IORING_OP_CONNECT] = {.run = uring_connect, .flags = URING_FILE | URING_OUT},
    [IORING_OP_FALLOCATE] = {.run = uring_call},
    [IORING_OP_OPENAT] = {.run = uring_call},
    [IORING_OP_CLOSE] = {.run = uring_close},
    [IORING_OP_FILES_UPDATE] = {.run = uring_files_update},
    [IORING_OP_STATX] = {.run = uring_call},
    [IORING_OP_READ] = {.run = uring_read, .flags = URING_FILE | URING_IN | URING_SELECT},
    [IORING_OP_WRITE] = {.run = uring_write, .flags = URING_FILE | URING_OUT},
    [IORING_OP_FADVISE] = {.run = uring_call},
    [IORING_OP_MADVISE] = {.run = uring_call},
    [IORING_OP_SEND] = {.run = uring_send, .flags = URING_FILE | URING_OUT},
    [IORING_OP_RECV] = {.run = uring_receive, .flags = URING_FILE | URING_IN | URING_SELECT},
    [IORING_OP_OPENAT2] = {.run = uring_call},
    [IORING_OP_EPOLL_CTL] = {.run = uring_call},
    [IORING_OP_PROVIDE_BUFFERS] = {.run = uring_provide_buffers},
    [IORING_OP_REMOVE_BUFFERS] = {.run = uring_remove_buffers},
    [IORING_OP_SHUTDOWN] = {.run = uring_call},
    [IORING_OP_RENAMEAT] = {.run = uring_call},
    [IORING_OP_UNLINKAT] = {.run = uring_call},
    [IORING_OP_MKDIRAT] = {.run = uring_call},
    [IORING_OP_SYMLINKAT] = {.run = uring_call},
    [IORING_OP_LINKAT] = {.run = uring_call},
    [IORING_OP_MSG_RING] = {.run = uring_msg_ring, .flags = URING_FILE},
    [IORING_OP_FSETXATTR] = {.run = uring_call},
    [IORING_OP_SETXATTR] = {.run = uring_call},
    [IORING_OP_FGETXATTR] = {.run = uring_call},
    [IORING_OP_GETXATTR] = {.run = uring_call},
    [IORING_OP_SOCKET] = {.run = uring_call},
};

const struct uring_op *uring_op_find(uint8_t opcode)
{
    return opcode < sizeof table / sizeof table[0] && table[opcode].run ? &table[opcode] : nullptr;
}
