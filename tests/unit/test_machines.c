// SPDX-License-Identifier: MIT
/*
 * Policies for other machines than this one. A filter's bytes are run by a small machine
 * of either byte order that knows nothing of the library: it reads instructions and
 * struct seccomp_data out of memory as that machine lays them out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/diag.h"
#include "data/data.h"
#include "policy/policy.h"

#define ALLOW SECCOMP_RET_ALLOW
#define DENY  (SECCOMP_RET_ERRNO | 1)
#define KILL  SECCOMP_RET_KILL_PROCESS

/* --- the machine -------------------------------------------------------------------- */

struct machine {
	bool big_endian;
	uint8_t data[sizeof(struct seccomp_data)];
	const uint8_t *program;
};

static uint64_t load(const struct machine *machine, const uint8_t *at, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value = value << 8 | at[machine->big_endian ? i : size - 1 - i];
	return value;
}

static void store(struct machine *machine, unsigned at, unsigned size, uint64_t value)
{
	for (unsigned i = 0; i < size; i++)
		machine->data[at + (machine->big_endian ? size - 1 - i : i)] =
			(uint8_t)(value >> 8 * i);
}

static void store_call(struct machine *machine, const struct seccomp_data *call)
{
	store(machine, 0, 4, (uint32_t)call->nr);
	store(machine, 4, 4, call->arch);
	store(machine, 8, 8, call->instruction_pointer);
	for (unsigned i = 0; i < 6; i++)
		store(machine, 16 + 8 * i, 8, call->args[i]);
}

static bool jumps(unsigned operation, uint32_t a, uint32_t k)
{
	switch (operation) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	case BPF_JSET:
		return a & k;
	}
	fail_msg("no such jump");
	return false;
}

static uint32_t run(const struct machine *machine)
{
	uint32_t a = 0;

	for (const uint8_t *at = machine->program;; at += 8) {
		unsigned code = (unsigned)load(machine, at, 2);
		uint32_t k = (uint32_t)load(machine, at + 4, 4);

		if (code == (BPF_RET | BPF_K))
			return k;
		if (code == (BPF_LD | BPF_W | BPF_ABS))
			a = (uint32_t)load(machine, machine->data + k, 4);
		else if (code == (BPF_ALU | BPF_AND | BPF_K))
			a &= k;
		else if (code == (BPF_JMP | BPF_JA))
			at += (size_t)8 * k;
		else if (BPF_CLASS(code) == BPF_JMP)
			at += (size_t)8 * (jumps(BPF_OP(code), a, k) ? at[2] : at[3]);
		else
			fail_msg("an instruction that the machine does not have");
	}
}

/* --- policies ----------------------------------------------------------------------- */

/* Both orders; the ABIs of a list share a filter. */
static const char *const machines[] = {
	"x86_64 i386 x32 aarch64 arm riscv64 loongarch64 ppc64le sh",
	"mipsel mips64el mipsel64n32",
	"s390x s390 ppc64 ppc m68k sheb",
	"mips mips64 mips64n32",
	"parisc parisc64",
};

static const char rules[] = "default errno 1\n"
			    "allow read, write, exit_group\n"
			    "allow prctl(arg0 == 38, u64(arg1) == 0x100000002)\n"
			    "allow openat(flags & O_ACCMODE == O_RDONLY, flags & "
			    "(O_CREAT | O_TRUNC) == 0)\n"
			    "allow ?socket(type & SOCK_TYPE_MASK == SOCK_STREAM)\n";

/* A call, its arguments by place and what becomes of it. */
struct question {
	const char *call;
	uint64_t args[6];
	uint32_t verdict;
};

static const struct question questions[] = {
	{ "read", { 0 }, ALLOW },
	{ "getpid", { 0 }, DENY },
	{ "prctl", { 38, 0x100000002 }, ALLOW },
	{ "prctl", { 0xdead00000026, 0x100000002 }, ALLOW },
	{ "prctl", { 38, 2 }, DENY },
	{ "prctl", { 38, 0x200000001 }, DENY },
	{ "prctl", { 38 | 1ull << 31, 0x100000002 }, DENY },
	{ "openat", { 0, 0, 0 }, ALLOW },
	{ "openat", { 0, 0, 0xbad00000000 }, ALLOW },
	{ "openat", { 0, 0, 1 }, DENY },
	{ "openat", { 0, 0, 2 }, DENY },
};

static struct callgate_policy *parse(const char *arches)
{
	struct buffer text = { 0 };
	struct callgate_policy *policy;
	const struct callgate_parse_options options = { .name = "test" };

	buffer_printf(&text, "arch %s\n%s", arches, rules);
	assert_int_equal(callgate_policy_parse(text.data, text.len, &options, NULL,
					       &policy),
			 0);
	buffer_done(&text);
	return policy;
}

/* The machine with the policy's filter; the bytes are the caller's to free. */
static struct machine machine_for(const struct callgate_policy *policy,
				  char **ret_bytes)
{
	struct machine machine = { .big_endian = policy->abis[0].abi->big_endian };
	struct callgate_filter *filter;
	size_t length;

	assert_int_equal(callgate_policy_compile(policy, NULL, NULL, &filter), 0);
	assert_int_equal(callgate_filter_print(filter, CALLGATE_FORMAT_RAW, NULL,
					       ret_bytes, &length),
			 0);
	callgate_filter_free(filter);
	machine.program = (const uint8_t *)*ret_bytes;
	return machine;
}

static void ask(struct machine *machine, const struct callgate_policy *policy,
		const struct abi *abi, const struct question *question)
{
	const struct syscall *call = syscall_by_name(str_of(question->call));
	struct seccomp_data data = { .arch = abi->audit_arch };
	uint32_t number, verdict;

	assert_true(syscall_number(call, abi, &number));
	data.nr = (int)number;
	memcpy(data.args, question->args, sizeof(data.args));
	store_call(machine, &data);
	verdict = run(machine);
	if (verdict != question->verdict ||
	    policy_evaluate(policy, &data, NULL) != verdict)
		fail_msg("%s on %s: 0x%08x", question->call, abi->name, verdict);
}

static void each_machine_runs_the_bytes_made_for_it(void **state)
{
	size_t asked = 0;

	(void)state;
	for (size_t m = 0; m < sizeof(machines) / sizeof(*machines); m++) {
		struct callgate_policy *policy = parse(machines[m]);
		char *bytes;
		struct machine machine = machine_for(policy, &bytes);

		for (size_t a = 0; a < policy->abi_count; a++, asked++)
			for (size_t i = 0; i < sizeof(questions) / sizeof(*questions);
			     i++)
				ask(&machine, policy, policy->abis[a].abi,
				    &questions[i]);
		free(bytes);
		callgate_policy_free(policy);
	}
	assert_int_equal(asked, abi_count());
}

static void an_abi_that_is_not_listed_is_a_bad_one(void **state)
{
	struct callgate_policy *policy = parse("s390x ppc64");
	char *bytes;
	struct machine machine = machine_for(policy, &bytes);
	struct question question = { "read", { 0 }, KILL };

	(void)state;
	ask(&machine, policy, abi_by_name(str_of("s390")), &question);
	ask(&machine, policy, abi_by_name(str_of("ppc64le")), &question);
	question.verdict = ALLOW;
	ask(&machine, policy, abi_by_name(str_of("s390x")), &question);
	free(bytes);
	callgate_policy_free(policy);
}

static void constants_are_those_of_each_abi_in_one_filter(void **state)
{
	static const struct {
		const char *abi;
		uint64_t stream, directory;
	} cases[] = {
		{ "x86_64", 1, 0200000 }, { "aarch64", 1, 040000 },
		{ "ppc64le", 1, 040000 }, { "mipsel", 2, 0200000 },
		{ "arm", 1, 040000 },
	};
	static const char text[] = "arch x86_64 aarch64 ppc64le mipsel arm\n"
				   "default errno 1\n"
				   "allow socket(type == SOCK_STREAM)\n"
				   "allow openat(flags == O_DIRECTORY)\n";
	struct callgate_policy *policy;
	struct machine machine;
	char *bytes;

	(void)state;
	assert_int_equal(callgate_policy_parse(text, sizeof(text) - 1, NULL, NULL,
					       &policy),
			 0);
	machine = machine_for(policy, &bytes);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct abi *abi = abi_by_name(str_of(cases[i].abi));
		const struct question asked[] = {
			{ "socket", { 0, cases[i].stream }, ALLOW },
			{ "socket", { 0, 3 - cases[i].stream }, DENY },
			{ "openat", { 0, 0, cases[i].directory }, ALLOW },
			{ "openat", { 0, 0, 0240000 - cases[i].directory }, DENY },
		};

		for (size_t q = 0; q < 4; q++)
			ask(&machine, policy, abi, &asked[q]);
	}
	free(bytes);
	callgate_policy_free(policy);
}

static void machines_of_two_byte_orders_share_no_filter(void **state)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = parse("x86_64 s390x");
	struct callgate_filter *filter = NULL;

	(void)state;
	assert_int_equal(callgate_policy_compile(policy, NULL, diagnostics, &filter),
			 -EINVAL);
	assert_string_equal(callgate_diagnostics_at(diagnostics, 0)->code,
			    "mixed-endianness");
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
}

static void a_multiplexed_call_is_reached_on_every_abi_that_has_it(void **state)
{
	static const char text[] = "arch s390x ppc mips m68k sheb ppc64\n"
				   "default allow\n"
				   "errno 1 socket, shmget\n";
	struct callgate_policy *policy;
	struct machine machine;
	char *bytes;

	(void)state;
	assert_int_equal(callgate_policy_parse(text, sizeof(text) - 1, NULL, NULL,
					       &policy),
			 0);
	machine = machine_for(policy, &bytes);
	for (size_t a = 0; a < policy->abi_count; a++) {
		static const struct question asked[] = {
			{ "socketcall", { 1 }, DENY }, { "socketcall", { 2 }, ALLOW },
			{ "ipc", { 23 }, DENY },       { "ipc", { 0x10017 }, DENY },
			{ "ipc", { 22 }, ALLOW },      { "socket", { 0 }, DENY },
		};

		for (size_t q = 0; q < sizeof(asked) / sizeof(*asked); q++)
			ask(&machine, policy, policy->abis[a].abi, &asked[q]);
	}
	free(bytes);
	callgate_policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_machine_runs_the_bytes_made_for_it),
		cmocka_unit_test(an_abi_that_is_not_listed_is_a_bad_one),
		cmocka_unit_test(constants_are_those_of_each_abi_in_one_filter),
		cmocka_unit_test(machines_of_two_byte_orders_share_no_filter),
		cmocka_unit_test(
			a_multiplexed_call_is_reached_on_every_abi_that_has_it),
	};

	return cmocka_run_group_tests_name("machines", tests, NULL, NULL);
}
