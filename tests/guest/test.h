/* SPDX-License-Identifier: BSD-2-Clause */
/* test.h - how a guest test is written: registration, checks, children.
 *
 * A test is a function that returns when all is well.  Each runs in a process of
 * its own, in an empty directory of its own, as root, in its own process group,
 * with standard input from /dev/null and every signal at its default.
 * A check that fails reports where and what, and ends the process; it may be used
 * in children and threads of the test just as well.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct test_case {
    const char *name;
    const char *file;
    void (*run)(void);
};

struct test_helper {
    const char *name;
    int (*run)(int argc, char **argv);
};

/* The linker gathers the records of all files; __start_ and __stop_ symbols bound them. */
#define TEST(NAME)                                                                                 \
    static void test_##NAME(void);                                                                 \
    static const struct test_case case_##NAME                                                      \
        __attribute__((used, section("guest_cases"), aligned(8))) = {#NAME, __FILE__,              \
                                                                     test_##NAME};                 \
    static void test_##NAME(void)

/* Code that a test reaches through execve of self_path with "--helper=NAME" as argv[1].
 * It gets the whole argument vector; what it returns is its exit status.
 */
#define HELPER(NAME)                                                                               \
    static int helper_##NAME(int argc, char **argv);                                               \
    static const struct test_helper help_##NAME                                                    \
        __attribute__((used, section("guest_helpers"), aligned(8))) = {#NAME, helper_##NAME};      \
    static int helper_##NAME([[maybe_unused]] int argc, [[maybe_unused]] char **argv)

/* The absolute path of this program. */
extern const char *self_path;

[[noreturn]] void test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Not judged here: the machine lacks what the test is about.  Neither passed nor failed. */
[[noreturn]] void test_skip(const char *reason);

long check_ok(const char *file, int line, const char *text, long result);
void check_errno(const char *file, int line, const char *text, long result, int want);
void check_equal(const char *file, int line, const char *text, long got, long want);
void check_string(const char *file, int line, const char *text, const char *got, const char *want);

#define FAIL(...) test_fail(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(COND)                                                                                \
    do {                                                                                           \
        if (!(COND))                                                                               \
            test_fail(__FILE__, __LINE__, "%s: expected true", #COND);                             \
    } while (0)
/* EXPR is a call in the C library's manner: -1 and errno on failure. */
#define OK(EXPR)                check_ok(__FILE__, __LINE__, #EXPR, (long)(EXPR))
#define CHECK_ERRNO(EXPR, WANT) check_errno(__FILE__, __LINE__, #EXPR, (long)(EXPR), WANT)
#define CHECK_EQ(EXPR, WANT)    check_equal(__FILE__, __LINE__, #EXPR, (long)(EXPR), (long)(WANT))
#define CHECK_STR(EXPR, WANT)   check_string(__FILE__, __LINE__, #EXPR, EXPR, WANT)

/* IN_CHILD { ... }: the block runs in a forked child, which then exits with 0; the
 * parent waits for that.  IN_CHILD_AS first drops root for good, to UID and GID
 * without supplementary groups.  Leave the block only at its end.
 */
struct child_scope {
    pid_t pid;
    bool is_child;
    bool is_done;
};
struct child_scope child_scope_open(uid_t uid, gid_t gid);
void child_scope_close(struct child_scope *scope, const char *file, int line);
#define IN_CHILD_AS(UID, GID)                                                                      \
    for (struct child_scope scope_ = child_scope_open(UID, GID);                                   \
         scope_.is_child || !scope_.is_done; child_scope_close(&scope_, __FILE__, __LINE__))       \
        if (scope_.is_child)
#define IN_CHILD IN_CHILD_AS(0, 0)

/* Wait for PID and return its wait status; any failure to wait fails the test. */
int child_wait(pid_t pid);
/* Wait for PID, which must exit with 0. */
void child_wait_ok(pid_t pid);
/* Run self_path with --helper=NAME and up to three arguments in a child: its wait status. */
int helper_run(const char *name, const char *a, const char *b, const char *c);

/* A gate: somebody waits at it until somebody else, in any process or thread, opens it. */
struct gate {
    int fd[2];
};
struct gate gate_make(void);
void gate_open(struct gate *gate);
void gate_wait(struct gate *gate);
void gate_drop(struct gate *gate);

/* Small things that many tests need.  They fail the test when they cannot do it. */
void file_make(const char *path, const char *text);
void file_make_mode(const char *path, const char *text, unsigned mode);
void file_expect(const char *path, const char *text);
/* Read a whole (proc) file into BUFFER as a string; the number of bytes. */
size_t file_read(const char *path, char *buffer, size_t size);
bool path_exists(const char *path);
/* The state letter of a process as /proc/PID/stat shows it; 0 when it is gone. */
char process_state(pid_t pid);
/* Block until the process is in one of the states in LETTERS. */
void process_await_state(pid_t pid, const char *letters);
int64_t clock_now_ns(void);
void sleep_ms(int ms);
/* Make SIGALRM come every MS milliseconds, until 0 is given. */
void alarm_every_ms(int ms);
