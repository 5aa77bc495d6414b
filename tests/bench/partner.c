/* SPDX-License-Identifier: BSD-2-Clause */
#include "partner.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "bench.h"

static void *thread_main(void *function)
{
    (*(void (**)(void))function)();
    return nullptr;
}

void partner_start(enum partner kind, void (*main)(void))
{
    if (kind == THREAD) {
        static void (*function)(void);
        pthread_t thread;
        function = main;
        errno = pthread_create(&thread, nullptr, thread_main, &function);
        if (errno)
            fail("pthread_create");
    } else if (OK(fork()) == 0) {
        main();
        _exit(0);
    }
}
