/* SPDX-License-Identifier: BSD-2-Clause */
/* store.c - client of Xen's store.
 *
 * Requests are put into a buffer of our own and from there into the ring as it has room; answers
 * and watch events are taken byte by byte into the header and the body's beginning.  A watch event
 * makes us read the key, the answer to that is the wish.  The store is another guest's: lengths are
 * checked, and what makes no sense ends the connection.
 */
#include "drivers/xen/store.h"

#include <exo/info.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/log.h"
#include "base/string.h"
#include "drivers/xen/ring.h"
#include "drivers/xen/share.h"

/* enum xsd_sockmsg_type. */
constexpr uint32_t STORE_READ = 2;
constexpr uint32_t STORE_WATCH = 4;
constexpr uint32_t STORE_WRITE = 11;
constexpr uint32_t STORE_EVENT = 15;
constexpr uint32_t BODY_MOST = 4096; /* XENSTORE_PAYLOAD_MAX */

struct page {
    uint8_t requests[1024], answers[1024];
    uint32_t requests_reader, requests_writer, answers_reader, answers_writer;
};

struct header {
    uint32_t type, request, transaction, length;
};
static_assert(sizeof(struct header) == 16);

static struct {
    struct xen_ring requests, answers;
    uint32_t line;
    void (*wish)(bool restart);
    bool is_told;
    uint8_t unsent[512];
    uint32_t unsent_bytes;
    /* The message that is being received: how much of it has come. */
    struct header header;
    uint32_t got;
    char body[32]; /* its beginning, ended by a NUL */
} store;

static const char WISH_KEY[] = "control/shutdown";

static void send_unsent(void)
{
    uint32_t n = MIN(store.unsent_bytes, xen_ring_room(&store.requests));
    if (n == 0)
        return;
    xen_ring_write(&store.requests, store.unsent, n);
    store.unsent_bytes -= n;
    memmove(store.unsent, store.unsent + n, store.unsent_bytes);
    xen_share_signal(store.line);
}

/* A key, ended by a NUL, and what follows it. */
static void request(uint32_t type, const char *key, const char *more, uint32_t more_bytes)
{
    uint32_t key_bytes = (uint32_t)strlen(key) + 1;
    struct header header = {.type = type, .length = key_bytes + more_bytes};
    if (store.unsent_bytes + sizeof header + header.length > sizeof store.unsent) {
        log_warn("the store takes no requests");
        return;
    }
    uint8_t *to = store.unsent + store.unsent_bytes;
    memcpy(to, &header, sizeof header);
    memcpy(to + sizeof header, key, key_bytes);
    memcpy(to + sizeof header + key_bytes, more, more_bytes);
    store.unsent_bytes += (uint32_t)sizeof header + header.length;
    send_unsent();
}

static void wish_take(const char *wish)
{
    bool restart = strcmp(wish, "reboot") == 0;
    if (*wish == 0)
        return;
    if (!restart && strcmp(wish, "poweroff") != 0 && strcmp(wish, "halt") != 0) {
        log_warn("Xen's toolstack asks for '%s', which is not supported", wish);
        return;
    }
    log_info("Xen's toolstack asks for: %s", wish);
    request(STORE_WRITE, WISH_KEY, "", 0);
    store.wish(restart);
}

static void message_take(void)
{
    store.body[MIN(store.header.length, sizeof store.body - 1)] = 0;
    if (store.header.type == STORE_EVENT)
        request(STORE_READ, WISH_KEY, "", 0);
    else if (store.header.type == STORE_READ)
        wish_take(store.body);
}

static void byte_take(uint8_t byte)
{
    constexpr uint32_t HEAD = sizeof store.header;
    if (store.got < HEAD)
        ((uint8_t *)&store.header)[store.got] = byte;
    else if (store.got - HEAD < sizeof store.body - 1)
        store.body[store.got - HEAD] = (char)byte;
    store.got++;
    if (store.got >= HEAD && store.header.length > BODY_MOST) {
        store.answers.broken = true;
    } else if (store.got >= HEAD && store.got == HEAD + store.header.length) {
        store.got = 0;
        message_take();
    }
}

static void store_event(void *)
{
    bool any = false;
    send_unsent();
    while (xen_ring_readable(&store.answers) > 0) {
        uint8_t byte;
        xen_ring_read(&store.answers, &byte, 1);
        byte_take(byte);
        any = true;
    }
    if (any)
        xen_share_signal(store.line);
    if ((store.answers.broken || store.requests.broken) && !store.is_told) {
        store.is_told = true;
        log_warn("Xen's store broke off");
    }
}

int xen_store_open(const struct exo_info *info, void (*wish)(bool restart))
{
    store.line = info->xen.store_line;
    store.wish = wish;
    struct page *page =
        xen_share_open(info->xen.store, store.line, "xen-store", store_event, nullptr);
    if (!page)
        return -ENODEV;
    xen_ring_open(&store.requests, page->requests, sizeof page->requests, &page->requests_reader,
                  &page->requests_writer);
    xen_ring_open(&store.answers, page->answers, sizeof page->answers, &page->answers_writer,
                  &page->answers_reader);
    static const char token[] = "shutdown";
    request(STORE_WRITE, "control/feature-poweroff", "1", 1);
    request(STORE_WRITE, "control/feature-reboot", "1", 1);
    request(STORE_WRITE, "control/feature-halt", "1", 1);
    request(STORE_WATCH, WISH_KEY, token, sizeof token);
    return 0;
}
