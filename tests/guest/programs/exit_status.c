/* SPDX-License-Identifier: BSD-2-Clause */
/* exit_status.c - ends with the status given, or by the signal given as "-N". */
#include <signal.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int status = argc > 1 ? atoi(argv[1]) : 0;
    if (status < 0) {
        raise(-status);
        return 1;
    }
    return status;
}
