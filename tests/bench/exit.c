/* SPDX-License-Identifier: BSD-2-Clause */
/* exit.c - what the rows with exec execute. */
int main(void)
{
    return 0;
}
