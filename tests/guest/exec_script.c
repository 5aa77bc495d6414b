/* SPDX-License-Identifier: BSD-2-Clause */
/* exec_script.c - programs that begin with "#!". */
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Write the arguments, as [a][b].., to the file "out". */
HELPER(arguments)
{
    FILE *out = fopen("out", "w");
    if (!out)
        return 1;
    for (int i = 1; i < argc; i++)
        fprintf(out, "[%s]", argv[i]);
    return fclose(out) ? 1 : 0;
}

static void script_make(const char *path, const char *format)
{
    char text[4500];
    OK(unlink(path) == 0 || errno == ENOENT ? 0 : -1);
    snprintf(text, sizeof text, format, self_path);
    file_make_mode(path, text, 0755);
}

static int script_run(const char *path)
{
    char *argv[] = {"zero", "one", "two", nullptr};
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        execv(path, argv);
        _exit(errno);
    }
    return child_wait(pid);
}

TEST(script_gets_interpreter_argument_path_and_arguments)
{
    script_make("s", "#!%s --helper=arguments\nanything\n");
    CHECK_EQ(script_run("./s"), 0);
    file_expect("out", "[--helper=arguments][./s][one][two]");
}

TEST(script_argument_is_one_word_with_blanks_trimmed)
{
    script_make("s", "#! \t%s   --helper=arguments  \t \nx");
    CHECK_EQ(script_run("./s"), 0);
    file_expect("out", "[--helper=arguments][./s][one][two]");
}

TEST(script_without_newline)
{
    script_make("s", "#!%s --helper=arguments");
    CHECK_EQ(script_run("./s"), 0);
    file_expect("out", "[--helper=arguments][./s][one][two]");
}

TEST(script_run_by_a_script)
{
    script_make("inner", "#!%s --helper=arguments\n");
    file_make_mode("outer", "#!./inner with this\n", 0755);
    CHECK_EQ(script_run("./outer"), 0);
    file_expect("out", "[--helper=arguments][./inner][with this][./outer][one][two]");
}

TEST(script_recursion_is_eloop)
{
    file_make_mode("s", "#!./s\n", 0755);
    CHECK_EQ(script_run("./s"), ELOOP << 8);
}

TEST(script_missing_interpreter_is_enoent)
{
    file_make_mode("s", "#!/no/such/interpreter\n", 0755);
    CHECK_EQ(script_run("./s"), ENOENT << 8);
}

TEST(script_interpreter_without_permission_is_eacces)
{
    file_make_mode("i", "#!/bin/sh\n", 0644);
    file_make_mode("s", "#!./i\n", 0755);
    CHECK_EQ(script_run("./s"), EACCES << 8);
    OK(mkdir("d", 0755));
    file_make_mode("t", "#!./d\n", 0755);
    CHECK_EQ(script_run("./t"), EACCES << 8);
}

TEST(script_without_interpreter_is_enoexec)
{
    file_make_mode("s", "#!\n", 0755);
    CHECK_EQ(script_run("./s"), ENOEXEC << 8);
    file_make_mode("t", "#!   \n", 0755);
    CHECK_EQ(script_run("./t"), ENOEXEC << 8);
    file_make_mode("u", "#", 0755);
    CHECK_EQ(script_run("./u"), ENOEXEC << 8);
    file_make_mode("v", "", 0755);
    CHECK_EQ(script_run("./v"), ENOEXEC << 8);
}

TEST(script_ending_before_its_first_line_does_is_eacces)
{
    file_make_mode("s", "#!", 0755);
    CHECK_EQ(script_run("./s"), EACCES << 8);
    file_make_mode("t", "#! \t", 0755);
    CHECK_EQ(script_run("./t"), EACCES << 8);
}

TEST(script_interpreter_name_too_long_is_enoexec)
{
    char text[600] = "#!/";
    memset(text + 3, 'i', 500);
    strcpy(text + 503, "\n");
    file_make_mode("s", text, 0755);
    CHECK_EQ(script_run("./s"), ENOEXEC << 8);
}

TEST(script_needs_no_read_permission_for_root_only_execution)
{
    script_make("s", "#!%s --helper=arguments\n");
    OK(chmod("s", 0111));
    CHECK_EQ(script_run("./s"), 0);
}

TEST(script_set_user_id_is_ignored)
{
    script_make("s", "#!%s --helper=effective_is_real\n");
    OK(chown("s", 2000, 2000));
    OK(chmod("s", 06755));
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_EQ(script_run("./s"), 0);
    }
}

HELPER(effective_is_real)
{
    return geteuid() == 1000 && getegid() == 1000 ? 0 : 1;
}
