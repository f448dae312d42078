// SPDX-License-Identifier: MIT
/*
 * callgate record: what a program calls, as a policy.
 *
 * Options and targets are here; the recording while it runs is in record_run.c.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "probe/cgroup.h"
#include "record_run.h"

enum {
	KEY_BACKEND = 0x200,
	KEY_CGROUP,
	KEY_DURATION,
	KEY_FROM,
	KEY_UNIT,
	KEY_UNTIL_IDLE,
	KEY_USER,
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What to record, if it is no program to be started:", 1 },
	{ "pid", 'p', "PID", 0, "A process, and what it starts from now on", 1 },
	{ "cgroup", KEY_CGROUP, "PATH", 0,
	  "What is in this cgroup, or comes into it; of a container, say", 1 },
	{ "unit", KEY_UNIT, "NAME", 0, "The cgroup of this unit of systemd", 1 },
	{ "user", KEY_USER, "NAME", 0, "Everything of this user", 1 },
	{ NULL, 0, NULL, 0, "How:", 2 },
	{ "output", 'o', "FILE", 0,
	  "Write the policy to FILE (*.gate, with a recording *.cgrec beside it) or "
	  "the "
	  "recording alone (*.cgrec)",
	  2 },
	{ "backend", KEY_BACKEND, "ebpf|notify", 0,
	  "Record this way instead of the best that can be used", 2 },
	{ "from", KEY_FROM, "exec|start|marker", 0,
	  "Count calls from the next execve, at once, or from a marker", 2 },
	{ "duration", KEY_DURATION, "SECONDS", 0, "End after so long", 2 },
	{ "until-idle", KEY_UNTIL_IDLE, "SECONDS", 0,
	  "End when nothing new was seen for so long", 2 },
	{ 0 },
};

static double seconds(const char *text, struct argp_state *state)
{
	uint64_t value;

	if (callgate_number_parse(text, &value) || !value || value > 1000000000)
		argp_error(state, "want a number of seconds, not '%s'", text);
	return (double)value;
}

/* Says that there can be only one. */
static void set_target(struct record_options *own, enum recorder_kind kind,
		       struct argp_state *state)
{
	if (own->target.kind != RECORDER_PROGRAM)
		argp_error(state,
			   "want one of --pid, --cgroup, --unit and --user, not two");
	own->target.kind = kind;
}

static pid_t parse_pid(const char *text, struct argp_state *state)
{
	uint64_t value;

	if (callgate_number_parse(text, &value) || !value || value > INT32_MAX)
		argp_error(state, "want the id of a process, not '%s'", text);
	return (pid_t)value;
}

static uid_t parse_user(const char *text, struct argp_state *state)
{
	struct passwd *entry = getpwnam(text);
	uint64_t value;

	if (entry)
		return entry->pw_uid;
	if (callgate_number_parse(text, &value) || value >= UINT32_MAX)
		argp_error(state, "there is no user '%s'", text);
	return (uid_t)value;
}

struct word {
	const char *name;
	int value;
};

static int choose(const char *text, const struct word *words, const char *wanted,
		  struct argp_state *state)
{
	for (; words->name; words++)
		if (strcmp(words->name, text) == 0)
			return words->value;
	argp_error(state, "want %s, not '%s'", wanted, text);
	return 0;
}

static const struct word backends[] = {
	{ "ebpf", RECORDER_EBPF },
	{ "notify", RECORDER_NOTIFY },
	{ 0 },
};

static const struct word beginnings[] = {
	{ "exec", RECORDER_FROM_EXEC },
	{ "start", RECORDER_FROM_START },
	{ "marker", RECORDER_FROM_MARKER },
	{ 0 },
};

static error_t parse_how(int key, char *value, struct argp_state *state,
			 struct record_options *own)
{
	switch (key) {
	case 'o':
		own->output = value;
		return 0;
	case KEY_BACKEND:
		own->backend = (enum recorder_backend)choose(value, backends,
							     "--backend ebpf or notify",
							     state);
		return 0;
	case KEY_FROM:
		own->target.from =
			(enum recorder_from)choose(value, beginnings,
						   "--from exec, start or marker",
						   state);
		own->has_from = true;
		return 0;
	case KEY_DURATION:
		own->duration = seconds(value, state);
		return 0;
	case KEY_UNTIL_IDLE:
		own->until_idle = seconds(value, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;
	struct record_options *own = cli->own;

	switch (key) {
	case 'p':
		set_target(own, RECORDER_PID, state);
		own->target.pid = parse_pid(value, state);
		return 0;
	case KEY_CGROUP:
	case KEY_UNIT:
		set_target(own, RECORDER_CGROUP, state);
		own->is_unit = key == KEY_UNIT;
		own->cgroup = value;
		return 0;
	case KEY_USER:
		set_target(own, RECORDER_USER, state);
		own->target.user = parse_user(value, state);
		return 0;
	default:
		return parse_how(key, value, state, own);
	}
}

static const char *explain_cgroup(int error, bool is_unit)
{
	if (error == -ENOTUNIQ)
		return "several users have such a unit: give one's --cgroup instead";
	if (error != -ENOENT)
		return strerrordesc_np(-error);
	return is_unit ? "there is no such unit, or it does not run"
		       : "there is no such cgroup";
}

static bool find_cgroup(struct record_options *own, char **ret_path)
{
	int error;

	*ret_path = NULL;
	if (!own->cgroup)
		return true;
	error = own->is_unit ? cgroup_find_unit(own->cgroup, ret_path)
			     : cgroup_find(own->cgroup, ret_path);
	if (error == -ENODEV)
		record_complain("cgroups of version 2 are not mounted", NULL);
	else if (error)
		record_complain(explain_cgroup(error, own->is_unit), own->cgroup);
	own->target.cgroup = *ret_path;
	return !error;
}

static enum cli_status run(struct cli *cli)
{
	struct record_options *own = cli->own;
	const bool is_program = own->target.kind == RECORDER_PROGRAM;
	enum cli_status status = STATUS_INPUT;
	char *cgroup;

	if (is_program != (cli->word_count > 0)) {
		record_complain(is_program
					? "what is to be recorded? A program, or one "
					  "of --pid, --cgroup, --unit and --user"
					: "either a program or a target, not both",
				NULL);
		return STATUS_USAGE;
	}
	if (!own->has_from && !is_program)
		own->target.from = RECORDER_FROM_START;
	own->target.argv = cli->words;
	if (find_cgroup(own, &cgroup))
		status = record_run(cli, own);
	free(cgroup);
	return status;
}

const struct cli_command command_record = {
	.name = "record",
	.summary = "make a policy out of what a program calls",
	.usage = "[-- PROGRAM [ARGUMENT...]]",
	.details = "Run PROGRAM, or watch what runs already, and write the policy that "
		   "allows\n"
		   "what it called. SIGINT ends the recording.\v"
		   "The exit status is the program's own, 128 and the signal that "
		   "ended it,\n"
		   "or 2 for wrong usage, 3 when what is to be recorded is not there,\n"
		   "4 when the system refused, 126 or 127 when PROGRAM cannot be "
		   "executed.",
	.options = options,
	.parse = parse,
	.shared = SHARED_RECORDED,
	.words_max = UINT32_MAX,
	.is_launcher = true,
	.own_size = sizeof(struct record_options),
	.run = run,
};
