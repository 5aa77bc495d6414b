/* SPDX-License-Identifier: BSD-2-Clause */
/* counts.c - a plugin of QEMU's: how many instructions were executed where (seam run --profile
 * --icount).
 *
 * QEMU translates code by blocks, straight pieces that are executed as a whole.  Each gets a
 * counter in a file that seam has made and maps too, so the counts outlive QEMU however it ends:
 *     -plugin counts.so,fd=N,start=ADDRESS
 * Counting begins anew when the block at START is translated, just before it is executed first: so
 * a boot need not count.  The file holds struct counts.  A block is known by its address and first bytes, for different
 * programs have different code at one address; whose it is, seam finds out by the bytes.
 *
 * The interface is declared here, as Debian 12's QEMU comes without its header: version 1, that of
 * QEMU 4.2 to 8.2 (docs/devel/tcg-plugins.rst of QEMU).  A QEMU without it refuses the plugin.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_info;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_op {
    QEMU_PLUGIN_INLINE_ADD_U64
};
typedef void block_fn(qemu_plugin_id_t id, struct qemu_plugin_tb *block);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, block_fn *fn);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *block, enum qemu_plugin_op op,
                                              void *counter, uint64_t add);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

constexpr uint64_t MAGIC = 0x3130544e554f4353; /* "SCOUNT01" */
constexpr uint32_t BLOCKS = 1 << 20;
constexpr uint32_t CHAINS = 1 << 21; /* a power of two, well above BLOCKS */
constexpr uint32_t CODE_BYTES = 44;

/* tools/seamtool/counts.py reads these. */
struct block {
    uint64_t address;
    uint64_t executed; /* instructions */
    uint32_t bytes;    /* of code */
    uint8_t code[CODE_BYTES];
};
static_assert(sizeof(struct block) == 64);

struct counts {
    uint64_t magic;
    uint64_t used;   /* of blocks[] */
    uint64_t beyond; /* instructions executed in blocks for which there was no room */
    uint64_t reserved[5];
    struct block blocks[BLOCKS];
};
static_assert(sizeof(struct counts) == 64 + 64ull * BLOCKS);

[[gnu::visibility("default")]] extern int qemu_plugin_version;
int qemu_plugin_version = 1;

/* Several vcpus translate at once. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct counts *counts;
static uint64_t start;          /* 0: counting has begun */
static uint32_t chains[CHAINS]; /* 1 + index in blocks[]; 0: free */

static void code_read(struct block *to, const struct qemu_plugin_tb *block)
{
    size_t insns = qemu_plugin_tb_n_insns(block);
    for (size_t i = 0; i < insns; i++) {
        const struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        size_t n = qemu_plugin_insn_size(insn);
        if (n > CODE_BYTES - to->bytes)
            return;
        memcpy(to->code + to->bytes, qemu_plugin_insn_data(insn), n);
        to->bytes += (uint32_t)n;
    }
}

static uint32_t block_hash(const struct block *b)
{
    uint64_t h = 0xcbf29ce484222325 ^ b->address; /* FNV-1a */
    for (uint32_t i = 0; i < b->bytes; i++)
        h = (h ^ b->code[i]) * 0x100000001b3;
    return (uint32_t)(h ^ h >> 32);
}

static bool is_same(const struct block *a, const struct block *b)
{
    return a->address == b->address && a->bytes == b->bytes &&
           memcmp(a->code, b->code, a->bytes) == 0;
}

/* The counter of the block that WANTED describes. */
static uint64_t *counter_of(const struct block *wanted)
{
    uint32_t at = block_hash(wanted) & (CHAINS - 1);
    for (; chains[at]; at = (at + 1) & (CHAINS - 1))
        if (is_same(&counts->blocks[chains[at] - 1], wanted))
            return &counts->blocks[chains[at] - 1].executed;
    if (counts->used == BLOCKS)
        return &counts->beyond;
    counts->blocks[counts->used] = *wanted;
    chains[at] = (uint32_t)++counts->used;
    return &counts->blocks[counts->used - 1].executed;
}

static void counting_begin(void)
{
    for (uint64_t i = 0; i < counts->used; i++)
        counts->blocks[i].executed = 0;
    counts->beyond = 0;
    start = 0;
}

static void block_translated(qemu_plugin_id_t, struct qemu_plugin_tb *block)
{
    struct block wanted = {.address = qemu_plugin_tb_vaddr(block)};
    code_read(&wanted, block);
    pthread_mutex_lock(&lock);
    if (start && wanted.address == start)
        counting_begin();
    uint64_t *counter = counter_of(&wanted);
    pthread_mutex_unlock(&lock);
    qemu_plugin_register_vcpu_tb_exec_inline(block, QEMU_PLUGIN_INLINE_ADD_U64, counter,
                                             qemu_plugin_tb_n_insns(block));
}

[[gnu::visibility("default")]] int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv);

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *, int argc, char **argv)
{
    int fd = -1;
    for (int i = 0; i < argc; i++) {
        const char *value = strchr(argv[i], '=');
        if (value && strncmp(argv[i], "fd=", 3) == 0)
            fd = atoi(value + 1);
        else if (value && strncmp(argv[i], "start=", 6) == 0)
            start = strtoull(value + 1, nullptr, 0);
    }
    counts = mmap(nullptr, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (counts == MAP_FAILED) {
        perror("counts: the file for the counts");
        return -1;
    }
    counts->magic = MAGIC;
    qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
    return 0;
}
