/* SPDX-License-Identifier: BSD-2-Clause */
/* attack.c - wrong capabilities, ranges, types and pointers, and that nothing changed. */
#include "native.h"

constexpr exo_frame NO_FRAME = 0xfffffff0;
constexpr uint64_t KERNEL_ADDRESS = 0xffffffff80200000;

static volatile uint64_t upcall_cause;

void native_upcall(struct exo_upcall_frame *frame)
{
    upcall_cause = frame->cause;
    if (frame->cause == 1)
        frame->rflags &= ~0x100ull; /* single step: the instruction is done */
    else
        frame->rip += 2; /* past movb (%rdi),%al or movb %al,(%rdi) */
}

void native_vcpu_main(struct exo_vcpu_page *vcpu)
{
    (void)vcpu;
    for (;;)
        exo_vcpu_wait(0);
}

static bool can_write(void *p)
{
    upcall_cause = 0;
    __asm__ volatile(".byte 0x88, 0x07" : : "D"(p), "a"(0) : "memory");
    return upcall_cause == 0;
}

static bool can_read(void *p)
{
    upcall_cause = 0;
    uint64_t value = 0;
    __asm__ volatile(".byte 0x8a, 0x07" : "+a"(value) : "D"(p) : "memory");
    return upcall_cause == 0;
}

static uint32_t map_count(exo_frame frame)
{
    struct exo_frame_answer answer = {.maps = ~0u};
    exo_frame_query(frame, (exo_uaddr)&answer);
    return answer.maps;
}

static uint32_t frame_type(exo_frame frame)
{
    struct exo_frame_answer answer = {.type = ~0u};
    exo_frame_query(frame, (exo_uaddr)&answer);
    return answer.type;
}

static enum exo_status map(uint64_t va_perms, exo_frame frame, uint32_t count)
{
    uint64_t done;
    return exo_space_map(EXO_CAP_BOOT_SPACE, va_perms, frame, count, &done);
}

static void attack_numbers(void)
{
    uint64_t out;
    CHECK_STATUS("call_number_past_the_list_is_refused", exo_trap(63, 0, 0, 0, 0, 0, &out),
                 EXO_NOCALL);
    CHECK_STATUS("call_number_in_a_gap_is_refused", exo_trap(3, 0, 0, 0, 0, 0, &out), EXO_NOCALL);
    uint64_t rax = UINT64_MAX;
    __asm__ volatile("syscall" : "+a"(rax) : : "rcx", "r11", "memory");
    CHECK_STATUS("number_minus_one_is_reflected", rax, (uint64_t)-38);
    for (uint32_t nr = 0; nr < EXO_CALL_SPAN; nr++) {
        /* Every call but the machine's end and waiting, with arguments that mean nothing. */
        if (nr != 0x02 && nr != 0x1c && nr != 0x1d && nr != 0x01)
            exo_trap(nr, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, &out);
    }
    CHECK_STATUS("all_calls_survive_wild_arguments", exo_null(&out), EXO_OK);
}

static void attack_map(const struct exo_info *info)
{
    exo_frame frame = native_frame();
    uint64_t va = native_va(4);
    constexpr uint32_t RW = EXO_READ | EXO_WRITE;
    CHECK_STATUS("map_of_no_frame_is_refused", map(va | RW, NO_FRAME, 1), EXO_RANGE);
    CHECK_STATUS("map_count_that_overflows_is_refused", map(va | RW, frame, UINT32_MAX), EXO_RANGE);
    CHECK_STATUS("map_of_nothing_is_refused", map(va | RW, frame, 0), EXO_RANGE);
    CHECK_STATUS("map_in_the_kernel_is_refused", map((KERNEL_ADDRESS & ~0xfffull) | RW, frame, 1),
                 EXO_RANGE);
    CHECK_STATUS("map_past_the_user_half_is_refused", map(0x7ffffffff000 | RW, frame, 1),
                 EXO_RANGE);
    CHECK_STATUS("map_of_the_kernels_frame_is_refused", map(va | RW, 0x200, 1), EXO_OWNER);
    CHECK_STATUS("map_of_the_kernels_frame_to_read_is_refused", map(va | EXO_READ, 0x200, 1),
                 EXO_OWNER);
    CHECK_STATUS("map_of_the_lowest_frame_is_refused", map(va | RW, 0, 1), EXO_OWNER);
    CHECK_STATUS("map_of_an_object_is_refused", map(va | RW, info->boot_objects.first, 1),
                 EXO_TYPE);
    CHECK_STATUS("map_of_an_object_to_read_is_refused",
                 map(va | EXO_READ, info->boot_objects.first, 1), EXO_TYPE);
    CHECK_STATUS("map_writable_and_executable_is_refused", map(va | EXO_RWX, frame, 1), EXO_INVAL);
    CHECK_STATUS("map_without_rights_is_refused", map(va, frame, 1), EXO_INVAL);
    CHECK_STATUS("map_with_unknown_flags_is_refused", map(va | RW | 0x800, frame, 1), EXO_INVAL);
    CHECK_STATUS("large_map_of_small_alignment_is_refused",
                 map((va + EXO_FRAME_BYTES) | RW | EXO_LARGE, frame, 1), EXO_ALIGN);
    CHECK("refused_maps_changed_nothing", map_count(frame) == 0 && !can_read((void *)va));
    CHECK_STATUS("map_to_read_is_granted", map(va | EXO_READ, frame, 1), EXO_OK);
    CHECK("a_read_only_page_cannot_be_written", can_read((void *)va) && !can_write((void *)va));
    CHECK("map_is_counted", map_count(frame) == 1);
    CHECK_STATUS("map_again_replaces", map(va | RW, frame, 1), EXO_OK);
    CHECK("a_replaced_map_is_counted_once", map_count(frame) == 1 && can_write((void *)va));
    uint64_t done;
    CHECK_STATUS("unmap_is_granted", exo_space_unmap(EXO_CAP_BOOT_SPACE, va, 1, &done), EXO_OK);
    CHECK("an_unmapped_page_is_gone", map_count(frame) == 0 && !can_read((void *)va));
    CHECK_STATUS("unmap_of_too_much_is_refused",
                 exo_space_unmap(EXO_CAP_BOOT_SPACE, va, UINT64_MAX, &done), EXO_RANGE);
}

static void attack_tables(void)
{
    exo_frame frame = native_frame(), mapped = native_frame();
    void *va = native_map(mapped);
    uint64_t count;
    exo_frame list[2] = {frame, frame};
    CHECK_STATUS("a_mapped_frame_cannot_become_a_table",
                 exo_table_give(EXO_CAP_SELF, (exo_uaddr)&mapped, 1, &count), EXO_INUSE);
    CHECK_STATUS("a_frame_becomes_a_table_once",
                 exo_table_give(EXO_CAP_SELF, (exo_uaddr)list, 2, &count), EXO_AGAIN);
    CHECK("the_first_of_a_double_gift_was_taken",
          count == 1 && frame_type(frame) == EXO_FRAME_TABLE);
    uint64_t at = native_va(1);
    CHECK_STATUS("a_table_cannot_be_mapped_writable", map(at | EXO_READ | EXO_WRITE, frame, 1),
                 EXO_TYPE);
    CHECK_STATUS("a_table_cannot_be_mapped_executable", map(at | EXO_READ | EXO_EXEC, frame, 1),
                 EXO_TYPE);
    CHECK_STATUS("a_table_can_be_read_by_its_owner", map(at | EXO_READ, frame, 1), EXO_OK);
    CHECK_STATUS("a_tables_mapping_cannot_gain_rights",
                 exo_space_protect(EXO_CAP_BOOT_SPACE, at | EXO_READ | EXO_WRITE, 1, 0, &count),
                 EXO_TYPE);
    CHECK_STATUS("a_table_cannot_become_an_object", exo_space_create(EXO_CAP_SELF, frame, &count),
                 EXO_TYPE);
    CHECK_STATUS("a_mapped_frame_cannot_become_an_object",
                 exo_space_create(EXO_CAP_SELF, mapped, &count), EXO_INUSE);
    CHECK("refused_objects_stay_plain", frame_type(mapped) == EXO_FRAME_PLAIN && can_write(va));
}

static void attack_pointers(void)
{
    uint64_t count;
    exo_frame frame = native_frame();
    uint64_t hole = native_va(2);
    CHECK_STATUS("a_list_in_the_kernel_is_refused",
                 exo_table_give(EXO_CAP_SELF, KERNEL_ADDRESS, 1, &count), EXO_FAULT);
    CHECK_STATUS("a_list_in_nothing_is_refused", exo_table_give(EXO_CAP_SELF, hole, 1, &count),
                 EXO_FAULT);
    CHECK_STATUS("a_batch_in_nothing_is_refused",
                 exo_space_map_batch(EXO_CAP_BOOT_SPACE, hole, 4, &count), EXO_FAULT);
    CHECK_STATUS("a_batch_in_the_direct_map_is_refused",
                 exo_space_map_batch(EXO_CAP_BOOT_SPACE, 0xffff800000000000, 4, &count), EXO_FAULT);
    CHECK_STATUS("an_answer_into_the_kernel_is_refused", exo_frame_query(frame, KERNEL_ADDRESS),
                 EXO_FAULT);
    CHECK_STATUS("an_answer_past_the_end_of_everything_is_refused",
                 exo_frame_query(frame, UINT64_MAX - 4), EXO_FAULT);
    CHECK_STATUS("an_answer_into_the_facts_is_refused", exo_frame_query(frame, EXO_INFO_VA),
                 EXO_FAULT);
    CHECK_STATUS("a_resume_frame_in_nothing_is_refused", exo_vcpu_resume(hole), EXO_FAULT);
    struct exo_resume_frame resume = {.rip = 0x8000000000000000};
    CHECK_STATUS("a_resume_to_no_address_is_refused", exo_vcpu_resume((exo_uaddr)&resume),
                 EXO_RANGE);
    resume = (struct exo_resume_frame){.rip = 0x1000, .gs_base = 0x8000000000000000};
    CHECK_STATUS("a_resume_with_a_wild_gs_is_refused", exo_vcpu_resume((exo_uaddr)&resume),
                 EXO_RANGE);
    resume.gs_base = 0xffff800000000000;
    CHECK_STATUS("a_resume_with_the_kernels_gs_is_refused", exo_vcpu_resume((exo_uaddr)&resume),
                 EXO_RANGE);
}

static void attack_capabilities(void)
{
    uint64_t out;
    CHECK_STATUS("a_space_is_no_vcpu", exo_vcpu_notify(EXO_CAP_BOOT_SPACE, 1 << 8), EXO_CAP);
    CHECK_STATUS("a_vcpu_is_no_space", exo_space_unmap(EXO_CAP_BOOT_VCPU, 0x1000, 1, &out),
                 EXO_CAP);
    CHECK_STATUS("an_empty_slot_is_no_space", exo_space_switch(100), EXO_CAP);
    CHECK_STATUS("a_slot_past_the_table_is_no_space", exo_space_switch(UINT32_MAX), EXO_CAP);
    CHECK_STATUS("the_space_in_use_stays", exo_space_destroy(EXO_CAP_BOOT_SPACE), EXO_INUSE);
    CHECK_STATUS("the_running_vcpu_stays", exo_vcpu_destroy(EXO_CAP_BOOT_VCPU), EXO_INVAL);
    CHECK_STATUS("the_kernels_events_cannot_be_rung",
                 exo_vcpu_notify(EXO_CAP_BOOT_VCPU, EXO_EVENT_TIMER), EXO_INVAL);
    CHECK_STATUS("a_domain_cannot_destroy_itself", exo_domain_destroy(EXO_CAP_SELF), EXO_CAP);
    CHECK_STATUS("a_domain_cannot_grant_to_itself",
                 exo_frame_grant(native_frame(), 1, EXO_CAP_SELF, EXO_RWX), EXO_INVAL);
    CHECK_STATUS("what_nobody_gave_cannot_be_dropped", exo_frame_drop(native_frame(), 1),
                 EXO_STATE);
    CHECK_STATUS("a_slot_of_no_cpu_is_refused", exo_slice_bind(1000, 0, 1, EXO_CAP_BOOT_VCPU),
                 EXO_RANGE);
    CHECK_STATUS("slots_past_the_ring_are_refused", exo_slice_bind(0, 60, 10, EXO_CAP_BOOT_VCPU),
                 EXO_RANGE);
}

/* Its output port could reset the machine, or switch address line 20 off under everybody. */
static void attack_keyboard_controller(void)
{
    uint64_t out = 0;
    bool is_refused = true;
    for (uint32_t value = 0xd1; value <= 0xff; value++)
        is_refused &= value == 0xd4 || exo_port_guarded(0x64, value, &out) == EXO_RIGHTS;
    CHECK("commands_that_reach_past_the_kernel_are_refused", is_refused);
    CHECK_STATUS("its_memory_stays_closed", exo_port_guarded(0x64, 0x61, &out), EXO_RIGHTS);
    CHECK_STATUS("its_status_can_be_read", exo_port_guarded(0x64, EXO_PORT_READ, &out), EXO_OK);
    CHECK("its_status_is_a_byte", out <= 0xff);
    CHECK_STATUS("a_harmless_command_is_granted", exo_port_guarded(0x64, 0xae, &out), EXO_OK);
    CHECK_STATUS("more_than_a_byte_is_refused", exo_port_guarded(0x64, 0x1ae, &out), EXO_INVAL);
    CHECK_STATUS("no_other_port_is_guarded", exo_port_guarded(0x60, EXO_PORT_READ, &out),
                 EXO_RANGE);
}

static void attack_devices(void)
{
    CHECK_STATUS("the_interrupt_controllers_ports_are_refused", exo_port_claim(0x20, 2),
                 EXO_RIGHTS);
    CHECK_STATUS("the_dma_controllers_ports_are_refused", exo_port_claim(0x00, 16), EXO_RIGHTS);
    CHECK_STATUS("the_keyboard_controllers_commands_are_refused", exo_port_claim(0x64, 1),
                 EXO_RIGHTS);
    CHECK_STATUS("the_keyboards_data_port_is_granted", exo_port_claim(0x60, 1), EXO_OK);
    attack_keyboard_controller();
    CHECK_STATUS("ports_past_the_end_are_refused", exo_port_claim(0x3ff, 2), EXO_RANGE);
    CHECK_STATUS("a_count_of_ports_that_overflows_is_refused", exo_port_claim(0x3f8, UINT32_MAX),
                 EXO_RANGE);
    CHECK_STATUS("a_line_that_is_not_there_is_refused", exo_irq_bind(200, EXO_CAP_BOOT_VCPU, 9),
                 EXO_RANGE);
    CHECK_STATUS("the_kernels_event_bits_are_refused", exo_irq_bind(4, EXO_CAP_BOOT_VCPU, 0),
                 EXO_RANGE);
    CHECK_STATUS("somebody_elses_line_cannot_be_acknowledged", exo_irq_ack(5), EXO_OWNER);
    CHECK_STATUS("a_line_that_is_not_there_has_no_other_end", exo_irq_signal(200), EXO_RANGE);
    CHECK_STATUS("somebody_elses_line_cannot_be_signalled", exo_irq_signal(5), EXO_OWNER);
    CHECK_STATUS("an_event_channel_without_xen_is_refused", exo_irq_bind(64, EXO_CAP_BOOT_VCPU, 9),
                 EXO_RANGE);
    CHECK_STATUS("a_device_line_can_be_bound", exo_irq_bind(7, EXO_CAP_BOOT_VCPU, 9), EXO_OK);
    CHECK_STATUS("a_device_line_has_no_other_end", exo_irq_signal(7), EXO_INVAL);
    CHECK_STATUS("a_device_that_is_not_there_is_refused", exo_device_claim(0xfd000, 16), EXO_RANGE);
    CHECK_STATUS("ram_is_no_device", exo_device_claim(native_frame(), 1), EXO_RANGE);
    CHECK_STATUS("the_local_interrupt_controller_is_no_device", exo_device_claim(0xfee00, 1),
                 EXO_RANGE);
    CHECK_STATUS("the_local_interrupt_controller_cannot_be_mapped",
                 map(native_va(1) | EXO_READ | EXO_WRITE, 0xfee00, 1), EXO_RANGE);
    upcall_cause = 0;
    __asm__ volatile("outb %%al, $0xf4" : : "a"(0)); /* two bytes, as native_upcall expects */
    CHECK_STATUS("a_port_that_was_not_claimed_faults", upcall_cause, 13);
    upcall_cause = 0;
    /* A debug trap, which has a stack and a %gs check of its own in the kernel. */
    __asm__ volatile("wrgsbase %0\n pushfq\n orq $0x100, (%%rsp)\n popfq\n nop"
                     :
                     : "r"(0xffff800000000000ull)
                     : "memory", "cc");
    CHECK_STATUS("a_debug_trap_with_a_wild_gs_is_an_upcall", upcall_cause, 1);
    upcall_cause = 0;
    __asm__ volatile("wbinvd");
    CHECK_STATUS("a_privileged_instruction_faults", upcall_cause, 13);
}

static void attack_zero_bindings(void)
{
    uint64_t va = native_va(8);
    exo_frame ring_frame = native_frame();
    struct exo_zero_ring *ring = native_map(ring_frame);
    CHECK_STATUS(
        "a_ring_in_nothing_is_refused",
        exo_space_bind_zero(EXO_CAP_BOOT_SPACE, va | EXO_READ | EXO_WRITE, 8, native_va(1)),
        EXO_FAULT);
    CHECK_STATUS("a_binding_that_overflows_is_refused",
                 exo_space_bind_zero(EXO_CAP_BOOT_SPACE, va | EXO_READ | EXO_WRITE, UINT64_MAX,
                                     (exo_uaddr)ring),
                 EXO_RANGE);
    CHECK_STATUS(
        "a_binding_is_made",
        exo_space_bind_zero(EXO_CAP_BOOT_SPACE, va | EXO_READ | EXO_WRITE, 8, (exo_uaddr)ring),
        EXO_OK);
    ring->frames[0] = NO_FRAME;
    ring->given = 1;
    CHECK("a_ring_with_no_frame_serves_nothing", !can_write((void *)va) && ring->taken == 0);
    ring->frames[0] = 0x200; /* the kernel's */
    CHECK("a_ring_with_the_kernels_frame_serves_nothing",
          !can_write((void *)va) && ring->taken == 0);
    exo_frame good = native_frame();
    ring->frames[0] = good;
    CHECK("a_ring_with_a_frame_serves_a_touch",
          can_write((void *)va) && ring->taken == 1 && map_count(good) == 1);
    CHECK("an_empty_ring_serves_nothing", !can_write((void *)(va + EXO_FRAME_BYTES)));
    CHECK("a_ring_is_pinned", map_count(ring_frame) == 2);
    CHECK_STATUS("a_binding_ends", exo_space_bind_zero(EXO_CAP_BOOT_SPACE, va, 8, 0), EXO_OK);
    CHECK("a_ring_is_free_again", map_count(ring_frame) == 1);
}

static void accessed_and_dirty(void)
{
    volatile char *page = native_map(native_frame());
    uint8_t bits = 0xff;
    uint64_t count;
    exo_space_read_ad(EXO_CAP_BOOT_SPACE, (uint64_t)page, 1, (exo_uaddr)&bits, &count);
    CHECK_STATUS("a_fresh_page_is_neither_accessed_nor_dirty", bits, 1);
    (void)*page;
    exo_space_read_ad(EXO_CAP_BOOT_SPACE, (uint64_t)page, 1, (exo_uaddr)&bits, &count);
    CHECK_STATUS("a_read_page_is_accessed", bits, 3);
    *page = 1;
    exo_space_read_ad(EXO_CAP_BOOT_SPACE, (uint64_t)page, 1, (exo_uaddr)&bits, &count);
    CHECK_STATUS("a_written_page_is_dirty", bits, 7);
    exo_space_read_ad(EXO_CAP_BOOT_SPACE, (uint64_t)page, 1, (exo_uaddr)&bits, &count);
    CHECK_STATUS("reading_the_bits_clears_them", bits, 1);
}

void native_main(const struct exo_info *info, struct exo_vcpu_page *vcpu)
{
    vcpu->masked = 0;
    exo_vcpu_start(EXO_CAP_BOOT_VCPU, 0, (exo_uaddr)native_linux_entry,
                   (exo_uaddr)native_upcall_entry, (exo_uaddr)native_upcall_stack);
    attack_map(info);
    attack_tables();
    attack_pointers();
    attack_capabilities();
    attack_devices();
    attack_zero_bindings();
    accessed_and_dirty();
    attack_numbers();
    native_done();
}
