/* SPDX-License-Identifier: BSD-2-Clause */
/* domain0_image.S - the first domain's ELF file, as a part of the kernel's image. */
    .section .domain0, "a"
    .balign 4096
    .incbin DOMAIN0_IMAGE
