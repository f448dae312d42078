// SPDX-License-Identifier: MIT
/* An audit when memory ends: allocation k fails, for many k. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "audit/cases.h"
#include "failing.h"

static void audits_or_says_that_memory_is_short(void **state)
{
	const struct audit_case test = {
		.policy = "arch x86_64\nallow ioctl, clone, socket(u64(domain) != 16)\n"
			  "allow munmap(u32(len) < 16), chdir(arg0 == 4096)\n"
			  "kill execve\nallow execveat",
	};
	struct callgate_filter *filter = audit_case_filter(&test);
	struct callgate_audit *audit;
	int error = -ENOMEM;
	size_t failures = 0, count;

	(void)state;
	assert_non_null(filter);
	assert_int_equal(callgate_filter_audit(filter, NULL, &audit), 0);
	count = callgate_audit_count(audit);
	callgate_audit_free(audit);
	for (size_t k = 0; error; k += 1 + k / 64, failures++) {
		allocations_left = k;
		error = callgate_filter_audit(filter, NULL, &audit);
		allocations_left = SIZE_MAX;
		assert_true(error == 0 || error == -ENOMEM);
		assert_true(!audit == (error != 0));
	}
	assert_true(failures > 20);
	assert_int_equal(callgate_audit_count(audit), count);
	callgate_audit_free(audit);
	callgate_filter_free(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(audits_or_says_that_memory_is_short),
	};

	return cmocka_run_group_tests_name("audit memory", tests, NULL, NULL);
}
