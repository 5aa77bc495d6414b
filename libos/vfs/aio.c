/* SPDX-License-Identifier: BSD-2-Clause */
/* aio.c - contexts of asynchronous I/O. */
#include "vfs/aio.h"

#include "base/errno.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "vfs/eventfd.h"
#include "vfs/file.h"

constexpr unsigned REQUESTS_MOST = 65536; /* /proc/sys/fs/aio-max-nr on Linux */

/* What all contexts allow together: never above REQUESTS_MOST. */
static unsigned allowed;

int aio_context_create(struct mm *mm, uint64_t number, unsigned most, struct aio_context **out)
{
    if (most > REQUESTS_MOST - allowed)
        return -EAGAIN;
    struct aio_context *context = heap_zalloc(sizeof *context);
    if (!context)
        return -ENOMEM;
    allowed += most;
    context->refs = 1;
    context->number = number;
    context->most = most;
    list_init(&context->under_way);
    list_init(&context->done);
    wait_queue_init(&context->wait);
    context->next = mm->aio;
    mm->aio = context;
    *out = context;
    return 0;
}

struct aio_context *aio_context_find(struct mm *mm, uint64_t number)
{
    struct aio_context *context = mm->aio;
    while (context && context->number != number)
        context = context->next;
    return context;
}

static void request_free(struct aio_request *r)
{
    list_remove(&r->node);
    poll_watch_end(&r->watch);
    file_put(r->eventfd);
    heap_free(r);
}

static void requests_free(struct aio_context *context)
{
    struct list_node *node;
    while ((node = list_first(&context->under_way)) || (node = list_first(&context->done)))
        request_free(container_of(node, struct aio_request, node));
}

void aio_context_put(struct aio_context *context)
{
    if (--context->refs > 0)
        return;
    requests_free(context); /* a transfer that slept may have ended after the context */
    allowed -= context->most;
    heap_free(context);
}

static void context_end(struct aio_context *context)
{
    context->is_dead = true;
    requests_free(context);
    wait_wake_all(&context->wait, 0);
    aio_context_put(context);
}

void aio_context_destroy(struct mm *mm, struct aio_context *context)
{
    struct aio_context **at = &mm->aio;
    while (*at != context)
        at = &(*at)->next;
    *at = context->next;
    context_end(context);
}

void aio_mm_gone(struct mm *mm)
{
    while (mm->aio)
        aio_context_destroy(mm, mm->aio);
}

int aio_request_create(struct aio_context *context, struct file *eventfd, struct aio_request **out)
{
    struct aio_request *r = context->used < context->most ? heap_zalloc(sizeof *r) : nullptr;
    if (!r)
        return context->used < context->most ? -ENOMEM : -EAGAIN;
    list_init(&r->node);
    r->context = context;
    r->eventfd = eventfd;
    context->used++;
    *out = r;
    return 0;
}

void aio_request_drop(struct aio_request *r)
{
    r->context->used--;
    request_free(r);
}

void aio_request_done(struct aio_request *r, int64_t result)
{
    r->event.res = result;
    list_remove(&r->node);
    list_push_back(&r->context->done, &r->node);
    wait_wake_all(&r->context->wait, 0);
    if (r->eventfd)
        eventfd_add(r->eventfd, 1);
}

/* Called from the file's queue: the watch stays until the event is collected. */
static void fire(struct poll_watch *w, uint32_t events)
{
    struct aio_request *r = container_of(w, struct aio_request, watch);
    if (!events)
        events = poll_watch_events(w);
    if (!events)
        return;
    w->table.events = 0; /* once */
    aio_request_done(r, events);
}

int aio_request_poll(struct aio_request *r, struct file *file, uint32_t events)
{
    int64_t now = poll_watch_begin(&r->watch, file, events, fire);
    if (now < 0)
        return (int)now;
    list_push_back(&r->context->under_way, &r->node);
    if (now > 0) {
        r->watch.table.events = 0;
        aio_request_done(r, now);
    }
    return 0;
}

struct aio_request *aio_request_find(struct aio_context *context, uint64_t obj)
{
    list_for_each(node, &context->under_way) {
        struct aio_request *r = container_of(node, struct aio_request, node);
        if (r->event.obj == obj)
            return r;
    }
    return nullptr;
}

bool aio_collect(struct aio_context *context, struct io_event *event)
{
    struct list_node *node = list_first(&context->done);
    if (!node)
        return false;
    struct aio_request *r = container_of(node, struct aio_request, node);
    *event = r->event;
    context->used--;
    request_free(r);
    return true;
}
