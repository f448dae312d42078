// SPDX-License-Identifier: MIT
/*
 * What the disassembler writes, the assembler makes the same program of: random programs
 * and, where CALLGATE_CORPUS names a folder, the filters that others made.
 *
 *     CALLGATE_SEED=N repeats a run, CALLGATE_EFFORT=N makes it N times as long
 */
#include <ftw.h>
#include <stdio.h>

#include "bpf/bpf.h"
#include "generate_program.h"
#include "random.h"

#define PROGRAMS 4000
#define LENGTH	 300

static bool is_same(const struct callgate_filter *a, const struct callgate_filter *b)
{
	size_t length = callgate_filter_length(a);

	return length == callgate_filter_length(b) &&
	       memcmp(callgate_filter_program(a), callgate_filter_program(b),
		      length * sizeof(struct sock_filter)) == 0;
}

static bool goes_round(const struct callgate_filter *filter)
{
	struct callgate_filter *again = NULL;
	char *text = NULL;
	size_t length;
	bool same =
		callgate_filter_print(filter, CALLGATE_FORMAT_ASM, NULL, &text,
				      &length) == 0 &&
		callgate_filter_assemble(text, length, "round", NULL, &again) == 0 &&
		is_same(filter, again);

	if (!same)
		printf("does not go round:\n%s", text ? text : "");
	callgate_filter_free(again);
	free(text);
	return same;
}

static bool check_random(struct random *random, size_t length)
{
	static struct sock_filter code[BPF_MAXINSNS];
	struct callgate_filter *filter;
	bool same;

	generate_program(random, code, length);
	if (callgate_filter_from_program(code, length, NULL, &filter)) {
		printf("a generated program is not valid\n");
		return false;
	}
	same = goes_round(filter);
	callgate_filter_free(filter);
	return same;
}

static size_t files, failed;

static int check_file(const char *path, const struct stat *status, int type,
		      struct FTW *place)
{
	const char *suffix = strrchr(path, '.');
	struct callgate_filter *filter;
	static char bytes[8 * BPF_MAXINSNS];
	size_t size;
	FILE *file;

	(void)status;
	(void)place;
	if (type != FTW_F || !suffix || strcmp(suffix, ".bpf") != 0)
		return 0;
	file = fopen(path, "rb");
	if (!file)
		return 0;
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	files++;
	if (callgate_filter_from_bytes(bytes, size, CALLGATE_ENDIAN_AUTO, NULL,
				       &filter) ||
	    !goes_round(filter)) {
		printf("%s\n", path);
		failed++;
	}
	callgate_filter_free(filter);
	return 0;
}

int main(void)
{
	uint64_t programs = PROGRAMS * number_from_environment("CALLGATE_EFFORT", 1);
	const char *corpus = getenv("CALLGATE_CORPUS");
	struct random random = { random_seed() };

	printf("CALLGATE_SEED=%llu\n", (unsigned long long)random.state);
	for (uint64_t i = 0; i < programs; i++) {
		size_t limit = i % 100 ? LENGTH : BPF_MAXINSNS;

		if (!check_random(&random, 1 + random_below(&random, limit)))
			return 1;
	}
	if (corpus)
		nftw(corpus, check_file, 16, FTW_PHYS);
	else
		printf("no CALLGATE_CORPUS: filters of others are left out\n");
	printf("%llu random programs and %zu filters of others go round\n",
	       (unsigned long long)programs, files - failed);
	return failed || (corpus && !files);
}
