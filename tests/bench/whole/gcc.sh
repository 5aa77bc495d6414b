# SPDX-License-Identifier: BSD-2-Clause
# Compile and assemble: the driver, cc1 and as.
case $1 in
setup)
    {
        echo '#include <stdio.h>'
        echo '#include <stdlib.h>'
        echo '#include <string.h>'
        i=0
        while [ $i -lt 20 ]; do
            cat <<END
struct node$i { struct node$i *next; char name[16]; int value; };
static struct node$i *list$i;
int add$i(const char *name, int value)
{
    struct node$i *n = malloc(sizeof(*n));
    if (!n)
        return -1;
    strncpy(n->name, name, sizeof(n->name) - 1);
    n->value = value;
    n->next = list$i;
    list$i = n;
    return 0;
}
int find$i(const char *name)
{
    for (struct node$i *n = list$i; n; n = n->next)
        if (strcmp(n->name, name) == 0)
            return n->value;
    printf("%s is not there\n", name);
    return -1;
}
END
            i=$((i + 1))
        done
    } >file.c
    ;;
run) exec gcc -O2 -c file.c -o file.o ;;
esac
