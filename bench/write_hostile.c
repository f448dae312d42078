// SPDX-License-Identifier: MIT
/* Writes the programs that are made to be complex to DIR/0.bpf and on: write_hostile DIR */
#include <stdbool.h>
#include <stdio.h>

#include "property/hostile.h"

static bool write_program(const char *folder, size_t index)
{
	struct sock_filter code[BPF_MAXINSNS];
	size_t length = hostile_program(index, code);
	char path[4096];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "%s/%zu.bpf", folder, index);
	file = fopen(path, "we");
	if (!file)
		return false;
	good = fwrite(code, sizeof(*code), length, file) == length;
	return !fclose(file) && good;
}

int main(int count, char **words)
{
	for (size_t i = 0; count == 2 && hostile_name(i); i++)
		if (!write_program(words[1], i))
			return 1;
	return count == 2 ? 0 : 2;
}
