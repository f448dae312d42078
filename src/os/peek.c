// SPDX-License-Identifier: MIT
/*
 * What /proc/TID/syscall says of a thread that is in a system call: enough to begin
 * unwinding without ptrace(2).
 */
#include <errno.h>
#include <unistd.h>

#include "callgate-explain.h"
#include "os/process.h"

/* The last two words of the line, "0x7ffe… 0x7f12…". */
static int parse(struct str line, struct callgate_explain_registers *ret_registers)
{
	uint64_t words[2];

	*ret_registers = (struct callgate_explain_registers){ 0 };
	while (line.len && line.ptr[line.len - 1] == '\n')
		line.len--;
	for (size_t i = 0; i < 2; i++) {
		size_t start = line.len;

		while (start && line.ptr[start - 1] != ' ')
			start--;
		if (start == 0 ||
		    str_number((struct str){ line.ptr + start, line.len - start },
			       &words[i]))
			return -EAGAIN;
		line.len = start - 1;
	}
	ret_registers->pc = words[0];
	ret_registers->sp = words[1];
	return 0;
}

int callgate_explain_registers_peek(int tid,
				    struct callgate_explain_registers *ret_registers)
{
	int folder = process_open(tid), error;
	size_t length;
	char *text;

	if (folder < 0)
		return folder;
	error = process_file(folder, "syscall", &text, &length);
	close(folder);
	if (error)
		return error == -EACCES ? -EPERM : error;
	error = parse((struct str){ text, length }, ret_registers);
	free(text);
	return error;
}
