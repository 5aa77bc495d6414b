/* SPDX-License-Identifier: BSD-2-Clause */
/* args_env.c - prints its arguments, its environment and where it stands, one to a line. */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char path[PATH_MAX];
    for (int i = 0; i < argc; i++)
        printf("arg %d %s\n", i, argv[i]);
    for (char **word = environ; *word; word++)
        printf("env %s\n", *word);
    printf("cwd %s\n", getcwd(path, sizeof path) ? path : "?");
    printf("pid %d uid %d\n", getpid(), getuid());
    return 0;
}
