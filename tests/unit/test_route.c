// SPDX-License-Identifier: MIT
/*
 * A filter whose denials ask: nothing else about it is changed, and its clause for verdicts
 * lets nothing through, whoever has the ticket.
 */
#include "os/supervise.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "bpf/bpf.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct verdict_ticket ticket = { { 0x01234567, 0x89abcdef, 0xfedcba98 } };

/* Each number gets a verdict of its own kind; rests on A being 0 at the start. */
static const struct {
	int number;
	uint32_t verdict;
	bool asks, asks_permissive;
} verdicts[] = {
	{ 1, SECCOMP_RET_ALLOW, false, false },
	{ 2, SECCOMP_RET_LOG, false, false },
	{ 3, SECCOMP_RET_TRACE | 7, false, true },
	{ 4, SECCOMP_RET_ERRNO | EPERM, true, true },
	{ 5, SECCOMP_RET_TRAP | 9, true, true },
	{ 6, SECCOMP_RET_KILL_THREAD, true, true },
	{ 7, SECCOMP_RET_KILL_PROCESS, true, true },
	{ 8, SECCOMP_RET_USER_NOTIF, true, true },
	{ 9, 0x12340000, true, true }, /* no action: the kernel kills */
};

struct routed {
	struct sock_filter code[64];
	struct bpf_program program;
};

static void make(bool permissive, struct routed *ret_routed)
{
	struct sock_filter code[2 * LENGTH(verdicts) + 3];
	size_t at = 0;

	code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						  offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < LENGTH(verdicts); i++) {
		code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							  (uint32_t)verdicts[i].number,
							  0, 1);
		code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							  verdicts[i].verdict);
	}
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	ret_routed->program = (struct bpf_program){
		.code = ret_routed->code,
		.length =
			route_program(code, at, &ticket, permissive, ret_routed->code),
		.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
	};
	assert_int_equal(bpf_validate(ret_routed->code, ret_routed->program.length,
				      NULL, NULL),
			 0);
}

static uint32_t run(const struct routed *routed, const struct seccomp_data *call)
{
	struct callgate_filter *filter;
	uint32_t verdict;

	assert_int_equal(callgate_filter_from_program(routed->code,
						      routed->program.length, NULL,
						      &filter),
			 0);
	verdict = callgate_filter_run(filter, call).value;
	callgate_filter_free(filter);
	return verdict;
}

static void asks_about_denials_alone(void **state)
{
	struct routed routed;

	(void)state;
	for (int permissive = 0; permissive < 2; permissive++) {
		make(permissive, &routed);
		for (size_t i = 0; i < LENGTH(verdicts); i++) {
			const struct seccomp_data call = { .nr = verdicts[i].number,
							   .arch = OS_AUDIT_ARCH };
			bool asks = permissive ? verdicts[i].asks_permissive
					       : verdicts[i].asks;

			assert_int_equal(is_routed(verdicts[i].verdict, permissive),
					 asks);
			assert_int_equal(run(&routed, &call),
					 asks ? SECCOMP_RET_USER_NOTIF
					      : verdicts[i].verdict);
		}
	}
}

static void leaves_the_cache_of_allowed_calls(void **state)
{
	struct routed routed;

	(void)state;
	make(false, &routed);
	assert_true(bpf_cached(&routed.program, OS_AUDIT_ARCH, 1));
	assert_true(bpf_cached(&routed.program, OS_AUDIT_ARCH, 100));
	assert_false(bpf_cached(&routed.program, OS_AUDIT_ARCH, 4));
}

static void asks_about_listeners_that_are_allowed(void **state)
{
	static const struct sock_filter allow =
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	static const struct {
		struct seccomp_data call;
		uint32_t verdict;
	} calls[] = {
		{ { .nr = SYS_seccomp,
		    .arch = OS_AUDIT_ARCH,
		    .args = { SECCOMP_SET_MODE_FILTER,
			      SECCOMP_FILTER_FLAG_NEW_LISTENER } },
		  SECCOMP_RET_USER_NOTIF },
		/* the kernel takes both as 32 bits */
		{ { .nr = SYS_seccomp,
		    .arch = OS_AUDIT_ARCH,
		    .args = { 1ull << 32 | SECCOMP_SET_MODE_FILTER,
			      1ull << 32 | SECCOMP_FILTER_FLAG_NEW_LISTENER |
				      SECCOMP_FILTER_FLAG_LOG } },
		  SECCOMP_RET_USER_NOTIF },
		{ { .nr = SYS_seccomp,
		    .arch = OS_AUDIT_ARCH,
		    .args = { SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG } },
		  SECCOMP_RET_ALLOW },
		{ { .nr = SYS_seccomp,
		    .arch = OS_AUDIT_ARCH,
		    .args = { SECCOMP_GET_ACTION_AVAIL,
			      SECCOMP_FILTER_FLAG_NEW_LISTENER } },
		  SECCOMP_RET_ALLOW },
		{ { .nr = SYS_seccomp,
		    .arch = ~OS_AUDIT_ARCH,
		    .args = { SECCOMP_SET_MODE_FILTER,
			      SECCOMP_FILTER_FLAG_NEW_LISTENER } },
		  SECCOMP_RET_ALLOW },
	};
	struct routed routed = { .program.length = 0 };

	(void)state;
	routed.program.length = route_program(&allow, 1, &ticket, false, routed.code);
	for (size_t i = 0; i < LENGTH(calls); i++) {
		assert_int_equal(run(&routed, &calls[i].call), calls[i].verdict);
		assert_int_equal(asks_for_listener(&calls[i].call),
				 calls[i].verdict == SECCOMP_RET_USER_NOTIF);
	}
}

static struct seccomp_data ask_for(uint32_t verdict)
{
	return (struct seccomp_data){
		.nr = VERDICT_NUMBER,
		.arch = OS_AUDIT_ARCH,
		.args = { ticket.words[0], ticket.words[1], ticket.words[2], verdict },
	};
}

static void gives_the_verdicts_that_end_or_trap(void **state)
{
	static const uint32_t wanted[] = {
		SECCOMP_RET_TRAP,	  SECCOMP_RET_TRAP | 0xffff,
		SECCOMP_RET_KILL_THREAD,  SECCOMP_RET_KILL_THREAD | 5,
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_PROCESS | 0xffff,
	};
	struct routed routed;

	(void)state;
	make(false, &routed);
	for (size_t i = 0; i < LENGTH(wanted); i++) {
		struct seccomp_data call = ask_for(wanted[i]);

		assert_int_equal(run(&routed, &call), wanted[i]);
	}
}

/* The filter allows the number; what it is asked for is not even looked at. */
static void lets_nothing_through_for_a_ticket(void **state)
{
	static const uint32_t wanted[] = {
		SECCOMP_RET_TRAP + 0x10000,
		SECCOMP_RET_ERRNO | 1,
		SECCOMP_RET_USER_NOTIF,
		SECCOMP_RET_TRACE,
		SECCOMP_RET_LOG,
		SECCOMP_RET_ALLOW,
	};
	static const struct sock_filter deny =
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	struct routed routed = { .program.length = 0 };

	(void)state;
	routed.program.length = route_program(&deny, 1, &ticket, false, routed.code);
	for (size_t i = 0; i < LENGTH(wanted); i++) {
		struct seccomp_data call = ask_for(wanted[i]);

		assert_int_equal(run(&routed, &call), SECCOMP_RET_USER_NOTIF);
	}
}

static void wants_each_word_of_the_ticket(void **state)
{
	struct routed routed;

	(void)state;
	make(false, &routed);
	for (size_t i = 0; i < 3; i++) {
		struct seccomp_data call = ask_for(SECCOMP_RET_TRAP);

		call.args[i] ^= 1;
		assert_int_equal(run(&routed, &call), SECCOMP_RET_ALLOW);
	}
}

static void sees_a_verdict_that_is_computed(void **state)
{
	static const struct sock_filter computed[] = {
		BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};

	(void)state;
	assert_true(route_impossible(computed, 2));
	assert_false(route_impossible(computed, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_about_denials_alone),
		cmocka_unit_test(leaves_the_cache_of_allowed_calls),
		cmocka_unit_test(asks_about_listeners_that_are_allowed),
		cmocka_unit_test(gives_the_verdicts_that_end_or_trap),
		cmocka_unit_test(lets_nothing_through_for_a_ticket),
		cmocka_unit_test(wants_each_word_of_the_ticket),
		cmocka_unit_test(sees_a_verdict_that_is_computed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
