// SPDX-License-Identifier: MIT
/*
 * The public filter object: how a program made elsewhere becomes one, and what can be
 * asked of it. Compiling a policy makes the other kind; printing is print.c's.
 */
#include "bpf/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void bpf_program_done(struct bpf_program *program)
{
	free(program->code);
	*program = (struct bpf_program){ 0 };
}

struct callgate_filter *filter_new(struct bpf_program *program)
{
	struct callgate_filter *filter = calloc(1, sizeof(*filter));

	if (!filter) {
		bpf_program_done(program);
		return NULL;
	}
	filter->program = *program;
	*program = (struct bpf_program){ 0 };
	return filter;
}

void callgate_filter_free(struct callgate_filter *filter)
{
	if (!filter)
		return;
	bpf_program_done(&filter->program);
	free(filter);
}

static void report_length(struct callgate_diagnostics *diagnostics, const char *why,
			  size_t length)
{
	diag_error(diagnostics, "bad-program", SPAN_NONE,
		   "a seccomp filter has 1 to 4096 instructions of 8 bytes",
		   "%s: it has %zu", why, length);
}

static void report_instruction(struct callgate_diagnostics *diagnostics,
			       const char *why, const struct sock_filter *code,
			       size_t at)
{
	const struct sock_filter *i = &code[at];

	diag_error(diagnostics, "bad-program", SPAN_NONE,
		   "the kernel would refuse this program; is it a seccomp filter?",
		   "instruction %zu (code 0x%04x, jt %u, jf %u, k 0x%08x) %s", at,
		   i->code, i->jt, i->jf, i->k, why);
}

int filter_check(const struct bpf_program *program,
		 struct callgate_diagnostics *diagnostics)
{
	size_t length = program->length, at;
	const char *why;

	if (!bpf_validate(program->code, length, &at, &why))
		return 0;
	if (length == 0 || length > BPF_MAXINSNS)
		report_length(diagnostics, why, length);
	else
		report_instruction(diagnostics, why, program->code, at);
	return -EINVAL;
}

int callgate_filter_from_program(const struct sock_filter *program, size_t length,
				 struct callgate_diagnostics *diagnostics,
				 struct callgate_filter **ret_filter)
{
	struct bpf_program copy = { .length = length, .big_endian = BIG_ENDIAN_HOST };
	const struct bpf_program view = { (struct sock_filter *)(uintptr_t)program,
					  length, BIG_ENDIAN_HOST };
	int error = filter_check(&view, diagnostics);

	*ret_filter = NULL;
	if (error)
		return error;
	copy.code = malloc(length * sizeof(*program));
	if (!copy.code)
		return -ENOMEM;
	memcpy(copy.code, program, length * sizeof(*program));
	*ret_filter = filter_new(&copy);
	return *ret_filter ? 0 : -ENOMEM;
}

const struct sock_filter *callgate_filter_program(const struct callgate_filter *filter)
{
	return filter->program.code;
}

size_t callgate_filter_length(const struct callgate_filter *filter)
{
	return filter->program.length;
}

bool callgate_filter_big_endian(const struct callgate_filter *filter)
{
	return filter->program.big_endian;
}

static struct callgate_verdict verdict_of(const struct callgate_filter *filter,
					  const struct seccomp_data *call,
					  struct bpf_run run)
{
	return (struct callgate_verdict){
		.value = run.value,
		.span = SPAN_NONE,
		.executed = run.executed,
		.cached = bpf_cached(&filter->program, call->arch, (uint32_t)call->nr),
	};
}

struct callgate_verdict callgate_filter_run(const struct callgate_filter *filter,
					    const struct seccomp_data *call)
{
	return verdict_of(filter, call, bpf_run(&filter->program, call));
}

struct visit {
	void (*visit)(void *context, const struct callgate_step *step);
	void *context;
};

static void visit_step(void *context, const struct bpf_state *state)
{
	const struct visit *visit = context;
	struct callgate_step step = { .at = state->pc, .a = state->a, .x = state->x };

	memcpy(step.memory, state->memory, sizeof(step.memory));
	visit->visit(visit->context, &step);
}

struct callgate_verdict callgate_filter_trace(
	const struct callgate_filter *filter, const struct seccomp_data *call,
	void (*visit)(void *context, const struct callgate_step *step), void *context)
{
	struct visit to = { visit, context };

	return verdict_of(filter, call,
			  bpf_trace(&filter->program, call, visit_step, &to));
}
