// SPDX-License-Identifier: MIT
/*
 * The decision tree of a filter, read from its instructions.
 *
 * A test that a call passes leads into the lines below it that stand further right; those
 * never come back, so what follows at the same depth is for the calls that fail it:
 *
 *     nr >= 202 (futex)
 *       nr == 262 (newfstatat): allow
 *       else: arguments                      of calls from 202 on but 262
 *     else: kill                             of calls below 202
 *
 * All known calls of the ABIs walk through the program together and part at its tests;
 * where none is left, a test is not drawn. Loops cannot be: jumps only go forward.
 */
#include "layout.h"

#include <linux/filter.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "output.h"

#define WIDTH	  62 /* of the tree, ahead of the figures */
#define CONDITION 40 /* about; the verdict wants some room, too */
#define INDENT	  2
#define X32_BIT	  0x40000000u

struct call {
	size_t abi, syscall;
	uint32_t arch, number;
	double weight;
};

struct walk {
	const struct sock_filter *program;
	double total; /* weight of all calls */
	size_t native;
};

/* Where calls stand in the program. */
struct stand {
	size_t pc;
	unsigned executed;
	bool is_arch; /* the accumulator holds the architecture, else the number */
	struct call *calls;
	size_t count;
};

/* --- the calls -------------------------------------------------------------------- */

static bool is_asked_for(const struct callgate_filter *filter, size_t abi)
{
	const struct sock_filter *program = callgate_filter_program(filter);
	struct callgate_abi facts;

	callgate_abi_at(abi, &facts);
	for (size_t i = 0; i < callgate_filter_length(filter); i++)
		if (BPF_CLASS(program[i].code) == BPF_JMP &&
		    program[i].k == facts.audit_arch)
			return true;
	return abi == callgate_abi_native();
}

static void add_calls(size_t abi, const struct callgate_frequencies *frequencies,
		      struct call *calls, size_t *count)
{
	struct callgate_syscall facts;
	struct callgate_abi abi_facts;

	callgate_abi_at(abi, &abi_facts);
	for (size_t i = 0; i < callgate_syscall_count(); i++) {
		if (!callgate_syscall_on(i, abi, &facts))
			continue;
		calls[(*count)++] = (struct call){
			.abi = abi,
			.syscall = i,
			.arch = abi_facts.audit_arch,
			.number = facts.number,
			.weight = frequencies
					  ? callgate_frequencies_count(frequencies, i)
					  : 1,
		};
	}
}

static struct call *find_calls(const struct callgate_filter *filter,
			       const struct callgate_policy *policy,
			       const struct callgate_frequencies *frequencies,
			       size_t *ret_count)
{
	size_t most = callgate_abi_count() * callgate_syscall_count();
	struct call *calls = cli_need(calloc(most, sizeof(*calls)));
	size_t abis =
		policy ? callgate_policy_count(policy).abis : callgate_abi_count();

	*ret_count = 0;
	for (size_t i = 0; i < abis; i++) {
		size_t abi = policy ? callgate_policy_abi(policy, i) : i;

		if (policy || is_asked_for(filter, abi))
			add_calls(abi, frequencies, calls, ret_count);
	}
	return calls;
}

/* --- tests ------------------------------------------------------------------------ */

static bool passes(const struct sock_filter *test, uint32_t value)
{
	switch (BPF_OP(test->code)) {
	case BPF_JEQ:
		return value == test->k;
	case BPF_JGE:
		return value >= test->k;
	case BPF_JGT:
		return value > test->k;
	default:
		return value & test->k;
	}
}

static bool is_passed(const struct stand *stand, const struct sock_filter *test,
		      size_t call)
{
	return passes(test, stand->is_arch ? stand->calls[call].arch
					   : stand->calls[call].number);
}

/* Those that pass come first, the order stays. Returns how many they are. */
static size_t part(const struct stand *stand, const struct sock_filter *test)
{
	struct call *failed = cli_need(calloc(stand->count + 1, sizeof(*failed)));
	size_t pass_count = 0, fail_count = 0;

	for (size_t i = 0; i < stand->count; i++) {
		if (is_passed(stand, test, i))
			stand->calls[pass_count++] = stand->calls[i];
		else
			failed[fail_count++] = stand->calls[i];
	}
	memcpy(&stand->calls[pass_count], failed, fail_count * sizeof(*failed));
	free(failed);
	return pass_count;
}

/* Goes on to the next test, return, or what this does not understand. */
static void advance(const struct walk *walk, struct stand *stand)
{
	for (;; stand->pc++, stand->executed++) {
		const struct sock_filter *in = &walk->program[stand->pc];

		if (in->code == (BPF_JMP | BPF_JA))
			stand->pc += in->k;
		else if (in->code != (BPF_LD | BPF_W | BPF_ABS) ||
			 in->k > offsetof(struct seccomp_data, arch))
			return;
		else
			stand->is_arch = in->k == offsetof(struct seccomp_data, arch);
	}
}

static bool is_test(const struct walk *walk, const struct stand *stand)
{
	const struct sock_filter *in = &walk->program[stand->pc];

	return BPF_CLASS(in->code) == BPF_JMP && BPF_SRC(in->code) == BPF_K;
}

/* --- text ------------------------------------------------------------------------- */

struct line {
	char text[256];
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void say(struct line *line,
						      const char *format, ...)
{
	size_t room = sizeof(line->text) - line->length;
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(line->text + line->length, room, format, list);
	va_end(list);
	if (length > 0)
		line->length += (size_t)length < room ? (size_t)length : room - 1;
}

static void say_value(struct line *line, const struct stand *stand, uint32_t value)
{
	size_t abi = callgate_abi_of(stand->is_arch ? value : stand->calls[0].arch,
				     stand->is_arch ? 0 : value);
	size_t syscall = callgate_syscall_by_number(abi, value);
	struct callgate_abi facts;

	if (stand->is_arch && callgate_abi_at(abi, &facts)) {
		say(line, "%s", facts.name);
		return;
	}
	if (value >= X32_BIT && value < 2 * X32_BIT)
		say(line, "x32+%u", value - X32_BIT);
	else
		say(line, value < 4096 ? "%u" : "%#x", value);
	if (!stand->count || syscall == CALLGATE_NONE ||
	    line->length + strlen(callgate_syscall_name(syscall)) > CONDITION)
		return;
	say(line, " (%s)", callgate_syscall_name(syscall));
}

/* The condition for the calls that pass the test, or for the others. */
static void say_test(struct line *line, const struct stand *stand,
		     const struct sock_filter *test, bool passed)
{
	static const char *const signs[][2] = {
		[BPF_JEQ >> 4] = { "!=", "==" },
		[BPF_JGT >> 4] = { "<=", ">" },
		[BPF_JGE >> 4] = { "<", ">=" },
	};
	const char *word = stand->is_arch ? "arch" : "nr";

	if (BPF_OP(test->code) == BPF_JSET) {
		say(line, "%s & %#x%s", word, test->k, passed ? "" : " == 0");
		return;
	}
	say(line, "%s %s ", word, signs[BPF_OP(test->code) >> 4][passed]);
	say_value(line, stand, test->k);
}

static void say_verdict(struct line *line, const struct walk *walk,
			const struct stand *stand)
{
	const struct sock_filter *in = &walk->program[stand->pc];
	char *verdict;

	if (in->code != (BPF_RET | BPF_K)) {
		say(line, "arguments");
		return;
	}
	verdict = cli_need(callgate_verdict_text(in->k));
	say(line, "%s", verdict);
	free(verdict);
}

/* As many names as there is room for, then how many more there are. */
static void say_calls(struct line *line, const struct walk *walk,
		      const struct stand *stand, size_t room)
{
	for (size_t i = 0; i < stand->count; i++) {
		const struct call *call = &stand->calls[i];
		const char *name = callgate_syscall_name(call->syscall);
		struct callgate_abi abi = { .name = "" };
		bool is_native = call->abi == walk->native;
		size_t length;

		callgate_abi_at(call->abi, &abi);
		length = strlen(name) + (is_native ? 0 : strlen(abi.name) + 1);
		length += strlen(i + 1 < stand->count ? ", , +1000" : ", ");
		if (line->length + length > room) {
			say(line, "%s+%zu", i ? ", " : "  ", stand->count - i);
			return;
		}
		say(line, "%s%s%s%s", i ? ", " : "  ", is_native ? "" : abi.name,
		    is_native ? "" : ":", name);
	}
}

/* --- drawing ---------------------------------------------------------------------- */

static double weight_of(const struct stand *stand)
{
	double weight = 0;

	for (size_t i = 0; i < stand->count; i++)
		weight += stand->calls[i].weight;
	return weight;
}

static void print_leaf(const struct walk *walk, const struct stand *stand,
		       struct line *line)
{
	bool is_return = walk->program[stand->pc].code == (BPF_RET | BPF_K);

	say(line, ": ");
	say_verdict(line, walk, stand);
	say_calls(line, walk, stand, WIDTH);
	printf("%-*s %6u%s %8.2f%%\n", WIDTH, line->text, stand->executed + is_return,
	       is_return ? " " : "+", 100 * weight_of(stand) / walk->total);
}

static struct line begin_line(unsigned depth)
{
	struct line line = { .length = 0 };

	say(&line, "%*s", (int)(INDENT * depth), "");
	return line;
}

static void draw(const struct walk *walk, struct stand stand, unsigned depth);

/* One side of a test: in its line when it is decided there, else below it. */
static void draw_side(const struct walk *walk, const struct stand *side,
		      struct line *line, unsigned depth)
{
	if (!is_test(walk, side)) {
		print_leaf(walk, side, line);
		return;
	}
	printf("%s\n", line->text);
	draw(walk, *side, depth + 1);
}

struct sides {
	struct stand sides[2]; /* of those that fail, that pass */
};

static struct sides split(const struct walk *walk, const struct stand *stand)
{
	const struct sock_filter *test = &walk->program[stand->pc];
	size_t passed = part(stand, test);
	struct sides result;

	for (unsigned i = 0; i < 2; i++) {
		struct stand *side = &result.sides[i];

		*side = *stand;
		side->pc += 1u + (i ? test->jt : test->jf);
		side->executed++;
		side->calls += i ? 0 : passed;
		side->count = i ? passed : stand->count - passed;
		advance(walk, side);
	}
	return result;
}

/* The side that goes into the lines below: one that is decided, else that which passes. */
static bool inner_side(const struct walk *walk, const struct sides *sides)
{
	return !is_test(walk, &sides->sides[1]) || is_test(walk, &sides->sides[0]);
}

/*
 * A side without calls is no more than numbers that are none: where it is not decided at
 * once, the test is passed over.
 */
static bool is_drawn(const struct walk *walk, const struct stand *side)
{
	return side->count > 0 || !is_test(walk, side);
}

static void draw(const struct walk *walk, struct stand stand, unsigned depth)
{
	struct line line;

	while (is_test(walk, &stand)) {
		struct sides sides = split(walk, &stand);
		bool inner = inner_side(walk, &sides);

		if (!is_drawn(walk, &sides.sides[inner]) ||
		    !is_drawn(walk, &sides.sides[!inner])) {
			stand = sides.sides[is_drawn(walk, &sides.sides[1])];
			continue;
		}
		line = begin_line(depth);
		say_test(&line, &stand, &walk->program[stand.pc], inner);
		draw_side(walk, &sides.sides[inner], &line, depth);
		stand = sides.sides[!inner];
	}
	line = begin_line(depth);
	say(&line, "else");
	print_leaf(walk, &stand, &line);
}

void layout_print(const struct callgate_filter *filter,
		  const struct callgate_policy *policy,
		  const struct callgate_frequencies *frequencies)
{
	struct walk walk = { .program = callgate_filter_program(filter),
			     .native = callgate_abi_native() };
	struct stand stand = { 0 };

	stand.calls = find_calls(filter, policy, frequencies, &stand.count);
	walk.total = weight_of(&stand);
	if (walk.total <= 0)
		walk.total = 1;
	printf("%-*s %7s %8s\n", WIDTH, "test: verdict  calls", "insns",
	       frequencies ? "counted" : "of calls");
	advance(&walk, &stand);
	draw(&walk, stand, 0);
	free(stand.calls);
}
