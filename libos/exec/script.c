/* SPDX-License-Identifier: BSD-2-Clause */
/* script.c - files that begin with #! (execve(2), "Interpreter scripts"). */
#include "base/errno.h"
#include "base/string.h"
#include "exec/program.h"
#include "mm/heap.h"
#include "vfs/file.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Cut the first line, in LINE of SIZE bytes, into the interpreter and one optional argument.
 * false: it names none, or its name does not fit.  A line that ends without a newline, by a NUL, may
 * have an empty name, as on Linux. */
bool script_parse(char *line, size_t size, char **interpreter, char **argument)
{
    char *nul = memchr(line, '\0', size), *at = line;
    char *end = memchr(line, '\n', nul ? (size_t)(nul - line) : size);
    bool is_line = end;

    if (!end) {
        /* Too long a line may lose its argument's end, though not a part of the name. */
        end = nul;
        if (!end)
            return false;
        while (at < end && is_blank(*at))
            at++;
        while (at < end && !is_blank(*at))
            at++;
        if (at == line + size - 1)
            return false;
    }
    while (end > line && is_blank(end[-1]))
        end--;
    *end = '\0';
    for (at = line; is_blank(*at); at++)
        ;
    if (*at == '\0' && is_line)
        return false;
    *interpreter = at;
    *argument = nullptr;
    while (*at != '\0' && !is_blank(*at))
        at++;
    while (is_blank(*at))
        *at++ = '\0';
    if (*at != '\0')
        *argument = at;
    return true;
}

/* argv[0] becomes: interpreter, its argument, the script's name. */
static int arguments_replace(struct program *p, const char *interpreter, const char *argument)
{
    int error = strings_pop(p);

    if (error == 0)
        error = strings_push(p, p->interpreter ? p->interpreter : p->name);
    if (error == 0 && argument)
        error = strings_push(p, argument);
    if (error == 0)
        error = strings_push(p, interpreter);
    if (error == 0)
        p->argc += argument ? 3 : 2;
    return error;
}

int script_interpret(struct program *p)
{
    char line[ELF_HEAD_BYTES - 1], *interpreter, *argument, *copy;
    struct file *file;
    int error;

    if (p->head[0] != '#' || p->head[1] != '!')
        return 0;
    memcpy(line, p->head + 2, sizeof line - 1);
    line[sizeof line - 1] = '\0';
    if (!script_parse(line, sizeof line, &interpreter, &argument))
        return -ENOEXEC;
    if (*interpreter == '\0')
        return -EACCES; /* the current directory, to Linux */
    if (p->is_closing)
        return -ENOENT; /* the interpreter could not open it */
    error = arguments_replace(p, interpreter, argument);
    if (error)
        return error;
    copy = heap_strdup(interpreter);
    if (!copy)
        return -ENOMEM;
    heap_free(p->interpreter);
    p->interpreter = copy;
    error = file_open_exec(AT_FDCWD, copy, LOOKUP_FOLLOW, &file);
    if (error)
        return error;
    error = program_replace_file(p, file);
    return error ? error : 1;
}
