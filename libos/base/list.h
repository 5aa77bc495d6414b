/* SPDX-License-Identifier: BSD-2-Clause */
/* list.h - intrusive doubly linked lists with a head.
 *
 * A node that is on no list points to itself once list_init was called on it;
 * list_remove leaves it so, and list_is_linked tells.
 */
#pragma once

#include <stddef.h>

struct list_node {
    struct list_node *next, *prev;
};

#define LIST_INIT(name) {&(name), &(name)}

#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))

/* Walk LIST; the body may not remove the current node ... */
#define list_for_each(node, list)                                                                  \
    for (struct list_node *node = (list)->next; node != (list); node = node->next)
/* ... and here it may. */
#define list_for_each_safe(node, list)                                                             \
    for (struct list_node *node = (list)->next, *node##_next = node->next; node != (list);         \
         node = node##_next, node##_next = node->next)

static inline void list_init(struct list_node *list)
{
    list->next = list->prev = list;
}

static inline bool list_is_empty(const struct list_node *list)
{
    return list->next == list;
}

static inline bool list_is_linked(const struct list_node *node)
{
    return node->next != node;
}

static inline void list_insert_before(struct list_node *at, struct list_node *node)
{
    node->next = at;
    node->prev = at->prev;
    at->prev->next = node;
    at->prev = node;
}

static inline void list_push_back(struct list_node *list, struct list_node *node)
{
    list_insert_before(list, node);
}

static inline void list_push_front(struct list_node *list, struct list_node *node)
{
    list_insert_before(list->next, node);
}

static inline void list_remove(struct list_node *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

static inline struct list_node *list_first(const struct list_node *list)
{
    return list->next == list ? nullptr : list->next;
}

static inline struct list_node *list_last(const struct list_node *list)
{
    return list->prev == list ? nullptr : list->prev;
}

static inline struct list_node *list_pop_front(struct list_node *list)
{
    struct list_node *node = list_first(list);
    if (node)
        list_remove(node);
    return node;
}

/* Move everything on FROM to the end of TO. */
static inline void list_splice_back(struct list_node *to, struct list_node *from)
{
    if (list_is_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
}
