// SPDX-License-Identifier: MIT
/* Explanations when memory ends: each allocation in turn is the first that fails. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/audit.h>

#include "callgate-explain.h"
#include "failing.h"

static const struct seccomp_data mkdir_call = { 83, AUDIT_ARCH_X86_64, 0, { 0, 0777 } };

static size_t read_memory(void *context, uint64_t address, void *buffer, size_t size)
{
	(void)context, (void)address;
	memset(buffer, 'a', size);
	return size;
}

static int decode(void)
{
	const struct callgate_explain_memory memory = { .read = read_memory };
	struct seccomp_data call = mkdir_call;
	struct callgate_explain_call *decoded;
	int error;

	call.args[0] = 0x1000;
	error = callgate_explain_decode(&call, &memory, &decoded);
	if (!error)
		callgate_explain_call_free(decoded);
	return error;
}

static int print(void)
{
	const struct callgate_explain_frame frame = { .function = "f", .module = "/m" };
	const struct callgate_explain_stack stack = { 1, &frame, 0, "note" };
	const struct callgate_explain_denial denial = {
		.program = "x",
		.call = "mkdir(1)",
		.verdict = SECCOMP_RET_TRAP,
		.rule = "deny mkdir",
		.stack = &stack,
		.fix = "allow mkdir",
	};
	const struct callgate_explain_layout layout = { 20, 0 };
	struct callgate_explain_text *text;
	int error = callgate_explain_denial_print(&denial, &layout, &text);

	if (!error)
		callgate_explain_text_free(text);
	return error;
}

static struct callgate_explain_policy about;

static int advise(void)
{
	const struct callgate_explain_seen seen = { .call = mkdir_call, .count = 2 };
	struct callgate_explain_advice *advice;
	int error = callgate_explain_advise(&about, &seen, 1, &advice);

	if (!error)
		callgate_explain_advice_free(advice);
	return error;
}

static int unwind(void)
{
	const uint64_t addresses[] = { 0x1000, (uint64_t)(uintptr_t)unwind };
	struct callgate_explain_unwinder *unwinder;
	struct callgate_explain_stack *stack;
	int error = callgate_explain_unwinder_new(&unwinder);

	if (error)
		return error;
	/* libdw says of no memory that there is no name: that is no failure of ours. */
	error = callgate_explain_symbolize(unwinder, 0, addresses, 2, NULL, &stack);
	if (!error)
		callgate_explain_stack_free(stack);
	callgate_explain_unwinder_free(unwinder);
	return error;
}

static void fails_in_order(void **state)
{
	static int (*const acts[])(void) = { decode, print, advise, unwind };
	static const char text[] = "allow read\ndeny mkdir";
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy;

	(void)state;
	assert_int_equal(callgate_policy_parse(text, strlen(text), NULL, diagnostics,
					       &policy),
			 0);
	about = (struct callgate_explain_policy){ policy, diagnostics, NULL };
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		int error = -ENOMEM;

		for (size_t k = 0; error; k++) {
			allocations_left = k;
			error = acts[i]();
			allocations_left = SIZE_MAX;
			if (error && error != -ENOMEM)
				fail_msg("act %zu, allocation %zu: %d", i, k, error);
		}
	}
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fails_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
