// SPDX-License-Identifier: MIT
/*
 * The launcher's clause: with the ticket its calls pass, without it the filter is what it
 * was. Held exactly, by the diagrams of both, and by running them.
 */
#include "os/os.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "bpf/bpf.h"

#define EPERM_VERDICT (SECCOMP_RET_ERRNO | EPERM)
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct ticket ticket = {
	{ (unsigned long)0x0123456789abcdef, (unsigned long)0xfedcba9876543210,
	  (unsigned long)0x5555555500000000 },
};

static const uint32_t launcher_calls[] = { SYS_execve, SYS_seccomp, SYS_write,
					   SYS_exit_group };

/* --- filters to put it before ------------------------------------------------------ */

static const struct sock_filter deny_all[] = {
	BPF_STMT(BPF_RET | BPF_K, EPERM_VERDICT),
};

static const struct sock_filter allow_all[] = {
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

/* Allows execve always and write to descriptor 2. */
static const struct sock_filter mixed[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 3, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 0, 3),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	BPF_STMT(BPF_RET | BPF_K, EPERM_VERDICT),
};

/* Rests on A and X being 0 at the start. */
static const struct sock_filter initial_registers[] = {
	BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, EPERM_VERDICT),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static const struct {
	const char *name;
	const struct sock_filter *code;
	size_t length;
	size_t added; /* instructions of the clause */
} filters[] = {
	{ "a filter that denies all", deny_all, LENGTH(deny_all), TICKET_LENGTH_MAX },
	{ "a filter that allows all", allow_all, LENGTH(allow_all), 0 },
	{ "a filter that allows one always and one sometimes", mixed, LENGTH(mixed),
	  TICKET_LENGTH_MAX - 1 },
	{ "a filter that rests on initial registers", initial_registers,
	  LENGTH(initial_registers), TICKET_LENGTH_MAX },
};

struct pair {
	struct sock_filter code[64];
	struct bpf_program before, after;
};

static void make_pair(size_t index, struct pair *ret_pair)
{
	size_t length = ticket_prepend(filters[index].code, filters[index].length,
				       &ticket, ret_pair->code);

	ret_pair->before = (struct bpf_program){
		.code = (struct sock_filter *)(uintptr_t)filters[index].code,
		.length = filters[index].length,
	};
	ret_pair->after = (struct bpf_program){ ret_pair->code, length, false };
}

static struct seccomp_data ticketed_call(uint32_t number)
{
	struct seccomp_data call = { .nr = (int)number, .arch = OS_AUDIT_ARCH };

	for (size_t i = 0; i < LENGTH(ticket.words); i++)
		call.args[3 + i] = ticket.words[i];
	return call;
}

/* --- tests ------------------------------------------------------------------------- */

static void is_accepted_and_as_long_as_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(filters); i++) {
		struct pair pair;

		make_pair(i, &pair);
		assert_int_equal(pair.after.length,
				 filters[i].length + filters[i].added);
		assert_int_equal(bpf_validate(pair.after.code, pair.after.length, NULL,
					      NULL),
				 0);
	}
}

static void lets_the_ticket_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(filters); i++) {
		struct pair pair;

		make_pair(i, &pair);
		for (size_t c = 0; c < LENGTH(launcher_calls); c++) {
			struct seccomp_data call = ticketed_call(launcher_calls[c]);

			/* An argument of its own makes no difference. */
			call.args[0] = 2;
			assert_int_equal(bpf_run(&pair.after, &call).value,
					 SECCOMP_RET_ALLOW);
		}
	}
}

static void refuses_a_ticket_with_one_wrong_bit(void **state)
{
	struct pair pair;

	(void)state;
	make_pair(0, &pair);
	for (size_t c = 0; c < LENGTH(launcher_calls); c++)
		for (size_t bit = 0; bit < 3 * 64; bit++) {
			struct seccomp_data call = ticketed_call(launcher_calls[c]);

			call.args[3 + bit / 64] ^= UINT64_C(1) << bit % 64;
			assert_int_equal(bpf_run(&pair.after, &call).value,
					 EPERM_VERDICT);
		}
}

static void refuses_other_calls_and_abis_with_the_ticket(void **state)
{
	struct pair pair;

	(void)state;
	make_pair(0, &pair);
	for (uint32_t number = 0; number < 1000; number++) {
		struct seccomp_data call = ticketed_call(number);
		bool is_launchers = false;

		for (size_t c = 0; c < LENGTH(launcher_calls); c++)
			is_launchers |= number == launcher_calls[c];
		assert_int_equal(bpf_run(&pair.after, &call).value,
				 is_launchers ? SECCOMP_RET_ALLOW : EPERM_VERDICT);
		call.arch ^= 1;
		assert_int_equal(bpf_run(&pair.after, &call).value, EPERM_VERDICT);
		call = ticketed_call(number | 0x40000000);
		assert_int_equal(bpf_run(&pair.after, &call).value, EPERM_VERDICT);
	}
}

/* The calls that carry the ticket, as a predicate. */
static meaning_ref ticket_predicate(struct meaning *store)
{
	meaning_ref numbers = MEANING_FALSE;
	meaning_ref all = meaning_masked(store, WORD_ARCH, UINT32_MAX, OS_AUDIT_ARCH);

	for (size_t i = 0; i < LENGTH(launcher_calls); i++)
		numbers = meaning_or(store, numbers,
				     meaning_masked(store, WORD_NR, UINT32_MAX,
						    launcher_calls[i]));
	all = meaning_and(store, all, numbers);
	for (unsigned i = 0; i < LENGTH(ticket.words); i++) {
		uint64_t word = ticket.words[i];

		all = meaning_and(store, all,
				  meaning_masked(store, word_high(3 + i), UINT32_MAX,
						 (uint32_t)(word >> 32)));
		all = meaning_and(store, all,
				  meaning_masked(store, word_low(3 + i), UINT32_MAX,
						 (uint32_t)word));
	}
	return all;
}

static void changes_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(filters); i++) {
		struct meaning *store = meaning_new(MEANING_LIMITS);
		struct pair pair;
		meaning_ref wanted;

		make_pair(i, &pair);
		wanted = meaning_ite(store, ticket_predicate(store),
				     meaning_terminal(store, SECCOMP_RET_ALLOW),
				     meaning_of_program(store, pair.before.code,
							pair.before.length, false));
		assert_int_equal(meaning_of_program(store, pair.after.code,
						    pair.after.length, false),
				 wanted);
		assert_int_equal(meaning_error(store), 0);
		meaning_free(store);
	}
}

static void keeps_what_the_kernel_caches(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(filters); i++) {
		struct pair pair;

		make_pair(i, &pair);
		for (uint32_t number = 0; number < 400; number++)
			assert_int_equal(bpf_cached(&pair.before, OS_AUDIT_ARCH,
						    number),
					 bpf_cached(&pair.after, OS_AUDIT_ARCH,
						    number));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_accepted_and_as_long_as_said),
		cmocka_unit_test(lets_the_ticket_pass),
		cmocka_unit_test(refuses_a_ticket_with_one_wrong_bit),
		cmocka_unit_test(refuses_other_calls_and_abis_with_the_ticket),
		cmocka_unit_test(changes_nothing_else),
		cmocka_unit_test(keeps_what_the_kernel_caches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
