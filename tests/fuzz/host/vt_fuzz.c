/* SPDX-License-Identifier: BSD-2-Clause */
/* vt_fuzz.c - any bytes for the terminal's screen, in parts of any size.
 *
 * Input: columns and rows, then what a program sends.  Whole and in parts it must show the same.
 */
#include "drivers/screen/vt.h"
#include "fuzz.h"

static void reply(void *, const char *bytes, size_t n)
{
    MUST(n > 2 && bytes[0] == 27);
}

static void check(const struct vt *vt)
{
    MUST(vt->x < vt->columns && vt->y < vt->rows);
    MUST(vt->top < vt->bottom && vt->bottom <= vt->rows);
    MUST(!vt->wrap_next || vt->x == vt->columns - 1);
    MUST(vt->params <= VT_PARAMS);
    for (unsigned g = 0; g < 2; g++) {
        uint8_t seen[VT_ROWS_MAX] = {0};
        for (unsigned y = 0; y < vt->rows; y++) {
            MUST(vt->grid[g].row_of[y] < vt->rows);
            MUST(!seen[vt->grid[g].row_of[y]]++);
        }
    }
}

static struct vt_cell *begin(struct vt *vt, uint16_t columns, uint16_t rows)
{
    struct vt_cell *cells = malloc(vt_cells(columns, rows) * sizeof *cells);
    vt_init(vt, columns, rows, cells);
    vt->reply = reply;
    return cells;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct vt whole, parts;
    struct bytes b = {data, n};
    uint16_t columns = (uint16_t)(VT_COLUMNS_LEAST + bytes_u8(&b) % 90);
    uint16_t rows = (uint16_t)(VT_ROWS_LEAST + bytes_u8(&b) % 30);
    size_t step = 1 + bytes_u8(&b) % 7;
    struct vt_cell *one = begin(&whole, columns, rows), *two = begin(&parts, columns, rows);
    vt_write(&whole, b.at, b.left);
    for (size_t at = 0; at < b.left; at += step) {
        vt_write(&parts, b.at + at, step < b.left - at ? step : b.left - at);
        check(&parts);
    }
    check(&whole);
    for (uint16_t y = 0; y < rows; y++)
        MUST(memcmp(vt_row(&whole, y), vt_row(&parts, y), columns * sizeof *one) == 0);
    free(one);
    free(two);
    return 0;
}
