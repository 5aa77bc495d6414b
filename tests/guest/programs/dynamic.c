/* SPDX-License-Identifier: BSD-2-Clause */
/* dynamic.c - needs ld.so, libc and a library opened while it runs.
 *
 * Its tree must hold /lib64/ld-linux-x86-64.so.2, libc.so.6 and libm.so.6.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local int per_thread = 42;

int main(int argc, char **argv)
{
    void *math = dlopen("libm.so.6", RTLD_NOW);
    if (!math) {
        fprintf(stderr, "dynamic: %s\n", dlerror());
        return 1;
    }
    double (*cosine)(double) = (double (*)(double))dlsym(math, "cos");
    printf("dynamic: cos(0)=%.1f tls=%d args=%d home=%s\n", cosine ? cosine(0) : -1.0, per_thread,
           argc, getenv("HOME") ? getenv("HOME") : "(none)");
    return argc > 1 ? atoi(argv[1]) : 0;
}
