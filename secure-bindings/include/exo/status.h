/* SPDX-License-Identifier: BSD-2-Clause */
/* status.h - what an exokernel call answers.
 *
 * Every call returns one of these in the first result register.  A call that
 * answers anything but EXO_OK or EXO_AGAIN has changed nothing; a batch that answers
 * EXO_NOTABLE has done what its count says.
 */
#pragma once

enum exo_status {
    EXO_OK = 0,
    EXO_AGAIN,   /* a long batch stopped at a preemption point: go on from the count returned */
    EXO_NOCALL,  /* no call has this number */
    EXO_RANGE,   /* a number, address or length is outside what exists */
    EXO_ALIGN,   /* an address or length is not aligned as it must be */
    EXO_FAULT,   /* the caller's memory cannot be read or written there */
    EXO_CAP,     /* no such capability, or it names another kind of object */
    EXO_OWNER,   /* the caller does not hold that frame, slot or object */
    EXO_RIGHTS,  /* the capability lacks the right */
    EXO_TYPE,    /* the frame's type does not allow this */
    EXO_INUSE,   /* something still maps, pins, walks or runs it */
    EXO_NOTABLE, /* the domain's pool of page-table frames is empty */
    EXO_NOSLOT,  /* the capability table, ring or list given for this is full */
    EXO_STATE,   /* the object is not in the state that the call needs */
    EXO_INVAL,   /* a flag or a combination of arguments has no meaning */
    EXO_STATUS_COUNT
};
