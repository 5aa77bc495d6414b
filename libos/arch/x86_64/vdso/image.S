/* SPDX-License-Identifier: BSD-2-Clause */
/* image.S - the vDSO's file as pages of the libOS's image. */
    .section .rodata.vdso, "a"
    .balign 4096
    .global vdso_image, vdso_image_end
vdso_image:
    .incbin VDSO_IMAGE
    .balign 4096
vdso_image_end:
