// SPDX-License-Identifier: MIT
/*
 * How long policies of 10 to 3000 rules take to parse, compile and prove.
 *
 * The policies are generated, the same ones every time: calls of the native ABI, of
 * which every fourth, and all when there are more rules than calls, is bound to values
 * of its arguments. Times are the least and the median of many runs.
 */
#include <errno.h>
#include <time.h>

#include "callgate.h"

#define RUNS	    25
#define NANO	    1000000000ll
#define NANO_BUDGET (2 * NANO) /* of one size; then fewer runs do */

struct measure {
	long long parse[RUNS], compile[RUNS], prove[RUNS];
	size_t runs, instructions;
};

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * NANO + time.tv_nsec;
}

/* --- policies ---------------------------------------------------------------------- */

/* The first argument that a condition can be about, or -1. */
static int plain_argument(const struct callgate_syscall *call)
{
	for (unsigned i = 0; i < call->argument_count; i++)
		if (!call->arguments[i].is_pointer)
			return (int)i;
	return -1;
}

static void write_rule(FILE *text, size_t rule, const struct callgate_syscall *call,
		       bool conditional)
{
	static const char *const actions[] = { "allow", "errno EPERM", "errno EACCES" };
	int argument = conditional ? plain_argument(call) : -1;

	fprintf(text, "%s %s", actions[rule % 7 < 5 ? 0 : rule % 2 + 1], call->name);
	if (argument >= 0 && rule % 3 == 0)
		fprintf(text, "(arg%d & 0x%zx == 0)", argument, rule % 4096 + 1);
	else if (argument >= 0 && rule % 3 == 1)
		fprintf(text, "(arg%d in {%zu, %zu..%zu})", argument, rule, rule + 10,
			rule + 30);
	else if (argument >= 0)
		fprintf(text, "(arg%d == %zu)", argument, rule);
	fputc('\n', text);
}

static char *make_policy(size_t rules, size_t *ret_length)
{
	size_t calls = callgate_syscall_count(), native = callgate_abi_native(),
	       made = 0;
	char *policy = NULL;
	FILE *text = open_memstream(&policy, ret_length);

	if (!text)
		return NULL;
	fputs("default errno ENOSYS\n", text);
	for (size_t i = 0; made < rules; i++) {
		struct callgate_syscall call;

		if (!callgate_syscall_on(i * 31 % calls, native, &call))
			continue;
		write_rule(text, made, &call, rules - made > calls || made % 4 == 0);
		made++;
	}
	return fclose(text) ? NULL : policy;
}

/* --- measuring --------------------------------------------------------------------- */

static int measure_compile(const struct callgate_policy *policy, bool without_proof,
			   long long *ret_time, size_t *ret_instructions)
{
	const struct callgate_compile_options options = { .without_proof =
								  without_proof };
	struct callgate_filter *filter;
	long long start = now();
	int error = callgate_policy_compile(policy, &options, NULL, &filter);

	*ret_time = now() - start;
	if (error < 0)
		return error;
	*ret_instructions = callgate_filter_length(filter);
	callgate_filter_free(filter);
	return 0;
}

static int run(const char *text, size_t length, struct measure *measure)
{
	const struct callgate_parse_options options = { .name = "generated" };
	size_t i = measure->runs;
	struct callgate_policy *policy;
	long long start = now();
	int error = callgate_policy_parse(text, length, &options, NULL, &policy);

	if (error < 0)
		return error;
	measure->parse[i] = now() - start;
	error = measure_compile(policy, true, &measure->compile[i],
				&measure->instructions);
	if (error == 0)
		error = measure_compile(policy, false, &measure->prove[i],
					&measure->instructions);
	callgate_policy_free(policy);
	measure->runs++;
	return error;
}

static int compare(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

static void print_times(long long *times, size_t count)
{
	qsort(times, count, sizeof(*times), compare);
	printf("  %8.3f %8.3f", (double)times[0] / 1e6, (double)times[count / 2] / 1e6);
}

static int bench(size_t rules)
{
	struct measure measure = { 0 };
	size_t length;
	char *text = make_policy(rules, &length);
	long long end = now() + NANO_BUDGET;
	int error = text ? 0 : -ENOMEM;

	while (error == 0 && measure.runs < RUNS && (measure.runs == 0 || now() < end))
		error = run(text, length, &measure);
	free(text);
	if (error < 0) {
		printf("%6zu  %s\n", rules,
		       error == -E2BIG ? "too many instructions" : strerror(-error));
		return error;
	}
	printf("%6zu", rules);
	print_times(measure.parse, measure.runs);
	print_times(measure.compile, measure.runs);
	print_times(measure.prove, measure.runs);
	printf("  %6zu\n", measure.instructions);
	return 0;
}

int main(void)
{
	static const size_t sizes[] = { 10, 30, 100, 300, 1000, 3000 };
	int status = 0;

	puts("        parse, ms          compile, ms        compile and prove, ms");
	puts(" rules      min   median       min   median       min   median  "
	     "instructions");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (bench(sizes[i]) < 0 && sizes[i] <= 300)
			status = 1;
	return status;
}
