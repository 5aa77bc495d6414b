/* SPDX-License-Identifier: BSD-2-Clause */
/* netlink_test.c - answers to questions about interfaces, addresses and routes.
 * Links: libos/net/netlink/route.c libos/net/netlink/reply.c libos/net/inet/address.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <linux/rtnetlink.h>
#include "base/errno.h"
#include "net/inet/inet.h"
#include "net/netlink/netlink.h"
#include "proc/cred.h"

static bool is_admin;

bool capable(int)
{
    return is_admin;
}

int32_t inet_option_value(const struct inet_socket *, int, int)
{
    return 0;
}

static struct reply reply;

/* Ask with BODY in a block of exactly that size, so that the sanitizer sees a read beyond it. */
static int ask(uint16_t type, uint16_t flags, const void *body, uint32_t n)
{
    struct nlmsghdr *h = malloc(NLMSG_LENGTH(n));
    *h = (struct nlmsghdr){NLMSG_LENGTH(n), type, (uint16_t)(NLM_F_REQUEST | flags), 9, 0};
    memcpy(h + 1, body, n);
    reply = (struct reply){.request = h, .port = 77};
    int result = route_answer(h, &reply);
    free(h);
    return result;
}

/* Whole messages, one after the other, and how many. */
static unsigned count_messages(uint16_t type)
{
    unsigned count = 0;
    for (uint32_t at = 0; at < reply.used; count++) {
        const struct nlmsghdr *h = (const struct nlmsghdr *)(reply.data + at);
        assert_in_range(h->nlmsg_len, NLMSG_HDRLEN, reply.used - at);
        assert_int_equal(h->nlmsg_type, type);
        assert_int_equal(h->nlmsg_seq, 9);
        assert_int_equal(h->nlmsg_pid, 77);
        at += NLMSG_ALIGN(h->nlmsg_len);
    }
    return count;
}

static void dumps_list_everything(void **)
{
    struct rtgenmsg all = {AF_UNSPEC}, v4 = {AF_INET};
    assert_int_equal(ask(RTM_GETLINK, NLM_F_DUMP, &all, sizeof all), 1);
    assert_int_equal(count_messages(RTM_NEWLINK), 1);
    assert_int_equal(ask(RTM_GETADDR, NLM_F_DUMP, &all, sizeof all), 1);
    assert_int_equal(count_messages(RTM_NEWADDR), 2);
    assert_int_equal(ask(RTM_GETADDR, NLM_F_DUMP, &v4, sizeof v4), 1);
    assert_int_equal(count_messages(RTM_NEWADDR), 1);
    assert_int_equal(ask(RTM_GETROUTE, NLM_F_DUMP, &all, sizeof all), 1);
    assert_int_equal(count_messages(RTM_NEWROUTE), 3);
    assert_int_equal(ask(RTM_GETNEIGH, NLM_F_DUMP, &all, sizeof all), 1);
    assert_int_equal(reply.used, 0);
}

static void one_link_by_number_or_name(void **)
{
    struct {
        struct ifinfomsg info;
        struct nlattr head;
        char name[4];
    } by_name = {.head = {NLA_HDRLEN + 3, IFLA_IFNAME}, .name = "lo"};
    struct ifinfomsg by_number = {.ifi_index = 1};
    assert_int_equal(ask(RTM_GETLINK, 0, &by_number, sizeof by_number), 0);
    assert_int_equal(count_messages(RTM_NEWLINK), 1);
    assert_int_equal(ask(RTM_GETLINK, 0, &by_name, sizeof by_name), 0);
    memcpy(by_name.name, "xx", 2);
    assert_int_equal(ask(RTM_GETLINK, 0, &by_name, sizeof by_name), -ENODEV);
    by_number.ifi_index = 5;
    assert_int_equal(ask(RTM_GETLINK, 0, &by_number, sizeof by_number), -ENODEV);
}

static void a_name_that_only_begins_like_ours_is_another(void **)
{
    struct {
        struct ifinfomsg info;
        struct nlattr head;
        char name[40];
    } by_name = {.head = {NLA_HDRLEN + 40, IFLA_IFNAME}, .name = "lo"};
    assert_int_equal(ask(RTM_GETLINK, 0, &by_name, sizeof by_name), 0);
    memset(by_name.name + 2, 'o', 38);
    assert_int_equal(ask(RTM_GETLINK, 0, &by_name, sizeof by_name), -ENODEV);
    by_name.head.nla_len = NLA_HDRLEN + 1;
    assert_int_equal(ask(RTM_GETLINK, 0, &by_name, sizeof by_name), -ENODEV);
}

static void routes_lead_to_the_loopback_only(void **)
{
    struct {
        struct rtmsg route;
        struct nlattr head;
        uint8_t ip[4];
    } q = {{.rtm_family = AF_INET}, {NLA_HDRLEN + 4, RTA_DST}, {127, 0, 0, 9}};
    assert_int_equal(ask(RTM_GETROUTE, 0, &q, sizeof q), 0);
    assert_int_equal(count_messages(RTM_NEWROUTE), 1);
    q.ip[0] = 10;
    assert_int_equal(ask(RTM_GETROUTE, 0, &q, sizeof q), -ENETUNREACH);
}

static void changes_are_refused(void **)
{
    struct ifinfomsg info = {};
    is_admin = false;
    assert_int_equal(ask(RTM_NEWLINK, 0, &info, sizeof info), -EPERM);
    is_admin = true;
    assert_int_equal(ask(RTM_NEWLINK, 0, &info, sizeof info), -EOPNOTSUPP);
}

static void broken_questions_are_read_within_their_bounds(void **)
{
    uint8_t body[64];
    uint32_t seed = 1;
    for (unsigned round = 0; round < 20000; round++) {
        for (unsigned i = 0; i < sizeof body; i++)
            body[i] =
                (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24) & (round & 1 ? 255 : 15);
        uint16_t type = (uint16_t)(NLMSG_MIN_TYPE + body[0] % 120);
        ask(type, body[1] & 1 ? NLM_F_DUMP : 0, body, body[2] % sizeof body);
        assert_true(reply.used <= sizeof reply.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dumps_list_everything),
        cmocka_unit_test(one_link_by_number_or_name),
        cmocka_unit_test(a_name_that_only_begins_like_ours_is_another),
        cmocka_unit_test(routes_lead_to_the_loopback_only),
        cmocka_unit_test(changes_are_refused),
        cmocka_unit_test(broken_questions_are_read_within_their_bounds),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
