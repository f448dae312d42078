// SPDX-License-Identifier: MIT
/* Registers, stacks of a child that waits, and places. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "callgate-explain.h"

__attribute__((noinline)) void wait_for_ever(void);

void wait_for_ever(void)
{
	for (;;)
		pause();
}

static bool has_function(const struct callgate_explain_stack *stack, const char *name)
{
	for (size_t i = 0; i < stack->count; i++)
		if (stack->frames[i].function &&
		    strcmp(stack->frames[i].function, name) == 0)
			return true;
	return false;
}

static pid_t waiting_child(struct callgate_explain_registers *ret_registers)
{
	pid_t child = fork();

	if (child == 0)
		wait_for_ever();
	for (int i = 0; i < 1000; i++) {
		if (callgate_explain_registers_peek(child, ret_registers) == 0)
			break;
		usleep(1000);
	}
	return child;
}

/* Twice, from what was read, and by what is kept of the first time. */
static void unwinds_a_process_that_waits(void **state)
{
	struct callgate_explain_registers registers = { 0 };
	pid_t child = waiting_child(&registers);
	struct callgate_explain_memory memory;
	struct callgate_explain_thread thread = { child, child, &memory, &registers };
	struct callgate_explain_unwinder *unwinder;
	struct callgate_explain_stack *stack;

	(void)state;
	assert_int_not_equal(registers.pc, 0);
	assert_int_equal(registers.count, 0);
	assert_int_equal(callgate_explain_unwinder_new(&unwinder), 0);
	assert_int_equal(callgate_explain_memory_open(child, &memory), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(callgate_explain_unwind(unwinder, &thread, &stack), 0);
		assert_true(stack->count >= 1);
		assert_true(stack->place < stack->count);
		assert_int_equal(stack->frames[0].pc, registers.pc);
		if (callgate_explain_can_unwind())
			assert_true(has_function(stack, "wait_for_ever"));
		else
			assert_non_null(stack->note);
		callgate_explain_stack_free(stack);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(callgate_explain_unwind(unwinder, &thread, &stack), 0);
	assert_int_equal(stack->count, 1);
	assert_non_null(stack->note);
	callgate_explain_stack_free(stack);
	assert_int_equal(callgate_explain_registers_peek(child, &registers), -ESRCH);
	callgate_explain_memory_close(&memory);
	callgate_explain_unwinder_free(unwinder);
}

static void takes_registers_of_this_machine(void **state)
{
	struct callgate_explain_registers registers;
	uint64_t words[64] = { 0 };

	(void)state;
	assert_int_equal(callgate_explain_registers_of(words, 8, &registers), -EINVAL);
#if defined(__x86_64__)
	for (size_t i = 0; i < 27; i++)
		words[i] = i + 100;
	assert_int_equal(callgate_explain_registers_of(words, 27 * 8, &registers), 0);
	assert_int_equal(registers.pc, 116);
	assert_int_equal(registers.sp, 119);
	assert_int_equal(registers.count, 17);
	assert_int_equal(registers.values[0], 110);
	assert_int_equal(registers.values[7], 119);
	assert_int_equal(registers.values[16], 116);
	assert_int_equal(callgate_explain_registers_of(words, 17 * 4, &registers), 0);
	assert_int_equal(registers.count, 9);
	assert_int_equal(registers.pc, 106);
#endif
}

static void knows_places(void **state)
{
	struct callgate_explain_frame frames[] = {
		{ .pc = 0x7f0010,
		  .module = "/lib/libc.so.6",
		  .module_offset = 0x10,
		  .is_system = true },
		{ .pc = 0x550020, .module = "/bin/x", .module_offset = 0x20 },
		{ .pc = 0x550030, .module = "/bin/x", .module_offset = 0x30 },
	};
	struct callgate_explain_stack stack = { 3, frames, 1, NULL };
	struct seccomp_data call = { .nr = 83, .instruction_pointer = 0x7f0010 };
	uint64_t place = callgate_explain_place(&call, &stack);

	(void)state;
	frames[0].pc = 0x7e0010;
	frames[2].module_offset = 0x99;
	assert_int_equal(callgate_explain_place(&call, &stack), place);
	frames[1].module_offset = 0x21;
	assert_int_not_equal(callgate_explain_place(&call, &stack), place);
	frames[1].module_offset = 0x20;
	call.nr = 84;
	assert_int_not_equal(callgate_explain_place(&call, &stack), place);
	assert_int_equal(callgate_explain_place(&call, NULL),
			 callgate_explain_place(&call, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unwinds_a_process_that_waits),
		cmocka_unit_test(takes_registers_of_this_machine),
		cmocka_unit_test(knows_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
