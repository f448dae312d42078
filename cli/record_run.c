// SPDX-License-Identifier: MIT
/*
 * A recording while it runs: waits, shows progress, keeps checkpoints, writes.
 *
 *	running --SIGINT, --duration, --until-idle--> ending --the program ends--> over
 *	                                              ending --SIGINT again------> over
 *
 * A program that callgate started gets the signal too, and its ending is recorded; what ran
 * before is let alone. A checkpoint is written soon after something new was seen, and else
 * seldom, so that whatever ends callgate, little is lost.
 */
#include "record_run.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "output.h"
#include "recording.h"

#define CHECKPOINT_SOON 1.0 /* seconds, when there is something new */
#define CHECKPOINT_ELSE 10.0
#define STATUS_SIGNAL	128

enum phase {
	RUNNING,
	ENDING, /* the program was told to end */
	OVER,
};

struct session {
	const struct cli *cli;
	const struct record_options *options;
	struct recorder *recorder;
	struct callgate_run run;
	char *command;	  /* what is recorded, for people */
	char *checkpoint; /* the file; NULL: none */
	sigset_t signals; /* as they were blocked before */
	int signal_file;
	enum phase phase;
	bool shows_progress;
	double next_look; /* by recorder_progress.seconds: when to look again */
	double next_checkpoint;
	size_t known;  /* distinct calls at the last checkpoint */
	double newest; /* when something new was seen, at the last checkpoint */
	double began;  /* by now() */
};

/* --- messages ------------------------------------------------------------------------- */

void record_complain(const char *what, const char *text)
{
	fputs("callgate record: ", stderr);
	print_safe(stderr, what);
	if (text)
		fputs(": ", stderr);
	if (text)
		print_safe(stderr, text);
	fputc('\n', stderr);
}

static void explain(const struct recorder_failure *failure)
{
	record_complain(failure->problem, NULL);
	if (failure->hint)
		fprintf(stderr, "  hint: %s\n", failure->hint);
}

/* "1,204" */
static void print_count(FILE *stream, uint64_t count)
{
	if (count >= 1000) {
		print_count(stream, count / 1000);
		fprintf(stream, ",%03u", (unsigned)(count % 1000));
	} else {
		fprintf(stream, "%u", (unsigned)count);
	}
}

static void erase_progress(const struct session *session)
{
	if (session->shows_progress)
		fputs("\r\033[K", stderr);
}

static void show_progress(const struct session *session,
			  const struct recorder_progress *progress)
{
	if (!session->shows_progress)
		return;
	erase_progress(session);
	if (!progress->has_begun) {
		fputs("waiting for the start", stderr);
		return;
	}
	print_count(stderr, progress->calls);
	fprintf(stderr, " calls, %zu different, ", progress->distinct);
	print_count(stderr,
		    (uint64_t)((double)progress->calls /
			       (progress->seconds > 1 ? progress->seconds : 1)));
	fprintf(stderr, "/s, nothing new for %.0f s%s", progress->quiet,
		session->phase == ENDING ? " (ending)" : "; ^C ends");
}

static void print_summary(const struct session *session)
{
	struct recorder_progress progress;
	const char *reason = recorder_reason(session->recorder), *remark;

	recorder_progress(session->recorder, &progress);
	erase_progress(session);
	fputs("callgate record: ", stderr);
	print_count(stderr, progress.calls);
	fprintf(stderr, " calls, %zu different, by %s", progress.distinct,
		recorder_name(session->recorder));
	if (reason)
		fprintf(stderr, " (%s)", reason);
	fputc('\n', stderr);
	for (size_t i = 0; (remark = recorder_remark(session->recorder, i)); i++)
		record_complain(remark, NULL);
}

/* --- what is recorded ------------------------------------------------------------------ */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static char *join_words(char *const *words)
{
	char *text;
	size_t size;
	FILE *stream = cli_need(open_memstream(&text, &size));

	for (size_t i = 0; words[i]; i++)
		fprintf(stream, "%s%s", i ? " " : "", words[i]);
	fclose(stream);
	return cli_need(text);
}

static char *describe(const struct recorder_target *target)
{
	char *text;
	int length = -1;

	switch (target->kind) {
	case RECORDER_PROGRAM:
		return join_words(target->argv);
	case RECORDER_PID:
		length = asprintf(&text, "process %d", (int)target->pid);
		break;
	case RECORDER_CGROUP:
		length = asprintf(&text, "cgroup %s", target->cgroup);
		break;
	case RECORDER_USER:
		length = asprintf(&text, "user %u", (unsigned)target->user);
		break;
	}
	return cli_need(length < 0 ? NULL : text);
}

/* app.gate has app.cgrec beside it. */
static char *name_checkpoint(const char *output)
{
	size_t length;
	char *name;

	if (!output)
		return NULL;
	if (!recording_is_policy(output))
		return cli_need(strdup(output));
	length = strlen(output) - strlen(".gate");
	if (asprintf(&name, "%.*s.cgrec", (int)length, output) < 0)
		cli_need(NULL);
	return name;
}

static struct callgate_recording *read_recording(const struct session *session)
{
	struct callgate_recording *recording;

	if (recorder_read(session->recorder, &session->run, &recording))
		cli_need(NULL);
	return recording;
}

/* --- checkpoints ----------------------------------------------------------------------- */

static int write_recording(const char *file, const struct callgate_recording *recording)
{
	size_t length;
	char *text;
	int error;

	if (callgate_recording_print(recording, &text, &length))
		cli_need(NULL);
	error = callgate_write_file(file, text, length);
	free(text);
	return error;
}

/* One that fails is no reason to stop: the end will tell. */
static void write_checkpoint(struct session *session,
			     const struct recorder_progress *progress)
{
	struct callgate_recording *recording;

	if (!session->checkpoint)
		return;
	recording = read_recording(session);
	write_recording(session->checkpoint, recording);
	callgate_recording_free(recording);
	session->known = progress->distinct;
	session->newest = progress->seconds - progress->quiet;
}

static bool is_news(const struct session *session,
		    const struct recorder_progress *progress)
{
	return progress->distinct != session->known ||
	       progress->seconds - progress->quiet > session->newest + 0.001;
}

/* --- the files at the end -------------------------------------------------------------- */

/* Where there may be room when there is none beside the policy. */
static enum cli_status save_elsewhere(const struct callgate_recording *recording)
{
	const char *const folders[] = { getenv("TMPDIR"), "/tmp", "/dev/shm" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		char *name;
		int error;

		if (!folders[i])
			continue;
		if (asprintf(&name, "%s/callgate-%d.cgrec", folders[i], (int)getpid()) <
		    0)
			cli_need(NULL);
		error = write_recording(name, recording);
		if (!error)
			record_complain("the recording was kept in", name);
		free(name);
		if (!error)
			return STATUS_SYSTEM;
	}
	record_complain("the recording could not be kept anywhere", NULL);
	return STATUS_SYSTEM;
}

/* The recording comes first: all others can be made of it. */
static enum cli_status save(const struct session *session)
{
	const char *output = session->options->output;
	struct callgate_recording *recording = read_recording(session);
	enum cli_status status = STATUS_DONE;
	char *text;

	if (session->checkpoint && recording_is_policy(output)) {
		int error = write_recording(session->checkpoint, recording);

		if (error)
			record_complain(strerror(-error), session->checkpoint);
		if (error)
			status = STATUS_SYSTEM;
	}
	if (output) {
		enum cli_status other =
			recording_write(session->cli, recording, output);

		status = other > status ? other : status;
	} else {
		status = recording_policy(session->cli, recording, &text);
		if (status == STATUS_DONE)
			output_write(NULL, text, strlen(text));
		free(text);
	}
	if (status == STATUS_SYSTEM)
		status = save_elsewhere(recording);
	callgate_recording_free(recording);
	return status;
}

/* --- signals --------------------------------------------------------------------------- */

static void take_signals(struct session *session)
{
	static const int taken[] = {
		SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1, SIGPIPE
	};
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		sigaddset(&signals, taken[i]);
	sigprocmask(SIG_BLOCK, &signals, &session->signals);
	sigdelset(&signals, SIGPIPE);
	session->signal_file = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (session->signal_file < 0)
		cli_need(NULL);
}

/* Has the program end, if there is one to be told; it may take its time. */
static void end(struct session *session, int signal)
{
	pid_t child = recorder_child(session->recorder);

	if (session->phase == ENDING || !child) {
		session->phase = OVER;
		return;
	}
	session->phase = ENDING;
	if (signal)
		kill(child, signal);
}

static void obey(struct session *session, const struct signalfd_siginfo *info)
{
	const int signal = (int)info->ssi_signo;

	if (signal == SIGUSR1)
		recorder_mark(session->recorder);
	else if (signal != SIGCHLD)
		/* A terminal sends it to the program as well. */
		end(session, info->ssi_code == SI_KERNEL ? 0 : signal);
}

static void read_signals(struct session *session)
{
	struct signalfd_siginfo info;

	while (read(session->signal_file, &info, sizeof(info)) == sizeof(info))
		obey(session, &info);
}

/* --- while it runs --------------------------------------------------------------------- */

static void look(struct session *session)
{
	const struct record_options *options = session->options;
	struct recorder_progress progress;
	double time = now();

	if (time < session->next_look)
		return;
	session->next_look = time + 0.5;
	recorder_progress(session->recorder, &progress);
	show_progress(session, &progress);
	if (time >= session->next_checkpoint ||
	    (is_news(session, &progress) &&
	     time >= session->next_checkpoint - CHECKPOINT_ELSE + CHECKPOINT_SOON)) {
		write_checkpoint(session, &progress);
		session->next_checkpoint = time + CHECKPOINT_ELSE;
	}
	if (session->phase != RUNNING)
		return;
	if (options->duration > 0 && time - session->began >= options->duration)
		end(session, SIGTERM);
	else if (options->until_idle > 0 && progress.has_begun &&
		 progress.quiet >= options->until_idle)
		end(session, SIGTERM);
}

/* In milliseconds: what has no descriptor to wait for is looked at so often. */
static int patience(const struct session *session)
{
	return recorder_child(session->recorder) ? 200 : 20;
}

static void watch(struct session *session)
{
	struct recorder *recorder = session->recorder;
	struct pollfd signals = { .fd = session->signal_file, .events = POLLIN };

	while (session->phase != OVER && !recorder_is_over(recorder)) {
		poll(&signals, 1, patience(session));
		read_signals(session);
		look(session);
	}
}

/* As a shell says it. */
static enum cli_status program_status(struct session *session)
{
	int status;

	if (!recorder_ended(session->recorder, &status))
		return STATUS_DONE;
	if (WIFSIGNALED(status))
		return (enum cli_status)(STATUS_SIGNAL + WTERMSIG(status));
	return (enum cli_status)WEXITSTATUS(status);
}

static enum cli_status failure_status(const struct session *session,
				      const struct recorder_failure *failure)
{
	const enum recorder_kind kind = session->options->target.kind;
	/* A back end has errors of its own of that number. */
	const bool is_missing = !failure->is_backend &&
				(failure->error == -ENOENT || failure->error == -ESRCH);

	if (failure->is_program)
		return (enum cli_status)(is_missing ? 127 : 126);
	if (kind != RECORDER_PROGRAM && is_missing)
		return STATUS_INPUT;
	return STATUS_SYSTEM;
}

static enum cli_status record(struct session *session)
{
	struct recorder_target target = session->options->target;
	struct recorder_progress progress;
	struct recorder_failure failure = { 0 };
	enum cli_status status;

	target.signals = &session->signals;
	if (recorder_open(&target, session->options->backend, &session->recorder,
			  &failure)) {
		explain(&failure);
		return failure_status(session, &failure);
	}
	recorder_progress(session->recorder, &progress);
	write_checkpoint(session, &progress);
	if (recorder_start(session->recorder, &failure)) {
		explain(&failure);
		return failure_status(session, &failure);
	}
	session->began = now();
	watch(session);
	print_summary(session);
	status = save(session);
	return status == STATUS_DONE ? program_status(session) : status;
}

enum cli_status record_run(const struct cli *cli, const struct record_options *options)
{
	struct callgate_features features;
	struct session session = {
		.cli = cli,
		.options = options,
		.shows_progress = isatty(STDERR_FILENO),
		.command = describe(&options->target),
		.checkpoint = name_checkpoint(options->output),
	};
	enum cli_status status;

	if (!callgate_features_probe(&features))
		session.run.kernel = features.version;
	session.run.command = session.command;
	if (getrandom(session.run.id, sizeof(session.run.id), 0) < 0)
		cli_need(NULL);
	fflush(NULL);
	take_signals(&session);
	status = record(&session);
	recorder_close(session.recorder);
	close(session.signal_file);
	free(session.command);
	free(session.checkpoint);
	return status;
}
