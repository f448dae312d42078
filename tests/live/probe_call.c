// SPDX-License-Identifier: MIT
/*
 * Makes one system call raw and says what became of it.
 *
 *     probe_call CALL [ARGUMENT]...    prints "EPERM", or "= 3"; exit status 1 or 0
 *     probe_call --permitted           whether a filter may be installed here
 *
 * CALL is a name of the native ABI or a number, an argument is a number, -NUMBER, or a
 * text, which is passed as a pointer. Statically linked and without a buffer, so that
 * a strict policy has little to allow beside the call itself.
 */
#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"
#include "callgate.h"
#include "data/data.h"

static bool read_number(const char *text, unsigned long *ret_value)
{
	bool negative = text[0] == '-';
	uint64_t value;

	if (str_number(str_of(text + negative), &value) < 0)
		return false;
	*ret_value = (unsigned long)(negative ? -value : value);
	return true;
}

static bool read_call(const char *text, unsigned long *ret_number)
{
	const struct syscall *call = syscall_by_name(str_of(text));
	uint32_t number;

	if (!call)
		return read_number(text, ret_number);
	if (!syscall_number(call, abi_native(), &number))
		return false;
	*ret_number = number;
	return true;
}

static int is_permitted(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { .len = 1, .filter = &allow };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0)
		return 0;
	dprintf(1, "seccomp is not permitted here: %s\n", strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	unsigned long number, argument[ARGUMENTS_MAX] = { 0 };
	long result;

	if (argc == 2 && str_is(str_of(argv[1]), "--permitted"))
		return is_permitted();
	if (argc < 2 || argc - 2 > ARGUMENTS_MAX || !read_call(argv[1], &number)) {
		dprintf(2, "usage: probe_call CALL [ARGUMENT]...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		if (!read_number(argv[i], &argument[i - 2]))
			argument[i - 2] = (unsigned long)argv[i];
	}
	result = syscall((long)number, argument[0], argument[1], argument[2],
			 argument[3], argument[4], argument[5]);
	if (result == -1) {
		dprintf(1, "%s\n", strerrorname_np(errno));
		return 1;
	}
	dprintf(1, "= %ld\n", result);
	return 0;
}
