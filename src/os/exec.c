// SPDX-License-Identifier: MIT
/*
 * Starting a program under filters, in place of this one.
 *
 *	look the program up, make the ticket, put it into each filter    may fail: returns
 *	load the first filter                                            may fail: returns
 *	------------------------- from here every call carries the ticket
 *	load the others, execve                     may fail: says so in a line and exits
 *
 * Invariant: after the first load nothing is called but the four calls that ticket.c
 * lets pass, each with the ticket in the argument registers that it does not use. In
 * particular no memory is allocated then, because that is a system call. The ticket is
 * never written anywhere but into these filters.
 */
#include "os/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buffer.h"

#define STATUS_CANNOT_EXECUTE 126 /* as shells and env(1) have it */
#define STATUS_NOT_FOUND      127

#define LAYER_FLAGS (SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW)

void launch_done(struct launch *launch)
{
	for (size_t i = 0; launch->layers && i < launch->count; i++)
		free(launch->layers[i].filter);
	free(launch->layers);
	free(launch->path);
	explicit_bzero(&launch->ticket, sizeof(launch->ticket));
}

/* --- the program ----------------------------------------------------------------- */

/* 0, or why execve(2) would not take it: EACCES for a directory, or one without x. */
static int check_executable(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) ? -errno : 0;
}

/* Walks PATH as execvp(3): an empty entry is ".", EACCES is remembered and the walk
 * goes on. */
static int find_in_path(const char *program, char **ret_path)
{
	const char *at = getenv("PATH");
	int error = -ENOENT;

	if (!at)
		at = "/bin:/usr/bin";
	for (;;) {
		size_t length = strcspn(at, ":");
		struct buffer path = { 0 };
		int answer;

		buffer_put(&path, at, length);
		buffer_text(&path, length ? "/" : "./");
		buffer_text(&path, program);
		*ret_path = buffer_take(&path);
		if (!*ret_path)
			return -ENOMEM;
		answer = check_executable(*ret_path);
		if (answer == 0)
			return 0;
		free(*ret_path);
		*ret_path = NULL;
		if (answer == -EACCES)
			error = answer;
		at += length;
		if (!*at++)
			return error;
	}
}

int os_find_program(const char *program, char **ret_path)
{
	int error;

	if (!strchr(program, '/'))
		return *program ? find_in_path(program, ret_path) : -ENOENT;
	error = check_executable(program);
	if (error)
		return error;
	*ret_path = strdup(program);
	return *ret_path ? 0 : -ENOMEM;
}

/* --- before the first filter ----------------------------------------------------- */

static int make_ticket(struct ticket *ticket)
{
	ssize_t got = getrandom(ticket, sizeof(*ticket), 0);

	if (got < 0)
		return -errno;
	return (size_t)got == sizeof(*ticket) ? 0 : -EIO;
}

static int explain_start(const char *program, int error,
			 struct callgate_diagnostics *diagnostics)
{
	const char *why = strerrordesc_np(-error);

	if (error == -ENOENT)
		diag_error(diagnostics, "program", SPAN_NONE,
			   strchr(program, '/') ? NULL : "it was looked up in PATH",
			   "there is no program %s", program);
	else
		diag_error(diagnostics, "program", SPAN_NONE, NULL,
			   "%s cannot be executed: %s", program,
			   why ? why : "unknown error");
	return error;
}

int launch_init(struct launch *launch, const char *program, size_t layers,
		const struct callgate_exec_options *options,
		struct callgate_diagnostics *diagnostics)
{
	int error = -EINVAL;

	*launch = (struct launch){
		.name = options->name ? options->name : "callgate",
		.flags = options->flags,
		.without_no_new_privs = options->without_no_new_privs,
	};
	if (program && !(options->flags & ~(uint32_t)LAYER_FLAGS))
		error = os_find_program(program, &launch->path);
	if (!error)
		error = make_ticket(&launch->ticket);
	if (error)
		return explain_start(program ? program : "", error, diagnostics);
	launch->layers = calloc(layers + 1, sizeof(*launch->layers));
	return launch->layers ? 0 : -ENOMEM;
}

int launch_add(struct launch *launch, const struct sock_filter *program, size_t length,
	       struct callgate_diagnostics *diagnostics)
{
	struct sock_fprog *layer = &launch->layers[launch->count];

	layer->filter = calloc(length + TICKET_LENGTH_MAX, sizeof(*layer->filter));
	if (!layer->filter)
		return -ENOMEM;
	launch->count++;
	length = ticket_prepend(program, length, &launch->ticket, layer->filter);
	if (length > BPF_MAXINSNS) {
		diag_error(diagnostics, "program-length", SPAN_NONE, NULL,
			   "a filter of more than %d instructions leaves no room for "
			   "the launcher's clause",
			   BPF_MAXINSNS - TICKET_LENGTH_MAX);
		return -E2BIG;
	}
	layer->len = (unsigned short)length;
	return 0;
}

void launch_load(const struct launch *launch, uint32_t flags,
		 struct callgate_loaded *ret_loaded,
		 struct callgate_refusal *ret_refusal)
{
	*ret_refusal = (struct callgate_refusal){
		.operation = SECCOMP_SET_MODE_FILTER,
		.options.flags = flags,
		.options.without_no_new_privs = launch->without_no_new_privs,
		.program = launch->layers[0].filter,
		.length = launch->layers[0].len,
	};
	ret_refusal->error =
		callgate_program_load(ret_refusal->program, ret_refusal->length,
				      &ret_refusal->options, ret_loaded);
}

/* --- after it -------------------------------------------------------------------- */

static long call_with_ticket(const struct ticket *ticket, long number, unsigned long a,
			     unsigned long b, unsigned long c)
{
	const unsigned long arguments[6] = {
		a, b, c, ticket->words[0], ticket->words[1], ticket->words[2],
	};

	return os_call(number, arguments);
}

static void report(const struct launch *launch, const char *text)
{
	call_with_ticket(&launch->ticket, SYS_write, STDERR_FILENO, (unsigned long)text,
			 strlen(text));
}

/*
 * Says why and ends the process; a filter leaves nothing else to do. The compiler must not
 * find out that it does not return: before such a call the address sanitizer makes a
 * system call of its own, without a ticket.
 */
static void give_up(const struct launch *launch, const char *what, long error)
{
	const char *why = strerrordesc_np((int)-error);
	const int status = error == -ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_EXECUTE;

	report(launch, launch->name);
	report(launch, ": ");
	report(launch, launch->path);
	report(launch, what);
	report(launch, why ? why : "unknown error");
	report(launch, "\n");
	while (call_with_ticket(&launch->ticket, SYS_exit_group, (unsigned long)status,
				0, 0) < 0)
		;
}

/* Does not return. */
void launch_finish(const struct launch *launch, char *const *argv,
		   char *const *environment)
{
	long error;

	for (size_t i = 1; i < launch->count; i++) {
		error = call_with_ticket(&launch->ticket, SYS_seccomp,
					 SECCOMP_SET_MODE_FILTER, launch->flags,
					 (unsigned long)&launch->layers[i]);
		if (error < 0)
			give_up(launch, ": a further filter cannot be loaded: ", error);
	}
	error = call_with_ticket(&launch->ticket, SYS_execve,
				 (unsigned long)launch->path, (unsigned long)argv,
				 (unsigned long)environment);
	give_up(launch, ": cannot be executed: ", error);
}

int callgate_exec(const struct callgate_filter *const *filters, size_t count,
		  char *const *argv, const struct callgate_exec_options *options,
		  struct callgate_diagnostics *diagnostics)
{
	static const struct callgate_exec_options defaults;
	struct callgate_refusal refusal = { 0 };
	struct launch launch;
	int error;

	if (!options)
		options = &defaults;
	for (size_t i = 0; i < count; i++) {
		if (os_check_machine(filters[i], diagnostics))
			return -EINVAL;
	}
	error = launch_init(&launch, argv[0], count, options, diagnostics);
	for (size_t i = 0; i < count && !error; i++)
		error = launch_add(&launch, callgate_filter_program(filters[i]),
				   callgate_filter_length(filters[i]), diagnostics);
	if (!error && count > 0)
		launch_load(&launch, launch.flags, NULL, &refusal);
	if (refusal.error)
		callgate_refusal_explain(&refusal, NULL, diagnostics);
	if (!error && !refusal.error)
		launch_finish(&launch, argv,
			      options->environment ? options->environment : environ);
	launch_done(&launch);
	return error ? error : refusal.error;
}
