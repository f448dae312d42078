// SPDX-License-Identifier: MIT
/*
 * Starts programs without a network: prepares a filter once, and loads it in each child
 * between fork and exec.
 *
 *     fork COMMAND...      each is run by sh -c, all at once; the last status is ours
 *
 * After a fork of a program with threads only async-signal-safe functions may be called.
 * Parsing, compiling and proving need memory; callgate_program_load() does not.
 */
#include <callgate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char policy[] = "default allow\n"
			     "allow socket(domain == AF_UNIX)\n"
			     "errno EACCES socket, ?socketcall, io_uring_setup\n";

static struct callgate_filter *prepare(void)
{
	const struct callgate_parse_options options = { .name = "policy" };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *parsed = NULL;
	struct callgate_filter *filter = NULL;
	int error = callgate_policy_parse(policy, strlen(policy), &options, diagnostics,
					  &parsed);

	if (!error)
		error = callgate_policy_compile(parsed, NULL, diagnostics, &filter);
	for (size_t i = 0; i < callgate_diagnostics_count(diagnostics); i++)
		fprintf(stderr, "fork: %s\n",
			callgate_diagnostics_at(diagnostics, i)->message);
	callgate_policy_free(parsed);
	callgate_diagnostics_free(diagnostics);
	if (error)
		exit(1);
	return filter;
}

static void start(const struct sock_filter *program, size_t length, const char *command)
{
	pid_t child = fork();

	if (child < 0) {
		perror("fork");
		exit(1);
	}
	if (child > 0)
		return;
	if (callgate_program_load(program, length, NULL, NULL) == 0)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(126);
}

int main(int argc, char **argv)
{
	struct callgate_filter *filter = prepare();
	const struct sock_filter *program = callgate_filter_program(filter);
	size_t length = callgate_filter_length(filter);
	int status = 0, last = 0;

	for (int i = 1; i < argc; i++)
		start(program, length, argv[i]);
	while (wait(&status) > 0)
		last = status ? status : last;
	callgate_filter_free(filter);
	return WIFEXITED(last) ? WEXITSTATUS(last) : 125;
}
