/* SPDX-License-Identifier: BSD-2-Clause */
/* keymap.c - what the keys are called in some countries.
 *
 * Dead keys type their accent.  The strings' order is that of keys.h.
 */
#include "base/string.h"
#include "drivers/ps2/keys.h"

static const struct keymap keymaps[] = {
    {
        .name = "us",
        .plain = u"`1234567890-=qwertyuiop[]asdfghjkl;'\\<zxcvbnm,./",
        .shift = u"~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"|>ZXCVBNM<>?",
    },
    {
        .name = "uk",
        .plain = u"`1234567890-=qwertyuiop[]asdfghjkl;'#\\zxcvbnm,./",
        .shift = u"¬!\"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>?",
        .altgr = u"¦   €          é   úíó   á                      ",
    },
    {
        .name = "de",
        .plain = u"^1234567890ß´qwertzuiopü+asdfghjklöä#<yxcvbnm,.-",
        .shift = u"°!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_",
        .altgr = u"  ²³   {[]}\\ @ €        ~            |      µ   ",
    },
    {
        .name = "fr",
        .plain = u"²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*<wxcvbn,;:!",
        .shift = u"~1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µ>WXCVBN?./§",
        .altgr = u"  ~#{[|`\\^@]}  €                                ",
    },
};

const struct keymap *keymap_find(const char *name, size_t n)
{
    for (unsigned i = 0; i < sizeof keymaps / sizeof keymaps[0]; i++)
        if (strlen(keymaps[i].name) == n && memcmp(keymaps[i].name, name, n) == 0)
            return &keymaps[i];
    return nullptr;
}
